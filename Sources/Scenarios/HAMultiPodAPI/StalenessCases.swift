import TestEnvironment

extension HAMultiPodAPI {
  /// When an agent counts as gone.
  static let stalenessCases: [TestCase] = [staleBoundary, manyGoStale]

  /// Gaps between two heartbeats in milliseconds (spec/06 §1).
  private static let boundaryGaps: [Int64] = [30_000, 44_900, 45_100, 54_900, 55_100, 75_000]
  private static let longStartParameter: Int64 = -1
  private static let cutParameter: Int64 = -2

  static let staleBoundary = TestCase(
    "HA-API-14", "Stale detection boundary", in: .haMultiPodAPI, source: "[P+ Test 3.3, HA_CHAOS finding]",
    variants: boundaryGaps.map { Variant("gap \($0 / 1000).\($0 % 1000 / 100) s", .t1, parameter: $0) }
      + [
        Variant("start of 90 s", .t1, parameter: longStartParameter),
        Variant("cut of 60 s", .t1, parameter: cutParameter),
      ],
    needs: ["replicas:1", "sql", "k8s", "net-fault", "frames"], checks: ["I-STATUS", "I-ONE-CONN"],
    kills: ["A-04", "A-23"]
  ) { environment in
    try await environment.awaitAgents()
    switch environment.variant.parameter {
    case longStartParameter: try await environment.judgeLongStart()
    case cutParameter: try await environment.judgeCut()
    default: try await environment.judgeGap(.milliseconds(environment.variant.parameter))
    }
  }

  static let manyGoStale = TestCase(
    "HA-API-15", "Many agents go stale together", in: .haMultiPodAPI, source: "[+]",
    variants: ["pause of the replica", "cut of 12 agents"].enumerated().map { index, name in
      Variant(
        name,
        .t1.with {
          $0.agents = (1...15).map { Topology.Agent("k8s-a\($0)", maxSessions: 20) }
        }, parameter: Int64(index))
    },
    needs: ["replicas:1", "agents:15", "api-pause", "net-fault"], checks: ["I-HUB-LIVE"], kills: ["B-06"]
  ) { environment in
    try await environment.awaitAgents()
    let start = environment.now
    try await environment.sleep(until: start + .seconds(10))
    let replica = environment.replicas[0]
    if environment.variant.parameter == 0 {
      environment.markFault("pause", lane: replica, from: environment.now, to: environment.now + .seconds(60))
      try await environment.control(.replica(replica), .pause)
      try await environment.sleep(for: .seconds(60))
      try await environment.control(.replica(replica), .resume)
    } else {
      var faults: [FaultHandle] = []
      for agent in environment.agents.prefix(12) {
        environment.markFault("cut", lane: agent, from: environment.now, to: environment.now + .seconds(60))
        faults.append(try await environment.begin(.cut(.agent(agent), .replica(replica)), for: nil))
      }
      try await environment.expect("stale entries removed during the cut", within: .seconds(60)) {
        for agent in environment.agents.prefix(12) where try await environment.holder(of: agent) != nil { return false }
        return true
      }
      try await environment.sleep(until: start + .seconds(70))
      for fault in faults { try await environment.end(fault) }
    }
    let healed = environment.now
    try await environment.expect("every entry is a living one", within: .seconds(60), from: healed) {
      for agent in environment.agents where try await environment.connectionCount(of: agent) > 1 { return false }
      return true
    }
    try await environment.expect("all 15 agents back", within: .seconds(90), from: healed) {
      for agent in environment.agents {
        guard try await environment.holder(of: agent) != nil, try await environment.agentRow(agent)?.status == "online"
        else { return false }
      }
      return true
    }
    environment.markRecovery("all agents back", lane: replica, from: healed)
    environment.expect(
      "the replica is ready", equals: "ready", try await environment.isReady(replica) ? "ready" : "not")
  }
}

extension Environment {
  /// The row says so and a replica holds the connection.
  private func isOnline(_ agent: String) async throws -> Bool {
    guard try await holder(of: agent) != nil else { return false }
    return try await agentRow(agent)?.status == "online"
  }

  /// One gap of `gap` between two heartbeats: below 45 s nothing happens, above 55 s the agent is evicted 45 to
  /// 55 s after the last beat, in between either, by the phase of the sweep.
  fileprivate func judgeGap(_ gap: Duration) async throws {
    let agent = agents[0]
    guard let first = try await agentRow(agent)?.lastHeartbeat else { throw CaseFailure("\(agent) has no heartbeat") }
    try await require("a heartbeat arrives", within: .seconds(40), every: .milliseconds(50)) {
      try await self.agentRow(agent)?.lastHeartbeat != first
    }
    // The connect itself counts as a beat: the gap is between two beats of one connection.
    let registrationsBefore = observations.count
    let beat = now
    markFault("next heartbeat after \(gap.secondsText)", lane: agent, from: beat, to: beat + gap)
    _ = try await begin(.delayHeartbeat(agent: agent, gap: gap), for: nil)
    try await sleep(until: beat + gap + .seconds(15))
    let evictions = observations.dropFirst(registrationsBefore).compactMap { timed -> Duration? in
      if case .agentDisconnected(agent, _, _, _) = timed.observation { timed.time } else { nil }
    }
    if gap <= .seconds(45) {
      expect("evictions", .equal(.count(0)), evictions.count)
    } else if gap > .seconds(55) {
      expect("evictions", .equal(.count(1)), evictions.count)
    } else {
      expect("evictions", .between(.count(0), .count(1)), evictions.count)
    }
    if let eviction = evictions.first {
      // The beat was sent a frame's way before it was seen: 20 ms cover the way and the statement.
      expect(
        "last beat to eviction", .between(.duration(.milliseconds(44_900)), .duration(.milliseconds(55_100))),
        eviction - beat)
    }
    try await expect("agent online again", within: .seconds(35)) {
      try await self.isOnline(agent)
    }
  }

  /// A start that takes 90 s does not cost the connection.
  fileprivate func judgeLongStart() async throws {
    let agent = agents[0]
    let start = now
    _ = try await begin(.imagePull(image: "example.invalid/xterm-vnc:1", .seconds(85)), for: nil)
    markFault("image pull of 85 s", lane: agent, from: start, to: start + .seconds(85))
    let answer = try await user("u01").create(SessionRequest(), at: nil)
    guard let session = answer.session else { throw CaseFailure("create answered \(answer.summary)") }
    try await expect("the session runs", within: .seconds(120), every: .milliseconds(500)) {
      try await self.sessionRow(session)?.state == "running"
    }
    expect("reconnections", .equal(.count(0)), registrations(of: agent, after: start).count)
  }

  /// A cut of 60 s: creates wait while the last beat is younger than 90 s; online again within 35 s of the heal.
  fileprivate func judgeCut() async throws {
    let agent = agents[0]
    let start = now
    try await sleep(until: start + .seconds(10))
    guard let beat = try await agentRow(agent)?.lastHeartbeat else { throw CaseFailure("\(agent) has no heartbeat") }
    // The cut of 60 s is made long enough to pass the 90 s after which a create is refused.
    let length = Duration.seconds(depth == .full ? 100 : 60)
    markFault("cut", lane: agent, from: now, to: now + length)
    let cut = try await begin(.cut(.agent(agent), .replica(replicas[0])), for: nil)
    let begun = now
    try await expect("row offline", within: .seconds(55), from: beat) {
      try await self.agentRow(agent)?.status == "offline"
    }
    let waiting = try await user("u01").create(SessionRequest(), at: nil)
    expect("create while the last beat is young", .equal(.count(202)), waiting.status ?? 0)
    if depth == .full {
      try await sleep(until: beat + .seconds(91))
      let late = try await user("u02").create(SessionRequest(), at: nil)
      expect("create after 90 s without a beat", .equal(.count(503)), late.status ?? 0)
    }
    try await sleep(until: begun + length)
    try await end(cut)
    let healed = now
    try await expect("agent online again", within: .seconds(35), from: healed) {
      try await self.isOnline(agent)
    }
    markRecovery("online again", lane: agent, from: healed)
    if let session = waiting.session {
      try await expect("the waiting session runs", within: .seconds(40), every: .milliseconds(500)) {
        try await self.sessionRow(session)?.state == "running"
      }
    }
  }
}
