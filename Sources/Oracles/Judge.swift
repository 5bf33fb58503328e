import TestEnvironment

/// Reads the observations of a run as they come and judges them by the invariants of spec/05 §1.
///
/// Safety is judged at once, liveness when time has passed its deadline: by the next observation or by ``finish(at:)``,
/// with the deadline's time. Observations must come in order of time and sequence. Confined to one thread.
///
/// `Oracles` imports `TestEnvironment` only. Scenarios, adapters, reporting and the command line may import it.
public final class Judge {
  private let situation: Situation
  private let invariants: [any Invariant]
  /// Which invariants want the observations of each kind.
  private let audience: [[Int]]
  /// No deadline of any invariant passes before this; nil: none is pending.
  private var earliestDeadline: Duration?
  /// When quiet is judged next.
  private var nextQuiet: Duration?
  private var quietPause: Duration = .zero
  private var judgedCalm: Duration?
  private var verdicts: [InvariantVerdict]?
  /// How long what has ended is remembered: for a run that is long. Nil: for ever, so that each violation has its whole
  /// history. At least the longest deadline of an invariant, 10 min.
  public var retention: Duration?

  public init(context: JudgeContext) {
    situation = Situation(context: context)
    let invariants = Self.all(for: context).filter { context.keepsContract || $0 is CrashInvariant }
    self.invariants = invariants
    audience = ObservationKind.allCases.map { kind in
      invariants.indices.filter { type(of: invariants[$0]).kinds.contains(kind) }
    }
  }

  /// The invariants of a run, in the order of the specification.
  private static func all(for context: JudgeContext) -> [any Invariant] {
    [
      RouteInvariant(), OneConnectionInvariant(), HubLiveInvariant(), StatusInvariant(), CommandLiveInvariant(),
      CommandOnceInvariant(), CommandMonotonicInvariant(), CommandTruthInvariant(), CommandOrderInvariant(),
      SessionLegalInvariant(), SessionTruthInvariant(), SessionSurviveInvariant(), NoOrphanInvariant(),
      AcceptInvariant(), LeaderOneInvariant(), LeaderLiveInvariant(), LeaderWorkInvariant(), ViewerBytesInvariant(),
      ViewerIsolationInvariant(), ViewerOpenInvariant(), ViewerIdleInvariant(), ViewerEndInvariant(), QuotaInvariant(),
      CapacityInvariant(), TenantInvariant(), AuthenticationInvariant(),
      FreshInvariant(), LinearInvariant(), CountInvariant(), LeakInvariant(), CrashInvariant(), SchemaInvariant(),
      MigrationRepeatInvariant(), MigrationAtomicInvariant(), MigrationConcurrencyInvariant(),
      MigrationDataInvariant(),
    ]
  }

  /// Ids and statements of all invariants that a judge knows, I-DET included.
  public static var catalogue: [(id: String, statement: String)] {
    let topology = Topology("", replicas: 0, redis: false, agents: [])
    let det = InvariantVerdict.determinism([])
    return all(for: JudgeContext(topology: topology)).map { (type(of: $0).id, type(of: $0).statement) }
      + [(det.id, det.statement)]
  }

  public func observe(_ event: TimedObservation) {
    guard verdicts == nil else { return }
    if event.time > situation.now { pass(to: event.time) }
    situation.apply(event)
    for index in audience[event.observation.kind.rawValue] {
      invariants[index].observe(event, in: situation)
      expect(invariants[index].nextDeadline)
    }
    if situation.calmSince != judgedCalm { planQuiet() }
    if let retention { situation.forget(before: event.time - retention) }
  }

  /// Events, sessions, commands and viewers that the judge remembers.
  public var entriesHeld: Int { situation.entriesHeld }

  /// Ends the run and gives the verdicts. What is still within its bound is counted as not judged.
  public func finish(at time: Duration) -> [InvariantVerdict] {
    if let verdicts { return verdicts }
    pass(to: time)
    if situation.isQuiet(at: time) {
      for invariant in invariants { invariant.judgeQuiet(at: time, in: situation) }
    }
    for invariant in invariants { invariant.finish(at: time, in: situation) }
    let result = invariants.map(\.verdict)
    verdicts = result
    return result
  }

  /// Judges what falls due before `time`.
  private func pass(to time: Duration) {
    while let quiet = nextQuiet, quiet < time {
      expire(before: quiet)
      situation.advance(to: quiet)
      for invariant in invariants {
        invariant.judgeQuiet(at: quiet, in: situation)
        expect(invariant.nextDeadline)
      }
      nextQuiet = quiet + quietPause
      quietPause *= 2
    }
    expire(before: time)
    situation.advance(to: time)
  }

  /// An invariant has this deadline; one that it no longer has costs nothing but a look.
  private func expect(_ deadline: Duration?) {
    guard let deadline else { return }
    earliestDeadline = earliestDeadline.map { min($0, deadline) } ?? deadline
  }

  private func expire(before time: Duration) {
    guard let earliestDeadline, earliestDeadline < time else { return }
    self.earliestDeadline = nil
    for invariant in invariants {
      // A deadline that was put off may fall due again before `time`.
      while let due = invariant.nextDeadline, due < time { invariant.expire(before: time, in: situation) }
      expect(invariant.nextDeadline)
    }
  }

  /// Quiet is judged when it begins and again after twice the time, so that what settles late is judged too.
  private func planQuiet() {
    judgedCalm = situation.calmSince
    quietPause = situation.timing.quiet
    nextQuiet = situation.calmSince.map { $0 + situation.timing.quiet }
  }
}
