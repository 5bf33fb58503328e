import TestEnvironment

extension HAKubernetesAgentLeaderElection {
  /// The leader, or every replica of the agent, goes.
  static let lossCases: [TestCase] = [deletedGracefully, crashes, viewersAfterFailOver, allRestart]

  private static let silent: Int64 = 1
  private static let crashed: Int64 = 1

  static let deletedGracefully = TestCase(
    "HA-LE-02", "Leader deleted gracefully", in: scenario, source: "[P test 2]", live: true,
    variants: [Variant("", .t3ha)], needs: ["replicas:3", "k8s-ha", "agent-stop", "vnc"],
    checks: ["I-LEADER-ONE", "I-LEADER-LIVE", "I-SESS-SURVIVE", "I-ONE-CONN"],
    kills: ["A-05", "B-01", "B-38", "C-26"],
    limits: "that the old socket outlives the lease is arranged in the simulation only", limit: .seconds(3_600)
  ) { environment in
    let agent = environment.agents[0]
    _ = try await environment.awaitLeader(of: agent)
    let kept = try await environment.serialStarts(5, by: "u01")
    // 20 repeats in the campaign; two show both kinds of end that the old socket can have.
    for round in 0..<(environment.depth == .full ? 20 : 2) {
      let start = environment.now
      try await environment.sleep(until: start + .seconds(10))
      let old = try await environment.awaitLeader(of: agent)
      let pods = try await environment.pods(of: kept)
      let host = try await environment.requireHolder(of: agent)
      let viewers = try await environment.opened(kept) { environment.replicas[$0 % environment.replicas.count] }
      let loss = environment.now
      let isLate = round % 2 == 1
      if isLate {
        // What the leaver still sends arrives 20 s later: its socket outlives its lease, and at the very replica that
        // the successor comes to.
        environment.markFault("one-way cut to \(host)", lane: old, from: loss, to: loss + .seconds(20))
        try await environment.steerSockets(to: host)
        _ = try await environment.begin(.cutOneWay(from: .instance(old), to: .replica(host)), for: .seconds(20))
      }
      environment.markFault("deleted", lane: old, from: loss)
      let results = try await environment.concurrently([
        { @Sendable in
          try await environment.control(.instance(old), .restart)
          let failOver = try await environment.expectFailOver(
            of: agent, from: old, at: loss, as: .graceful, acting: .seconds(15))
          environment.record.sample(.gracefulLeaderChange, failOver.acting)
          let again = try await environment.judgeInterruption(
            "leader deleted", Array(zip(kept, viewers)), from: loss
          ) { loss + failOver.acting }
          environment.expectOpen("viewers afterwards", again)
          for viewer in again { try await viewer.close(abruptly: false) }
          return [OwnedSession]()
        },
        { @Sendable in
          // Work for whoever believes that it is its own.
          var made: [OwnedSession] = []
          for moment in [0, 500, 1_000, 1_500] {
            try await environment.sleep(until: loss + .milliseconds(moment))
            made.append(try await environment.created(SessionRequest(), by: "u02"))
          }
          return made
        },
      ])
      let during = results[1]
      if isLate { try await environment.steerSockets(to: nil) }
      try await environment.expect("sessions asked for during the change run", within: .seconds(30), from: loss) {
        try await environment.count(during, in: "running") == during.count
      }
      try await environment.stopAll(during, as: "their stops")
      // Past the 45 to 55 s after which an old socket would be found stale, and the replacement's start.
      try await environment.sleep(until: loss + .seconds(60))
      environment.expect("reconnections", .equal(.count(1)), environment.registrations(of: agent, after: loss).count)
      environment.expect("sockets of the agent", .equal(.count(1)), try await environment.connectionCount(of: agent))
      environment.expect(
        "row of the agent", equals: "online", try await environment.agentRow(agent)?.status ?? "absent")
      try await environment.expectUntouched(kept, pods: pods, by: "leader deleted")
    }
  }

  static let crashes = TestCase(
    "HA-LE-03", "Leader crashes, lease not released", in: scenario, source: "[+]", live: true,
    variants: [Variant("crash", .t3ha), Variant("silent", .t3ha, parameter: silent)],
    plain: .inTurn, needs: ["replicas:3", "k8s-ha", "agent-kill"], checks: ["I-LEADER-LIVE", "I-CMD-LIVE"], kills: []
  ) { environment in
    let agent = environment.agents[0]
    let old = try await environment.awaitLeader(of: agent)
    let kept = try await environment.running(SessionRequest(), by: "u01").session
    let pods = try await environment.pods(of: [kept])
    // Where between two renewals it strikes is the seed's.
    try await environment.sleep(for: .milliseconds(10_000 + environment.choose("moment of the crash", 2_000)))
    let loss = environment.now
    environment.markFault(environment.variant.name, lane: old, from: loss)
    try await environment.control(.instance(old), environment.variant.parameter == silent ? .vanish : .crash)
    try await environment.sleep(until: loss + .seconds(1))
    let asked = environment.now
    let during = try await environment.created(SessionRequest(), by: "u01")
    let failOver = try await environment.expectFailOver(
      of: agent, from: old, at: loss, as: .crash, acting: .seconds(25))
    environment.record.sample(.crashLeaderChange, failOver.acting)
    environment.expect(
      "time to another holder", .between(.duration(.seconds(13)), .duration(.milliseconds(23_800))), failOver.lock)
    try await environment.expect("the command given after 1 s is completed", within: .seconds(60), from: asked) {
      try await environment.command(of: during.name, action: "start_session")?.status == "completed"
    }
    try await environment.expectUntouched([kept], pods: pods, by: "leader \(environment.variant.name)")
    environment.expect("sockets of the agent", .atLeast(.count(1)), try await environment.connectionCount(of: agent))
    try await environment.sleep(until: loss + .seconds(56))
    environment.expect(
      "sockets after 56 s", .equal(.count(1)), try await environment.connectionCount(of: agent))
  }

  static let viewersAfterFailOver = TestCase(
    "HA-LE-14", "Viewers after fail-over", in: scenario, source: "[+]", live: true,
    variants: [Variant("deleted", .t3ha), Variant("crash", .t3ha, parameter: crashed)], plain: .inTurn,
    needs: ["replicas:3", "k8s-ha", "users", "vnc", "agent-stop", "agent-kill"],
    checks: ["I-VNC-OPEN", "I-VNC-END"], kills: ["B-61"]
  ) { environment in
    let agent = environment.agents[0]
    let leader = try await environment.awaitLeader(of: agent)
    let sessions = try await environment.seededSessions(5, on: agent)
    let pods = try await environment.pods(of: sessions)
    let viewers = try await environment.opened(sessions) { environment.replicas[$0 % environment.replicas.count] }
    for session in sessions { try await environment.desktop(of: session.name, .video(perSecond: 5)) }
    try await environment.sleep(for: .milliseconds(3_000 + environment.choose("moment of the loss", 2_000)))
    let isCrash = environment.variant.parameter == crashed
    let loss = environment.now
    environment.markFault(environment.variant.name, lane: leader, from: loss)
    try await environment.control(.instance(leader), isCrash ? .crash : .stop)
    let again = try await environment.judgeInterruption(
      "leader \(environment.variant.name)", Array(zip(sessions, viewers)), from: loss
    ) {
      let failOver = try await environment.expectFailOver(
        of: agent, from: leader, at: loss, as: isCrash ? .crash : .graceful, acting: .seconds(isCrash ? 25 : 15))
      return loss + failOver.acting
    }
    try await environment.expectUntouched(
      sessions, pods: pods, by: "leader \(environment.variant.name)", viewers: (5, again.openCount))
  }

  static let allRestart = TestCase(
    "HA-LE-15", "All replicas restart together", in: scenario, source: "[+]", live: true,
    variants: [Variant("graceful", .t3ha), Variant("crash", .t3ha, parameter: crashed)],
    plain: .inTurn, needs: ["replicas:3", "k8s-ha", "users", "agent-kill"], checks: ["I-SESS-SURVIVE", "I-CMD-LIVE"],
    kills: []
  ) { environment in
    let agent = environment.agents[0]
    let isCrash = environment.variant.parameter == crashed
    let old = try await environment.awaitLeader(of: agent)
    let sessions = try await environment.runningSessions(10)
    let pods = try await environment.pods(of: sessions)
    try await environment.sleep(for: .seconds(10))
    let loss = environment.now
    for instance in environment.instances(of: agent) {
      environment.markFault(isCrash ? "crash" : "deleted", lane: instance, from: loss)
    }
    _ = try await environment.concurrently(
      environment.instances(of: agent).map { instance in
        { @Sendable in
          if isCrash { try await environment.control(.instance(instance), .crash) }
          try await environment.control(.instance(instance), .restart)
        }
      })
    let failOver = try await environment.expectFailOver(
      of: agent, from: old, at: loss, as: isCrash ? .crash : .graceful, acting: .seconds(isCrash ? 45 : 30),
      isSampled: false)
    if !isCrash { environment.record.sample(.agentRollout, failOver.acting) }
    if isCrash {
      // 17 s until the first newcomer runs, and 15 s in which it watches a lease that is nobody's any more.
      environment.expect("newcomers watch the old lease first", .atLeast(.duration(.seconds(32))), failOver.lock)
    }
    try await environment.expectUntouched(sessions, pods: pods, by: "all replicas \(environment.variant.name)")
    try await environment.stopAll(sessions, as: "all sessions stopped")
    environment.expect(
      "objects left of the sessions", .equal(.count(0)),
      try await environment.inventory(of: agent).count { $0.session != nil && $0.kind != "session" })
  }
}

extension Environment {
  /// Starts sessions one after the other, each when the one before runs, as StreamSpace's Test 3.1 did.
  fileprivate func serialStarts(_ count: Int, by user: String) async throws -> [OwnedSession] {
    let begun = now
    var sessions: [OwnedSession] = []
    for _ in 0..<count {
      let session = try await running(SessionRequest(), by: user).session
      if let time = startTime(of: session.name) { record.sample(.sessionStart, time) }
      sessions.append(session)
    }
    record.sample(.fiveSerialStarts, now - begun)
    return sessions
  }
}
