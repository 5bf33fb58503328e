import Chaos
import Oracles
import SimulationRuntime
import TestEnvironment

/// Makes runs of one case look like runs of a plan, so that its schedule can be shrunk and its failure explained. The plan
/// that it is given is only a name: the case is what it is.
public struct SimulatedCaseExecutor: ChaosExecutor {
  public let request: CaseRequest

  public init(_ request: CaseRequest) { self.request = request }

  /// Stands for the case where a plan is asked for.
  public var plan: ChaosPlan { ChaosPlan(seed: request.seed, deployment: ChaosDeployment()) }

  public func run(_ plan: ChaosPlan, _ options: ExecutionOptions) -> ChaosOutcome {
    var outcome = ChaosOutcome(plan: plan, profile: request.profile.name)
    guard let strategy = Strategy(options.strategy) else {
      outcome.problems = ["'\(options.strategy)' is no strategy: there are random, fifo and pct(N)"]
      return outcome
    }
    var request = request
    request.strategy = strategy
    request.follow(options)
    let told = CaseRunner.carryOut(request, everything: options.keepsEvents)
    let run = told.run
    outcome.violations = run.invariants.flatMap { verdict in
      verdict.violations.map { ChaosViolation($0, of: verdict.id) }
    }
    .enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    if outcome.violations.isEmpty, let signature = run.signature {
      outcome.violations = [ChaosViolation(invariant: signature, time: run.virtualTime, message: run.reason)]
    }
    outcome.fingerprint = run.fingerprint
    outcome.kernelEvents = run.kernelEvents
    outcome.statements = run.statements
    outcome.virtualTime = run.virtualTime
    outcome.decisions = told.decisions.map { RecordedDecisions($0) }
    outcome.events = told.events.map { CausalEvent($0) }
    if options.keepsObservations { outcome.observations = run.observations }
    return outcome
  }
}

extension CaseRequest {
  /// Takes over how a run is to be made.
  mutating func follow(_ options: ExecutionOptions) {
    recordsDecisions = options.recordsDecisions
    replaying = options.replaying.map { DecisionLog($0) }
    reseed = options.reseed.map { .init(at: Instant(nanoseconds: TimeSpan($0.at).nanoseconds), seed: $0.seed) }
  }
}

extension CausalEvent {
  init(_ event: TraceEvent) {
    self.init(
      number: event.sequence, cause: event.cause, time: Duration(event.time), process: event.process,
      life: event.incarnation, kind: event.kind,
      details: event.kind == "observed"
        ? event["text"] ?? "" : event.fields.map { "\($0.name)=\($0.value)" }.joined(separator: " "),
      isNote: event.isNote)
  }
}

extension CaseRequest {
  /// The run follows these answers, as far as they go; nil: it follows its seed.
  public mutating func follow(_ decisions: RecordedDecisions?) { replaying = decisions.map { DecisionLog($0) } }
}
