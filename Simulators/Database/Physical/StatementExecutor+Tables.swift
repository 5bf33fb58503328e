import StreamSpaceProtocol

/// Making, changing and dropping SQLite's tables as the schema asks.
extension StatementExecutor {
  // MARK: - Making tables

  /// Makes a table of the schema in SQLite.
  func make(_ table: TableDefinition) throws(SQLiteError) {
    try connection.run(TableText.create(table))
    // SQLite tests the newest unique index first and PostgreSQL the oldest.
    for index in table.indexes.reversed() where index.isUnique {
      try connection.run(IndexText.create(index, on: table.name))
    }
    for index in table.indexes where !index.isUnique && UsedIndexes.contains(index) {
      try connection.run(IndexText.create(index, on: table.name))
    }
    try makeTriggers(of: table)
    physical.made.insert(table.name)
    physical.stale.remove(table.name)
    generation += 1
  }

  private func makeTriggers(of table: TableDefinition) throws(SQLiteError) {
    for trigger in table.triggers {
      guard let function = schema.functions.first(where: { $0.name == trigger.function }) else { continue }
      try connection.run(IndexText.create(trigger, setting: function.column, on: table.name))
    }
    if isObserved { try observe(table) }
  }

  private func dropTriggers(of table: String) throws(SQLiteError) {
    let names = try connection.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?1"
    ).execute([.text(table)])
    for row in names.rows {
      if case .text(let name) = row.values[0] { try connection.run("DROP TRIGGER [\(name)]") }
    }
  }

  private func observe(_ table: TableDefinition) throws(SQLiteError) {
    for trigger in DatabaseChange.triggers(of: table) { try connection.run(trigger) }
  }

  /// Makes the tables that everyday statements use, and lets changed rows be reported.
  func prepareForDeployment() throws(SQLiteError) {
    try refresh()
    for name in UsedTables.names where !physical.made.contains(name) {
      if let table = schema.table(name) { try make(table) }
    }
    if !isObserved { try beginObserving() }
  }

  /// Lets the rows of the observed tables be reported from now on.
  func beginObserving() throws(SQLiteError) {
    isObserved = true
    for table in schema.tables where physical.made.contains(table.name) { try observe(table) }
  }

  /// Brings the text of the tables that DDL has changed up to date. SQLite's own ALTER TABLE knows no constraints, types
  /// and defaults; their text can be exchanged because it means nothing for the rows.
  func refresh() throws(SQLiteError) {
    guard !physical.stale.isEmpty else { return }
    try exchange(schema.tables.filter { physical.stale.contains($0.name) })
    physical.stale = []
    generation += 1
  }

  private func exchange(_ tables: [TableDefinition]) throws(SQLiteError) {
    exchanges += 1
    try connection.run("PRAGMA writable_schema = ON")
    let update = try connection.prepare("UPDATE sqlite_schema SET sql = ?1 WHERE type = 'table' AND name = ?2")
    for table in tables { _ = try update.execute([.text(TableText.create(table)), .text(table.name)]) }
    let version = try connection.prepare("PRAGMA schema_version").execute([])
    guard case .integer(let number)? = version.rows.first?.values.first else { return }
    try connection.run("PRAGMA schema_version = \(number + 1)")
    try connection.run("PRAGMA writable_schema = RESET")
  }

  // MARK: - Changes

  /// Does for the rows what DDL asks. `schema` is already the new one.
  func carryOut(_ change: SchemaChange) throws(SQLError) {
    do {
      try perform(change)
    } catch let error as SQLError {
      throw error
    } catch let error as SQLiteError {
      throw SQLError(sqlState: "XX000", message: error.message, kind: .other)
    } catch {
      throw SQLError(sqlState: "XX000", message: "\(error)", kind: .other)
    }
  }

  private func perform(_ change: SchemaChange) throws {
    switch change {
    case .tableDropped(let name):
      guard physical.made.contains(name) else { return }
      physical.stale.remove(name)
      try refresh()
      try connection.run("DROP TABLE [\(name)]")
      physical.made.remove(name)
    case .tableChanged(let name): if physical.made.contains(name) { physical.stale.insert(name) }
    case .columnAdded(let name, let column):
      guard physical.made.contains(name) else { return }
      physical.stale.insert(name)
      if try hasRows(name) { try fill(column, of: name) }
    case .columnDropped(let column, let before, let indexes):
      try drop(column, from: before, without: indexes)
    case .indexAdded(let index, let table):
      guard physical.made.contains(table), UsedIndexes.contains(index) else { return }
      try refresh()
      try makeIndex(index, on: table)
    case .indexDropped(let name, let table):
      guard physical.made.contains(table) else { return }
      try refresh()
      try connection.run("DROP INDEX IF EXISTS [\(name)]")
    case .triggersChanged(let name):
      guard physical.made.contains(name), let table = schema.table(name) else { return }
      try refresh()
      try dropTriggers(of: name)
      try makeTriggers(of: table)
    case .truncated(let names):
      try refresh()
      for name in names.reversed() where physical.made.contains(name) { try connection.run("DELETE FROM [\(name)]") }
    case .verified(let verification): try verify(verification)
    }
  }

  private func makeIndex(_ index: IndexDefinition, on table: String) throws(SQLError) {
    do {
      try connection.run(IndexText.create(index, on: table))
    } catch {
      if error.message.hasPrefix("UNIQUE constraint failed") { throw .notUnique(index: index.name) }
      throw SQLError(sqlState: "XX000", message: error.message, kind: .other)
    }
  }

  /// Rows of a table, 0 when there is none of the name.
  func rowCount(of table: String) -> Int64 {
    guard physical.made.contains(table),
      let result = try? connection.prepare("SELECT COUNT(*) FROM [\(table)]").execute([]),
      case .integer(let count)? = result.rows.first?.values.first
    else { return 0 }
    return count
  }

  private func hasRows(_ table: String) throws(SQLiteError) -> Bool {
    let result = try connection.prepare("SELECT EXISTS (SELECT 1 FROM [\(table)])").execute([])
    return result.rows.first?.values == [.integer(1)]
  }

  /// The rows that are there get the default as it is now: PostgreSQL keeps it for them, whatever the default becomes.
  private func fill(_ column: ColumnDefinition, of name: String) throws {
    let value: String
    if let sequence = column.sequence {
      value = "next_value(\(sequence.number))"
    } else if let expression = column.defaultValue, expression != .null {
      value = SQLiteText.value(expression, of: column.type)
    } else {
      return
    }
    try dropTriggers(of: name)
    try refresh()
    try connection.run("UPDATE [\(name)] SET [\(column.name)] = \(value)")
    if let table = schema.table(name) { try makeTriggers(of: table) }
  }

  private func drop(_ column: String, from before: TableDefinition, without indexes: [String]) throws {
    let name = before.name
    guard physical.made.contains(name), let table = schema.table(name) else { return }
    guard try hasRows(name) else {
      // Without rows its text may change in any way. Dropping it would look for the parents of its children, which SQLite
      // need not have.
      for index in indexes { try connection.run("DROP INDEX IF EXISTS [\(index)]") }
      try dropTriggers(of: name)
      physical.stale.insert(name)
      try refresh()
      try makeTriggers(of: table)
      return
    }
    physical.stale.remove(name)
    try dropTriggers(of: name)
    try exchange([before])
    for index in indexes { try connection.run("DROP INDEX IF EXISTS [\(index)]") }
    try refresh()
    try connection.run("ALTER TABLE [\(name)] DROP COLUMN [\(column)]")
    try makeTriggers(of: table)
  }

  // MARK: - Verification

  private func verify(_ verification: SchemaChange.Verification) throws {
    switch verification {
    case .foreignKey(let name, let key, let table):
      guard physical.made.contains(table) else { return }
      let given = key.columns.map { "c.[\($0)] IS NOT NULL" }.joined(separator: " AND ")
      let found =
        physical.made.contains(key.table)
        ? zip(key.columns, key.referenced).map { "p.[\($1)] = c.[\($0)]" }.joined(separator: " AND ") : "0"
      let parents = physical.made.contains(key.table) ? "[\(key.table)] p" : "(SELECT 1) p"
      if try exists(in: table, "\(given) AND NOT EXISTS (SELECT 1 FROM \(parents) WHERE \(found))") {
        throw SQLError.missingParent(table: table, constraint: name)
      }
    case .check(let name, let expression, let table):
      if try exists(in: table, "NOT \(SQLiteText.expression(expression))") {
        throw SQLError.checkViolated(table: table, constraint: name)
      }
    case .notNull(let column, let table):
      // SQLite knows already that the column is not null: IS NULL would not look.
      if try exists(in: table, "typeof(c.[\(column)]) = 'null'") {
        throw SQLError.containsNulls(table: table, column: column)
      }
    case .length(let limit, let column, let table):
      if try exists(in: table, "length(c.[\(column)]) > \(limit)") { throw SQLError.valueTooLong(limit: limit) }
    }
  }

  private func exists(in table: String, _ condition: String) throws(SQLiteError) -> Bool {
    guard physical.made.contains(table) else { return false }
    try refresh()
    let result = try connection.prepare("SELECT EXISTS (SELECT 1 FROM [\(table)] c WHERE \(condition))").execute([])
    return result.rows.first?.values == [.integer(1)]
  }
}
