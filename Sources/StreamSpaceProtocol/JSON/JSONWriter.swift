/// Renders documents as Go's `encoding/json` does: compact, `<`, `>`, `&`, U+2028 and U+2029 escaped, numbers in the
/// shortest form (spec/02 §3).
package enum JSONWriter {
  /// The bytes of a document.
  package static func bytes(of value: JSONValue) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(512)
    append(value, to: &output)
    return output
  }

  /// The text of a document.
  package static func text(of value: JSONValue) -> String {
    String(decoding: bytes(of: value), as: UTF8.self)
  }

  /// Appends the rendering of a document. A number that is not finite has no JSON form and is written as null; the
  /// parser never makes one.
  package static func append(_ value: JSONValue, to output: inout [UInt8]) {
    switch value {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
    case .int(let number): append(number, to: &output)
    case .double(let number): output.append(contentsOf: GoText.number(number).utf8)
    case .string(let text): append(text, to: &output)
    case .array(let elements):
      output.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        append(element, to: &output)
      }
      output.append(UInt8(ascii: "]"))
    case .object(let object):
      output.append(UInt8(ascii: "{"))
      for (index, member) in object.members.enumerated() {
        if index > 0 { output.append(UInt8(ascii: ",")) }
        append(member.key, to: &output)
        output.append(UInt8(ascii: ":"))
        append(member.value, to: &output)
      }
      output.append(UInt8(ascii: "}"))
    }
  }

  private static func append(_ number: Int64, to output: inout [UInt8]) {
    if number >= 0, number < 10 {
      output.append(UInt8(ascii: "0") + UInt8(number))
    } else {
      output.append(contentsOf: String(number).utf8)
    }
  }

  /// Appends a string literal with its quotes.
  package static func append(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    let wasContiguous: Void? = text.utf8.withContiguousStorageIfAvailable { appendEscaped($0, to: &output) }
    if wasContiguous == nil {
      Array(text.utf8).withUnsafeBufferPointer { appendEscaped($0, to: &output) }
    }
    output.append(UInt8(ascii: "\""))
  }

  private static func appendEscaped(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    var plainFrom = 0
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte >= 0x80 {
        // U+2028 and U+2029 are e2 80 a8 and e2 80 a9.
        if byte == 0xe2, index + 2 < bytes.count, bytes[index + 1] == 0x80, bytes[index + 2] & 0xfe == 0xa8 {
          output.append(contentsOf: bytes[plainFrom..<index])
          output.append(contentsOf: (bytes[index + 2] == 0xa8 ? "\\u2028" : "\\u2029").utf8)
          index += 3
          plainFrom = index
        } else {
          index += 1
        }
        continue
      }
      if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte != UInt8(ascii: "<"),
        byte != UInt8(ascii: ">"), byte != UInt8(ascii: "&")
      {
        index += 1
        continue
      }
      output.append(contentsOf: bytes[plainFrom..<index])
      output.append(UInt8(ascii: "\\"))
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
      case 0x08: output.append(UInt8(ascii: "b"))
      case 0x0c: output.append(UInt8(ascii: "f"))
      case 0x0a: output.append(UInt8(ascii: "n"))
      case 0x0d: output.append(UInt8(ascii: "r"))
      case 0x09: output.append(UInt8(ascii: "t"))
      default:
        output.append(contentsOf: "u00".utf8)
        output.append(Hex.digit(byte >> 4))
        output.append(Hex.digit(byte & 0x0f))
      }
      index += 1
      plainFrom = index
    }
    output.append(contentsOf: bytes[plainFrom..<bytes.count])
  }
}
