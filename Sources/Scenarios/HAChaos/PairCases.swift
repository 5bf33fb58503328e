import TestEnvironment

extension HAChaos {
  /// T2 whose agent has three election replicas.
  private static let t2 = Topology.t2.with {
    $0.agents = [Topology.Agent("k8s-prod-cluster", replicas: 3, election: .lease)]
  }

  static let replicaAndRedis = TestCase(
    "CHAOS-01", "API replica and Redis together", in: scenario, source: "[P COMBINED_HA_CHAOS scenario 1]", live: true,
    variants: [Variant("", t2)],
    needs: ["replicas:2", "redis-control", "redis-read", "sql", "k8s-ha", "api-kill"],
    checks: ["I-ROUTE", "I-CMD-LIVE"], kills: ["B-04"]
  ) { environment in
    let agent = environment.agents[0]
    _ = try await environment.awaitLeader(of: agent)
    let sessions = try await environment.seededSessions(10, on: agent)
    let pods = try await environment.pods(of: sessions)
    let host = try await environment.requireHolder(of: agent)
    let start = environment.now
    try await environment.sleep(until: start + .seconds(10))
    let fault = environment.now
    let away = Duration.milliseconds(5_000 + environment.choose("return of Redis", 4_001))
    environment.markFault("crash", lane: host, from: fault)
    environment.markFault("down, back empty", lane: "redis", from: fault, to: fault + away)
    _ = try await environment.begin(.redisRestartEmpty, for: away)
    try await environment.control(.replica(host), .crash)
    try await environment.control(.replica(host), .restart)
    try await environment.expectRecovery(
      .replica, "agent connected to another replica", lane: agent, within: .seconds(10), from: fault,
      every: .milliseconds(20)
    ) {
      guard let holder = try await environment.holder(of: agent) else { return false }
      return holder != host
    }
    try await environment.expectRecovery(
      .redis, "both keys name the holder", lane: "redis", within: .seconds(30), from: fault,
      state: { "\(try await environment.route(of: agent))" }, until: { try await environment.allRoutesRight() })
    try await environment.sleep(until: start + .seconds(60))
    try await environment.require("every replica is ready", within: .seconds(20)) {
      for replica in environment.replicas where !(try await environment.isReady(replica)) { return false }
      return true
    }
    for (index, replica) in environment.replicas.enumerated() {
      let session = sessions[index]
      let asked = environment.now
      let answer = try await environment.user(session.user).stop(session.name, at: replica)
      environment.expect("stop at \(replica)", .equal(.count(202)), answer.status ?? 0)
      try await environment.expect("stop at \(replica) completed", within: .seconds(10), from: asked) {
        try await environment.command(of: session.name, action: "stop_session")?.status == "completed"
      }
    }
    let kept = environment.replicas.count
    try await environment.expectUntouched(
      Array(sessions[kept...]), pods: Array(pods[kept...]), by: "API replica and Redis")
  }

  private static let graceful: Int64 = 1
  private static let allReplicas: Int64 = 2

  static let leaderAndReplica = TestCase(
    "CHAOS-02", "Leader and API replica together", in: scenario, source: "[P COMBINED_HA_CHAOS scenario 2]", live: true,
    variants: [
      Variant("crash", .t3ha), Variant("graceful", .t3ha, parameter: graceful),
      Variant("all replicas", .t3ha, parameter: allReplicas),
    ],
    plain: .inTurn, needs: ["replicas:3", "k8s-ha", "api-kill", "agent-kill", "vnc"],
    checks: ["I-LEADER-ONE", "I-LEADER-WORK", "I-SESS-SURVIVE", "I-VNC-OPEN"], kills: ["B-36"]
  ) { environment in
    let agent = environment.agents[0]
    let old = try await environment.awaitLeader(of: agent)
    let sessions = try await environment.seededSessions(10, on: agent)
    let pods = try await environment.pods(of: sessions)
    let host = try await environment.requireHolder(of: agent)
    let watched = Array(sessions.prefix(3))
    let viewers = try await environment.concurrently(
      watched.enumerated().map { index, session in
        { @Sendable in
          try await environment.opened(
            session, at: environment.replicas[index % environment.replicas.count], .probe)
        }
      })
    let start = environment.now
    try await environment.sleep(until: start + .seconds(10))
    let loss = environment.now
    let isGraceful = environment.variant.parameter != 0
    let lost = environment.variant.parameter == allReplicas ? environment.replicas : [host]
    environment.markFault(isGraceful ? "deleted" : "crash", lane: old, from: loss)
    for replica in lost {
      environment.markFault("crash", lane: replica, from: loss, to: loss + .seconds(10))
      try await environment.control(.replica(replica), .crash)
    }
    if !isGraceful { try await environment.control(.instance(old), .crash) }
    try await environment.control(.instance(old), .restart)
    let results = try await environment.concurrently([
      { @Sendable in
        try await environment.sleep(until: loss + .seconds(10))
        for replica in lost { try await environment.control(.replica(replica), .start) }
        return Duration.zero
      },
      { @Sendable in
        let failOver = try await environment.expectFailOver(
          of: agent, from: old, at: loss, as: isGraceful ? .graceful : .crash, acting: .seconds(25))
        environment.record.add(.recovery(.leader, took: failOver.acting, target: .seconds(25)))
        return loss + failOver.acting
      },
    ])
    let acting = results[1]
    try await environment.expect("first heartbeat of the new leader", within: .seconds(31), from: acting) {
      environment.moment(after: acting) { if case .heartbeat(agent, _) = $0 { true } else { false } } != nil
    }
    try await environment.judgeChaosInterruption(Array(zip(watched, viewers)), from: loss, back: acting)
    // A stop shows that the leader works.
    let asked = environment.now
    let stopped = sessions[9]
    let answer = try await environment.user(stopped.user).stop(stopped.name, at: nil)
    environment.expect("stop afterwards", .equal(.count(202)), answer.status ?? 0)
    try await environment.expect("the stop is completed", within: .seconds(35), from: asked) {
      try await environment.command(of: stopped.name, action: "stop_session")?.status == "completed"
    }
    try await environment.expectUntouched(
      Array(sessions.prefix(9)), pods: Array(pods.prefix(9)), by: "leader and API replica, \(environment.variant.name)")
  }
}

extension Environment {
  /// Probe viewers that a fault cut off: each is told within 15 s, and can be opened again within 5 s of `back`.
  func judgeChaosInterruption(
    _ viewers: [(session: OwnedSession, viewer: any Viewer)], from start: Duration, back: Duration
  ) async throws {
    for (session, viewer) in viewers {
      if viewer.facts.isOpen, try await !viewer.waitForEnd(within: max(.zero, start + .seconds(15) - now)) {
        // Neither its edge nor the agent's replica was hit: it has to work.
        try await expectWorks("viewer that was not cut off", viewer)
        try await viewer.close(abruptly: false)
        continue
      }
      if let ended = viewer.facts.ended {
        expect("viewer told", .atMost(.duration(.seconds(15))), max(.zero, ended - start))
      }
      let begun = max(back, now)
      let again = try await expectProbe("viewer open again", session, within: .seconds(5), from: begun)
      try await again?.close(abruptly: false)
    }
  }

  /// Attaches a probe viewer until its marker shows, as a person would try; judges the time from `start`.
  func expectProbe(
    _ name: String, _ session: OwnedSession, within limit: Duration, from start: Duration,
    giveUp: Duration = .seconds(30)
  ) async throws -> (any Viewer)? {
    var last = "not asked"
    while now < start + limit + giveUp {
      let viewer = try await asked(session, .probe)
      if viewer.status == 101, try await viewer.waitForPicture(within: .seconds(10)) {
        expect(name, .atMost(.duration(limit)), (viewer.facts.picture ?? now) - start)
        return viewer
      }
      last = viewer.outcome
      if viewer.facts.isOpen { try await viewer.close(abruptly: true) }
      try await sleep(for: .milliseconds(250))
    }
    expect(name, equals: "open", last)
    return nil
  }
}
