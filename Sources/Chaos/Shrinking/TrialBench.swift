/// Makes runs and tells which of them show the failure that is looked for. It remembers every run, so that none is made
/// twice, and counts those it was asked for: the budget is in runs, never in wall time (lesson L28).
///
/// With several runs at a time it runs ahead in the list it was given. What it answers and what it counts is as if it had
/// not.
final class TrialBench {
  private let executor: any ChaosExecutor
  private let concurrency: Concurrency
  /// The failure that a run must show.
  let signature: String
  /// Runs that may be asked for.
  let limit: Int
  /// Runs asked for so far, repetitions not counted.
  private(set) var steps: Int
  /// The budget is spent, or an end was asked for: whatever was asked for since is taken as not failing.
  private(set) var isExhausted = false
  private var asked: Set<Trial> = []
  /// What is known: the outcome of a failing run, nil of one that does not fail.
  private var known: [Trial: ChaosOutcome?] = [:]
  /// Told after each run that counts.
  var onStep: ((Int) -> Void)?
  /// Asked before each run that counts: true ends the search with what it has.
  var isStopped: @Sendable () -> Bool = { false }

  /// `steps`: runs that were made before.
  init(
    _ executor: any ChaosExecutor, signature: String, limit: Int, steps: Int = 0, concurrency: Concurrency = .none
  ) {
    self.executor = executor
    self.signature = signature
    self.limit = limit
    self.steps = steps
    self.concurrency = concurrency
  }

  /// Place and outcome of the first of `trials` that fails in the same way.
  func firstFailing(_ trials: [Trial]) -> (index: Int, outcome: ChaosOutcome)? {
    for (index, trial) in trials.enumerated() {
      if !asked.contains(trial) {
        guard !isExhausted, steps < limit, !isStopped() else {
          isExhausted = true
          return nil
        }
        asked.insert(trial)
        steps += 1
        onStep?(steps)
      }
      if let outcome = outcome(of: trial, ahead: trials[index...]) { return (index, outcome) }
    }
    return nil
  }

  /// The outcome of `trial` if it fails in the same way.
  func failure(of trial: Trial) -> ChaosOutcome? { firstFailing([trial])?.outcome }

  /// A run was made elsewhere.
  func countRun() { steps += 1 }

  private func outcome(of trial: Trial, ahead: ArraySlice<Trial>) -> ChaosOutcome? {
    if let outcome = known[trial] { return outcome }
    var batch: [Trial] = []
    for candidate in ahead where batch.count < concurrency.width {
      if known[candidate] == nil, !batch.contains(candidate) { batch.append(candidate) }
    }
    let (runs, executor) = (batch, executor)
    let outcomes = concurrency.map(batch.count) { executor.run(runs[$0].plan, runs[$0].options) }
    for (candidate, outcome) in zip(batch, outcomes) {
      known[candidate] = .some(outcome.signature == signature ? outcome.summary : nil)
    }
    return known[trial] ?? nil
  }
}

extension ChaosOutcome {
  /// Without what is large.
  fileprivate var summary: ChaosOutcome {
    var summary = self
    summary.coverage = []
    summary.observations = []
    summary.decisions = nil
    summary.events = []
    return summary
  }
}
