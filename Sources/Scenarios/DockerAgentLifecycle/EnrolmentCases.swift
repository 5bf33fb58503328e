import TestEnvironment

extension DockerAgentLifecycle {
  /// From the bootstrap key to a key of one's own.
  static let enrolmentCases: [TestCase] = [enrolment]

  static let enrolment = TestCase(
    "DOCK-18", "Enrolment", in: .dockerAgentLifecycle, source: "[P #226-#232, #234]", live: true,
    variants: [
      Variant(
        "",
        Topology.tdr.with {
          $0.name = "TDr, empty database"
          $0.agents[0].isEnrolled = false
          $0.agents.append(Topology.Agent("docker-rejected", platform: .docker))
          $0.agents[1].isEnrolled = false
        })
    ], needs: ["replicas:2", "docker", "enrol", "sql"], checks: ["I-AUTHN", "I-CMD-LIVE"],
    kills: ["A-47", "A-48", "A-50", "A-51", "B-47", "B-78"]
  ) { environment in
    let start = environment.now
    let agent = environment.agents[0]
    let rejected = environment.agents[1]
    // A candidate watches for 15 s before it leads and registers (C29).
    try await environment.require("both have registered", within: .seconds(25)) {
      for agent in environment.agents where try await environment.agentRow(agent) == nil { return false }
      return true
    }
    // Pending for 90 s: asked again every 30 s, and never selected.
    try await environment.sleep(until: start + .seconds(60))
    let answer = try await environment.user("u01").create(SessionRequest(), at: nil)
    environment.expect("create while all are pending", .equal(.count(503)), answer.status ?? 0)
    try await environment.sleep(until: start + .seconds(110))
    let calls = environment.calls(of: agent)
    environment.expect("registrations while pending", .between(.count(3), .count(5)), calls.count { $0.status == 202 })
    // After 30 s without a connection a leader yields (C28): the next poll may be that of its successor, 2 s later.
    for (before, after) in zip(calls, calls.dropFirst()) {
      environment.expect(
        "between two registrations", .between(.duration(.seconds(29)), .duration(.seconds(33))),
        after.time - before.time)
    }
    environment.expect(
      "connections while pending", .equal(.count(0)), environment.registrations(of: agent, after: start).count)
    let admin = environment.user("admin")
    environment.expect(
      "answer to the approval", .equal(.count(200)),
      try await admin.decide(agent: agent, approve: true, at: nil).status ?? 0)
    environment.expect(
      "answer to the rejection", .equal(.count(200)),
      try await admin.decide(agent: rejected, approve: false, at: nil).status ?? 0)
    let approved = environment.now
    try await environment.expect("connected with its own key", within: .seconds(40), from: approved) {
      try await environment.holder(of: agent) != nil
    }
    environment.expect(
      "a key is stored", equals: "yes", try await environment.storedKey(of: agent) == nil ? "no" : "yes")
    let (session, _) = try await environment.running(SessionRequest(), by: "u01")
    // The rejected one stops and reports; nobody asks for its end, nobody starts it again.
    try await environment.expect("the rejected agent has stopped", within: .seconds(45), from: approved) {
      environment.hasEnded(rejected)
    }
    environment.expect(
      "last answer to the rejected agent", .equal(.count(403)), environment.calls(of: rejected).last?.status ?? 0)
    environment.expect(
      "connections of the rejected agent", .equal(.count(0)),
      environment.registrations(of: rejected, after: start).count)
    let key = try await environment.storedKey(of: agent)
    // The key survives a fail-over and a restart of all replicas.
    guard let leader = try await environment.actors(of: agent).first else {
      throw CaseFailure("nobody acts for \(agent)")
    }
    let crashed = environment.now
    environment.markFault("crash", lane: leader, from: crashed)
    try await environment.control(.instance(leader), .crash)
    try await environment.expect("a successor is connected", within: .seconds(25), from: crashed) {
      guard let now = try await environment.actors(of: agent).first, now != leader else { return false }
      return try await environment.holder(of: agent) != nil
    }
    try await environment.control(.agent(agent), .crash)
    let restarted = environment.now
    try await environment.control(.agent(agent), .start)
    try await environment.expect("connected after a restart of all", within: .seconds(45), from: restarted) {
      try await environment.holder(of: agent) != nil
        && !environment.registrations(of: agent, after: restarted).isEmpty
    }
    let last = environment.calls(of: agent).filter { $0.time > restarted }
    environment.expect("calls after the restart", .atLeast(.count(1)), last.count)
    environment.expect(
      "calls with the bootstrap key after the restart", .equal(.count(0)), last.count { $0.isBootstrap })
    environment.expect(
      "the key is the same", equals: "yes", try await environment.storedKey(of: agent) == key ? "yes" : "no")
    _ = try await environment.user(session.user).stop(session.name, at: nil)
    try await environment.expect("stop through the successor", within: .seconds(60)) {
      try await environment.state(of: session.name) == "terminated"
    }
  }
}

extension Environment {
  /// Registrations of an agent as the control plane answered them.
  fileprivate func calls(of agent: String) -> [(time: Duration, status: Int, isBootstrap: Bool)] {
    observations.compactMap { timed in
      if case .agentCall(agent, _, .register, _, let isBootstrap, let status) = timed.observation {
        return (timed.time, status, isBootstrap)
      }
      return nil
    }
  }

  /// Whether every process of the agent has ended.
  fileprivate func hasEnded(_ agent: String) -> Bool {
    var running = Set<String>()
    for timed in observations {
      switch timed.observation {
      case .processStarted(let process): running.insert(process)
      case .processEnded(let process, _, _): running.remove(process)
      default: break
      }
    }
    return instances(of: agent).allSatisfy { !running.contains($0) }
  }
}
