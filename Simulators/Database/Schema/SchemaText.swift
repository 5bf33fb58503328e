/// The SQLite text that makes a schema (spec/02 §8.4). Checks stand in for PostgreSQL's typed columns; their names
/// and the function `invalid_input` carry what the error message needs.
enum SchemaText {
  /// All statements, in order.
  static func statements(for schema: DatabaseSchema) -> [String] {
    var statements: [String] = []
    let sequences = schema.sequenceTables
    for table in schema.tables {
      statements.append(create(table, sequence: sequences.firstIndex(of: table.name)))
      for index in table.indexes {
        statements.append("CREATE INDEX [\(table.indexName(index))] ON [\(table.name)] (\(list(index)))")
      }
    }
    if schema.additions.contains(.commandUpdateTime) { statements.append(commandUpdateTrigger) }
    return statements
  }

  /// Columns first, then keys. SQLite tests unique keys in reverse order of declaration and PostgreSQL tests the
  /// primary key first, so the primary key comes last.
  private static func create(_ table: TableDefinition, sequence: Int?) -> String {
    var lines = table.columns.map { column($0, sequence: sequence) }
    for key in table.foreignKeys {
      lines.append(
        "CONSTRAINT [\(table.name(of: key))] FOREIGN KEY ([\(key.column)]) REFERENCES [\(key.table)] ([\(key.key)]) ON DELETE \(key.onDelete.rawValue)"
      )
    }
    for key in table.uniqueKeys.reversed() {
      lines.append("CONSTRAINT [\(table.uniqueKeyName(key))] UNIQUE (\(list(key)))")
    }
    lines.append("CONSTRAINT [\(table.primaryKeyName)] PRIMARY KEY (\(list(table.primaryKey)))")
    return "CREATE TABLE [\(table.name)] (\n  \(lines.joined(separator: ",\n  "))\n)"
  }

  private static func column(_ column: ColumnDefinition, sequence: Int?) -> String {
    var text = "[\(column.name)] \(declaredType(column.type))"
    if !column.isNullable { text += " NOT NULL" }
    switch column.defaultValue {
    case .text(let value): text += " DEFAULT '\(value)'"
    case .integer(let value): text += " DEFAULT \(value)"
    case .boolean(let value): text += " DEFAULT \(value ? 1 : 0)"
    case .now: text += " DEFAULT (now_us())"
    case .randomIdentifier: text += " DEFAULT (gen_random_uuid())"
    case nil: break
    }
    // Not SQLite's AUTOINCREMENT: that gives a value again when its transaction rolled back.
    if column.type == .serial, let sequence { text += " DEFAULT (next_value(\(sequence)))" }
    if let check = check(column) { text += " \(check)" }
    return text
  }

  /// The names `ColumnDecoder` knows, chosen so that SQLite's affinity is the wanted one: JSONB alone would be
  /// numeric and turn the text `5` into a number.
  private static func declaredType(_ type: ColumnType) -> String {
    switch type {
    case .varchar(let limit): "VARCHAR(\(limit))"
    case .text, .textArray: "TEXT"
    case .integer, .serial: "INT"
    case .bigint: "BIGINT"
    case .boolean: "BOOLEAN"
    case .timestamp: "TIMESTAMP"
    case .timestamptz: "TIMESTAMPTZ"
    case .jsonb: "JSONB TEXT"
    case .uuid: "UUID TEXT"
    case .bytea: "BLOB"
    case .rating: "DECIMAL(3,2)"
    }
  }

  private static func check(_ column: ColumnDefinition) -> String? {
    let name = "[\(column.name)]"
    func typed(_ condition: String, _ type: String) -> String {
      "CHECK (\(name) IS NULL OR \(condition) OR invalid_input('\(type)', \(name)))"
    }
    switch column.type {
    case .varchar(let limit): return "CONSTRAINT [varchar(\(limit))] CHECK (length(\(name)) <= \(limit))"
    case .integer, .serial: return typed("typeof(\(name)) = 'integer'", "integer")
    case .bigint: return typed("typeof(\(name)) = 'integer'", "bigint")
    case .boolean: return typed("\(name) IN (0, 1)", "boolean")
    case .timestamp: return typed("typeof(\(name)) = 'integer'", "timestamp")
    case .timestamptz: return typed("typeof(\(name)) = 'integer'", "timestamp with time zone")
    case .jsonb: return typed("json_valid(\(name))", "json")
    case .uuid: return typed("length(\(name)) = 36", "uuid")
    case .textArray, .text, .bytea, .rating: return nil
    }
  }

  /// File 004's trigger. PostgreSQL's runs before the update and costs nothing; here a second update is needed
  /// unless the statement has set the column itself.
  private static let commandUpdateTrigger = """
    CREATE TRIGGER agent_commands_updated_at_trigger AFTER UPDATE ON agent_commands
    WHEN new.updated_at IS NOT now_us()
    BEGIN UPDATE agent_commands SET updated_at = now_us() WHERE rowid = new.rowid; END
    """

  private static func list(_ columns: [String]) -> String { columns.map { "[\($0)]" }.joined(separator: ", ") }
}
