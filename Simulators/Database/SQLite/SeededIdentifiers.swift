/// The generator behind `gen_random_uuid()`: version 4 UUIDs from a seed (SplitMix64), so that a run repeats.
struct SeededIdentifiers: Hashable {
  private var state: UInt64

  /// Who draws: an image and the databases copied from it must not draw the same values from the same seed.
  enum Purpose: UInt64 {
    case image = 0x696D_6167_6500_0000
    case run = 0x7275_6E00_0000_0000
  }

  init(seed: UInt64, for purpose: Purpose) {
    state = purpose.rawValue
    state = draw() ^ seed
    state = draw()
  }

  mutating func next() -> String {
    let high = (draw() & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000
    let low = (draw() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
    return Self.format(high, low)
  }

  private mutating func draw() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  private static func format(_ high: UInt64, _ low: UInt64) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(36)
    for position in 0..<32 {
      if position == 8 || position == 12 || position == 16 || position == 20 { bytes.append(UInt8(ascii: "-")) }
      let half = position < 16 ? high : low
      let nibble = UInt8((half >> UInt64(60 - 4 * (position % 16))) & 0xF)
      bytes.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
