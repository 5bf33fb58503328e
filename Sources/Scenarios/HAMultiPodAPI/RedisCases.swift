import TestEnvironment

extension HAMultiPodAPI {
  /// Redis loses data, goes away, or loses messages.
  static let redisCases: [TestCase] = [redisEmptied, redisDown, pubSubGap]

  static let redisEmptied = TestCase(
    "HA-API-07", "Redis emptied under live sockets", in: .haMultiPodAPI, source: "[P+ R:HA_CHAOS test 2]", live: true,
    variants: [Variant("", .t3.with { $0.agents = ["k8s-a1", "k8s-a2", "k8s-a3"].map { Topology.Agent($0) } })],
    needs: ["replicas:3", "redis-control", "k8s", "agents:3"], checks: ["I-ROUTE", "I-CMD-LIVE"],
    kills: ["B-03", "C-09"]
  ) { environment in
    try await environment.awaitAgents()
    let start = environment.now
    let evicted = environment.agents[environment.choose("evicted route", environment.agents.count)]
    let results = try await environment.concurrently([
      { @Sendable in try await environment.createEvery(.seconds(5), from: start, to: start + .seconds(100)) },
      { @Sendable in
        try await environment.sleep(until: start + .seconds(10))
        environment.markFault("emptied", lane: "redis", from: environment.now, to: environment.now + .seconds(2))
        _ = try await environment.begin(.redisRestartEmpty, for: .seconds(2))
        // Back after 2 s; a lost connection heals within 10 s of the return (spec/06 §1).
        try await environment.sleep(until: start + .seconds(12))
        let returned = environment.now
        try await environment.expect("routes rebuilt after the restart", within: .seconds(10), from: returned) {
          try await environment.allRoutesRight()
        }
        environment.markRecovery("routes rebuilt", lane: "redis", from: returned)
        try await environment.sleep(until: start + .seconds(60))
        let loss = environment.now
        environment.markFault("evict route of \(evicted)", lane: "redis", from: loss)
        _ = try await environment.begin(.redisEvict(key: "agent:\(evicted):pod"), for: nil)
        try environment.require("the route is gone", try await environment.route(of: evicted).pod == nil)
        try await environment.expect("route rebuilt after the eviction", within: .seconds(35), from: loss) {
          try await environment.allRoutesRight()
        }
        environment.markRecovery("route rebuilt", lane: "redis", from: loss)
        return []
      },
    ])
    let reconnects = environment.agents.reduce(0) { $0 + environment.registrations(of: $1, after: start).count }
    environment.expect("reconnections", .equal(.count(0)), reconnects)
    try await environment.expectAllStarted(results[0], acknowledgedWithin: .seconds(10))
  }

  static let redisDown = TestCase(
    "HA-API-08", "Redis down 60 s", in: .haMultiPodAPI, source: "[P P1_CROSS_POD edge 3, never run]", live: true,
    variants: [
      // Two agents, so that creates go to a local and to a foreign one while one of them restarts.
      Variant("", .t3.with { $0.agents.append(Topology.Agent("k8s-second-cluster")) })
    ],
    needs: ["replicas:3", "redis-control", "redis-read", "k8s", "agent-stop"],
    checks: ["I-HUB-LIVE", "I-ROUTE", "I-CMD-TRUTH"], kills: ["B-03", "B-04", "B-05"]
  ) { environment in
    try await environment.awaitAgents()
    let start = environment.now
    let staying = environment.agents[0]
    let moving = environment.agents[1]
    let results = try await environment.concurrently([
      { @Sendable in
        try await environment.createEvery(.seconds(5), from: start + .seconds(12), to: start + .seconds(68))
      },
      { @Sendable in
        try await environment.sleep(until: start + .seconds(10))
        environment.markFault("down", lane: "redis", from: environment.now, to: environment.now + .seconds(60))
        _ = try await environment.begin(.redisDown, for: .seconds(60))
        try await environment.sleep(until: start + .seconds(30))
        environment.markFault("restart", lane: moving, from: environment.now)
        try await environment.control(.agent(moving), .restart)
        try await environment.sleep(until: start + .seconds(70))
        let returned = environment.now
        try await environment.expect("all routes right after the return", within: .seconds(30), from: returned) {
          try await environment.allRoutesRight()
        }
        environment.markRecovery("routes right", lane: "redis", from: returned)
        return []
      },
    ])
    environment.expect(
      "reconnections of the agent that was not restarted", .equal(.count(0)),
      environment.registrations(of: staying, after: start).count)
    for agent in environment.agents {
      let route = try await environment.route(of: agent)
      environment.expect("both keys or none for \(agent)", equals: "whole", route.isWhole ? "whole" : "half")
    }
    try await environment.expectAllStarted(results[0], acknowledgedWithin: nil)
  }

  static let pubSubGap = TestCase(
    "HA-API-17", "Pub/sub gap and dead receivers", in: .haMultiPodAPI, source: "[+]",
    variants: [Variant("pub/sub lost", .t3, parameter: 0), Variant("agent moves", .t3, parameter: 1)],
    needs: ["replicas:3", "redis-control", "schedule"], checks: ["I-CMD-LIVE", "I-CMD-TRUTH"],
    kills: ["B-10", "B-11", "C-10"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let sessions = try await environment.seededSessions(30, on: agent)
    let host = try await environment.requireHolder(of: agent)
    let others = environment.replicas.filter { $0 != host }
    let start = environment.now
    try await environment.sleep(until: start + .seconds(10))
    let moves = environment.variant.parameter == 1
    if !moves {
      environment.markFault("lose-pubsub", lane: "redis", from: environment.now, to: environment.now + .seconds(3))
      _ = try await environment.begin(.redisLosePubSub, for: .seconds(3))
    }
    let begun = environment.now
    let drop = Duration.milliseconds(environment.choose("moment of the move", 60))
    _ = try await environment.concurrently(
      sessions.enumerated().map { index, session in
        { @Sendable in
          _ = try await environment.user(session.user).stop(session.name, at: others[index % others.count])
        }
      } + [
        { @Sendable in
          guard moves else { return }
          try await environment.sleep(until: begun + drop)
          environment.markFault("socket reset", lane: agent, from: environment.now)
          _ = try await environment.begin(.reset(.agent(agent), .replica(host)), for: .milliseconds(10))
        }
      ])
    let commands = try await environment.commandRows(session: nil).filter { $0.action == "stop_session" }
    environment.expect("stops accepted", .equal(.count(30)), commands.count)
    try await environment.expect("all stops completed", within: .seconds(35), from: begun, every: .milliseconds(250)) {
      try await environment.commandRows(session: nil).allSatisfy {
        $0.action != "stop_session" || $0.status == "completed"
      }
    }
    environment.expect("executions of the stops", .equal(.count(30)), try await environment.stopExecutions(sessions))
  }
}

extension Environment {
  /// Whether every agent's two keys name the replica that holds it.
  func allRoutesRight() async throws -> Bool {
    for agent in agents {
      guard let holder = try await holder(of: agent), try await route(of: agent).names(holder) else { return false }
    }
    return true
  }

  /// One create every `period` through the replicas in turn; returns those accepted. Anything else is recorded.
  func createEvery(
    _ period: Duration, from start: Duration, to end: Duration
  ) async throws -> [(session: OwnedSession, at: Duration)] {
    var made: [(session: OwnedSession, at: Duration)] = []
    var refused = 0
    var index = 0
    while start + period * index < end {
      try await sleep(until: start + period * index)
      let owner = owner(ofSession: index)
      let answer = try await user(owner).create(SessionRequest(), at: replicas[index % replicas.count])
      if answer.isAccepted, let session = answer.session {
        made.append((OwnedSession(name: session, user: owner), now))
      } else {
        refused += 1
      }
      index += 1
    }
    expect("creates refused", .equal(.count(0)), refused)
    return made
  }

  /// Every accepted start has been completed and the session runs; each was acknowledged in time.
  func expectAllStarted(
    _ made: [(session: OwnedSession, at: Duration)], acknowledgedWithin limit: Duration?
  ) async throws {
    let sessions = made.map(\.session)
    try await expect("all accepted sessions running", within: .seconds(40), every: .milliseconds(500)) {
      try await self.count(sessions, in: "running") == sessions.count
    }
    var failed = 0
    var slowest = Duration.zero
    for session in sessions {
      guard let row = try await command(of: session.name, action: "start_session") else {
        failed += 1
        continue
      }
      if row.status == "failed" { failed += 1 }
      if let created = row.times.created, let acknowledged = row.times.acknowledged {
        slowest = max(slowest, acknowledged - created)
        record.sample("create to ack", acknowledged - created)
      }
    }
    expect("commands failed", .equal(.count(0)), failed)
    if let limit {
      // 10 s of C10 and the way to the agent and back.
      expect("slowest acknowledgement", .atMost(.duration(limit)), slowest)
    } else {
      expect("slowest acknowledgement", .reported, slowest)
    }
  }
}
