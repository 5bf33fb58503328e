import TestEnvironment

extension HAChaos {
  private static let t2Three = Topology.t2.with {
    $0.name = "T2, 3 agents"
    $0.agents = ["k8s-a1", "k8s-a2", "k8s-a3"].map { Topology.Agent($0, maxSessions: 20) }
  }

  static let scheduleFuzz = TestCase(
    "CHAOS-09", "Schedule fuzz", in: scenario, source: "[+]", variants: [Variant("", t2Three)],
    needs: ["replicas:2", "agents:3", "net-fault", "schedule"],
    checks: ["I-ONE-CONN", "I-CMD-ONCE", "I-CMD-MONO", "I-CMD-ORDER", "I-SESS-LEGAL", "I-HUB-LIVE"],
    kills: ["B-07", "C-32"], limits: "10 000 seeds are a campaign: --seeds 1..10000"
  ) { environment in
    try await environment.awaitAgents()
    var sessions: [OwnedSession] = []
    for (index, agent) in environment.agents.enumerated() {
      sessions += try await environment.seededSessions(index == 2 ? 1 : 2, on: agent, firstUser: index + 1)
    }
    // All sockets end at one replica: its hub has the most to order.
    let host = environment.replicas[0]
    try await environment.steerSockets(to: host)
    let start = environment.now
    let end = start + .seconds(20)
    let owned = sessions
    let bodies: [@Sendable () async throws -> Int] =
      environment.agents.map { agent in { @Sendable in try await environment.reconnect(agent, until: end) } }
      + owned.map { session in { @Sendable in try await environment.disturb(session, until: end) } }
    let counts = try await environment.concurrently(bodies)
    try await environment.steerSockets(to: nil)
    let cuts = counts.prefix(environment.agents.count).reduce(0, +)
    environment.markFault("\(cuts) sockets reset", lane: "agents", from: start, to: end)
    environment.expect("sockets reset", .atLeast(.count(6)), cuts)
    environment.expect("verbs accepted", .atLeast(.count(5)), counts.suffix(owned.count).reduce(0, +))
    try await environment.expect("all commands are final", within: .seconds(60), from: end, every: .milliseconds(250)) {
      try await environment.commandRows(session: nil).allSatisfy(\.isFinal)
    }
    environment.expect("processes that ended by themselves", .equal(.count(0)), environment.unaskedEnds)
  }
}

extension Environment {
  /// Breaks the agent's socket again and again, each time as soon as it has one, at a moment of the seed.
  fileprivate func reconnect(_ agent: String, until end: Duration) async throws -> Int {
    var cuts = 0
    while now < end {
      if let holder = try await holder(of: agent) {
        _ = try await begin(.reset(.agent(agent), .replica(holder)), for: .milliseconds(1))
        cuts += 1
      }
      let cut = now
      _ = try await wait(upTo: .seconds(6), every: .milliseconds(5)) {
        !self.registrations(of: agent, after: cut).isEmpty
      }
      try await sleep(for: .microseconds(Int64(choose("life \(cuts) of \(agent)", 40_000))))
    }
    return cuts
  }

  /// Sends a session to sleep and wakes it, in turn, at moments of the seed; whatever is refused is tried later.
  fileprivate func disturb(_ session: OwnedSession, until end: Duration) async throws -> Int {
    var accepted = 0
    var round = 0
    while now < end {
      try await sleep(for: .microseconds(Int64(choose("pause \(round) of \(session.name)", 600_000))))
      round += 1
      let client = user(session.user)
      let state = try await state(of: session.name)
      let answer =
        state == "hibernated"
        ? try await client.wake(session.name, at: nil) : try await client.hibernate(session.name, at: nil)
      if answer.isAccepted { accepted += 1 }
    }
    return accepted
  }

  /// Ends of processes that the case did not ask for.
  fileprivate var unaskedEnds: Int {
    observations.count { timed in
      if case .processEnded(_, _, false) = timed.observation { true } else { false }
    }
  }
}
