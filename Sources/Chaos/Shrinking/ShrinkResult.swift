/// How far shrinking is.
public struct ShrinkProgress: Sendable, Equatable {
  /// What is made smaller now.
  public enum Stage: String, Sendable, CaseIterable {
    case faults, operations, deployment, parameters, schedule, latencies
  }

  public var stage: Stage
  /// Runs so far.
  public var steps: Int
  public var faults: Int
  public var operations: Int
}

/// The smallest failure that was found.
public struct ShrinkResult: Sendable {
  /// What was shrunk.
  public var original: Trial
  public var smallest: Trial
  /// How the smallest run went.
  public var outcome: ChaosOutcome
  /// Runs that were made, those to check that the failure repeats included.
  public var stepsTried: Int
  /// Whether the budget ended before nothing more could be left out.
  public var isCutShort: Bool
}
