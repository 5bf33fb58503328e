import TestEnvironment

extension HAChaos {
  /// T3 and two agents that are not needed any more once the control plane is away.
  private static let t3Leaving = Topology.t3ha.with {
    $0.agents += [Topology.Agent("k8s-leaving-1"), Topology.Agent("k8s-leaving-2")]
  }

  static let controlPlaneAway = TestCase(
    "CHAOS-07", "Whole control plane away 5 min", in: scenario, source: "[+]", live: true,
    variants: [Variant("", t3Leaving)],
    needs: ["replicas:3", "redis-control", "k8s-ha", "agents:3", "api-kill", "agent-kill", "sql-write"],
    checks: ["I-SESS-SURVIVE", "I-SESS-TRUTH", "I-CMD-LIVE"], kills: ["A-21", "B-15", "B-32"], limit: .seconds(3_600)
  ) { environment in
    let agent = environment.agents[0]
    let leaving = Array(environment.agents.dropFirst())
    try await environment.awaitAgents()
    _ = try await environment.awaitLeader(of: agent)
    let kept = try await environment.seededSessions(20, on: agent)
    // What is under way when all goes away: three of each kind with the agent that returns, one with each that does not.
    let ending = try await environment.seededSessions(3, on: agent, firstUser: 5)
    let lost = try await environment.concurrently(
      leaving.enumerated().map { index, other in
        { @Sendable in try await environment.seededSessions(1, on: other, firstUser: 6 + index) }
      }
    ).flatMap { $0 }
    let pods = try await environment.pods(of: kept)
    let start = environment.now
    let owners = [agent, agent, agent] + leaving
    let pending = owners.indices.map { index in
      OwnedSession(name: "u08-xterm-vnc-pending\(index)", user: "u08")
    }
    try await environment.sleep(until: start + .seconds(10))
    let fault = environment.now
    let back = fault + .seconds(300)
    for replica in environment.replicas {
      environment.markFault("down", lane: replica, from: fault, to: back)
      try await environment.control(.replica(replica), .crash)
    }
    environment.markFault("down", lane: "redis", from: fault, to: back)
    _ = try await environment.begin(.redisRestartEmpty, for: .seconds(300))
    for other in leaving {
      environment.markFault("gone for good", lane: other, from: fault)
      try await environment.control(.agent(other), .crash)
    }
    // What an accepted request had left when its replica died before anything was sent.
    try await environment.seedCommands(
      zip(pending, owners).map {
        SeededCommand(agent: $1, session: $0.name, user: $0.user, action: "start_session")
      }
        + zip(ending, [agent, agent, agent]).map {
          SeededCommand(agent: $1, session: $0.name, user: $0.user, action: "stop_session")
        }
        + zip(lost, leaving).map {
          SeededCommand(agent: $1, session: $0.name, user: $0.user, action: "stop_session")
        })
    try await environment.sleep(until: back)
    for replica in environment.replicas { try await environment.control(.replica(replica), .start) }
    try await environment.expectRecovery(
      .controlPlane, "agent connected again", lane: agent, within: .seconds(60), from: back
    ) { try await environment.isBack(agent) }
    try await environment.expect("starts of the returned agent run", within: .seconds(90), from: back) {
      try await environment.count(Array(pending.prefix(3)), in: "running") == 3
    }
    try await environment.expect("stops of the returned agent are done", within: .seconds(90), from: back) {
      try await environment.count(ending, in: "terminated") == 3
    }
    // 5 min of absence, counted from when a ready replica could see it (C12), and the next look.
    try await environment.sleep(until: back + .seconds(240))
    environment.expect(
      "starts failed before the agents' time was up", .equal(.count(0)),
      try await environment.count(Array(pending.suffix(2)), in: "failed"))
    try await environment.expect(
      "starts of the lost agents have failed", within: .seconds(660), from: back, every: .seconds(1)
    ) { try await environment.count(Array(pending.suffix(2)), in: "failed") == 2 }
    try await environment.expect(
      "stops of the lost agents are given up", within: .seconds(780), from: back, every: .seconds(1)
    ) { try await environment.count(lost, in: "terminated") == lost.count }
    let stuck = try await environment.strays(lost, from: "terminated")
    if stuck != "none" { environment.record.add(.unrecovered("stops of agents that never return", state: stuck)) }
    let commands = try await environment.commandRows(session: nil)
    environment.expect(
      "commands per stuck session", .atMost(.count(4)),
      (pending + lost).map { session in commands.count { $0.session == session.name } }.max() ?? 0)
    try await environment.expectUntouched(kept, pods: pods, by: "control plane away 300 s")
  }
}
