import StreamSpaceProtocol

/// ALTER TABLE, and triggers with their functions.
extension SchemaEditor {
  mutating func perform(_ action: TableAction, on table: String) throws(SQLError) {
    switch action {
    case .addColumn(let request, let ifNotExists): try addColumn(request, to: table, ifNotExists: ifNotExists)
    case .dropColumn(let name, let ifExists, let cascade):
      try dropColumn(name, of: table, ifExists: ifExists, cascade: cascade)
    case .addConstraint(let request): try addConstraint(request, to: table)
    case .dropConstraint(let name, let ifExists, let cascade):
      try dropConstraint(name, of: table, ifExists: ifExists, cascade: cascade)
    case .setDefault(let name, let value):
      try change(name, of: table) { column in
        column.defaultValue = PostgresText.kept(value, column.type)
        column.sequence = nil
      }
    case .setNotNull(let name):
      let isNew = try column(name, of: table).isNullable
      try change(name, of: table) { $0.isNullable = false }
      if isNew { changes.append(.verified(.notNull(column: name, table: table))) }
    case .dropNotNull(let name):
      _ = try column(name, of: table)
      if try self.table(table).primaryKey?.contains(name) == true {
        throw .invalidDefinition("column \"\(name)\" is in a primary key")
      }
      try change(name, of: table) { $0.isNullable = true }
    case .setType(let name, let type): try setType(name, type, of: table)
    }
  }

  private func column(_ name: String, of table: String) throws(SQLError) -> ColumnDefinition {
    guard let column = try self.table(table).column(name) else { throw .undefinedColumn(name, table: table) }
    return column
  }

  private mutating func change(
    _ name: String, of table: String, _ body: (inout ColumnDefinition) -> Void
  ) throws(SQLError) {
    _ = try column(name, of: table)
    schema.update(table) { table in
      for position in table.columns.indices where table.columns[position].name == name {
        body(&table.columns[position])
      }
    }
    changes.append(.tableChanged(table))
  }

  private mutating func addColumn(
    _ request: ColumnRequest, to table: String, ifNotExists: Bool
  ) throws(SQLError) {
    if try self.table(table).column(request.name) != nil {
      if ifNotExists { return }
      throw .duplicateColumn(request.name, table: table)
    }
    let column = try makeColumn(request, of: table)
    schema.update(table) { $0.columns.append(column) }
    changes.append(.columnAdded(table, column))
    for constraint in request.constraints { try addConstraint(constraint, to: table) }
    if !column.isNullable, column.defaultValue == nil, column.sequence == nil {
      changes.append(.verified(.notNull(column: column.name, table: table)))
    }
  }

  private mutating func dropColumn(
    _ name: String, of table: String, ifExists: Bool, cascade: Bool
  ) throws(SQLError) {
    let owner = try self.table(table)
    guard owner.column(name) != nil else {
      if ifExists { return }
      throw .undefinedColumn(name, table: table)
    }
    // Foreign keys of other tables to a key that this column is part of.
    for index in owner.indexes where index.isUnique && index.columns.contains(name) {
      for key in foreignKeys(on: owner, needing: index.name) {
        guard cascade || key.table == table else {
          throw .dependentObjects(on: "column \(name) of table \(PostgresText.identifier(table))")
        }
        removeConstraint(key.constraint, of: key.table)
      }
    }
    let indexes = owner.indexes.filter { $0.columns.contains(name) }.map(\.name)
    schema.update(table) { table in
      table.indexes.removeAll { $0.columns.contains(name) }
      table.constraints.removeAll { $0.columns.contains(name) }
    }
    let before = try self.table(table)
    schema.update(table) { $0.columns.removeAll { $0.name == name } }
    changes.append(.columnDropped(name, before: before, indexes: indexes))
  }

  private mutating func setType(_ name: String, _ type: ColumnType, of table: String) throws(SQLError) {
    let old = try column(name, of: table).type
    guard old != type else { return }
    switch (old, type) {
    case (.timestamp, .timestamptz), (.timestamptz, .timestamp), (.varchar, .text), (.varchar, .varchar(nil)),
      (.text, .varchar(nil)), (.smallint, .integer), (.smallint, .bigint), (.integer, .bigint), (.json, .jsonb),
      (.jsonb, .json):
      break
    case (.varchar, .varchar(let limit?)), (.text, .varchar(let limit?)):
      changes.append(.verified(.length(limit, column: name, table: table)))
    case (.integer, .smallint), (.bigint, .integer), (.bigint, .smallint), (.numeric, .numeric):
      throw .unsupported("narrowing of \(old.formatted) to \(type.formatted)")
    default:
      throw SQLError(
        sqlState: "42804", message: "column \"\(name)\" cannot be cast automatically to type \(type.formatted)",
        kind: .typeMismatch)
    }
    try change(name, of: table) { $0.type = type }
  }

  // MARK: - Triggers

  mutating func performTrigger(_ statement: DefinitionStatement) throws(SQLError) {
    switch statement {
    case .createFunction(let name, let column, let orReplace):
      guard let position = schema.functions.firstIndex(where: { $0.name == name }) else {
        schema.functions.append(FunctionDefinition(name: name, column: column))
        return
      }
      guard orReplace else { throw .duplicateFunction(name) }
      schema.functions[position].column = column
      for table in schema.tables where table.triggers.contains(where: { $0.function == name }) {
        changes.append(.triggersChanged(table.name))
      }
    case .dropFunction(let name, let ifExists, let cascade):
      guard schema.functions.contains(where: { $0.name == name }) else {
        if ifExists { return }
        throw SQLError(sqlState: "42883", message: "function \(name)() does not exist", kind: .typeMismatch)
      }
      for table in schema.tables where table.triggers.contains(where: { $0.function == name }) {
        guard cascade else { throw .dependentObjects(on: "function \(name)()") }
        schema.update(table.name) { $0.triggers.removeAll { $0.function == name } }
        changes.append(.triggersChanged(table.name))
      }
      schema.functions.removeAll { $0.name == name }
    case .createTrigger(let name, let table, let function, let orReplace):
      try createTrigger(TriggerDefinition(name: name, function: function), on: table, orReplace: orReplace)
    case .dropTrigger(let name, let table, let ifExists):
      guard let owner = schema.table(table) else {
        if ifExists { return }
        throw .undefinedTable(table)
      }
      guard owner.triggers.contains(where: { $0.name == name }) else {
        if ifExists { return }
        throw .undefinedObject("trigger \"\(name)\" for table \"\(table)\" does not exist")
      }
      schema.update(table) { $0.triggers.removeAll { $0.name == name } }
      changes.append(.triggersChanged(table))
    default: break
    }
  }

  private mutating func createTrigger(
    _ trigger: TriggerDefinition, on name: String, orReplace: Bool
  ) throws(SQLError) {
    let table = try table(name)
    guard schema.functions.contains(where: { $0.name == trigger.function }) else {
      throw SQLError(sqlState: "42883", message: "function \(trigger.function)() does not exist", kind: .typeMismatch)
    }
    if table.triggers.contains(where: { $0.name == trigger.name }), !orReplace {
      throw .duplicateTrigger(trigger.name, table: name)
    }
    schema.update(name) { table in
      table.triggers.removeAll { $0.name == trigger.name }
      table.triggers.append(trigger)
    }
    changes.append(.triggersChanged(name))
  }
}
