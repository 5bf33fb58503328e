import TestEnvironment

/// One breach of an invariant, with what a person needs to act on it.
public struct Violation: Sendable, Equatable {
  /// When it was true for the first time: the event's time, or the deadline's where something did not happen.
  public var time: Duration
  /// The part of the invariant that was broken.
  public var rule: String
  /// What was demanded and what was seen, with all ids.
  public var message: String
  /// The first event that broke it, or after which nothing came.
  public var firstEvent: TimedObservation?
  /// Observations that led to it, oldest first, capped.
  public var chain: [TimedObservation]
  /// The excuses that the specification grants, each tested and found not to apply.
  public var excusesTested: [String]

  public init(
    time: Duration, rule: String, message: String, firstEvent: TimedObservation?, chain: [TimedObservation],
    excusesTested: [String]
  ) {
    self.time = time
    self.rule = rule
    self.message = message
    self.firstEvent = firstEvent
    self.chain = chain
    self.excusesTested = excusesTested
  }
}

extension Violation: CustomStringConvertible {
  public var description: String {
    var lines = ["at \(time.text): \(message)", "  rule: \(rule)"]
    if !excusesTested.isEmpty { lines.append("  no excuse: \(excusesTested.joined(separator: "; "))") }
    if let firstEvent { lines.append("  first event: \(firstEvent.line)") }
    lines += chain.map { "  \($0 == firstEvent ? ">" : " ") \($0.line)" }
    return lines.joined(separator: "\n")
  }
}
