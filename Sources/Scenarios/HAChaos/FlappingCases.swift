import TestEnvironment

extension HAChaos {
  private static let stall = Duration.seconds(5)

  static let redisFlapping = TestCase(
    "CHAOS-04", "Redis flapping, fail-over, eviction", in: scenario, source: "[+]", variants: [Variant("", .t3ha)],
    needs: ["replicas:3", "redis-control", "redis-read", "k8s-ha", "net-fault"],
    checks: ["I-HUB-LIVE", "I-ROUTE"], kills: ["B-03", "B-05", "C-11"], limit: .seconds(3_600)
  ) { environment in
    let agent = environment.agents[0]
    let leader = try await environment.awaitLeader(of: agent)
    let sessions = try await environment.seededSessions(10, on: agent)
    let pods = try await environment.pods(of: sessions)
    let start = environment.now
    let results = try await environment.concurrently([
      { @Sendable in
        try await environment.churn(every: .seconds(10), from: start, to: start + .seconds(260), users: 2)
      },
      { @Sendable in
        try await environment.flap(from: start + .seconds(10))
        // An agent registers while Redis swallows everything: nothing else may wait for it (C4).
        let hole = environment.now
        environment.markFault("answers nothing", lane: "redis", from: hole, to: hole + .seconds(20))
        _ = try await environment.begin(.cut(.redis, .controlPlane), for: .seconds(20))
        try await environment.loseSocket(of: leader, agent: agent, stayingAt: true)
        try await environment.sleep(until: hole + .seconds(22))
        try await environment.expectRoutes("routes right after 20 s of silence", from: hole + .seconds(20))
        try await environment.sleep(until: hole + .seconds(35))
        // The writes of a registration are the last that the promoted replica lacks.
        try await environment.loseSocket(of: leader, agent: agent, stayingAt: false)
        let promoted = environment.now
        environment.markFault("fail-over losing 1 s", lane: "redis", from: promoted, to: promoted + .seconds(2))
        _ = try await environment.begin(.redisFailOver(losing: .seconds(1)), for: .seconds(2))
        try await environment.sleep(until: promoted + .seconds(2))
        try await environment.expectRoutes("routes right after the fail-over", from: promoted + .seconds(2))
        try await environment.sleep(until: promoted + .seconds(10))
        for round in 0..<3 {
          let key = ["pod", "connected"][environment.choose("evicted key \(round)", 2)]
          let evicted = environment.now
          environment.markFault("evict \(key)", lane: "redis", from: evicted)
          _ = try await environment.begin(.redisEvict(key: "agent:\(agent):\(key)"), for: nil)
          try await environment.expectRoutes("route right after an eviction", from: evicted, within: .seconds(35))
        }
        return LoadOutcome()
      },
    ])
    let slowest = environment.requests(since: start).map { $0.ended - $0.started }.max() ?? .zero
    environment.expect("slowest request", .atMost(.duration(stall)), slowest)
    // Two sockets were cut by the case; no other was lost.
    environment.expect(
      "reconnections of the agent", .equal(.count(2)), environment.registrations(of: agent, after: start).count)
    environment.judge(results[0], "creates and stops over Redis flapping", atLeastPermille: 1_000)
    try await environment.endLoad(users: 2)
    try await environment.expectUntouched(sessions, pods: pods, by: "Redis flapping")
  }
}

extension Environment {
  /// 5 s up and 5 s down for 120 s; down is a process that is gone, or a network that swallows everything.
  fileprivate func flap(from start: Duration) async throws {
    for round in 0..<12 {
      try await sleep(until: start + .seconds(10 * round + 5))
      let isCut = choose("kind of outage \(round)", 2) == 0
      markFault(isCut ? "answers nothing" : "down", lane: "redis", from: now, to: now + .seconds(5))
      _ = try await begin(isCut ? .cut(.redis, .controlPlane) : .redisDown, for: .seconds(5))
    }
    try await sleep(until: start + .seconds(120))
    try await expectRoutes("routes right after the flapping", from: start + .seconds(120))
  }

  /// The agent's socket breaks; returns when it has another.
  fileprivate func loseSocket(of leader: String, agent: String, stayingAt isSame: Bool) async throws {
    let host = try await requireHolder(of: agent)
    try await steerSockets(to: isSame ? host : nil)
    let lost = now
    markFault("socket reset", lane: leader, from: lost)
    _ = try await begin(.reset(.instance(leader), .replica(host)), for: .milliseconds(10))
    try await expect("connected again after a reset", within: .seconds(10), from: lost, every: .milliseconds(10)) {
      !self.registrations(of: agent, after: lost).isEmpty
    }
    try await steerSockets(to: nil)
  }

  fileprivate func expectRoutes(
    _ name: String, from start: Duration, within limit: Duration = .seconds(30)
  ) async throws {
    try await expectRecovery(.redis, name, lane: "redis", within: limit, from: start) {
      try await self.allRoutesRight()
    }
  }
}
