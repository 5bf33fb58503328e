import TestEnvironment

/// Explains a failing run by making others: one that keeps every event, one without each fault and operation, and many
/// that share a beginning with it. Within a stated number of runs.
public struct FailureExplainer: Sendable {
  /// Runs that may be made.
  public var budget: Int
  /// Points of time of the likelihood curve.
  public var points: Int
  /// Runs for each of them.
  public var suffixes: Int
  public var concurrency: Concurrency
  /// Told of the runs so far and of all that will be made.
  public var onProgress: (@Sendable (_ done: Int, _ all: Int) -> Void)?

  public init(budget: Int = 1_000, points: Int = 16, suffixes: Int = 24, concurrency: Concurrency = .none) {
    self.budget = budget
    self.points = points
    self.suffixes = suffixes
    self.concurrency = concurrency
  }

  /// Throws ``ShrinkError`` if `trial` is green or does not repeat.
  public func explain(
    _ trial: Trial, with executor: any ChaosExecutor
  ) throws(ShrinkError) -> FailureExplanation {
    let outcome = try PlanShrinker.confirm(trial, signature: nil, with: executor)
    let signature = outcome.signature ?? "run"
    var options = trial.options
    options.keepsEvents = true
    let told = executor.run(trial.plan, options)
    var runs = 3
    let end = outcome.violations.first?.time ?? outcome.virtualTime
    var explanation = FailureExplanation(
      violation: outcome.violations.first, problems: outcome.problems, chain: outcome.chain(in: told.events),
      ablations: [], curve: LikelihoodCurve(points: []), runs: runs)

    let candidates = Array(trial.plan.ablations.prefix(max(budget - runs, 0)))
    let suffixes = min(self.suffixes, max(budget - runs - candidates.count, 0) / max(points, 1))
    let all = runs + candidates.count + suffixes * points
    let signatures = concurrency.map(candidates.count) {
      executor.run(candidates[$0].plan, trial.options).signature
    }
    explanation.ablations = zip(candidates, signatures).map {
      Ablation(what: $0.what, signature: $1, matters: $1 != signature)
    }
    runs += candidates.count
    onProgress?(runs, all)

    guard suffixes > 0 else {
      explanation.runs = runs
      return explanation
    }
    for point in 1...max(points, 1) {
      let time = Self.time(point, of: points, until: end)
      let failures = concurrency.map(suffixes) { suffix in
        executor.run(trial.plan, reseeding: trial.options, at: time, suffix).signature == signature
      }
      explanation.curve.points.append(.init(time: time, failures: failures.count { $0 }, runs: suffixes))
      runs += suffixes
      onProgress?(runs, all)
    }
    explanation.runs = runs
    return explanation
  }

  /// The last point is the failure itself, the first is one step after the beginning.
  private static func time(_ point: Int, of points: Int, until end: Duration) -> Duration {
    let milliseconds = end.wholeMilliseconds * Int64(point) / Int64(max(points, 1))
    // Just behind the violation, so that a certain failure is seen as certain.
    return .milliseconds(point == points ? milliseconds + 1 : milliseconds)
  }
}

extension ChaosOutcome {
  /// What led to the first violation, or to the end of a run that broke.
  fileprivate func chain(in events: [CausalEvent]) -> CausalChain {
    guard let violation = violations.first else { return CausalChain(to: virtualTime, in: events) }
    return CausalChain(
      to: violation.event ?? violation.time, about: violation.message + " " + (violation.chain.last ?? ""), in: events)
  }
}

extension ChaosExecutor {
  /// The run of `plan` up to `time`, and then the `suffix`-th other one.
  fileprivate func run(
    _ plan: ChaosPlan, reseeding options: ExecutionOptions, at time: Duration, _ suffix: Int
  ) -> ChaosOutcome {
    var numbers = NumberSource(seed: plan.seed ^ UInt64(time.wholeMilliseconds) &* 0x9E37_79B9 ^ UInt64(suffix) << 48)
    var options = options
    options.reseed = .init(at: time, seed: numbers.next())
    return run(plan.redrawn(after: time, seed: numbers.next()), options)
  }
}
