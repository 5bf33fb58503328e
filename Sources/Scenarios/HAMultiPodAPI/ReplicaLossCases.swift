import TestEnvironment

extension HAMultiPodAPI {
  /// A replica stops, crashes or is replaced.
  static let replicaLossCases: [TestCase] = [gracefulStop, crashWithCommandInTheGap, rollingUpdate]

  static let gracefulStop = TestCase(
    "HA-API-05", "Graceful stop of the hosting replica", in: .haMultiPodAPI,
    source: "[P R:HA_CHAOS_TESTING_RESULTS test 1]", live: true, variants: [Variant("", .t2)],
    needs: ["replicas:2", "redis-read", "sql", "k8s", "vnc", "api-stop"],
    checks: ["I-ONE-CONN", "I-CMD-LIVE", "I-SESS-SURVIVE", "I-LEAK"], kills: ["B-33", "C-17", "C-18"],
    limit: .seconds(3_600)
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let kept = try await environment.runningSessions(5)
    var lost = 0
    var refused = 0
    // Six incidents in the campaign; two already show that the back-off starts again at 2 s.
    for _ in 0..<(environment.depth == .full ? 6 : 2) {
      try await environment.require("both replicas are ready", within: .seconds(90), every: .milliseconds(500)) {
        for replica in environment.replicas where !(try await environment.isReady(replica)) { return false }
        return true
      }
      let start = environment.now
      let host = try await environment.requireHolder(of: agent)
      let (created, refusedNow) = try await environment.createsWhileStopping(
        host, of: agent, from: start, viewed: kept)
      refused += refusedNow
      try await environment.sleep(until: start + .seconds(60))
      try await environment.expect("creates of this round running", within: .seconds(30), every: .milliseconds(500)) {
        try await environment.count(created, in: "running") == created.count
      }
      lost += created.count - (try await environment.count(created, in: "running"))
      let holder = try await environment.requireHolder(of: agent)
      let route = try await environment.route(of: agent)
      environment.expect("route names the new replica", equals: holder, route.pod ?? "-")
      environment.expect(
        "live sockets of the agent", .equal(.count(1)), try await environment.connectionCount(of: agent))
      for session in created { _ = try await environment.user(session.user).stop(session.name, at: nil) }
      try await environment.require("the load of the round has stopped", within: .seconds(90), every: .seconds(1)) {
        try await environment.count(created, in: "terminated") == created.count
      }
    }
    environment.expect("creates lost", .equal(.count(0)), lost)
    environment.expect("creates refused", .equal(.count(0)), refused)
    environment.expect("sessions that survived", .equal(.count(5)), try await environment.count(kept, in: "running"))
  }

  static let crashWithCommandInTheGap = TestCase(
    "HA-API-06", "Crash of the hosting replica, command in the gap", in: .haMultiPodAPI, source: "[+]",
    // 10.1 … 12 s in steps of 50 ms.
    variants: (0...38).map { step in
      let offset = 100 + 50 * Int64(step)
      return Variant("stop at 10 s + \(offset) ms", .t2, parameter: offset)
    },
    plain: .oneBySeed, needs: ["replicas:2", "sql", "k8s", "api-kill", "schedule"],
    checks: ["I-CMD-TRUTH", "I-CMD-LIVE"], kills: ["B-10", "B-33"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let sessions = try await environment.seededSessions(1, on: agent)
    let start = environment.now
    let host = try await environment.requireHolder(of: agent)
    guard let survivor = environment.replicas.first(where: { $0 != host }) else {
      throw CaseFailure("there is no second replica")
    }
    // A start that ends while nobody hears its answers: the agent gives them again (C10).
    try await environment.sleep(until: start + .seconds(5))
    guard let busy = try await environment.user("u02").create(SessionRequest(), at: nil).session else {
      throw CaseFailure("the create before the crash was refused")
    }
    try await environment.sleep(until: start + .seconds(10))
    let crashed = environment.now
    environment.markFault("crash", lane: host, from: crashed)
    try await environment.control(.replica(host), .crash)
    try await environment.control(.replica(host), .restart)
    try await environment.sleep(until: crashed + .milliseconds(environment.variant.parameter))
    let answer = try await environment.user(sessions[0].user).stop(sessions[0].name, at: survivor)
    environment.expect("answer to the stop", .equal(.count(202)), answer.status ?? 0)
    try await environment.expect("the stop is completed", within: .seconds(40)) {
      try await environment.command(of: sessions[0].name, action: "stop_session")?.status == "completed"
    }
    environment.markRecovery("stop completed", lane: agent, from: crashed)
    try await environment.expect("the start under way is completed", within: .seconds(40), from: crashed) {
      try await environment.sessionRow(busy)?.state == "running"
    }
    environment.expect("executions of the stop", .equal(.count(1)), try await environment.stopExecutions(sessions))
    let back = try await environment.wait(upTo: .seconds(60)) { try await environment.isReady(host) }
    environment.expect(
      "replacement replica ready", .reported, back.map { _ in environment.now - crashed } ?? .seconds(999))
  }

  static let rollingUpdate = TestCase(
    "HA-API-11", "Rolling update of 3 replicas under use", in: .haMultiPodAPI,
    source: "[P docs/SCALABILITY zero-downtime claim]", live: true, variants: [Variant("", .t3)],
    needs: ["replicas:3", "k8s", "users", "vnc", "api-stop"], checks: ["I-VNC-OPEN", "I-COUNT", "I-ACCEPT"],
    kills: ["B-56", "B-75"], limit: .seconds(3_600)
  ) { environment in
    try await environment.awaitAgents()
    let sessions = try await environment.seededSessions(10, on: environment.agents[0])
    var connections: [(session: OwnedSession, connection: String)] = []
    for session in sessions {
      let answer = try await environment.user(session.user).connect(session.name, at: nil)
      guard let connection = answer.connectionID else { throw CaseFailure("connect answered \(answer.summary)") }
      connections.append((session, connection))
    }
    let open = connections
    let start = environment.now
    let updateEnd = start + .seconds(10 + 30 * environment.replicas.count + 30)
    let failures = try await environment.concurrently([
      { @Sendable in
        try await environment.rollReplicas(from: start)
        return (0, 0)
      },
      { @Sendable in
        // 2 requests a second over the balancer: reads of the owners' sessions, and now and then a create by a third
        // user and its stop.
        var failed = 0
        var cut = 0
        var index = 0
        var made: [String] = []
        let guest = environment.user("u03")
        while environment.now < updateEnd {
          let session = sessions[index % sessions.count]
          let answer: Answer
          if index % 20 == 5 {
            answer = try await guest.create(SessionRequest(), at: nil)
            if let name = answer.session { made.append(name) }
          } else if index % 20 == 15, !made.isEmpty {
            answer = try await guest.stop(made.removeFirst(), at: nil)
          } else {
            answer = try await environment.user(session.user).get(session.name, at: nil)
          }
          if answer.status == nil { cut += 1 } else if !answer.isAccepted { failed += 1 }
          index += 1
          try await environment.sleep(until: start + .milliseconds(500 * index))
        }
        return (failed, cut)
      },
      { @Sendable in
        var failed = 0
        var cut = 0
        var round = 1
        while environment.now < updateEnd {
          for (session, connection) in open {
            let answer = try await environment.user(session.user).heartbeat(
              session.name, connection: connection, at: nil)
            if answer.status == nil { cut += 1 } else if !answer.isAccepted { failed += 1 }
          }
          round += 1
          try await environment.sleep(until: start + .seconds(20 * round))
        }
        return (failed, cut)
      },
      { @Sendable in
        let interruptions = try await environment.concurrently(
          sessions.map { session in { @Sendable in try await environment.keepViewing(session, until: updateEnd) } })
        return (interruptions.count { $0 == nil }, interruptions.reduce(0) { $0 + ($1 ?? 0) })
      },
    ])
    environment.expect("viewers lost", .equal(.count(0)), failures[3].0)
    environment.expect("interruptions of viewers", .atLeast(.count(10)), failures[3].1)
    environment.expect("failed requests", .equal(.count(0)), failures[1].0)
    environment.expect("refused connection heart-beats", .equal(.count(0)), failures[2].0)
    environment.expect("requests cut with a socket", .reported, failures[1].1 + failures[2].1)
    environment.expect("sessions running", .equal(.count(10)), try await environment.count(sessions, in: "running"))
  }
}

extension Environment {
  /// Stops `host` in order at 10 s, creates a session every 2 s until 60 s (25 sessions of 6 users, and one
  /// more at 5 s), and
  /// returns what was accepted and how many were refused.
  fileprivate func createsWhileStopping(
    _ host: String, of agent: String, from start: Duration, viewed: [OwnedSession]
  ) async throws -> (created: [OwnedSession], refused: Int) {
    let replicas = replicas
    let viewers = try await opened(viewed) { replicas[$0 % replicas.count] }
    let results = try await concurrently([
      { @Sendable in
        try await self.sleep(until: start + .seconds(10))
        let stopped = self.now
        self.markFault("graceful stop", lane: host, from: stopped)
        try await self.control(.replica(host), .restart)
        try await self.expect("agent registered again", within: .seconds(10), from: stopped, every: .milliseconds(20)) {
          guard let holder = try await self.holder(of: agent) else { return false }
          return holder != host
        }
        self.markRecovery("agent registered again", lane: agent, from: stopped)
        let back = self.now
        let again = try await self.judgeInterruption(
          "hosting replica stops", Array(zip(viewed, viewers)), from: stopped
        ) { back }
        try await self.sleep(until: start + .seconds(40))
        self.expectOpen("viewers afterwards", again)
        for viewer in again { try await viewer.close(abruptly: false) }
        return ([OwnedSession](), 0)
      },
      { @Sendable in
        var created: [OwnedSession] = []
        var refused = 0
        // A start that ends while nobody hears its answers: the agent gives them again (C10).
        try await self.sleep(until: start + .seconds(5))
        if let session = try await self.user(self.userName(7)).create(SessionRequest(), at: nil).session {
          created.append(OwnedSession(name: session, user: self.userName(7)))
        }
        for index in 0..<25 {
          try await self.sleep(until: start + .seconds(10 + 2 * index))
          let owner = self.userName(2 + index / 5)
          let answer = try await self.user(owner).create(SessionRequest(), at: nil)
          if answer.isAccepted, let session = answer.session {
            created.append(OwnedSession(name: session, user: owner))
          } else {
            refused += 1
          }
        }
        return (created, refused)
      },
    ])
    return results[1]
  }

  /// Views a session until `end`: whenever its viewer is told of an end it attaches again, as soon as a ready replica holds
  /// the agent. Returns how often that was; nil: there is no viewer at the end.
  fileprivate func keepViewing(_ session: OwnedSession, until end: Duration) async throws -> Int? {
    var viewer = try await opened(session)
    var interruptions = 0
    while now < end, try await viewer.waitForEnd(within: end - now) {
      let ended = viewer.facts.ended ?? now
      try await require("a ready replica holds the agent", within: .seconds(60)) {
        guard let holder = try await self.holder(of: self.agents[0]) else { return false }
        return try await self.isReady(holder)
      }
      viewer = try await expectReopened("viewer back", session, within: .seconds(5), from: max(ended, now))
      if let picture = viewer.facts.picture { record.sample("viewer downtime", picture - ended) }
      interruptions += 1
    }
    return viewer.facts.isOpen ? interruptions : nil
  }

  /// Replaces the replicas one by one, 30 s apart, each drained in order and awaited.
  fileprivate func rollReplicas(from start: Duration) async throws {
    for (index, replica) in replicas.enumerated() {
      try await sleep(until: start + .seconds(10 + 30 * index))
      let begun = now
      markFault("replaced", lane: replica, from: begun)
      try await control(.replica(replica), .restart)
      // Ready again before the next one goes, as a rolling update does.
      try await require("\(replica) is ready again", within: .seconds(90), every: .milliseconds(500)) {
        if self.now - begun < .seconds(5) { return false }
        return try await self.isReady(replica)
      }
      markRecovery("ready again", lane: replica, from: begun)
    }
  }

  /// How often the stops of the sessions were carried out, in all.
  func stopExecutions(_ sessions: [OwnedSession]) async throws -> Int {
    var count = 0
    for session in sessions {
      guard let row = try await command(of: session.name, action: "stop_session") else { continue }
      count += executions(of: row.command)
    }
    return count
  }
}
