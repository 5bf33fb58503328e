/// A stream of numbers for one purpose, from a seed (SplitMix64: one addition and two multiplications a number).
package struct ContentDraw: Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return Self.mixed(state)
  }

  /// A number in `0 ..< bound`. The bounds here are small, so that the modulo's bias does not matter.
  package mutating func below(_ bound: Int) -> Int { bound < 2 ? 0 : Int(next() % UInt64(bound)) }

  package static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A seed of its own for each pair.
  package static func seed(_ seed: UInt64, _ number: Int) -> UInt64 {
    mixed(seed ^ mixed(UInt64(bitPattern: Int64(number)) &+ 0x632b_e59b_d9b4_e019))
  }
}
