/// One run that is tried on the way to a smaller failure.
public struct Trial: Sendable, Hashable {
  public var plan: ChaosPlan
  /// How simultaneous events are ordered: `random`, `fifo`, `pct(N)`.
  public var strategy: String
  /// Answers instead of the seed's, as far as they go.
  public var decisions: RecordedDecisions?

  public init(_ plan: ChaosPlan, strategy: String = "random", decisions: RecordedDecisions? = nil) {
    self.plan = plan
    self.strategy = strategy
    self.decisions = decisions
  }

  var options: ExecutionOptions { ExecutionOptions(strategy: strategy, replaying: decisions) }
}
