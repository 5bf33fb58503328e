import TestEnvironment

extension HAKubernetesAgentLeaderElection {
  /// The leader is lost in the middle of its work.
  static let workCases: [TestCase] = [midStart, pausedAndResumed]

  /// Boundaries of a start on Kubernetes, in order.
  private static let steps: [WorkStep] = [
    .received, .acknowledged, .workload, .service, .volume, .ready, .status, .complete,
  ]
  private static let losses: [(kind: LeaderLoss, action: Action)] = [
    (.graceful, .stop), (.crash, .crash), (.pause, .pause),
  ]

  static let midStart = TestCase(
    "HA-LE-06", "Fail-over in the middle of start_session", in: scenario, source: "[P PLAN]",
    variants: steps.enumerated().flatMap { step, name in
      losses.enumerated().map { loss, entry in
        Variant("\(entry.kind.rawValue) at \(name.rawValue)", .t3ha, parameter: Int64(step * losses.count + loss))
      }
    },
    plain: .oneBySeed, needs: ["replicas:3", "k8s-ha", "agent-kill", "agent-pause", "schedule"],
    checks: ["I-CMD-ONCE", "I-NO-ORPHAN", "I-LEADER-ONE"], kills: ["B-21", "B-22", "B-38", "B-39", "C-06"]
  ) { environment in
    let agent = environment.agents[0]
    let number = Int(environment.variant.parameter)
    let loss = losses[number % losses.count]
    let step = steps[number / losses.count]
    let old = try await environment.awaitLeader(of: agent)
    let begun = environment.now
    _ = try await environment.begin(
      .atStep(agent: agent, command: "start_session", step: step, loss.action), for: nil)
    // With a home, so that there is a claim to make.
    let made = try await environment.created(SessionRequest(persistentHome: true), by: "u01")
    guard let struck = try await environment.strike(of: old, since: begun) else {
      throw CaseFailure("premise not met: the leader reaches \(step.rawValue)")
    }
    environment.markFault("\(loss.kind.rawValue) at \(step.rawValue)", lane: old, from: struck)
    if loss.kind == .pause {
      try await environment.resume(old, of: agent, pausedAt: struck, workingOn: made.name)
    } else {
      try await environment.control(.instance(old), .restart)
    }
    try await environment.expect("the session has a clean end", within: .seconds(90), from: struck) {
      let state = try await environment.state(of: made.name)
      return state == "running" || state == "failed"
    }
    // A fail-over takes 25 s at most; late writes would have come by then.
    try await environment.sleep(until: struck + .seconds(60))
    let state = try await environment.state(of: made.name)
    let objects = try await environment.objects(session: made.name, of: agent)
    let isRunning = state == "running"
    environment.expect(
      "deployments of the session", .equal(.count(isRunning ? 1 : 0)), objects.count { $0.kind == "deployment" })
    environment.expect(
      "services of the session", .equal(.count(isRunning ? 1 : 0)), objects.count { $0.kind == "service" })
    environment.expect(
      "ready workloads", .equal(.count(isRunning ? 1 : 0)),
      try await environment.workloads(session: made.name).count { $0.isReady })
    environment.expect(
      "deployments made", .atMost(.count(1)), environment.creations(of: "deployment/\(made.name)"))
    environment.expect(
      "overlap of two leaders", .equal(.duration(.zero)), environment.overlap(of: agent, since: struck))
    let failOver = try await environment.awaitFailOver(of: agent, from: old, at: struck, upTo: .seconds(60))
    if let failOver { environment.record.sample(loss.kind, failOver.acting) }
    environment.record.add(
      TableEntry(
        table: "start cut short",
        row: [
          "step": .text(step.rawValue), "loss": .text(loss.kind.rawValue), "end": .text(state),
          "executions": .count(try await environment.startExecutions(of: made.name)),
        ]))
  }

  /// How long a write is on its way: longer than any fail-over.
  private static let lateBy = Duration.seconds(40)

  static let pausedAndResumed = TestCase(
    "HA-LE-09", "Leader paused and resumed", in: scenario, source: "[+]", variants: [Variant("", .t3ha)],
    needs: ["replicas:3", "k8s-ha", "agent-pause", "fencing"], checks: ["I-LEADER-ONE", "I-CMD-MONO"],
    kills: ["B-13", "B-18", "B-39", "C-04"]
  ) { environment in
    let agent = environment.agents[0]
    let old = try await environment.awaitLeader(of: agent)
    let start = environment.now
    try await environment.sleep(until: start + .seconds(10))
    // The leader freezes when it has sent its first write, and that is late.
    let begun = environment.now
    let slow = try await environment.begin(.kubernetes(.slow(by: lateBy)), for: nil)
    let made = try await environment.created(SessionRequest(), by: "u01")
    try await environment.require("the leader has begun the start", within: .seconds(10), every: .milliseconds(5)) {
      environment.moment(after: begun) {
        if case .commandExecuted(_, agent, old, _, made.name) = $0 { true } else { false }
      } != nil
    }
    // The way to the cluster takes 32 ms at most.
    try await environment.sleep(for: .milliseconds(40))
    let paused = environment.now
    try await environment.control(.instance(old), .pause)
    try await environment.end(slow)
    environment.markFault("pause", lane: old, from: paused, to: paused + .seconds(20))
    environment.markFault("what was asked then is late", lane: "kubernetes", from: begun, to: environment.now)
    // The session is stopped meanwhile: what the late write makes would be nobody's.
    try await environment.sleep(until: paused + .seconds(3))
    let stop = try await environment.user(made.user).stop(made.name, at: nil)
    environment.expect("answer to the stop", .equal(.count(202)), stop.status ?? 0)
    try await environment.sleep(until: paused + .seconds(20))
    try await environment.control(.instance(old), .resume)
    let resumed = environment.now
    environment.markRecovery("resumed", lane: old, from: paused)
    try await environment.expectFailOver(of: agent, from: old, at: paused, as: .pause, acting: .seconds(30))
    try await environment.expect("the session is terminated", within: .seconds(60), from: resumed) {
      try await environment.state(of: made.name) == "terminated"
    }
    try await environment.sleep(until: paused + lateBy + .seconds(5))
    guard let term = environment.leaderships(of: agent).first(where: { $0.instance == old })?.term else {
      throw CaseFailure("\(old) never led")
    }
    environment.expect(
      "writes of the old term since the return", .equal(.count(0)),
      environment.writes(of: agent, by: old, inTerm: term, since: resumed))
    environment.expect(
      "late writes refused", .atLeast(.count(1)), environment.refusedWrites(of: agent, by: old, since: resumed))
    environment.expect(
      "deployments of the session", .equal(.count(0)),
      try await environment.objects(session: made.name, of: agent).count { $0.kind == "deployment" })
    let commands = try await environment.commandRows(session: made.name)
    environment.expect("commands with times out of order", .equal(.count(0)), commands.count { !$0.times.areOrdered })
    environment.expect("state of the session", equals: "terminated", try await environment.state(of: made.name))
  }
}

extension Environment {
  /// Lets a paused leader go on after 20 s, or when another works on the session: the worst moment.
  fileprivate func resume(_ old: String, of agent: String, pausedAt time: Duration, workingOn session: String)
    async throws
  {
    try await sleep(until: time + .seconds(20))
    _ = try await wait(upTo: .seconds(10), every: .milliseconds(20)) {
      self.moment(after: time) { observation in
        if case .commandExecuted(_, agent, let instance, _, session) = observation { instance != old } else { false }
      } != nil
    }
    try await control(.instance(old), .resume)
    markRecovery("resumed", lane: old, from: time)
  }

  /// When the fault at a step struck the process: it was paused or ended; nil: it did not within 30 s.
  fileprivate func strike(
    of instance: String, since time: Duration
  ) async throws -> Duration? {
    func moment() -> Duration? {
      self.moment(after: time) { observation in
        switch observation {
        case .processPaused(instance), .processEnded(instance, _, _): true
        default: false
        }
      }
    }
    _ = try await wait(upTo: .seconds(30), every: .milliseconds(20)) { moment() != nil }
    return moment()
  }

  /// How often the start of a session was carried out, fail-overs included.
  fileprivate func startExecutions(of session: String) async throws -> Int {
    guard let row = try await command(of: session, action: "start_session") else { return 0 }
    return executions(of: row.command)
  }

  /// Writes that took effect, of one process and term, unfenced ones included.
  fileprivate func writes(of agent: String, by instance: String, inTerm term: Int64, since time: Duration) -> Int {
    observations.count { timed in
      guard timed.time >= time, case .platformWrite(agent, instance, let written, _) = timed.observation else {
        return false
      }
      return written == nil || written == term
    }
  }
}
