import Oracles
import TestEnvironment

/// How a plan went.
public struct ChaosOutcome: Sendable {
  public var plan: ChaosPlan
  /// `contract`, `contract+B-01`.
  public var profile: String
  /// Violations of invariants, earliest first, then ``problems``.
  public var violations: [ChaosViolation]
  /// What broke the run itself: a deadlock, a livelock, an unexpected error.
  public var problems: [String]
  /// One for each fault of the plan, in its order.
  public var faults: [FaultEffect]
  /// How often each "sometimes" came about, by its name (lesson L21).
  public var obligations: [String: Int]
  /// Features of the run that coverage counts: ascending, no repeats.
  public var coverage: [UInt64]
  public var fingerprint: String
  public var kernelEvents: Int
  public var statements: Int
  public var virtualTime: Duration
  /// Every decision; nil unless it was asked for.
  public var decisions: RecordedDecisions?
  /// What was observed; empty unless it was asked for.
  public var observations: [TimedObservation]
  /// Everything that happened, with its causes; empty unless it was asked for, or where the environment cannot tell.
  public var events: [CausalEvent] = []

  public init(plan: ChaosPlan, profile: String) {
    self.plan = plan
    self.profile = profile
    violations = []
    problems = []
    faults = []
    obligations = [:]
    coverage = []
    fingerprint = ""
    kernelEvents = 0
    statements = 0
    virtualTime = .zero
    decisions = nil
    observations = []
  }

  public var isGreen: Bool { violations.isEmpty && problems.isEmpty }
  /// What a smaller run must show to be the same failure: the invariant that was violated first, or `run` for a problem.
  public var signature: String? { violations.first?.invariant ?? (problems.isEmpty ? nil : "run") }
}

/// A violation, as reports and files tell it.
public struct ChaosViolation: Sendable, Equatable {
  /// `I-ROUTE`.
  public var invariant: String
  public var time: Duration
  public var message: String
  /// The first event that broke it and its causes, oldest first, as lines.
  public var chain: [String]
  /// When the first event that broke it happened; nil: at ``time``.
  public var event: Duration?

  public init(invariant: String, time: Duration, message: String, chain: [String] = []) {
    self.invariant = invariant
    self.time = time
    self.message = message
    self.chain = chain
  }
}

/// What came of one fault of a plan.
public struct FaultEffect: Sendable, Equatable {
  public enum Fate: Sendable, Equatable {
    /// It touched so many deliveries, timers or calls.
    case effective(touched: Int)
    /// It was carried out and touched nothing: the run proves nothing about it.
    case inert
    /// The recoverability budget forbade it: the reason.
    case withheld(String)
    /// Its role had nobody when it was due: the reason.
    case impossible(String)
  }

  public var name: String
  public var fate: Fate

  public init(name: String, fate: Fate) {
    self.name = name
    self.fate = fate
  }
}
