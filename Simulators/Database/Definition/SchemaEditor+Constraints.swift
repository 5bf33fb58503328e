import StreamSpaceProtocol

/// Constraints: their names, what they refer to, and what goes with them.
extension SchemaEditor {
  mutating func addConstraint(_ request: ConstraintRequest, to name: String) throws(SQLError) {
    let table = try table(name)
    switch request.kind {
    case .primaryKey(let columns): try addPrimaryKey(columns, named: request.name, to: table)
    case .unique(let columns):
      try checkKey(columns, of: table)
      try addKey(.unique(columns), over: columns, named: request.name, label: "key", to: table)
    case .check(let expression): try addCheck(expression, named: request.name, to: table)
    case .foreignKey(let columns, let parent, let referenced, let onDelete, let onUpdate):
      let key = ForeignKeyDefinition(
        columns: columns, table: parent, referenced: try self.referenced(referenced, of: parent), onDelete: onDelete,
        onUpdate: onUpdate)
      try addForeignKey(key, named: request.name, to: table)
    }
  }

  private mutating func addPrimaryKey(
    _ columns: [String], named name: String?, to table: TableDefinition
  ) throws(SQLError) {
    guard table.primaryKey == nil else {
      throw .invalidDefinition("multiple primary keys for table \"\(table.name)\" are not allowed")
    }
    try checkKey(columns, of: table)
    for column in columns where table.column(column)?.isNullable == true {
      changes.append(.verified(.notNull(column: column, table: table.name)))
    }
    schema.update(table.name) { table in
      for position in table.columns.indices where columns.contains(table.columns[position].name) {
        table.columns[position].isNullable = false
      }
    }
    try addKey(.primaryKey(columns), over: columns, named: name, label: "pkey", to: table)
    changes.append(.tableChanged(table.name))
  }

  private func checkKey(_ columns: [String], of table: TableDefinition) throws(SQLError) {
    for column in columns where table.column(column) == nil {
      throw SQLError(
        sqlState: "42703", message: "column \"\(column)\" named in key does not exist", kind: .undefinedColumn(column))
    }
  }

  private mutating func addKey(
    _ kind: ConstraintDefinition.Kind, over columns: [String], named given: String?, label: String,
    to table: TableDefinition
  ) throws(SQLError) {
    if let given, schema.relation(given) != nil { throw .duplicateRelation(given) }
    let name = given ?? constraintName(of: table, label == "pkey" ? nil : ObjectNames.list(columns), label)
    try add(ConstraintDefinition(name: name, kind: kind), to: table)
    addIndex(
      IndexDefinition(
        name: name, method: "btree", isUnique: true,
        keys: columns.map { .init(expression: .column($0), isDescending: false, nullsFirst: nil) }, predicate: nil,
        isOfConstraint: true), to: table.name)
  }

  private mutating func addCheck(
    _ expression: SQLExpression, named given: String?, to table: TableDefinition
  ) throws(SQLError) {
    let columns = expression.columns
    for column in columns where table.column(column) == nil { throw .undefinedColumn(column) }
    let name = given ?? constraintName(of: table, columns.count == 1 ? columns[0] : nil, "check")
    try add(ConstraintDefinition(name: name, kind: .check(expression)), to: table)
    changes.append(.verified(.check(name, expression, table: table.name)))
    changes.append(.tableChanged(table.name))
  }

  private mutating func addForeignKey(
    _ key: ForeignKeyDefinition, named given: String?, to table: TableDefinition
  ) throws(SQLError) {
    let parent = try self.table(key.table)
    let name = given ?? constraintName(of: table, ObjectNames.list(key.columns), "fkey")
    for column in key.columns where table.column(column) == nil {
      throw SQLError(
        sqlState: "42703", message: "column \"\(column)\" referenced in foreign key constraint does not exist",
        kind: .undefinedColumn(column))
    }
    guard key.columns.count == key.referenced.count else {
      throw .invalidDefinition(
        "number of referencing and referenced columns for foreign key disagree", sqlState: "42830")
    }
    for (column, referenced) in zip(key.columns, key.referenced) {
      guard let theirs = parent.column(referenced)?.type, let ours = table.column(column)?.type else {
        throw SQLError(
          sqlState: "42703", message: "column \"\(referenced)\" referenced in foreign key constraint does not exist",
          kind: .undefinedColumn(referenced))
      }
      guard ours.isComparable(to: theirs) else {
        throw SQLError(
          sqlState: "42804", message: "foreign key constraint \"\(name)\" cannot be implemented", kind: .typeMismatch)
      }
    }
    let isUnique = parent.indexes.contains { index in
      index.isUnique && index.predicate == nil && index.columnNames.map(Set.init) == Set(key.referenced)
    }
    guard isUnique else {
      throw .invalidDefinition(
        "there is no unique constraint matching given keys for referenced table \"\(key.table)\"", sqlState: "42830")
    }
    try add(ConstraintDefinition(name: name, kind: .foreignKey(key)), to: table)
    changes.append(.verified(.foreignKey(name, key, table: table.name)))
    changes.append(.tableChanged(table.name))
  }

  /// The name PostgreSQL gives to a constraint without one; a key must not have the name of a relation either.
  private func constraintName(of table: TableDefinition, _ middle: String?, _ label: String) -> String {
    var taken = Set(table.constraints.map(\.name))
    var name = ObjectNames.make(table.name, middle, label, taken: taken)
    while ["key", "pkey"].contains(label), schema.relation(name) != nil {
      taken.insert(name)
      name = ObjectNames.make(table.name, middle, label, taken: taken)
    }
    return name
  }

  private func referenced(_ columns: [String], of parent: String) throws(SQLError) -> [String] {
    guard columns.isEmpty else { return columns }
    guard let key = try table(parent).primaryKey else {
      throw .undefinedObject("there is no primary key for referenced table \"\(parent)\"")
    }
    return key
  }

  private mutating func add(_ constraint: ConstraintDefinition, to table: TableDefinition) throws(SQLError) {
    guard !table.constraints.contains(where: { $0.name == constraint.name }) else {
      throw .duplicateConstraint(constraint.name, table: table.name)
    }
    schema.update(table.name) { $0.constraints.append(constraint) }
  }

  mutating func dropConstraint(
    _ name: String, of table: String, ifExists: Bool, cascade: Bool
  ) throws(SQLError) {
    let owner = try self.table(table)
    guard let constraint = owner.constraints.first(where: { $0.name == name }) else {
      if ifExists { return }
      throw .undefinedObject("constraint \"\(name)\" of relation \"\(table)\" does not exist")
    }
    if constraint.hasIndex {
      let needing = foreignKeys(on: owner, needing: name)
      guard needing.isEmpty || cascade else {
        throw .dependentObjects(on: "constraint \(name) on table \(PostgresText.identifier(table))")
      }
      for key in needing { removeConstraint(key.constraint, of: key.table) }
      schema.update(table) { $0.indexes.removeAll { $0.name == name } }
      changes.append(.indexDropped(name, table: table))
    }
    removeConstraint(name, of: table)
  }

  mutating func removeConstraint(_ name: String, of table: String) {
    schema.update(table) { $0.constraints.removeAll { $0.name == name } }
    changes.append(.tableChanged(table))
  }
}
