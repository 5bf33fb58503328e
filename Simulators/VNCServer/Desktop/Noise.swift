/// Numbers that look random, from a seed and a number: the same on every platform.
enum Noise {
  static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

  @inline(__always)
  static func scramble(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  static func mix(_ seed: UInt64, _ number: Int) -> UInt64 {
    scramble(seed &+ UInt64(truncatingIfNeeded: number &+ 1) &* step)
  }

  /// `count` bytes of the endless row that `seed` begins, from byte `offset` on.
  static func bytes(_ seed: UInt64, from offset: Int, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      var place = offset
      var index = 0
      while index < count {
        let skipped = place % 8
        var word = mix(seed, place / 8) >> UInt64(8 * skipped)
        let taken = min(8 - skipped, count - index)
        for _ in 0..<taken {
          buffer[index] = UInt8(truncatingIfNeeded: word)
          word >>= 8
          index += 1
        }
        place += taken
      }
      initialized = count
    }
  }
}
