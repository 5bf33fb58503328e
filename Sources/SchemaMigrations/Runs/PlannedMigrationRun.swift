import StreamSpaceProtocol

/// A run that looks at what the database has, plans, and carries the plan out; as the contract has it (C30) under the
/// lock of the one runner.
///
/// Whatever it is interrupted by, a new run goes on where the ledger says this one came to.
final class PlannedMigrationRun: MigrationRun {
  private enum Stage {
    case unprepared
    case lock(LockPhase)
    case survey(SurveyPhase)
    /// The work that is under way.
    case work(any RunPhase)
    case unlock(MigrationEnd)
    case over(MigrationEnd)
  }

  private let plan: any MigrationPlan
  private let isLocked: Bool
  private let acceptsFailure: Bool
  private var stage: Stage
  /// What to do when the work under way fails and failures are accepted.
  private var afterFailure: SQLRequest?
  /// What is left to do, in order.
  private var work: [PlannedWork] = []
  /// Versions that this run worked on.
  private var applied: [Int] = []

  /// `acceptsFailure`: a step that fails counts as done (C-29).
  init(_ plan: any MigrationPlan, isLocked: Bool = true, acceptsFailure: Bool = false) {
    self.plan = plan
    self.isLocked = isLocked
    self.acceptsFailure = acceptsFailure
    // Who neither locks nor looks prepares nothing either, as shipped.
    stage = isLocked || plan.looksFirst ? .lock(LockPhase(takesLock: isLocked)) : .unprepared
  }

  func next(_ answer: SQLResponse?) -> MigrationAction {
    var answer = answer
    while true {
      let action = step(answer)
      if let action { return action }
      // A stage is over and the next begins, without an answer.
      answer = nil
    }
  }

  private func step(_ answer: SQLResponse?) -> MigrationAction? {
    switch stage {
    case .unprepared:
      stage = locked()
      return nil
    case .lock(var phase):
      let action = phase.next(answer)
      stage = .lock(phase)
      return forward(action) { self.locked() }
    case .survey(var phase):
      let action = phase.next(answer)
      stage = .survey(phase)
      return forward(action) { self.surveyed(phase.ledger, phase.catalogue) }
    case .work(var phase):
      let action = phase.next(answer)
      stage = .work(phase)
      return forward(action) { self.nextWork() }
    case .unlock(let end):
      stage = .over(end)
      return isLocked ? .send(.advisoryUnlock(MigrationLedger.lockNumber)) : nil
    case .over(let end): return .ended(end)
    }
  }

  /// Hands on what a phase wants, or enters the next stage where the phase is over.
  private func forward(_ action: PhaseAction, _ then: () -> Stage) -> MigrationAction? {
    switch action {
    case .send(let request): return .send(request)
    case .pause(let milliseconds): return .pause(milliseconds: milliseconds)
    case .over: stage = then()
    case .failed(_, let error) where acceptsFailure && !error.endsConnection:
      stage = acceptedFailure()
    case .failed(let place, let error):
      let end = MigrationEnd.failed(place: place, error)
      stage = error.endsConnection ? .over(end) : .unlock(end)
    }
    return nil
  }

  private func locked() -> Stage {
    guard plan.looksFirst else { return surveyed(nil, SQLCatalogue()) }
    return .survey(SurveyPhase(needsCatalogue: plan.needsCatalogue))
  }

  private func acceptedFailure() -> Stage {
    guard let record = afterFailure else { return nextWork() }
    afterFailure = nil
    return .work(AtomicPhase(place: "ledger", [record]))
  }

  private func surveyed(_ ledger: MigrationLedger?, _ catalogue: SQLCatalogue) -> Stage {
    switch plan.work(ledger, catalogue) {
    case .refusal(let reason): return .unlock(.refused(reason))
    case .work(let work):
      self.work = work
      return nextWork()
    }
  }

  private func nextWork() -> Stage {
    guard !work.isEmpty else { return .unlock(.ready(version: plan.target, applied: applied)) }
    let next = work.removeFirst()
    if let version = next.version, applied.last != version { applied.append(version) }
    afterFailure = next.record
    return .work(next.phase)
  }
}

/// What a run makes of what it finds.
protocol MigrationPlan {
  /// The version at which the schema stands afterwards.
  var target: Int { get }
  /// Whether it wants to know what the database has.
  var looksFirst: Bool { get }
  func needsCatalogue(_ ledger: MigrationLedger?) -> Bool
  func work(_ ledger: MigrationLedger?, _ catalogue: SQLCatalogue) -> PlanResult
}

enum PlanResult {
  case refusal(String)
  case work([PlannedWork])
}

/// One piece of work of a run.
struct PlannedWork {
  /// The version it carries out; nil for what only keeps the ledger.
  var version: Int?
  var phase: any RunPhase
  /// What records it as done.
  var record: SQLRequest?
}
