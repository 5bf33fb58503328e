// Encoders: replies (server side) and requests (client side), appended to a byte buffer.

extension [UInt8] {
  /// Appends the bytes of a reply in a protocol version (`spec/04 §3.1`).
  package mutating func append(_ value: RESPValue, in version: RESPVersion) {
    switch value {
    case .simple(let text): appendLine("+", text)
    case .error(let text): appendLine("-", text)
    case .integer(let number): appendHeader(":", number)
    case .bulk(let bytes): appendBulk(bytes)
    case .null: append(contentsOf: version == .three ? RESPBytes.null : RESPBytes.nullBulk)
    case .nullArray: append(contentsOf: version == .three ? RESPBytes.null : RESPBytes.nullArray)
    case .array(let elements): appendAggregate("*", elements, version)
    case .set(let elements): appendAggregate(version == .three ? "~" : "*", elements, version)
    case .push(let elements): appendAggregate(version == .three ? ">" : "*", elements, version)
    case .map(let entries):
      if version == .three {
        appendHeader("%", Int64(entries.count))
      } else {
        appendHeader("*", Int64(entries.count * 2))
      }
      for entry in entries {
        append(entry.key, in: version)
        append(entry.value, in: version)
      }
    case .verbatim(let format, let text):
      guard version == .three else { return appendBulk(text) }
      let marker =
        Array(format.utf8.prefix(3)) + [UInt8](repeating: UInt8(ascii: " "), count: Swift.max(0, 3 - format.utf8.count))
      appendHeader("=", Int64(text.count + 4))
      append(contentsOf: marker)
      append(UInt8(ascii: ":"))
      append(contentsOf: text)
      append(contentsOf: RESPBytes.lineEnd)
    case .boolean(let flag):
      if version == .three { appendLine("#", flag ? "t" : "f") } else { appendHeader(":", flag ? 1 : 0) }
    case .double(let text):
      if version == .three { appendLine(",", text) } else { appendBulk(Array(text.utf8)) }
    case .bigNumber(let text):
      if version == .three { appendLine("(", text) } else { appendBulk(Array(text.utf8)) }
    }
  }

  /// Appends a request: an array of bulks, the name of the command first.
  package mutating func appendRequest(_ arguments: [[UInt8]]) {
    appendHeader("*", Int64(arguments.count))
    for argument in arguments { appendBulk(argument) }
  }

  private mutating func appendAggregate(_ type: Unicode.Scalar, _ elements: [RESPValue], _ version: RESPVersion) {
    appendHeader(type, Int64(elements.count))
    for element in elements { append(element, in: version) }
  }

  private mutating func appendBulk(_ bytes: [UInt8]) {
    appendHeader("$", Int64(bytes.count))
    append(contentsOf: bytes)
    append(contentsOf: RESPBytes.lineEnd)
  }

  /// A line of text. Line ends inside become blanks, as a server does with the error texts of others.
  private mutating func appendLine(_ type: Unicode.Scalar, _ text: String) {
    append(UInt8(ascii: type))
    for byte in text.utf8 {
      append(byte == 13 || byte == 10 ? UInt8(ascii: " ") : byte)
    }
    append(contentsOf: RESPBytes.lineEnd)
  }

  private mutating func appendHeader(_ type: Unicode.Scalar, _ number: Int64) {
    append(UInt8(ascii: type))
    appendDecimal(number)
    append(contentsOf: RESPBytes.lineEnd)
  }

  /// Appends a number in decimal digits.
  package mutating func appendDecimal(_ number: Int64) {
    var magnitude = number.magnitude
    if number < 0 { append(UInt8(ascii: "-")) }
    let start = count
    repeat {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude % 10))
      magnitude /= 10
    } while magnitude > 0
    self[start...].reverse()
  }
}

/// Fixed pieces of the protocol.
enum RESPBytes {
  static let lineEnd: [UInt8] = [13, 10]
  static let null: [UInt8] = Array("_\r\n".utf8)
  static let nullBulk: [UInt8] = Array("$-1\r\n".utf8)
  static let nullArray: [UInt8] = Array("*-1\r\n".utf8)
}

extension RESPValue {
  /// The bytes of this reply in a protocol version.
  package func encoded(in version: RESPVersion) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(self, in: version)
    return bytes
  }

  /// The number of bytes ``encoded(in:)`` yields, without making them.
  package func encodedLength(in version: RESPVersion) -> Int {
    switch self {
    case .simple(let text), .error(let text): return RESPLength.line(text.utf8.count)
    case .integer(let number): return RESPLength.header(number)
    case .bulk(let bytes): return RESPLength.bulk(bytes.count)
    case .null: return version == .three ? 3 : 5
    case .nullArray: return version == .three ? 3 : 5
    case .array(let elements), .set(let elements), .push(let elements):
      return elements.reduce(RESPLength.header(Int64(elements.count))) { $0 + $1.encodedLength(in: version) }
    case .map(let entries):
      let header = RESPLength.header(Int64(version == .three ? entries.count : entries.count * 2))
      return entries.reduce(header) {
        $0 + $1.key.encodedLength(in: version) + $1.value.encodedLength(in: version)
      }
    case .verbatim(_, let text): return RESPLength.bulk(version == .three ? text.count + 4 : text.count)
    case .boolean: return 4
    case .double(let text), .bigNumber(let text):
      return version == .three ? RESPLength.line(text.utf8.count) : RESPLength.bulk(text.utf8.count)
    }
  }
}

/// Lengths of encoded pieces.
package enum RESPLength {
  /// Length of a request: an array of bulks.
  package static func request(_ arguments: [[UInt8]]) -> Int {
    arguments.reduce(header(Int64(arguments.count))) { $0 + bulk($1.count) }
  }

  static func line(_ count: Int) -> Int { count + 3 }
  static func bulk(_ count: Int) -> Int { header(Int64(count)) + count + 2 }

  /// A type byte, a number and a line end.
  static func header(_ number: Int64) -> Int {
    var digits = number < 0 ? 2 : 1
    var rest = number.magnitude / 10
    while rest > 0 {
      digits += 1
      rest /= 10
    }
    return digits + 3
  }
}
