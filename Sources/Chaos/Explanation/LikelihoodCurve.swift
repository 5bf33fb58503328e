import TestEnvironment

/// How likely a failure became in the course of a run: from each point of time on the run is made again with other
/// chances, many times, and those are counted that fail in the same way. Where the curve rises, the decisive thing
/// happened.
public struct LikelihoodCurve: Sendable, Equatable {
  public struct Point: Sendable, Equatable {
    /// Up to then the run is the failing one.
    public var time: Duration
    /// Runs that failed in the same way.
    public var failures: Int
    public var runs: Int

    /// Percent, rounded down.
    public var percent: Int { runs == 0 ? 0 : failures * 100 / runs }
  }

  public var points: [Point]

  /// The two points between which it rose most; nil if it never rose.
  public var steepest: (from: Point, to: Point)? {
    var best: (from: Point, to: Point)?
    var most = 0
    for (from, to) in zip(points, points.dropFirst()) where to.percent - from.percent > most {
      most = to.percent - from.percent
      best = (from, to)
    }
    return best
  }

  /// A table with a bar for each point.
  public var lines: [String] {
    let width = points.map { $0.time.secondsText.count }.max() ?? 0
    return points.map { point in
      let time = point.time.secondsText
      let full = point.percent / 5
      let bar = String(repeating: "█", count: full) + String(repeating: "·", count: 20 - full)
      return "\(String(repeating: " ", count: width - time.count))\(time)  \(bar)  \(point.failures) of \(point.runs)"
    }
  }
}

extension ChaosPlan {
  /// The same plan up to `time` of the run; what comes later begins at other times of the load. Only the times are drawn
  /// anew: a failure that needs a certain fault would else vanish for lack of it, which says nothing.
  func redrawn(after time: Duration, seed: UInt64) -> ChaosPlan {
    var numbers = NumberSource(seed: seed)
    let since = time - phases.settle
    let first = max(since, .zero)
    func moved(_ at: Duration) -> Duration {
      guard at > since, phases.load > first else { return at }
      let span = (phases.load - first).wholeMilliseconds
      return first + .milliseconds(Int64(numbers.next(below: UInt64(max(span, 1)))) + 1)
    }
    var plan = self
    for index in plan.faults.indices { plan.faults[index].at = moved(plan.faults[index].at) }
    for index in plan.operations.indices { plan.operations[index].at = moved(plan.operations[index].at) }
    return plan.ordered
  }
}

/// Numbers from a seed, for what lies outside of runs: which suffix gets which chances (SplitMix64).
struct NumberSource {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  mutating func next(below bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }
}

extension Duration {
  var wholeMilliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
