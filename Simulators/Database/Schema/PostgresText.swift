/// Expressions and definitions in the words in which PostgreSQL's catalogue functions print them.
enum PostgresText {
  /// A name, in double quotes where PostgreSQL puts them.
  static func identifier(_ name: String) -> String {
    let first = name.utf8.first ?? 0
    let isPlain =
      ((97...122).contains(first) || first == 95)
      && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
    return isPlain && !PostgresKeywords.quoted.contains(name) ? name : "\"\(name)\""
  }

  static func list(_ names: [String]) -> String { names.map(identifier).joined(separator: ", ") }

  static func literal(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
  }

  // MARK: - Definitions

  /// `varchar(50) not null default 'local'::character varying`.
  static func column(_ column: ColumnDefinition) -> String {
    var text = column.type.name
    if !column.isNullable { text += " not null" }
    if let sequence = column.sequence {
      text += " default nextval(\(literal(identifier(sequence.name)))::regclass)"
    } else if let value = column.defaultValue {
      text += " default \(defaultValue(value, column.type))"
    }
    return text
  }

  /// As `pg_get_constraintdef`.
  static func constraint(_ constraint: ConstraintDefinition, of table: TableDefinition) -> String {
    switch constraint.kind {
    case .primaryKey(let columns): return "PRIMARY KEY (\(list(columns)))"
    case .unique(let columns): return "UNIQUE (\(list(columns)))"
    case .check(let check): return "CHECK (\(expression(check, in: table)))"
    case .foreignKey(let key):
      var text = "FOREIGN KEY (\(list(key.columns))) REFERENCES \(identifier(key.table))(\(list(key.referenced)))"
      if key.onUpdate != .noAction { text += " ON UPDATE \(key.onUpdate.rawValue)" }
      if key.onDelete != .noAction { text += " ON DELETE \(key.onDelete.rawValue)" }
      return text
    }
  }

  /// As `pg_get_indexdef` behind `USING`, with `UNIQUE` before it.
  static func index(_ index: IndexDefinition, of table: TableDefinition) -> String {
    var keys: [String] = []
    for key in index.keys {
      var text = expression(key.expression, in: table)
      switch key.expression {
      case .column, .call: break
      default: text = "(\(text))"
      }
      if key.isDescending { text += " DESC" }
      if let nullsFirst = key.nullsFirst, nullsFirst != key.isDescending {
        text += nullsFirst ? " NULLS FIRST" : " NULLS LAST"
      }
      keys.append(text)
    }
    var text = "\(index.isUnique ? "UNIQUE " : "")\(index.method) (\(keys.joined(separator: ", ")))"
    if let predicate = index.predicate { text += " WHERE \(expression(predicate, in: table))" }
    return text
  }

  static func trigger(_ trigger: TriggerDefinition) -> String {
    "BEFORE UPDATE FOR EACH ROW EXECUTE FUNCTION \(identifier(trigger.function))()"
  }

  // MARK: - Defaults

  /// A default as it is kept, or nil when PostgreSQL keeps none: `DEFAULT NULL` of a type without a length.
  static func kept(_ value: SQLExpression?, _ type: ColumnType) -> SQLExpression? {
    guard value == .null else { return value }
    switch type {
    case .varchar(_?), .numeric(_?, _): return value
    default: return nil
    }
  }

  private static func defaultValue(_ value: SQLExpression, _ type: ColumnType) -> String {
    switch value {
    case .string(let text) where type.isNumeric: text
    case .string(let text) where type == .boolean: ["t", "true", "1"].contains(text) ? "true" : "false"
    case .string(let text): "\(literal(text))::\(type.castName)"
    case .null: "NULL::\(type.castName)"
    default: expression(value, in: nil)
    }
  }

  // MARK: - Expressions

  /// As `pg_get_expr`; the types of a table's columns say which casts PostgreSQL has put in.
  static func expression(_ expression: SQLExpression, in table: TableDefinition?) -> String {
    func text(_ part: SQLExpression) -> String { self.expression(part, in: table) }
    switch expression {
    case .column(let name): return identifier(name)
    case .string(let value): return "\(literal(value))::text"
    case .number(let value):
      guard value.hasPrefix("-") else { return value }
      return "'\(value)'::\(value.contains(".") ? "numeric" : "integer")"
    case .boolean(let value): return value ? "true" : "false"
    case .null: return "NULL"
    case .currentTimestamp: return "CURRENT_TIMESTAMP"
    case .call("coalesce", let arguments): return "COALESCE(\(arguments.map(text).joined(separator: ", ")))"
    case .call(let name, let arguments):
      return "\(name)(\(arguments.map { asText($0, in: table) }.joined(separator: ", ")))"
    case .cast(.string(let value), let type): return "\(literal(value))::\(type.castName)"
    case .cast(.array(let parts), .textArray):
      return "ARRAY[\(parts.map(text).joined(separator: ", "))]" + (parts.isEmpty ? "::text[]" : "")
    case .cast(let value, let type): return "(\(text(value)))::\(type.castName)"
    case .array(let parts): return "ARRAY[\(parts.map(text).joined(separator: ", "))]"
    case .binary(let symbol, let left, let right):
      return "(\(operand(left, beside: right, in: table)) \(symbol) \(operand(right, beside: left, in: table)))"
    case .and(let parts): return "(\(parts.map(text).joined(separator: " AND ")))"
    case .or(let parts): return "(\(parts.map(text).joined(separator: " OR ")))"
    case .not(let part): return "(NOT \(text(part)))"
    case .isNull(let part, let negated): return "(\(text(part)) IS \(negated ? "NOT " : "")NULL)"
    case .membership(let value, let parts, let negated):
      if parts.count == 1 { return text(.binary(negated ? "<>" : "=", value, parts[0])) }
      return membership(value, parts, negated: negated, in: table)
    }
  }

  private static func membership(
    _ value: SQLExpression, _ parts: [SQLExpression], negated: Bool, in table: TableDefinition?
  ) -> String {
    let type = type(of: value, in: table)
    let list = parts.map { part in
      if case .string(let text) = part { return "\(literal(text))::\((type ?? .text).castName)" }
      return expression(part, in: table)
    }
    var array = "ARRAY[\(list.joined(separator: ", "))]"
    if case .varchar? = type { array = "(\(array))::text[]" }
    return "(\(asText(value, in: table)) \(negated ? "<> ALL" : "= ANY") (\(array)))"
  }

  /// One side of a comparison: VARCHAR is compared as text, a literal has the type of the other side.
  private static func operand(
    _ part: SQLExpression, beside other: SQLExpression, in table: TableDefinition?
  ) -> String {
    let otherType = type(of: other, in: table)
    switch part {
    case .string(let value):
      guard let otherType, !otherType.isText else { return expression(part, in: table) }
      return "\(literal(value))::\(otherType.castName)"
    case .number(let value) where !value.contains("."):
      switch otherType {
      case .numeric?, .double?: return "(\(value))::\(otherType?.castName ?? "")"
      default: return expression(part, in: table)
      }
    default: return asText(part, in: table)
    }
  }

  private static func asText(_ part: SQLExpression, in table: TableDefinition?) -> String {
    if case .varchar? = type(of: part, in: table) { return "(\(expression(part, in: table)))::text" }
    return expression(part, in: table)
  }

  private static func type(of part: SQLExpression, in table: TableDefinition?) -> ColumnType? {
    switch part {
    case .column(let name): table?.column(name)?.type
    case .cast(_, let type): type
    default: nil
    }
  }
}
