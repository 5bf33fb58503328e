import TestEnvironment

/// The smallest failing trial so far, and the ways to a smaller one.
struct PlanSearch {
  private(set) var trial: Trial
  /// How it went.
  private(set) var outcome: ChaosOutcome
  let bench: TrialBench

  init(
    trial: Trial, outcome: ChaosOutcome, bench: TrialBench, onProgress: (@Sendable (ShrinkProgress) -> Void)?
  ) {
    self.trial = trial
    self.outcome = outcome
    self.bench = bench
    self.onProgress = onProgress
  }

  private let onProgress: (@Sendable (ShrinkProgress) -> Void)?

  /// What is made smaller from now on.
  func enter(_ stage: ShrinkProgress.Stage) {
    guard let onProgress else { return }
    let (faults, operations) = (trial.plan.faults.count, trial.plan.operations.count)
    bench.onStep = {
      onProgress(ShrinkProgress(stage: stage, steps: $0, faults: faults, operations: operations))
    }
  }

  /// Goes on from the first of `trials` that fails; nil if none does.
  @discardableResult
  mutating func tryFirst(of trials: [Trial]) -> Int? {
    guard let hit = bench.firstFailing(trials) else { return nil }
    (trial, outcome) = (trials[hit.index], hit.outcome)
    return hit.index
  }

  @discardableResult
  mutating func tryPlans(_ plans: [ChaosPlan]) -> Int? {
    var trials: [Trial] = []
    for plan in plans {
      var changed = trial
      changed.plan = plan
      trials.append(changed)
    }
    return tryFirst(of: trials)
  }

  // MARK: Faults and operations

  /// Leaves out recorded decisions that the seed makes by itself: a failure that was recorded needs none of them, unless
  /// it was edited.
  mutating func dropDecisions() {
    guard trial.decisions != nil else { return }
    enter(.schedule)
    var bare = trial
    bare.decisions = nil
    _ = tryFirst(of: [bare])
  }

  /// Leaves out at once what cannot matter: what comes after the violation, and faults that touched nothing. Each is
  /// tried, as everything is.
  mutating func dropWithoutEffect() {
    enter(.faults)
    if let time = outcome.violations.first?.time {
      let end = time - trial.plan.phases.settle
      tryPlans([
        trial.plan.with(faults: trial.plan.faults.filter { $0.at <= end })
          .with(operations: trial.plan.operations.filter { $0.at <= end })
      ])
    }
    let plan = trial.plan
    guard outcome.faults.count == plan.faults.count else { return }
    let effective = zip(plan.faults, outcome.faults).filter {
      if case .effective = $1.fate { true } else { false }
    }
    if effective.count < plan.faults.count { tryPlans([plan.with(faults: effective.map(\.0))]) }
  }

  mutating func minimizeFaults() {
    enter(.faults)
    let plan = trial.plan
    _ = DeltaDebugging.minimize(plan.faults) { lists in tryPlans(lists.map { plan.with(faults: $0) }) }
  }

  mutating func minimizeOperations() {
    enter(.operations)
    let plan = trial.plan
    _ = DeltaDebugging.minimize(plan.operations) { lists in tryPlans(lists.map { plan.with(operations: $0) }) }
  }

  // MARK: Settings and parameters

  mutating func shrinkSettings() {
    enter(.deployment)
    while tryPlans(trial.plan.smallerSettings) != nil {}
  }

  mutating func roundParameters() {
    enter(.parameters)
    roundAll()
    var index = 0
    while index < trial.plan.faults.count {
      let plan = trial.plan
      let simpler = plan.faults[index].simplifications.map { fault in
        var faults = plan.faults
        faults[index] = fault
        return plan.with(faults: faults).ordered
      }
      // A fault that moved may have changed places with its neighbour: then that one comes again, which does no harm.
      if tryPlans(simpler) == nil { index += 1 }
    }
    index = 0
    while index < trial.plan.operations.count {
      let plan = trial.plan
      let simpler = plan.operations[index].simplifications.map { operation in
        var operations = plan.operations
        operations[index] = operation
        return plan.with(operations: operations).ordered
      }
      if tryPlans(simpler) == nil { index += 1 }
    }
  }

  /// All times at once: often nothing hangs on any of them.
  private mutating func roundAll() {
    let plan = trial.plan
    let candidates = [10, 1].map { (grain: Int64) in
      var rounded = plan
      for index in rounded.faults.indices {
        rounded.faults[index].at = plan.faults[index].at.rounded(to: grain)
      }
      for index in rounded.operations.indices {
        rounded.operations[index].at = plan.operations[index].at.rounded(to: grain)
      }
      return rounded.ordered
    }
    tryPlans(candidates.filter { $0 != plan })
  }
}

extension Duration {
  /// Down to whole multiples of `grain` seconds.
  fileprivate func rounded(to grain: Int64) -> Duration { .seconds(components.seconds / grain * grain) }
}
