import TestEnvironment

extension HAMultiPodAPI {
  /// An agent moves while an old connection lingers.
  static let agentMovementCases: [TestCase] = [movesWhileHalfOpen, reconnectsUnnoticed]

  static let movesWhileHalfOpen = TestCase(
    "HA-API-09", "Agent moves while the old replica is half-open", in: .haMultiPodAPI, source: "[+]",
    variants: [Variant("", .t3)], needs: ["replicas:3", "redis-read", "sql", "k8s", "net-fault"],
    checks: ["I-ROUTE", "I-ONE-CONN", "I-STATUS"], kills: ["A-05", "B-02", "B-11", "C-08"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let old = try await environment.requireHolder(of: agent)
    let start = environment.now
    guard let target = environment.replicas.first(where: { $0 != old }) else {
      throw CaseFailure("there is no second replica")
    }
    try await environment.steerSockets(to: target)
    try await environment.sleep(until: start + .seconds(10))
    let fault = environment.now
    environment.markFault("half-open", lane: old, from: fault)
    _ = try await environment.begin(.halfOpen(gone: .agent(agent), unaware: .replica(old)), for: .seconds(120))
    try await environment.require(
      "the agent is connected to another replica", within: .seconds(8), every: .milliseconds(20)
    ) {
      try await environment.holder(of: agent) == target
    }
    try await environment.expect("route names the new replica", within: .seconds(1), every: .milliseconds(5)) {
      try await environment.route(of: agent).names(target)
    }
    let moved = environment.now
    environment.markRecovery("connected to \(target)", lane: agent, from: fault)
    let results = try await environment.concurrently([
      { @Sendable in
        try await environment.createEvery(.seconds(5), from: start + .seconds(15), to: start + .seconds(120))
      },
      { @Sendable in
        try await environment.expect("old replica drops its entry", within: .seconds(55), from: fault) {
          try await environment.connectionCount(of: agent) == 1
        }
        return []
      },
      { @Sendable in
        var wrong = 0
        var offline = 0
        while environment.now < moved + .seconds(120) {
          if !(try await environment.route(of: agent).names(target)) { wrong += 1 }
          if try await environment.agentRow(agent)?.status == "offline" { offline += 1 }
          try await environment.sleep(for: .milliseconds(250))
        }
        environment.expect("looks at a route that was not the new one", .equal(.count(0)), wrong)
        environment.expect("looks at a row that was offline", .equal(.count(0)), offline)
        return []
      },
    ])
    try await environment.expectAllStarted(results[0], acknowledgedWithin: nil)
  }

  static let reconnectsUnnoticed = TestCase(
    "HA-API-10", "Reconnect to the same replica before the old socket is noticed", in: .haMultiPodAPI, source: "[+]",
    variants: [Variant("T1", .t1), Variant("T2", .t2)], needs: ["replicas:2", "k8s", "net-fault", "schedule"],
    checks: ["I-ONE-CONN", "I-CRASH"], kills: ["A-05", "B-01", "B-07"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let sessions = try await environment.seededSessions(3, on: agent)
    let host = try await environment.requireHolder(of: agent)
    try await environment.steerSockets(to: host)
    let start = environment.now
    try await environment.sleep(until: start + .seconds(10))
    let fault = environment.now
    environment.markFault("half-open", lane: host, from: fault)
    _ = try await environment.begin(.halfOpen(gone: .agent(agent), unaware: .replica(host)), for: nil)
    let reconnected = try await environment.wait(upTo: .seconds(8), every: .milliseconds(5)) {
      !environment.registrations(of: agent, after: fault).isEmpty
    }
    try environment.require("the agent reconnects", reconnected != nil)
    environment.markRecovery("reconnected", lane: agent, from: fault)
    // The schedules to explore lie between the registration and the end of the old socket.
    _ = try await environment.concurrently(
      sessions.enumerated().map { index, session in
        let moment = Duration.milliseconds(environment.choose("moment of stop \(index)", 2_000))
        return { @Sendable in
          try await environment.sleep(for: moment)
          _ = try await environment.user(session.user).stop(session.name, at: nil)
        }
      })
    try await environment.expect("all stops completed", within: .seconds(20)) {
      try await environment.count(sessions, in: "terminated") == sessions.count
    }
    environment.expect("executions of the stops", .equal(.count(3)), try await environment.stopExecutions(sessions))
    // Past the 45 to 55 s after which the old socket would be found stale.
    try await environment.sleep(until: fault + .seconds(60))
    environment.expect("reconnections", .equal(.count(1)), environment.registrations(of: agent, after: fault).count)
    environment.expect("live sockets of the agent", .equal(.count(1)), try await environment.connectionCount(of: agent))
    environment.expect(
      "row of the agent", equals: "online", try await environment.agentRow(agent)?.status ?? "absent")
  }
}
