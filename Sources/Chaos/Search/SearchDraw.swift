/// Numbers for the search itself: which plan is changed, and how. They are no part of any run, so a campaign can be
/// searched otherwise without changing what a plan does. SplitMix64.
package struct SearchDraw: Sendable, RandomNumberGenerator {
  private var state: UInt64

  /// `purpose` keeps two uses of one seed apart.
  package init(seed: UInt64, purpose: UInt64) {
    state = seed
    state = next() ^ purpose &* 0xd1b5_4a32_d192_ed03
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// From 0 to one below `bound`, which is at least 1.
  package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }

  /// Whether something of one chance in `bound` happens.
  package mutating func oneIn(_ bound: Int) -> Bool { below(bound) == 0 }
}
