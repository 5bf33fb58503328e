/// The SQLite text that makes a table (spec/02 §8.4). Checks stand in for PostgreSQL's typed columns; their names and the
/// function `invalid_input` carry what the error message needs. Keys are indexes of their own (``IndexText``), so that
/// they can be made and dropped without the table.
enum TableText {
  static func create(_ table: TableDefinition) -> String {
    var lines = table.columns.map(column)
    for constraint in table.constraints {
      switch constraint.kind {
      case .primaryKey, .unique: continue
      case .foreignKey(let key): lines.append(foreignKey(key, named: constraint.name))
      case .check(let check):
        lines.append("CONSTRAINT [\(constraint.name)] CHECK (\(SQLiteText.expression(check)))")
      }
    }
    return "CREATE TABLE [\(table.name)] (\(lines.joined(separator: ", ")))"
  }

  private static func foreignKey(_ key: ForeignKeyDefinition, named name: String) -> String {
    "CONSTRAINT [\(name)] FOREIGN KEY (\(SQLiteText.list(key.columns))) REFERENCES [\(key.table)] (\(SQLiteText.list(key.referenced))) ON UPDATE \(action(key.onUpdate)) ON DELETE \(action(key.onDelete))"
  }

  /// RESTRICT as NO ACTION: keys are tested at the end of each statement anyway, and a restriction could not be put off to
  /// find out which key it was.
  private static func action(_ action: ForeignKeyDefinition.Action) -> String {
    action == .restrict ? ForeignKeyDefinition.Action.noAction.rawValue : action.rawValue
  }

  private static func column(_ column: ColumnDefinition) -> String {
    var text = "[\(column.name)] \(declaredType(column.type))"
    if !column.isNullable { text += " NOT NULL" }
    if let sequence = column.sequence {
      // Not SQLite's AUTOINCREMENT: that gives a value again when its transaction rolled back.
      text += " DEFAULT (next_value(\(sequence.number)))"
    } else if let value = column.defaultValue {
      text += " DEFAULT (\(SQLiteText.defaultValue(value, of: column.type)))"
    }
    if let check = check(column) { text += " \(check)" }
    return text
  }

  /// The names `ColumnDecoder` knows, chosen so that SQLite's affinity is the wanted one: JSONB alone would be
  /// numeric and turn the text `5` into a number.
  private static func declaredType(_ type: ColumnType) -> String {
    switch type {
    case .varchar(let limit?): "VARCHAR(\(limit))"
    case .varchar(nil), .text, .textArray, .inet: "TEXT"
    case .smallint, .integer: "INT"
    case .bigint: "BIGINT"
    case .boolean: "BOOLEAN"
    case .timestamp: "TIMESTAMP"
    case .timestamptz: "TIMESTAMPTZ"
    case .date: "DATE TEXT"
    case .json, .jsonb: "JSONB TEXT"
    case .uuid: "UUID TEXT"
    case .bytea: "BLOB"
    case .numeric(let precision?, let scale): "DECIMAL(\(precision),\(scale))"
    case .numeric(nil, _): "DECIMAL"
    case .real, .double: "REAL"
    }
  }

  private static func check(_ column: ColumnDefinition) -> String? {
    let name = "[\(column.name)]"
    func typed(_ condition: String) -> String {
      "CHECK (\(name) IS NULL OR \(condition) OR invalid_input('\(messageType(column.type))', \(name)))"
    }
    switch column.type {
    case .varchar(let limit?): return "CONSTRAINT [varchar(\(limit))] CHECK (length(\(name)) <= \(limit))"
    case .smallint, .integer, .bigint, .timestamp, .timestamptz: return typed("typeof(\(name)) = 'integer'")
    case .numeric, .real, .double: return typed("typeof(\(name)) IN ('integer', 'real')")
    case .boolean: return typed("\(name) IN (0, 1)")
    case .json, .jsonb: return typed("json_valid(\(name))")
    case .uuid: return typed("length(\(name)) = 36")
    case .date: return typed("\(name) GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'")
    case .varchar(nil), .textArray, .text, .bytea, .inet: return nil
    }
  }

  /// The type in a message about a value that it cannot hold.
  private static func messageType(_ type: ColumnType) -> String {
    switch type {
    case .json, .jsonb: "json"
    case .timestamp: "timestamp"
    default: type.castName
    }
  }
}

/// The SQLite text of the indexes and triggers of a table.
enum IndexText {
  static func create(_ index: IndexDefinition, on table: String) -> String {
    let keys = index.keys.map { SQLiteText.expression($0.expression) + ($0.isDescending ? " DESC" : "") }
    var text =
      "CREATE \(index.isUnique ? "UNIQUE " : "")INDEX [\(index.name)] ON [\(table)] (\(keys.joined(separator: ", ")))"
    if let predicate = index.predicate { text += " WHERE \(SQLiteText.expression(predicate))" }
    return text
  }

  /// PostgreSQL's trigger runs before the update and costs nothing; here a second update is needed unless the statement
  /// has set the column itself.
  static func create(_ trigger: TriggerDefinition, setting column: String, on table: String) -> String {
    """
    CREATE TRIGGER [\(trigger.name)] AFTER UPDATE ON [\(table)] WHEN new.[\(column)] IS NOT now_us() \
    BEGIN UPDATE [\(table)] SET [\(column)] = now_us() WHERE rowid = new.rowid; END
    """
  }
}
