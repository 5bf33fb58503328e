/// Carries plans out: the simulation, or a stand-in in tests. Safe to call from several threads at once.
public protocol ChaosExecutor: Sendable {
  func run(_ plan: ChaosPlan, _ options: ExecutionOptions) -> ChaosOutcome
}

/// How a plan is carried out.
public struct ExecutionOptions: Sendable, Equatable {
  /// How simultaneous events are ordered: `random`, `fifo`, `pct(N)`.
  public var strategy: String
  public var recordsDecisions: Bool
  public var keepsObservations: Bool
  /// Whether every event is kept, with its cause.
  public var keepsEvents = false
  /// Answers instead of the seed's, as far as they go.
  public var replaying: RecordedDecisions?
  /// From that time of the run on everything is drawn from another seed.
  public var reseed: Reseed?

  public struct Reseed: Sendable, Equatable {
    public var at: Duration
    public var seed: UInt64

    public init(at: Duration, seed: UInt64) {
      self.at = at
      self.seed = seed
    }
  }

  public init(
    strategy: String = "random", recordsDecisions: Bool = false, keepsObservations: Bool = false,
    replaying: RecordedDecisions? = nil, reseed: Reseed? = nil
  ) {
    self.strategy = strategy
    self.recordsDecisions = recordsDecisions
    self.keepsObservations = keepsObservations
    self.replaying = replaying
    self.reseed = reseed
  }
}
