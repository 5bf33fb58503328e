/// FNV-1a, 64 bits: the same on every machine and in every build.
struct StableHash {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func mix(_ text: String) {
    for byte in text.utf8 { mix(byte) }
    mix(UInt8(0xff))
  }

  mutating func mix(_ word: UInt64) {
    var rest = word
    for _ in 0..<8 {
      mix(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  private mutating func mix(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

  static func of(_ text: String) -> UInt64 {
    var hash = StableHash()
    hash.mix(text)
    return hash.value
  }
}
