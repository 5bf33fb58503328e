import TestEnvironment

/// Makes a failing plan smaller, as long as the run shows the same failure (``ChaosOutcome/signature``): fewer faults,
/// fewer operations, a smaller deployment, rounder parameters, a plainer schedule. Deterministic: the same plan, executor
/// and budget give the same result and the same number of runs, whatever the number of threads.
public struct PlanShrinker: Sendable {
  /// Runs that may be made.
  public var budget: Int
  public var concurrency: Concurrency
  /// Told of each run.
  public var onProgress: (@Sendable (ShrinkProgress) -> Void)?
  /// Asked before each run: true ends the search, and the smallest run so far is the result (``ShrinkResult/isCutShort``).
  public var isStopped: @Sendable () -> Bool = { false }

  /// Enough for 200 faults and 200 operations with a handful of causes; 30 s at 20 ms a run on one core.
  public static let usualBudget = 1_500

  public init(budget: Int = usualBudget, concurrency: Concurrency = .none) {
    self.budget = budget
    self.concurrency = concurrency
  }

  /// `signature`: the failure to keep; nil: that of the first run. Throws ``ShrinkError`` if `trial` does not fail so, or
  /// not twice alike.
  public func shrink(
    _ trial: Trial, signature: String? = nil, with executor: any ChaosExecutor
  ) throws(ShrinkError) -> ShrinkResult {
    let outcome = try Self.confirm(trial, signature: signature, with: executor)
    let bench = TrialBench(
      executor, signature: outcome.signature ?? "", limit: budget, steps: 2, concurrency: concurrency)
    bench.isStopped = isStopped
    var search = PlanSearch(trial: trial, outcome: outcome, bench: bench, onProgress: onProgress)
    search.dropDecisions()
    search.dropWithoutEffect()
    var before: ChaosPlan
    repeat {
      before = search.trial.plan
      search.minimizeFaults()
      search.minimizeOperations()
      search.shrinkSettings()
      search.roundParameters()
    } while search.trial.plan != before && !bench.isExhausted
    ScheduleSearch.simplify(&search, with: executor)
    return ShrinkResult(
      original: trial, smallest: search.trial, outcome: search.outcome, stepsTried: bench.steps,
      isCutShort: bench.isExhausted)
  }

  /// As ``shrink(_:signature:with:)``, but the plan stays: for runs that are no plans.
  public func shrinkSchedule(
    _ trial: Trial, signature: String? = nil, with executor: any ChaosExecutor
  ) throws(ShrinkError) -> ShrinkResult {
    let outcome = try Self.confirm(trial, signature: signature, with: executor)
    let bench = TrialBench(
      executor, signature: outcome.signature ?? "", limit: budget, steps: 2, concurrency: concurrency)
    bench.isStopped = isStopped
    var search = PlanSearch(trial: trial, outcome: outcome, bench: bench, onProgress: onProgress)
    search.dropDecisions()
    ScheduleSearch.simplify(&search, with: executor)
    return ShrinkResult(
      original: trial, smallest: search.trial, outcome: search.outcome, stepsTried: bench.steps,
      isCutShort: bench.isExhausted)
  }

  /// The failure, after it was seen twice.
  static func confirm(
    _ trial: Trial, signature: String?, with executor: any ChaosExecutor
  ) throws(ShrinkError) -> ChaosOutcome {
    let first = executor.run(trial.plan, trial.options)
    let second = executor.run(trial.plan, trial.options)
    guard first.fingerprint == second.fingerprint, first.signature == second.signature else {
      throw .notRepeatable(first: first.shortText, second: second.shortText)
    }
    guard let found = first.signature else { throw .green }
    if let signature, signature != found { throw .otherFailure(wanted: signature, found: found) }
    return first
  }
}

extension ChaosOutcome {
  /// `I-ROUTE, 5b8b2093c05dc471`.
  fileprivate var shortText: String { "\(signature ?? "green"), \(fingerprint)" }
}
