/// Percent coding of paths and queries (RFC 3986, with `+` for a blank in queries as Go reads and writes them).
package enum PercentCoding {
  /// Decodes; nil when a `%` is not followed by two hexadecimal digits. Bytes that are no UTF-8 become U+FFFD.
  package static func decoded(_ text: some StringProtocol, plusIsBlank: Bool) -> String? {
    decoded(Array(text.utf8), plusIsBlank: plusIsBlank)
  }

  /// Decodes the bytes of a text; nil when a `%` is not followed by two hexadecimal digits.
  package static func decoded(_ bytes: [UInt8], plusIsBlank: Bool) -> String? {
    guard bytes.contains(UInt8(ascii: "%")) || (plusIsBlank && bytes.contains(UInt8(ascii: "+"))) else {
      return String(decoding: bytes, as: UTF8.self)
    }
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "%"):
        guard index + 2 < bytes.count, let high = Hex.value(of: bytes[index + 1]),
          let low = Hex.value(of: bytes[index + 2])
        else { return nil }
        output.append(high << 4 | low)
        index += 3
      case UInt8(ascii: "+") where plusIsBlank:
        output.append(0x20)
        index += 1
      default:
        output.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// Encodes all but letters, digits and `-._~`; a blank becomes `+`.
  package static func encodedQuery(_ text: String) -> String {
    var output: [UInt8] = []
    output.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        output.append(byte)
      case 0x20:
        output.append(UInt8(ascii: "+"))
      default:
        output.append(UInt8(ascii: "%"))
        output.append(upper(byte >> 4))
        output.append(upper(byte & 0x0f))
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  private static func upper(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }
}
