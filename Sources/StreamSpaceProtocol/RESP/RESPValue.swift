/// One reply of a Redis server: the types of RESP3. RESP2 has fewer, see ``represented(in:)``.
///
/// Payloads of bulks are bytes (keys and values are binary-safe); the texts of simple strings and errors are strings,
/// because servers write them themselves.
package enum RESPValue: Hashable, Sendable {
  /// `+OK`: a short text without line ends.
  case simple(String)
  /// `-ERR text`: the whole text, code included.
  case error(String)
  /// `:1`.
  case integer(Int64)
  /// `$3 abc`.
  case bulk([UInt8])
  /// A missing value: `_`, in RESP2 the bulk of length -1.
  case null
  /// A missing array (`EXEC` after a conflict): `_`, in RESP2 the array of length -1.
  case nullArray
  /// `*n`.
  case array([RESPValue])
  /// `%n`: entries in the order of the server; in RESP2 a flat array.
  case map([RESPMapEntry])
  /// `~n`; in RESP2 an array.
  case set([RESPValue])
  /// `>n`, out of band; in RESP2 an array.
  case push([RESPValue])
  /// `=n`: text with a three-letter format (`txt`, `mkd`); in RESP2 a bulk without the format.
  case verbatim(format: String, text: [UInt8])
  /// `#t`; in RESP2 an integer.
  case boolean(Bool)
  /// `,1.5`: kept as its decimal text, so that no floating point decides anything; in RESP2 a bulk.
  case double(String)
  /// `(123`: kept as its decimal text; in RESP2 a bulk.
  case bigNumber(String)
}

/// One entry of a RESP3 map.
package struct RESPMapEntry: Hashable, Sendable {
  package var key: RESPValue
  package var value: RESPValue

  package init(_ key: RESPValue, _ value: RESPValue) {
    self.key = key
    self.value = value
  }
}

extension RESPValue {
  /// The reply of a command that succeeded and has nothing to say.
  package static let ok = RESPValue.simple("OK")

  /// A bulk that holds the UTF-8 bytes of a text.
  package static func bulk(_ text: String) -> RESPValue { .bulk(Array(text.utf8)) }

  /// The text of a simple string, bulk or verbatim string, if it is UTF-8.
  package var text: String? {
    switch self {
    case .simple(let text): text
    case .bulk(let bytes), .verbatim(_, let bytes): String(validating: bytes, as: UTF8.self)
    default: nil
    }
  }

  /// The number of an integer reply.
  package var integer: Int64? {
    if case .integer(let number) = self { number } else { nil }
  }

  /// The elements of an array, set or push.
  package var elements: [RESPValue]? {
    switch self {
    case .array(let elements), .set(let elements), .push(let elements): elements
    default: nil
    }
  }

  /// The text of an error reply.
  package var errorText: String? {
    if case .error(let text) = self { text } else { nil }
  }

  /// The first word of an error reply, `ERR` or a more precise code (`NOSCRIPT`, `READONLY`, `LOADING`).
  package var errorCode: String? {
    errorText.map { String($0.prefix { $0 != " " }) }
  }

  /// Whether this is a missing value or a missing array.
  package var isNull: Bool { self == .null || self == .nullArray }

  /// What a client sees of this value in a protocol version: the table of `spec/04 §3.1`.
  ///
  /// In RESP3 a missing array is a missing value; in RESP2 the types that are new in RESP3 become older ones.
  /// Decoding the encoded bytes yields the same.
  package func represented(in version: RESPVersion) -> RESPValue {
    switch self {
    case .simple, .error, .integer, .bulk, .null: self
    case .nullArray: version == .three ? .null : .nullArray
    case .array(let elements): .array(elements.map { $0.represented(in: version) })
    case .set(let elements):
      version == .three
        ? .set(elements.map { $0.represented(in: version) }) : .array(elements.map { $0.represented(in: version) })
    case .push(let elements):
      version == .three
        ? .push(elements.map { $0.represented(in: version) }) : .array(elements.map { $0.represented(in: version) })
    case .map(let entries):
      version == .three
        ? .map(
          entries.map { RESPMapEntry($0.key.represented(in: version), $0.value.represented(in: version)) })
        : .array(entries.flatMap { [$0.key.represented(in: version), $0.value.represented(in: version)] })
    case .verbatim(_, let text): version == .three ? self : .bulk(text)
    case .boolean(let flag): version == .three ? self : .integer(flag ? 1 : 0)
    case .double(let text), .bigNumber(let text): version == .three ? self : .bulk(text)
    }
  }
}

extension RESPValue: CustomStringConvertible {
  /// The value as `redis-cli` would word it, on one line.
  package var description: String {
    switch self {
    case .simple(let text): text
    case .error(let text): "(error) \(text)"
    case .integer(let number): "(integer) \(number)"
    case .bulk(let bytes): String(decoding: bytes, as: UTF8.self).debugDescription
    case .null: "(nil)"
    case .nullArray: "(nil array)"
    case .array(let elements): elements.description
    case .set(let elements): "set \(elements)"
    case .push(let elements): "push \(elements)"
    case .map(let entries): "{" + entries.map { "\($0.key): \($0.value)" }.joined(separator: ", ") + "}"
    case .verbatim(let format, let text): "\(format) \(String(decoding: text, as: UTF8.self).debugDescription)"
    case .boolean(let flag): "(\(flag))"
    case .double(let text), .bigNumber(let text): "(number) \(text)"
    }
  }
}
