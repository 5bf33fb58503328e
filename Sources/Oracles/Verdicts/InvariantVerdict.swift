/// What one invariant says of a run.
public struct InvariantVerdict: Sendable, Equatable {
  public enum Outcome: String, Sendable, Equatable {
    case held, violated
    /// Nothing in the run put it to the test: that proves nothing, and is not a pass (lesson L21).
    case notExercised = "not exercised"
  }

  /// As in spec/05 §1: `I-ROUTE`.
  public var id: String
  /// The invariant in one line.
  public var statement: String
  /// How often it was really checked.
  public var checks: Int
  /// How often a check was given up because the specification excuses what was seen.
  public var excused: Int
  /// What was still within its bound, or could not be told, when the run ended.
  public var notJudged: Int
  /// All violations; ``violations`` keeps the evidence of the first ones.
  public var violationCount: Int
  public var violations: [Violation]

  public init(
    id: String, statement: String, checks: Int, excused: Int = 0, notJudged: Int = 0, violationCount: Int? = nil,
    violations: [Violation] = []
  ) {
    self.id = id
    self.statement = statement
    self.checks = checks
    self.excused = excused
    self.notJudged = notJudged
    self.violationCount = violationCount ?? violations.count
    self.violations = violations
  }

  public var isExercised: Bool { checks > 0 }
  public var outcome: Outcome { violationCount > 0 ? .violated : isExercised ? .held : .notExercised }
}

extension InvariantVerdict {
  /// The same run made twice (I-DET). The runner compares, because one run cannot know of the other.
  public struct Repetition: Sendable, Equatable {
    /// Case, variant, seed and profile.
    public var run: String
    public var first: String
    public var second: String
    /// The first event in which the two differ, if known.
    public var divergence: String?

    public init(run: String, first: String, second: String, divergence: String? = nil) {
      self.run = run
      self.first = first
      self.second = second
      self.divergence = divergence
    }
  }

  /// The verdict of I-DET over runs that were made twice.
  public static func determinism(_ repetitions: [Repetition]) -> InvariantVerdict {
    let violations = repetitions.filter { $0.first != $0.second }.map { repetition in
      Violation(
        time: .zero, rule: "same seed, same profile, same fingerprint",
        message: "\(repetition.run): fingerprint \(repetition.first), then \(repetition.second)"
          + (repetition.divergence.map { "; first difference: \($0)" } ?? ""),
        firstEvent: nil, chain: [], excusesTested: [])
    }
    return InvariantVerdict(
      id: "I-DET", statement: "Same seed, same profile => same event-trace hash.", checks: repetitions.count,
      violations: violations)
  }
}
