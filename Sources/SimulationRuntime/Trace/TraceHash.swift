/// A running 64-bit digest: the fingerprint of a run. Defined here, byte for byte, so that it is the same in
/// debug and release and in every process.
public struct TraceHash: Sendable, Equatable {
  public private(set) var value: UInt64 = 0x51_7C_C1_B7_27_22_0A_95

  public init() {}

  @inlinable @inline(__always)
  public mutating func mix(_ word: UInt64) {
    let product = (value ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    set(product.high ^ product.low ^ (word &* 0xD6E8_FEB8_6659_FD93))
  }

  @usableFromInline @inline(__always)
  mutating func set(_ word: UInt64) { value = word }

  /// Mixes the bytes, eight at a time, and their number.
  public mutating func mix(_ text: String) {
    var copy = text
    copy.withUTF8 { bytes in
      var index = 0
      while index + 8 <= bytes.count {
        var word: UInt64 = 0
        for offset in 0..<8 { word |= UInt64(bytes[index + offset]) << UInt64(offset * 8) }
        mix(word)
        index += 8
      }
      var tail: UInt64 = 0
      var shift: UInt64 = 0
      while index < bytes.count {
        tail |= UInt64(bytes[index]) << shift
        shift += 8
        index += 1
      }
      mix(tail)
      mix(UInt64(bytes.count))
    }
  }

  /// Sixteen hexadecimal digits.
  public var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
