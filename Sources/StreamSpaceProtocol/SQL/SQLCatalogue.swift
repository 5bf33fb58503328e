import Synchronization

/// The schema of a database as its catalogue tells it: facts in PostgreSQL's words, the same for both engines.
///
/// The words are those of recording 20: a column is `varchar(50) not null default 'local'::character varying`, a
/// constraint `users_pkey: PRIMARY KEY (id)`, an index `idx_users_role: btree (role)`.
package struct SQLCatalogue: Sendable, Hashable {
  /// One table. Order of columns is not part of it.
  package struct Table: Sendable, Hashable {
    /// By name: type, `not null`, default.
    package var columns: [String: String] = [:]
    /// By name: definition.
    package var constraints: [String: String] = [:]
    /// By name: method, columns, uniqueness and predicate; those of keys and unique constraints included.
    package var indexes: [String: String] = [:]
    /// By name: definition.
    package var triggers: [String: String] = [:]

    package init() {}
  }

  package var tables: [String: Table] = [:]
  /// Functions in the schema `public`, by name: language and result type.
  package var functions: [String: String] = [:]

  package init() {}

  /// What stands in one and not in the other, a line each, ordered: `sessions.tags: text[] -> text[] default …`.
  package func differences(from other: SQLCatalogue) -> [String] {
    if self == other { return [] }
    var lines: [String] = []
    func compare(_ label: String, _ mine: [String: String], _ theirs: [String: String]) {
      for name in Set(mine.keys).union(theirs.keys).sorted() where mine[name] != theirs[name] {
        switch (theirs[name], mine[name]) {
        case (let old?, let new?): lines.append("\(label)\(name): \(old) -> \(new)")
        case (nil, let new?): lines.append("\(label)\(name): added, \(new)")
        case (let old?, nil): lines.append("\(label)\(name): missing, \(old)")
        case (nil, nil): break
        }
      }
    }
    for name in Set(tables.keys).union(other.tables.keys).sorted() {
      guard let mine = tables[name] else {
        lines.append("table \(name): missing")
        continue
      }
      guard let theirs = other.tables[name] else {
        lines.append("table \(name): added")
        continue
      }
      compare("\(name).", mine.columns, theirs.columns)
      compare("\(name) constraint ", mine.constraints, theirs.constraints)
      compare("\(name) index ", mine.indexes, theirs.indexes)
      compare("\(name) trigger ", mine.triggers, theirs.triggers)
    }
    compare("function ", functions, other.functions)
    return lines
  }

  /// Asks PostgreSQL for all of it; the simulated database knows this statement and answers the same from its own
  /// catalogue. Columns `kind` (table, column, constraint, index, trigger, function), `relation` (empty for a
  /// function), `name`, `definition`.
  package static let query = SQLStatement("catalogue", queryText)

  /// Reads the answer to ``query``.
  ///
  /// - Throws: `SQLRowError` when the answer is not one to it.
  package init(_ answer: SQLResult) throws(SQLRowError) {
    if let known = ReadCatalogues.catalogue(of: answer.rows) {
      self = known
      return
    }
    try self.init(rows: answer.rows)
    ReadCatalogues.keep(self, of: answer.rows)
  }

  private init(rows: [SQLRow]) throws(SQLRowError) {
    for row in rows {
      let relation = try row.text("relation")
      let name = try row.text("name")
      let definition = try row.text("definition")
      switch try row.text("kind") {
      case "table": tables[relation, default: Table()] = tables[relation] ?? Table()
      case "column": tables[relation, default: Table()].columns[name] = definition
      case "constraint": tables[relation, default: Table()].constraints[name] = definition
      case "index": tables[relation, default: Table()].indexes[name] = definition
      case "trigger": tables[relation, default: Table()].triggers[name] = definition
      default: functions[name] = definition
      }
    }
  }
}

/// Catalogues that were read lately, by the rows they were read from: the simulated database answers with the same rows
/// as long as its schema is the same.
private enum ReadCatalogues {
  /// The rows are kept, so that nothing else can take their place in memory and be mistaken for them.
  private struct Read: Sendable {
    let rows: [SQLRow]
    let catalogue: SQLCatalogue
  }

  private static let read = Mutex<[Read]>([])
  private static let limit = 48

  static func catalogue(of rows: [SQLRow]) -> SQLCatalogue? {
    guard let place = place(of: rows) else { return nil }
    return read.withLock { read in read.first { self.place(of: $0.rows) == place }?.catalogue }
  }

  static func keep(_ catalogue: SQLCatalogue, of rows: [SQLRow]) {
    read.withLock { read in
      if read.count == limit { read.removeFirst() }
      read.append(Read(rows: rows, catalogue: catalogue))
    }
  }

  private static func place(of rows: [SQLRow]) -> UnsafePointer<SQLRow>? {
    rows.withUnsafeBufferPointer { $0.isEmpty ? nil : $0.baseAddress }
  }
}
