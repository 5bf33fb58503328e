/// A schema as the engine holds it: what DDL statements have made of an empty database.
package struct DatabaseSchema: Sendable, Hashable {
  /// What has a name in PostgreSQL's `pg_class`: one name space.
  enum Relation: Sendable, Hashable {
    case table
    case index(of: String)
    case sequence(of: String)
  }

  /// In the order of their making.
  package private(set) var tables: [TableDefinition] = []
  package internal(set) var functions: [FunctionDefinition] = []
  private var positions: [String: Int] = [:]
  private var relations: [String: Relation] = [:]
  /// Sequences made so far: the number of the next.
  var sequenceCount = 0

  package init() {}

  package func table(_ name: String) -> TableDefinition? { positions[name].map { tables[$0] } }

  func relation(_ name: String) -> Relation? { relations[name] }

  /// Whether a relation, or with brackets behind its name a function, is there.
  func has(_ name: String) -> Bool {
    relations[name] != nil || (name.hasSuffix("()") && functions.contains { $0.name + "()" == name })
  }

  /// Tables with a foreign key to `name`, itself included.
  func children(of name: String) -> [TableDefinition] {
    tables.filter { table in table.foreignKeys.contains { $0.key.table == name } }
  }

  mutating func add(_ table: TableDefinition) {
    positions[table.name] = tables.count
    tables.append(table)
    register(table)
  }

  mutating func remove(table name: String) {
    guard let position = positions.removeValue(forKey: name) else { return }
    unregister(tables.remove(at: position))
    for later in position..<tables.count { positions[tables[later].name] = later }
  }

  /// Changes a table; nothing happens without one of that name.
  mutating func update(_ name: String, _ change: (inout TableDefinition) -> Void) {
    guard let position = positions[name] else { return }
    unregister(tables[position])
    change(&tables[position])
    register(tables[position])
  }

  private mutating func register(_ table: TableDefinition) {
    relations[table.name] = .table
    for index in table.indexes { relations[index.name] = .index(of: table.name) }
    for column in table.columns {
      if let sequence = column.sequence { relations[sequence.name] = .sequence(of: table.name) }
    }
  }

  private mutating func unregister(_ table: TableDefinition) {
    relations[table.name] = nil
    for index in table.indexes { relations[index.name] = nil }
    for column in table.columns {
      if let sequence = column.sequence { relations[sequence.name] = nil }
    }
  }
}
