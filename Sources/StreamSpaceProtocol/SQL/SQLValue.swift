/// A value that crosses the connection between the control plane and the database, as a parameter or as a
/// column of a row.
///
/// JSONB travels as its text, `TEXT[]` as the text of a JSON array (spec/02 §8.4), UUID and NUMERIC as text (as
/// lib/pq hands them out).
package enum SQLValue: Sendable, Hashable {
  case null
  case integer(Int64)
  case text(String)
  case boolean(Bool)
  case bytes([UInt8])
  /// Microseconds since 1970-01-01T00:00:00Z, the resolution of PostgreSQL's time stamps.
  case timestamp(microseconds: Int64)

  /// A text, or NULL when there is none.
  package static func optional(_ text: String?) -> SQLValue { text.map(SQLValue.text) ?? .null }

  /// An integer, or NULL when there is none.
  package static func optional(_ integer: Int64?) -> SQLValue { integer.map(SQLValue.integer) ?? .null }

  /// A time stamp, or NULL when there is none.
  package static func optional(microseconds: Int64?) -> SQLValue {
    microseconds.map { .timestamp(microseconds: $0) } ?? .null
  }

  /// A `TEXT[]` value, for a column of that type or for `= ANY($n)`.
  package static func array(_ elements: [String]) -> SQLValue {
    var json = "["
    for (position, element) in elements.enumerated() {
      if position > 0 { json += "," }
      json += jsonString(element)
    }
    return .text(json + "]")
  }

  /// A `BIGINT[]` value, for `= ANY($n)`.
  package static func array(_ elements: [Int64]) -> SQLValue {
    .text("[" + elements.map(String.init).joined(separator: ",") + "]")
  }

  package var isNull: Bool {
    if case .null = self { return true }
    return false
  }

  /// The type as PostgreSQL names it, for messages.
  package var typeName: String {
    switch self {
    case .null: "NULL"
    case .integer: "integer"
    case .text: "text"
    case .boolean: "boolean"
    case .bytes: "bytea"
    case .timestamp: "timestamp"
    }
  }

  private static func jsonString(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case let control where control.value < 0x20:
        let hex = String(control.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension SQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByNilLiteral
{
  package init(stringLiteral value: String) { self = .text(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(booleanLiteral value: Bool) { self = .boolean(value) }
  package init(nilLiteral: ()) { self = .null }
}

extension SQLValue: CustomStringConvertible {
  /// The value as it would stand in a statement; for messages only.
  package var description: String {
    switch self {
    case .null: "NULL"
    case .integer(let value): String(value)
    case .text(let value): "'\(value)'"
    case .boolean(let value): value ? "true" : "false"
    case .bytes(let value): "bytea of \(value.count) bytes"
    case .timestamp(let microseconds): "timestamp \(microseconds) us"
    }
  }
}
