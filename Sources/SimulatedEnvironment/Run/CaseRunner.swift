import Oracles
import SimulationRuntime
import TestEnvironment

/// Runs cases in the simulation and judges them.
public enum CaseRunner {
  /// One judged run. With `twice` it is made again, and I-DET compares. Nobody judges the second run: the fingerprint
  /// tells whether anything differs. With `throughBytes` every typed frame goes through its bytes then, which must change
  /// nothing; one seed of each case is enough for that (DESIGN §3).
  public static func run(_ request: CaseRequest, twice: Bool = false, throughBytes: Bool = true) -> CaseRun {
    var run = execute(request, retention: .hash).run
    guard twice, run.verdict != .skipped else { return run }
    let wire = throughBytes ? WireCheck() : nil
    let again = execute(request, retention: .hash, wire, isJudged: false).run
    var divergence: String?
    if again.fingerprint != run.fingerprint {
      let first = execute(request, retention: .everything, isJudged: false).events
      let second = execute(request, retention: .everything, throughBytes ? WireCheck() : nil, isJudged: false).events
      divergence = Divergence.first(of: first, second)?.description
    }
    if let difference = wire?.differences.first {
      run.verdict = .failed
      run.reason = [run.reason, "a frame did not survive its encoding: \(difference)"].filter { !$0.isEmpty }
        .joined(separator: "; ")
    }
    let verdict = InvariantVerdict.determinism([
      .init(run: run.replayLine, first: run.fingerprint, second: again.fingerprint, divergence: divergence)
    ])
    run.invariants.append(verdict)
    if verdict.violationCount > 0 {
      run.verdict = .failed
      run.reason = [run.reason, "I-DET: \(verdict.violations[0].message)"].filter { !$0.isEmpty }.joined(
        separator: "; ")
    }
    return run
  }

  /// One judged run with everything that was noted; `everything` adds the kernel's own events.
  public static func tell(_ request: CaseRequest, everything: Bool = false) -> (run: CaseRun, events: [TraceEvent]) {
    let told = execute(request, retention: everything ? .everything : .notes)
    return (told.run, told.events)
  }

  /// One judged run with what its verdict is made from.
  static func carryOut(_ request: CaseRequest, everything: Bool = false) -> Told {
    execute(request, retention: everything ? .everything : .hash)
  }

  /// A run and what was told of it.
  struct Told {
    var run: CaseRun
    /// Empty unless they were retained.
    var events: [TraceEvent] = []
    /// What broke the run itself: a deadlock, a livelock, an error of the case.
    var problems: [String] = []
    /// Nil unless they were recorded.
    var decisions: DecisionLog?
  }

  /// Kernel events after which a run is given up: 25 times what a plain case may cost (spec/06 §10.4), and ten times the
  /// dearest campaign. What retries for ever ends there, with a failure that says so.
  static func eventLimit(of depth: Depth) -> Int { depth == .full ? 100_000_000 : 5_000_000 }

  private static func execute(
    _ request: CaseRequest, retention: Trace.Retention, _ wire: WireCheck? = nil, isJudged: Bool = true
  ) -> Told {
    var run = CaseRun(request, on: request.testCase.databaseBody == nil ? nil : .sqlite)
    if let objection = MissingCapability.objection(to: request.testCase) {
      run.verdict = .skipped
      run.reason = objection
      return Told(run: run, problems: [objection])
    }
    let simulation = Simulation(
      .init(
        seed: request.simulationSeed, strategy: request.strategy, retention: retention,
        isRecording: request.recordsDecisions, replay: request.replaying, reseed: request.reseed,
        eventLimit: eventLimit(of: request.depth)))
    defer { simulation.tearDown() }
    guard request.testCase.hasDeployment else {
      performDatabaseHalf(of: &run, request, in: simulation, isJudged: isJudged)
      return Told(run: run, events: simulation.trace.events)
    }
    wire?.install(in: simulation.network)
    var problems: [String] = []
    let deployment: Deployment
    do {
      deployment = try Deployment(request.variant.topology, behaviours: request.profile.behaviours, in: simulation)
    } catch {
      run.verdict = .failed
      run.reason = "the deployment could not be made: \(error)"
      return Told(run: run, problems: [run.reason])
    }
    let judge =
      isJudged
      ? Judge(context: JudgeContext(topology: request.variant.topology, replicas: deployment.replicas.map(\.name)))
      : nil
    if let judge {
      for observation in deployment.recorder.observations { judge.observe(observation) }
      deployment.recorder.onRetention = { judge.retention = $0 }
    }
    let afterglow = Afterglow()
    deployment.recorder.onObservation = {
      judge?.observe($0)
      afterglow.observe($0)
    }
    let environment = SimulatedCaseEnvironment(request, deployment)
    let databaseHalf = DatabaseHalf(request, on: request.laboratory, record: environment.record)
    if let problem = databaseHalf.perform(
      in: simulation, clock: { environment.now }, tell: { deployment.recorder.add($0) })
    {
      problems.append(problem)
    }
    let body = request.testCase.body
    do {
      try simulation.cases.run(limit: TimeSpan(request.testCase.limit)) { try await body(environment) }
    } catch {
      problems.append("\(error)")
    }
    deployment.viewers.leaveAll()
    environment.faults.healAll()
    environment.setLoad(false)
    do {
      try afterglow.pass(in: simulation) { try environment.allCommands().contains { !$0.isFinal } }
    } catch {
      problems.append("\(error)")
    }
    guard let judge else {
      run.fingerprint = simulation.trace.fingerprint
      return Told(run: run, events: simulation.trace.events, problems: problems)
    }
    run.invariants = judge.finish(at: environment.now)
    collect(&run, environment, simulation)
    run.judge(problems)
    return Told(
      run: run, events: simulation.trace.events, problems: problems,
      decisions: request.recordsDecisions ? simulation.decisions.log : nil)
  }

  private static func collect(_ run: inout CaseRun, _ environment: SimulatedCaseEnvironment, _ simulation: Simulation) {
    run.take(environment.record)
    run.observations = environment.observations
    run.commands = (try? environment.allCommands()) ?? []
    run.faults = simulation.faults.records.map { record in
      FaultSummary(
        name: record.name, start: Duration(record.start), end: record.end.map { Duration($0) }, touched: record.touched)
    }
    run.fingerprint = simulation.trace.fingerprint
    run.virtualTime = environment.now
    run.kernelEvents = simulation.eventsRun
    run.statements = (try? environment.deployment.database.statementsServed) ?? 0
  }
}

extension CaseRun {
  /// A run before anything was judged.
  package init(_ request: CaseRequest, on engine: DatabaseEngineName?) {
    self.init(
      testCase: request.testCase, variant: request.variant, seed: request.seed, depth: request.depth,
      profile: request.profile.name, strategy: request.strategy.description, verdict: .passed, reason: "")
    self.engine = engine
  }

  /// Takes over what the case wrote down.
  package mutating func take(_ record: CaseRecord) {
    expectations = record.expectations
    marks = record.marks
    samples = record.samples
    routing = record.routing
    tables = record.tables
    attachments = record.attachments
  }

  /// Fails if there are `problems`, or a violation or a missed target among what was taken over.
  package mutating func judge(_ problems: [String]) {
    let all = problems + judgements
    guard !all.isEmpty else { return }
    verdict = .failed
    reason = all.prefix(3).joined(separator: "; ") + (all.count > 3 ? "; and \(all.count - 3) more" : "")
  }

  /// What is wrong, most telling first.
  private var judgements: [String] {
    invariants.filter { $0.violationCount > 0 }.map { verdict in
      let first = verdict.violations.first.map { ": \($0.message)" } ?? ""
      return "\(verdict.id)\(first)"
    }
      + expectations.filter { !$0.isMet }.map { "\($0.name) missed its target" }
  }
}
