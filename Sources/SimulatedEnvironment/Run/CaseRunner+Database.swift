import Oracles
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

extension CaseRunner {
  /// A case that is its database half only: no deployment, no time.
  static func performDatabaseHalf(
    of run: inout CaseRun, _ request: CaseRequest, in simulation: Simulation, isJudged: Bool
  ) {
    perform(
      DatabaseHalfRun(request: request, laboratory: request.laboratory, clock: { Duration(simulation.now) }),
      as: &run, in: simulation, isJudged: isJudged)
    run.fingerprint = simulation.trace.fingerprint
    run.kernelEvents = simulation.eventsRun
  }

  /// The database half of a case on a server, in real time, with the choices of its seed. It has no fingerprint: a server
  /// does not repeat itself.
  ///
  /// `clock`: real time since whenever. As soon as `isStopped` says so, the case finds its connections lost.
  package static func run(
    _ request: CaseRequest, on laboratory: any DatabaseLaboratory, clock: @escaping () -> Duration,
    isStopped: @escaping () -> Bool
  ) -> CaseRun {
    var run = CaseRun(request, on: laboratory.engine)
    let simulation = Simulation(
      .init(seed: request.simulationSeed, strategy: request.strategy, retention: .hash))
    defer { simulation.tearDown() }
    let began = clock()
    perform(
      DatabaseHalfRun(
        request: request, laboratory: laboratory, clock: { clock() - began }, isStopped: isStopped),
      as: &run, in: simulation, isJudged: true)
    run.virtualTime = clock() - began
    return run
  }

  /// The database half of a case that waits for a server.
  package static func skipped(_ request: CaseRequest, on engine: DatabaseEngineName, _ reason: String) -> CaseRun {
    var run = CaseRun(request, on: engine)
    run.verdict = .skipped
    run.reason = reason
    return run
  }

  private struct DatabaseHalfRun {
    let request: CaseRequest
    let laboratory: any DatabaseLaboratory
    let clock: () -> Duration
    var isStopped: (() -> Bool)?
  }

  private static func perform(
    _ half: DatabaseHalfRun, as run: inout CaseRun, in simulation: Simulation, isJudged: Bool
  ) {
    let judge = isJudged ? Judge(context: JudgeContext(topology: half.request.variant.topology)) : nil
    let record = CaseRecord()
    var observations: [TimedObservation] = []
    let problem = DatabaseHalf(
      half.request, on: half.laboratory, record: record, isStopped: half.isStopped
    ).perform(in: simulation, clock: half.clock) { observation in
      let timed = TimedObservation(time: half.clock(), sequence: observations.count, observation: observation)
      observations.append(timed)
      judge?.observe(timed)
    }
    run.take(record)
    run.observations = observations
    guard let judge else { return }
    run.invariants = judge.finish(at: half.clock())
    run.judge(problem.map { [$0] } ?? [])
  }
}

extension CaseRequest {
  /// The laboratory of the simulation.
  var laboratory: any DatabaseLaboratory { makeLaboratory?() ?? SQLiteLaboratory() }
}
