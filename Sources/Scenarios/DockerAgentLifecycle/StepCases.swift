import TestEnvironment

extension DockerAgentLifecycle {
  /// Crashes between two steps, and agents that meet on one daemon.
  static let stepCases: [TestCase] = [diesBetweenSteps, sharedDaemon]

  private static let startSteps: [WorkStep] = [
    .received, .acknowledged, .network, .volume, .workload, .started, .ready, .status, .complete,
  ]

  static let diesBetweenSteps = TestCase(
    "DOCK-10", "Agent dies between create and start", in: .dockerAgentLifecycle, source: "[+]",
    variants: startSteps.enumerated().map { Variant("after \($1.rawValue)", .td, parameter: Int64($0)) },
    plain: .oneBySeed, needs: ["replicas:2", "docker", "agent-kill", "schedule"],
    checks: ["I-CMD-ONCE", "I-NO-ORPHAN"], kills: ["B-50"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let start = environment.now
    let step = startSteps[Int(environment.variant.parameter)]
    let trap = try await environment.begin(
      .atStep(agent: agent, command: "start_session", step: step, .crash), for: nil)
    let session = try await environment.created(SessionRequest(persistentHome: true), by: "u01")
    try await environment.require(
      "the agent died after \(step.rawValue)", within: .seconds(20), every: .milliseconds(20)
    ) {
      try await environment.holder(of: agent) == nil
    }
    environment.markFault("crash after \(step.rawValue)", lane: agent, from: environment.now, to: start + .seconds(20))
    try await environment.end(trap)
    try await environment.sleep(until: start + .seconds(20))
    try await environment.control(.agent(agent), .start)
    let restarted = environment.now
    // The command is sent again (C10), and finds what the dead process left (C27).
    try await environment.expect("running", within: .seconds(90), from: restarted) {
      try await environment.state(of: session.name) == "running"
    }
    environment.markRecovery("settled", lane: agent, from: restarted)
    try await environment.sleep(for: .seconds(15))
    let objects = try await environment.objects(session: session.name, of: agent)
    environment.expect(
      "objects of the session", equals: "container volume", objects.map(\.kind).sorted().joined(separator: " "))
    environment.expect(
      "its container", equals: "running", objects.first { $0.kind == "container" }?.state ?? "none")
    environment.expect(
      "containers of the agent", .equal(.count(1)), try await environment.objects("container", of: agent).count)
    _ = try await environment.user(session.user).stop(session.name, at: nil)
    try await environment.expect("terminated", within: .seconds(35)) {
      try await environment.state(of: session.name) == "terminated"
    }
    environment.expect(
      "containers after the stop", .equal(.count(0)), try await environment.objects("container", of: agent).count)
  }

  static let sharedDaemon = TestCase(
    "DOCK-17", "Two agents, one daemon", in: .dockerAgentLifecycle, source: "[+]",
    variants: [
      Variant(
        "",
        Topology.td.with {
          $0.name = "TD + second agent"
          $0.agents.append(Topology.Agent("docker-d2", platform: .docker))
        })
    ], needs: ["replicas:2", "docker", "agents:2", "schedule"], checks: ["I-NO-ORPHAN", "I-AUTHN"], kills: []
  ) { environment in
    try await environment.awaitAgents()
    let count = 20
    // All at once: both agents find no network and want to make it.
    let requests = (0..<count).map { index in
      { @Sendable () async throws -> OwnedSession in
        try await environment.created(SessionRequest(), by: environment.owner(ofSession: index))
      }
    }
    let sessions = try await environment.concurrently(requests)
    try await environment.expect("all running", within: .seconds(90), every: .milliseconds(500)) {
      try await environment.count(sessions, in: "running") == sessions.count
    }
    var own: [Int] = []
    for agent in environment.agents { own.append(try await environment.objects("container", of: agent).count) }
    environment.expect("containers", .equal(.count(count)), own.reduce(0, +))
    environment.expect("agents that carry some", .equal(.count(2)), own.count { $0 > 0 })
    // Both agents use the one network of the daemon: it bears the labels of the product, not of an agent.
    environment.expect("networks made", .equal(.count(1)), environment.networksMade())
    // The sessions of one agent end; those of the other do not feel it.
    let first = environment.agents[0]
    var ended: [OwnedSession] = []
    var kept: [OwnedSession] = []
    for session in sessions {
      if try await environment.sessionRow(session.name)?.agent == first {
        ended.append(session)
      } else {
        kept.append(session)
      }
    }
    for session in ended { _ = try await environment.user(session.user).stop(session.name, at: nil) }
    try await environment.expect("its sessions stopped", within: .seconds(60), every: .milliseconds(500)) {
      try await environment.count(ended, in: "terminated") == ended.count
    }
    environment.expect(
      "sessions of the other", .equal(.count(kept.count)), try await environment.count(kept, in: "running"))
    environment.expect(
      "containers of the other", .equal(.count(kept.count)),
      try await environment.objects("container", of: environment.agents[1]).count)
  }
}
