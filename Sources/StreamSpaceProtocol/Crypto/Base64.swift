/// Base64 with the standard or the URL alphabet (RFC 4648).
package enum Base64 {
  /// Which characters stand for 62 and 63, and whether the text is padded.
  package enum Alphabet: Sendable {
    /// `+` and `/`, padded: RFB bytes in frames (C25).
    case standard
    /// `-` and `_`, not padded: the parts of a token.
    case url
  }

  /// Length of the encoding of that many bytes, exactly.
  package static func encodedCount(_ byteCount: Int, _ alphabet: Alphabet = .standard) -> Int {
    alphabet == .standard ? (byteCount + 2) / 3 * 4 : (byteCount * 4 + 2) / 3
  }

  /// The text of bytes.
  package static func encode(_ bytes: [UInt8], _ alphabet: Alphabet = .standard) -> String {
    let digits = alphabet == .standard ? standardDigits : urlDigits
    let length = encodedCount(bytes.count, alphabet)
    return bytes.withUnsafeBufferPointer { input in
      digits.withUnsafeBufferPointer { digits in
        String(unsafeUninitializedCapacity: length) { output in
          var read = 0
          var write = 0
          while read + 2 < input.count {
            let group = UInt32(input[read]) << 16 | UInt32(input[read + 1]) << 8 | UInt32(input[read + 2])
            output[write] = digits[Int(group >> 18)]
            output[write + 1] = digits[Int(group >> 12 & 63)]
            output[write + 2] = digits[Int(group >> 6 & 63)]
            output[write + 3] = digits[Int(group & 63)]
            read += 3
            write += 4
          }
          let rest = input.count - read
          guard rest > 0 else { return length }
          let group = UInt32(input[read]) << 16 | (rest == 2 ? UInt32(input[read + 1]) << 8 : 0)
          output[write] = digits[Int(group >> 18)]
          output[write + 1] = digits[Int(group >> 12 & 63)]
          if rest == 2 { output[write + 2] = digits[Int(group >> 6 & 63)] }
          if alphabet == .standard {
            if rest == 1 { output[write + 2] = UInt8(ascii: "=") }
            output[write + 3] = UInt8(ascii: "=")
          }
          return length
        }
      }
    }
  }

  /// The bytes of a text; nil when it is not exactly one encoding of that alphabet: a foreign character, wrong padding
  /// or wrong length. Bits that the last character has left over are ignored, as Go does.
  package static func decode(_ text: String, _ alphabet: Alphabet = .standard) -> [UInt8]? {
    let values = alphabet == .standard ? standardValues : urlValues
    var characters = Array(text.utf8)
    if alphabet == .standard {
      guard characters.count.isMultiple(of: 4) else { return nil }
      if characters.last == UInt8(ascii: "=") { characters.removeLast() }
      if characters.last == UInt8(ascii: "=") { characters.removeLast() }
    }
    guard characters.count % 4 != 1 else { return nil }
    let length = characters.count / 4 * 3 + (characters.count % 4 * 3) / 4
    var isValid = true
    let bytes = [UInt8](unsafeUninitializedCapacity: length) { output, initialized in
      var group: UInt32 = 0
      var inGroup = 0
      var write = 0
      for character in characters {
        let value = values[Int(character)]
        guard value < 64 else {
          isValid = false
          break
        }
        group = group << 6 | UInt32(value)
        inGroup += 1
        if inGroup == 4 {
          output[write] = UInt8(truncatingIfNeeded: group >> 16)
          output[write + 1] = UInt8(truncatingIfNeeded: group >> 8)
          output[write + 2] = UInt8(truncatingIfNeeded: group)
          write += 3
          group = 0
          inGroup = 0
        }
      }
      if isValid, inGroup > 1 {
        group <<= UInt32(6 * (4 - inGroup))
        output[write] = UInt8(truncatingIfNeeded: group >> 16)
        write += 1
        if inGroup == 3 {
          output[write] = UInt8(truncatingIfNeeded: group >> 8)
          write += 1
        }
      }
      initialized = write
    }
    return isValid ? bytes : nil
  }

  private static let standardDigits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let urlDigits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
  private static let standardValues = values(of: standardDigits)
  private static let urlValues = values(of: urlDigits)

  /// For each byte the value of that character, 255 where it is none.
  private static func values(of digits: [UInt8]) -> [UInt8] {
    var values = [UInt8](repeating: 255, count: 256)
    for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
    return values
  }
}
