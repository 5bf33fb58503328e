import StreamSpaceProtocol

/// The text form of values: what a parameter carries and, escaped, a line of COPY.
enum ValueText {
  private static let hexDigits = Array("0123456789abcdef".utf8)

  /// Appends the value for a parameter or column of `type`; nothing for NULL.
  ///
  /// - Throws: 22021 for a text with the character NUL, which PostgreSQL cannot hold.
  static func append(_ value: SQLValue, for type: TypeIdentifier.ID, to bytes: inout [UInt8]) throws(SQLError) {
    switch value {
    case .null: break
    case .integer(let integer): append(integer, to: &bytes)
    case .boolean(let boolean): bytes += boolean ? "true".utf8 : "false".utf8
    case .timestamp(let microseconds): TimestampText.append(microseconds, to: &bytes)
    case .bytes(let content):
      bytes.append(UInt8(ascii: "\\"))
      bytes.append(UInt8(ascii: "x"))
      for byte in content {
        bytes.append(hexDigits[Int(byte >> 4)])
        bytes.append(hexDigits[Int(byte & 15)])
      }
    case .text(let text):
      let start = bytes.count
      if TypeIdentifier.isArray(type) { bytes += ArrayText.postgres(text).utf8 } else { bytes += text.utf8 }
      if bytes[start...].contains(0) { throw .nulCharacter }
    }
  }

  static func append(_ integer: Int64, to bytes: inout [UInt8]) {
    if integer < 0 { bytes.append(UInt8(ascii: "-")) }
    var rest = integer.magnitude
    let start = bytes.count
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    bytes[start...].reverse()
  }
}

extension SQLError {
  /// As the server words it; libpq would cut the text at the character instead.
  static let nulCharacter = SQLError(
    sqlState: "22021", message: "invalid byte sequence for encoding \"UTF8\": 0x00", kind: .other)
}
