import StreamSpaceProtocol

extension DatabaseSchema {
  /// Profile `contract`.
  package static let contract = DatabaseSchema(.all)
  /// Profile `shipped`.
  package static let shipped = DatabaseSchema([])

  /// The core tables of the start-up list with some of what was added to them.
  package init(_ additions: CoreTables.Additions) {
    self.init()
    for text in CoreTables(additions).statements {
      guard case .definition(let definition)? = try? Translation.translate(text) else { continue }
      var editor = SchemaEditor(self)
      guard (try? editor.perform(definition)) != nil else { continue }
      self = editor.schema
    }
  }
}

extension CoreTables {
  /// The DDL that makes them.
  fileprivate var statements: [String] {
    var statements: [String] = []
    for table in tables {
      statements.append(Self.create(table))
      for index in table.indexes {
        statements.append(
          "CREATE INDEX \(table.indexName(index)) ON \(table.name) (\(index.joined(separator: ", ")))")
      }
    }
    if additions.contains(.commandUpdateTime) {
      statements.append(
        "CREATE FUNCTION update_agent_commands_updated_at() RETURNS TRIGGER AS $$ BEGIN NEW.updated_at = NOW(); RETURN NEW; END; $$ LANGUAGE plpgsql"
      )
      statements.append(
        "CREATE TRIGGER agent_commands_updated_at_trigger BEFORE UPDATE ON agent_commands FOR EACH ROW EXECUTE FUNCTION update_agent_commands_updated_at()"
      )
    }
    return statements
  }

  private static func create(_ table: CoreTable) -> String {
    var lines = table.columns.map(column)
    lines.append("PRIMARY KEY (\(table.primaryKey.joined(separator: ", ")))")
    for key in table.uniqueKeys { lines.append("UNIQUE (\(key.joined(separator: ", ")))") }
    for key in table.foreignKeys {
      let name = key.name.map { "CONSTRAINT \($0) " } ?? ""
      lines.append(
        "\(name)FOREIGN KEY (\(key.column)) REFERENCES \(key.table) (\(key.key)) ON DELETE \(key.onDelete.rawValue)")
    }
    return "CREATE TABLE \(table.name) (\(lines.joined(separator: ", ")))"
  }

  private static func column(_ column: CoreColumn) -> String {
    var text = "\(column.name) \(type(column.type))"
    if !column.isNullable { text += " NOT NULL" }
    switch column.defaultValue {
    case .text(let value): text += " DEFAULT '\(value)'"
    case .integer(let value): text += " DEFAULT \(value)\(column.type == .rating ? ".0" : "")"
    case .boolean(let value): text += " DEFAULT \(value)"
    case .now: text += " DEFAULT CURRENT_TIMESTAMP"
    case .randomIdentifier: text += " DEFAULT gen_random_uuid()"
    case nil: break
    }
    return text
  }

  private static func type(_ type: CoreType) -> String {
    switch type {
    case .varchar(let limit): "VARCHAR(\(limit))"
    case .text: "TEXT"
    case .integer: "INTEGER"
    case .bigint: "BIGINT"
    case .boolean: "BOOLEAN"
    case .timestamp: "TIMESTAMP"
    case .timestamptz: "TIMESTAMPTZ"
    case .jsonb: "JSONB"
    case .uuid: "UUID"
    case .textArray: "TEXT[]"
    case .bytea: "BYTEA"
    case .rating: "DECIMAL(3,2)"
    case .serial: "SERIAL"
    }
  }
}
