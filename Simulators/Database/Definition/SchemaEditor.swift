import StreamSpaceProtocol

/// Carries DDL out on a schema as a value, with PostgreSQL's names and errors. What it means for rows stands in
/// `changes`.
struct SchemaEditor {
  var schema: DatabaseSchema
  var changes: [SchemaChange] = []

  init(_ schema: DatabaseSchema) { self.schema = schema }

  mutating func perform(_ statement: DefinitionStatement) throws(SQLError) {
    switch statement {
    case .createTable(let name, let ifNotExists, let elements):
      try createTable(name, ifNotExists: ifNotExists, elements)
    case .dropTables(let names, let ifExists, let cascade):
      try dropTables(names, ifExists: ifExists, cascade: cascade)
    case .alterTable(let name, let ifExists, let actions):
      guard schema.table(name) != nil else {
        if ifExists { return }
        throw .undefinedTable(name)
      }
      for action in actions { try perform(action, on: name) }
    case .createIndex(let request): try createIndex(request)
    case .dropIndexes(let names, let ifExists, _):
      for name in names { try dropIndex(name, ifExists: ifExists) }
    case .createFunction, .dropFunction, .createTrigger, .dropTrigger: try performTrigger(statement)
    case .truncate(let names, let cascade): try truncate(names, cascade: cascade)
    case .lock(let names): for name in names { _ = try table(name) }
    case .comment(.table(let name)): _ = try table(name)
    case .comment(.column(let table, let column)):
      guard try self.table(table).column(column) != nil else { throw .undefinedColumn(column, table: table) }
    case .comment(.other), .set: break
    }
  }

  func table(_ name: String) throws(SQLError) -> TableDefinition {
    guard let table = schema.table(name) else { throw .undefinedTable(name) }
    return table
  }

  // MARK: - Tables

  private mutating func createTable(
    _ name: String, ifNotExists: Bool, _ elements: [TableElement]
  ) throws(SQLError) {
    if schema.relation(name) != nil {
      if ifNotExists { return }
      throw .duplicateRelation(name)
    }
    schema.add(TableDefinition(name: name, columns: []))
    var pending: [ConstraintRequest] = []
    for element in elements {
      switch element {
      case .column(let request):
        guard try table(name).column(request.name) == nil else {
          throw SQLError(
            sqlState: "42701", message: "column \"\(request.name)\" specified more than once", kind: .duplicateObject)
        }
        let column = try makeColumn(request, of: name)
        schema.update(name) { $0.columns.append(column) }
        pending += request.constraints
      case .constraint(let request): pending.append(request)
      }
    }
    // PostgreSQL makes the checks, then the keys with their indexes, then the foreign keys.
    for request in pending { if case .check = request.kind { try addConstraint(request, to: name) } }
    for request in pending { if case .primaryKey = request.kind { try addConstraint(request, to: name) } }
    for request in pending { if case .unique = request.kind { try addConstraint(request, to: name) } }
    for request in pending { if case .foreignKey = request.kind { try addConstraint(request, to: name) } }
    changes = []
  }

  mutating func makeColumn(_ request: ColumnRequest, of table: String) throws(SQLError) -> ColumnDefinition {
    var sequence: SequenceDefinition?
    if request.isSerial {
      let name = ObjectNames.makeRelation(table, request.name, "seq", in: schema)
      sequence = SequenceDefinition(name: name, number: schema.sequenceCount)
      schema.sequenceCount += 1
    }
    if let value = request.defaultValue, let name = value.columns.first {
      throw SQLError(
        sqlState: "0A000", message: "cannot use column reference in DEFAULT expression", kind: .undefinedColumn(name))
    }
    return ColumnDefinition(
      name: request.name, type: request.type, isNullable: !request.isNotNull,
      defaultValue: PostgresText.kept(request.defaultValue, request.type), sequence: sequence)
  }

  private mutating func dropTables(_ names: [String], ifExists: Bool, cascade: Bool) throws(SQLError) {
    var doomed: [String] = []
    for name in names where !doomed.contains(name) {
      switch schema.relation(name) {
      case .table?: doomed.append(name)
      case nil: if !ifExists { throw .noTable(name) }
      default:
        throw SQLError(sqlState: "42809", message: "\"\(name)\" is not a table", kind: .other)
      }
    }
    for name in doomed {
      for child in schema.children(of: name) where !doomed.contains(child.name) {
        guard cascade else { throw .dependentObjects(on: "table \(PostgresText.identifier(name))") }
        schema.update(child.name) { $0.constraints.removeAll { $0.foreignKey?.table == name } }
        changes.append(.tableChanged(child.name))
      }
    }
    for name in doomed {
      schema.remove(table: name)
      changes.append(.tableDropped(name))
    }
  }

  private mutating func truncate(_ names: [String], cascade: Bool) throws(SQLError) {
    var doomed = names
    for name in names { _ = try table(name) }
    var position = 0
    while position < doomed.count {
      for child in schema.children(of: doomed[position]) where !doomed.contains(child.name) {
        guard cascade else {
          throw SQLError(
            sqlState: "0A000", message: "cannot truncate a table referenced in a foreign key constraint", kind: .other)
        }
        doomed.append(child.name)
      }
      position += 1
    }
    changes.append(.truncated(doomed))
  }

  // MARK: - Indexes

  private mutating func createIndex(_ request: IndexRequest) throws(SQLError) {
    let table = try table(request.table)
    if let predicate = request.predicate { try check(predicate, of: table) }
    for key in request.keys { try check(key.expression, of: table) }
    let columns = request.keys.map { key -> String in
      switch key.expression {
      case .column(let name): name
      case .call(let name, _): name
      default: "expr"
      }
    }
    let name =
      request.name ?? ObjectNames.makeRelation(table.name, ObjectNames.list(columns), "idx", in: schema)
    if schema.relation(name) != nil {
      if request.ifNotExists { return }
      throw .duplicateRelation(name)
    }
    addIndex(
      IndexDefinition(
        name: name, method: request.method, isUnique: request.isUnique, keys: request.keys,
        predicate: request.predicate, isOfConstraint: false), to: table.name)
  }

  mutating func addIndex(_ index: IndexDefinition, to table: String) {
    schema.update(table) { $0.indexes.append(index) }
    changes.append(.indexAdded(index, table: table))
  }

  private func check(_ expression: SQLExpression, of table: TableDefinition) throws(SQLError) {
    for column in expression.columns where table.column(column) == nil { throw .undefinedColumn(column) }
  }

  private mutating func dropIndex(_ name: String, ifExists: Bool) throws(SQLError) {
    switch schema.relation(name) {
    case .index(let owner)?:
      let owning = try table(owner)
      guard owning.indexes.first(where: { $0.name == name })?.isOfConstraint == false else {
        throw SQLError(
          sqlState: "2BP01",
          message: "cannot drop index \(name) because constraint \(name) on table \(owner) requires it",
          kind: .dependentObjects)
      }
      if foreignKeys(on: owning, needing: name).isEmpty == false {
        throw .dependentObjects(on: "index \(name)")
      }
      schema.update(owner) { $0.indexes.removeAll { $0.name == name } }
      changes.append(.indexDropped(name, table: owner))
    case nil:
      if !ifExists { throw .undefinedObject("index \"\(name)\" does not exist") }
    default: throw SQLError(sqlState: "42809", message: "\"\(name)\" is not an index", kind: .other)
    }
  }

  /// Foreign keys that have no other index of `table` to refer to than the one named.
  func foreignKeys(on table: TableDefinition, needing index: String) -> [(table: String, constraint: String)] {
    guard let columns = table.indexes.first(where: { $0.name == index })?.columnNames else { return [] }
    return schema.children(of: table.name).flatMap { child in
      child.foreignKeys
        .filter { $0.key.table == table.name && Set($0.key.referenced) == Set(columns) }
        .map { (table: child.name, constraint: $0.name) }
    }
  }
}

extension ConstraintDefinition {
  var foreignKey: ForeignKeyDefinition? {
    if case .foreignKey(let key) = kind { return key }
    return nil
  }
}
