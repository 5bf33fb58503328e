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

  private var priorities: [Int: UInt64] = [:]
  private var changePoints: [UInt64] = []
  private var step: UInt64 = 0
  private var lowest = UInt64(1) << 32

  init(depth: Int, stream: inout RandomStream) {
    for _ in 0..<depth { changePoints.append(stream.next(below: Self.horizon)) }
    changePoints.sort()
  }

  /// Index of the owner with the highest priority; equal owners go in scheduling order.
  mutating func pick(_ owners: [Int], stream: inout RandomStream) -> Int {
    var best = 0
    var bestPriority: UInt64 = 0
    for (index, owner) in owners.enumerated() {
      let priority: UInt64
      if let known = priorities[owner] {
        priority = known
      } else {
        priority = (UInt64(1) << 32) + stream.next(below: UInt64(1) << 32)
        priorities[owner] = priority
      }
      if priority > bestPriority { (best, bestPriority) = (index, priority) }
    }
    if changePoints.first == step {
      changePoints.removeFirst()
      lowest -= 1
      priorities[owners[best]] = lowest
    }
    step += 1
    return best
  }
}
