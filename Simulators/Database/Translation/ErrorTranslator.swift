import StreamSpaceProtocol

/// Puts SQLite's errors into PostgreSQL's words (spec/02 §3). Foreign keys are not here: SQLite does not say which
/// one failed, see `ForeignKeyDiagnosis`.
struct ErrorTranslator {
  let schema: DatabaseSchema

  /// `statement` is what was to be prepared or run; `refusal` what a registered function refused meanwhile.
  func translate(
    _ error: SQLiteError, in statement: TranslatedStatement, refusal: DatabaseFunctions.InvalidInput?
  ) -> SQLError {
    if let refusal { return .invalidText(type: refusal.type, value: refusal.value) }
    let message = error.message
    if let columns = message.after("UNIQUE constraint failed: ") { return uniqueness(columns) }
    if let column = message.after("NOT NULL constraint failed: ") {
      let (table, name) = Self.split(column)
      return .notNullViolation(table: table, column: name)
    }
    if let name = message.after("CHECK constraint failed: ") {
      if let limit = name.after("varchar("), let length = Int(limit.dropLast()) { return .valueTooLong(limit: length) }
      return .checkViolation(table: statement.table ?? "", constraint: name)
    }
    if let table = message.after("no such table: ") {
      return .undefinedTable(table.after("main.") ?? table)
    }
    if let column = message.after("no such column: ") { return undefined(column, in: statement) }
    if message.hasPrefix("table "), let name = message.component(after: " has no column named ") {
      return .undefinedColumn(name, table: statement.table ?? "")
    }
    if message.hasPrefix("ON CONFLICT clause does not match") { return .noMatchingConstraint }
    if let near = message.after("near \""), let end = near.firstIndex(of: "\"") {
      return .syntax(near: String(near[..<end]))
    }
    if message == "incomplete input" { return .syntax(near: "") }
    if let column = message.after("ambiguous column name: ") {
      return SQLError(
        sqlState: "42702", message: "column reference \"\(Self.split(column).name)\" is ambiguous", kind: .other)
    }
    if let function = message.after("wrong number of arguments to function ") { return .undefinedFunction(function) }
    if message.contains("values for"), message.contains("columns") {
      return SQLError(
        sqlState: "42601", message: "INSERT has a different number of expressions and target columns", kind: .syntax)
    }
    return SQLError(sqlState: "XX000", message: message, kind: .other)
  }

  private func uniqueness(_ list: String) -> SQLError {
    // An index with expressions is named itself: `index 'name'`.
    if let name = list.after("index '") { return .uniqueViolation(constraint: String(name.dropLast())) }
    let columns = list.split(separator: ", ").map { Self.split(String($0)) }
    let table = columns.first?.table ?? ""
    let names = columns.map(\.name)
    let index = schema.table(table)?.uniqueIndex(over: names)?.name
    return .uniqueViolation(constraint: index ?? "\(table)_\(names.joined(separator: "_"))_key")
  }

  private func undefined(_ column: String, in statement: TranslatedStatement) -> SQLError {
    if let table = statement.table, statement.writtenColumns.contains(column),
      schema.table(table)?.column(column) == nil
    {
      return .undefinedColumn(column, table: table)
    }
    return .undefinedColumn(column)
  }

  private static func split(_ qualified: String) -> (table: String, name: String) {
    let parts = qualified.split(separator: ".", maxSplits: 1).map(String.init)
    return parts.count == 2 ? (parts[0], parts[1]) : ("", qualified)
  }
}

extension String {
  /// What follows a prefix, or nil without it.
  fileprivate func after(_ prefix: String) -> String? {
    hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
  }

  fileprivate func component(after separator: String) -> String? {
    split(separator: separator, maxSplits: 1).dropFirst().first.map(String.init)
  }
}
