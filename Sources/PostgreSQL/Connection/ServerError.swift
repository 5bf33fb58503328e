import CPostgres
import StreamSpaceProtocol

extension SQLError {
  /// What a server reports, from the fields of its message.
  init(_ result: OpaquePointer) {
    func field(_ code: Unicode.Scalar) -> String? {
      PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
    }
    // The letters are PG_DIAG_SQLSTATE, MESSAGE_PRIMARY, CONSTRAINT_NAME, TABLE_NAME and COLUMN_NAME: macros of
    // characters, which Swift does not import.
    self.init(
      sqlState: field("C") ?? "", message: field("M") ?? Self.firstLine(of: PQresultErrorMessage(result)),
      constraint: field("n"), table: field("t"), column: field("c"))
  }

  /// An error by its SQLSTATE, its primary message and the names that came with it.
  init(sqlState: String, message: String, constraint: String?, table: String?, column: String?) {
    let kind: Kind =
      switch sqlState {
      case "23505": .uniqueViolation(constraint: constraint ?? "")
      case "23503":
        .foreignKeyViolation(constraint: constraint ?? "", referencing: message.hasPrefix("insert or update"))
      case "23502": .notNullViolation(table: table ?? "", column: column ?? "")
      case "23514": .checkViolation(constraint: constraint ?? "")
      case "22001": .valueTooLong(limit: Self.limit(in: message))
      // PostgreSQL has states of their own for times that it cannot read.
      case "22P02", "22007", "22008": .invalidText
      case "42703": .undefinedColumn(Self.name(in: message, after: "column "))
      case "42P01": .undefinedTable(Self.name(in: message, after: "relation "))
      case "42704": .undefinedObject
      case "42P07", "42701", "42710", "42723": .duplicateObject
      case "2BP01": .dependentObjects
      case "42P16", "42830": .invalidDefinition
      case "25006": .readOnlyTransaction
      case "42P10": .noMatchingConstraint
      case "42883", "42804": .typeMismatch
      case "42601": .syntax
      case "0A000": .unsupported
      case "25P02", "25P01", "25001": .transactionState
      case "55P03": .lockTimeout
      case "57014": .statementTimeout
      case "25P03": .idleInTransactionTimeout
      case "57P01", "57P02", "57P03", "53300": .serverUnavailable
      default: .other
      }
    self.init(sqlState: sqlState, message: message, kind: kind)
  }

  /// What libpq refused by itself, for example more than 65 535 parameters.
  init(refusedBy handle: OpaquePointer) {
    self.init(sqlState: "08P01", message: Self.firstLine(of: PQerrorMessage(handle)), kind: .other)
  }

  /// Whether the server has ended the session with this message (severity FATAL or PANIC).
  func endsSession(_ result: OpaquePointer) -> Bool {
    // PG_DIAG_SEVERITY_NONLOCALIZED.
    guard let severity = PQresultErrorField(result, Int32(UInt8(ascii: "V"))) else { return false }
    return ["FATAL", "PANIC"].contains(String(cString: severity))
  }

  /// `value too long for type character varying(50)`.
  private static func limit(in message: String) -> Int {
    guard let open = message.lastIndex(of: "("), message.hasSuffix(")") else { return 0 }
    return Int(message[message.index(after: open)...].dropLast()) ?? 0
  }

  /// The name behind a word of a message, with or without quotes: neither has a field of its own.
  private static func name(in message: String, after word: String) -> String {
    guard message.hasPrefix(word) else {
      return message.split(separator: "\"", omittingEmptySubsequences: false).dropFirst().first.map(String.init) ?? ""
    }
    let rest = message.dropFirst(word.count)
    if rest.first == "\"" { return String(rest.dropFirst().prefix { $0 != "\"" }) }
    return String(rest.prefix { $0 != " " })
  }

  private static func firstLine(of text: UnsafePointer<CChar>?) -> String {
    guard let text else { return "" }
    return String(cString: text).split(separator: "\n").first.map(String.init) ?? ""
  }
}
