/// SplitMix64: one 64-bit state per stream. Fixed here so that a seed means the same on every platform.
struct RandomStream {
  private var state: UInt64

  init(seed: UInt64, name: String) {
    var hash = TraceHash()
    hash.mix(seed)
    hash.mix(name)
    state = hash.value
  }

  @inline(__always)
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in `0 ..< bound` by multiply-high; the bias is below 2^-40 for every bound used here.
  @inline(__always)
  mutating func next(below bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }
}
