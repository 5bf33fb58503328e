/// How the scheduler chooses among events that are due at the same instant.
public enum Strategy: Sendable, Equatable {
  /// Uniformly at random, from the seed.
  case random
  /// In the order in which they were scheduled.
  case fifo
  /// Probabilistic concurrency testing: random priorities per process, lowered at `depth` random change points.
  case pct(depth: Int)
}

extension Strategy: CustomStringConvertible {
  public var description: String {
    switch self {
    case .random: "random"
    case .fifo: "fifo"
    case .pct(let depth): "pct(\(depth))"
    }
  }

  /// Reads `random`, `fifo`, `pct` (depth 3) or `pct(N)`; nil for anything else.
  public init?(_ text: String) {
    switch text {
    case "random": self = .random
    case "fifo": self = .fifo
    case "pct": self = .pct(depth: 3)
    default:
      guard text.hasPrefix("pct("), text.hasSuffix(")"), let depth = Int(text.dropFirst(4).dropLast()), depth > 0
      else { return nil }
      self = .pct(depth: depth)
    }
  }
}

/// State of the PCT strategy: one priority per owner, lowered when a change point is reached.
struct PriorityScheduler {
  /// Scheduling choices over which the change points are spread.
  static let horizon: UInt64 = 10_000

  /// By owner, shifted by one: the simulation itself (-1) comes first. 0: not drawn yet.
  private var priorities: [UInt64] = []
  private var changePoints: [UInt64] = []
  private var step: UInt64 = 0
  private var lowest = UInt64(1) << 32

  init(depth: Int, stream: inout RandomStream) {
    for _ in 0..<depth { changePoints.append(stream.next(below: Self.horizon)) }
    changePoints.sort()
  }

  /// Which of `count` events belongs to the owner with the highest priority; the first of them if it has several.
  mutating func pick(_ count: Int, owner: (Int) -> Int, stream: inout RandomStream) -> Int {
    var best = highest(count, owner, &stream)
    if changePoints.first == step {
      // Two change points may fall together: the owner is lowered once for both.
      while changePoints.first == step { changePoints.removeFirst() }
      lowest -= 1
      priorities[owner(best) + 1] = lowest
      best = highest(count, owner, &stream)
    }
    step += 1
    return best
  }

  private mutating func highest(_ count: Int, _ owner: (Int) -> Int, _ stream: inout RandomStream) -> Int {
    var best = 0
    var bestPriority: UInt64 = 0
    for index in 0..<count {
      let priority = priority(of: owner(index), &stream)
      if priority > bestPriority { (best, bestPriority) = (index, priority) }
    }
    return best
  }

  private mutating func priority(of owner: Int, _ stream: inout RandomStream) -> UInt64 {
    while priorities.count <= owner + 1 { priorities.append(0) }
    if priorities[owner + 1] == 0 { priorities[owner + 1] = (UInt64(1) << 32) + stream.next(below: UInt64(1) << 32) }
    return priorities[owner + 1]
  }
}
