/// Identifiers as texts, written without intermediate strings: a million rows need several million of them.
enum ContentText {
  private static func digit(_ value: UInt64) -> UInt8 {
    value < 10 ? UInt8(48 + value) : UInt8(87 + value)
  }

  /// The lowest `digits` hexadecimal digits, at most 16.
  static func hex(_ value: UInt64, _ digits: Int) -> String { prefixed("", value, digits) }

  /// A prefix and the lowest `digits` hexadecimal digits. At most 15 bytes cost no allocation.
  static func prefixed(_ prefix: StaticString, _ value: UInt64, _ digits: Int) -> String {
    let start = prefix.utf8CodeUnitCount
    return String(unsafeUninitializedCapacity: start + digits) { buffer in
      for index in 0..<start { buffer[index] = prefix.utf8Start[index] }
      for index in 0..<digits { buffer[start + index] = digit(value >> UInt64(4 * (digits - 1 - index)) & 15) }
      return start + digits
    }
  }

  /// A version 4 UUID.
  static func uuid(_ high: UInt64, _ low: UInt64) -> String {
    let high = high & ~0xf000 | 0x4000
    let low = low & ~(0b11 << 62) | 0b10 << 62
    return String(unsafeUninitializedCapacity: 36) { buffer in
      var position = 0
      for index in 0..<32 {
        if index == 8 || index == 12 || index == 16 || index == 20 {
          buffer[position] = 45
          position += 1
        }
        let word = index < 16 ? high : low
        buffer[position] = digit(word >> UInt64(4 * (15 - index % 16)) & 15)
        position += 1
      }
      return 36
    }
  }
}
