import StreamSpaceProtocol

/// Expressions of a schema as SQLite must see them (spec/02 §8.4).
enum SQLiteText {
  static func identifier(_ name: String) -> String { "[\(name)]" }

  static func list(_ names: [String]) -> String { names.map(identifier).joined(separator: ", ") }

  static func expression(_ expression: SQLExpression) -> String {
    switch expression {
    case .column(let name): identifier(name)
    case .string(let value): PostgresText.literal(value)
    case .number(let value): value
    case .boolean(let value): value ? "1" : "0"
    case .null: "NULL"
    case .currentTimestamp: "now_us()"
    case .call(let name, let arguments):
      "\(TranslatedFunctions.sqliteNames[name] ?? name)(\(arguments.map(Self.expression).joined(separator: ", ")))"
    case .cast(let value, let type): self.value(value, of: type)
    case .array(let parts): parts.isEmpty ? "'[]'" : "json_array(\(parts.map(Self.expression).joined(separator: ", ")))"
    case .binary(let symbol, let left, let right):
      "(\(Self.expression(left)) \(symbol) \(Self.expression(right)))"
    case .and(let parts): "(\(parts.map(Self.expression).joined(separator: " AND ")))"
    case .or(let parts): "(\(parts.map(Self.expression).joined(separator: " OR ")))"
    case .not(let part): "(NOT \(Self.expression(part)))"
    case .isNull(let part, let negated): "(\(Self.expression(part)) IS \(negated ? "NOT " : "")NULL)"
    case .membership(let value, let parts, let negated):
      "(\(Self.expression(value)) \(negated ? "NOT IN" : "IN") (\(parts.map(Self.expression).joined(separator: ", "))))"
    }
  }

  /// A default. A row that is older than its column has NULL for SQLite only if it cannot tell the default's value
  /// without computing it; otherwise every change of the default would change the row.
  static func defaultValue(_ value: SQLExpression, of type: ColumnType) -> String {
    let text = self.value(value, of: type)
    switch value {
    case .currentTimestamp, .call, .null: return text
    default: return type.isNumeric || type == .boolean ? "\(text) + 0" : "\(text) || ''"
    }
  }

  /// A value for a column of a type: arrays are the text of JSON arrays.
  static func value(_ value: SQLExpression, of type: ColumnType) -> String {
    switch (value, type) {
    case (.string("{}"), .textArray): "'[]'"
    case (.string(let text), _) where type.isNumeric: text
    case (.string(let text), .boolean): ["t", "true", "1"].contains(text) ? "1" : "0"
    default: expression(value)
    }
  }
}
