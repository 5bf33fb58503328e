import TestEnvironment

extension MultiUserConcurrent {
  /// How sessions end, and what keeps their names apart.
  static let endingCases: [TestCase] = [concurrentTermination, deleteWhileStarting, names]

  // MARK: MU-10

  private static let concurrentTermination = TestCase(
    "MU-10", "Concurrent termination", in: scenario, source: "[P Test 1.3]", live: true,
    variants: [Variant("", Topology.t3m.with { $0.absentReplicas = 1 })],
    needs: ["replicas:3", "agents:3", "k8s", "users", "schedule"],
    checks: ["I-NO-ORPHAN", "I-SESS-TRUTH", "I-QUOTA"], kills: ["A-16", "A-17", "A-18", "B-27", "C-28"]
  ) { environment in
    try await environment.awaitAgents()
    var sessions: [OwnedSession] = []
    for (index, agent) in environment.agents.enumerated() {
      sessions += try await environment.seededSessions(5, on: agent, firstUser: index + 1)
    }
    // A replica that becomes ready begins with a round of its reconciler: it comes in the middle of the stops.
    let late = environment.replicas[2]
    try await environment.control(.replica(late), .start)
    try await environment.require("the late replica is ready", within: .seconds(30), every: .milliseconds(20)) {
      try await environment.isReady(late)
    }
    let start = environment.now
    let ending = sessions
    let answers = try await environment.concurrently(
      ending.map { session in
        { @Sendable in try await environment.user(session.user).stop(session.name, at: nil) }
      })
    environment.expect("answers of 202", .equal(.count(15)), answers.count { $0.status == 202 })
    try await environment.expectEnded(ending, from: start)
    // The reconcilers have had another round each by then.
    try await environment.sleep(for: .seconds(65))
    for session in ending {
      let stops = try await environment.commandRows(session: session.name).count { $0.action == "stop_session" }
      environment.expect("stops of each session", .equal(.count(1)), stops)
    }
    // What has ended counts no more, and nothing counts for less than it is.
    let made = try await environment.createdTogether(Array(repeating: "u01", count: 6)) { _ in nil }
    environment.expect("creates accepted afterwards", .equal(.count(5)), made.sessions.count)
    try await environment.expectAllRunning("they run", made.sessions, within: .seconds(30), from: environment.now)
    try await environment.stopAll(made.sessions)
    environment.recordUsers()
    try await environment.recordOrphans()
  }

  // MARK: MU-11

  private static let deleteWhileStarting = TestCase(
    "MU-11", "Delete while starting, double delete", in: scenario, source: "[+]", variants: [Variant("", .t3)],
    needs: ["replicas:3", "k8s", "users"], checks: ["I-CMD-ORDER", "I-NO-ORPHAN", "I-SESS-LEGAL"],
    kills: ["B-20", "B-31", "C-25"]
  ) { environment in
    try await environment.awaitAgents()
    // Each 100 ms up to 10 s; in a plain run one a second, moved by the seed, the first at once.
    let offset = Int(environment.seed % 10) * 100
    let points =
      environment.depth == .full
      ? (0..<100).map { Duration.milliseconds($0 * 100) }
      : [.zero] + (0..<9).map { Duration.milliseconds($0 * 1_000 + offset) }
    let begun = environment.now
    let sessions = try await environment.concurrently(
      points.enumerated().map { index, delay in
        { @Sendable in
          // One begins while others are under way; no more at once than the agent takes on.
          try await environment.sleep(until: begun + .seconds(3) * index)
          let session = try await environment.created(
            SessionRequest(), by: environment.userName(index % 10 + 1))
          try await environment.sleep(for: delay)
          try await environment.deleteTwice(session)
          return session
        }
      })
    let together = try await environment.endedWhileAway()
    let all = sessions + together
    try await environment.expect("all are terminated", within: .seconds(60), every: .milliseconds(500)) {
      try await environment.count(all, in: "terminated") == all.count
    }
    for session in all {
      let last = try await environment.user(session.user).stop(session.name, at: nil)
      environment.expect("DELETE of what has ended", .equal(.count(409)), last.status ?? 0)
    }
    try await environment.recordOrphans()
  }

  // MARK: MU-13

  private static let names = TestCase(
    "MU-13", "Names", in: scenario, source: "[P TC-CORE-008]",
    variants: [
      Variant(
        "",
        Topology.t2.with {
          $0.accounts = [.init("u01", quota: .init(sessions: 1_000, milliCPU: 1_000_000, memoryMiB: 1_000_000))]
          $0.agents[0].maxSessions = 1_000
          $0.nameSuffixes = 1_024
        })
    ], needs: ["replicas:2", "k8s", "users", "schedule"], checks: ["I-ACCEPT", "I-TENANT"], kills: [],
    limit: .seconds(4_000)
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    try await environment.control(.agent(agent), .stop)
    try await environment.require("the agent is offline", within: .seconds(20)) {
      try await environment.agentRow(agent)?.status == "offline"
    }
    let start = environment.now
    // Of 200 names out of 1 024 about 18 collide.
    let perLane = 20
    let wanted = 10 * perLane
    let lanes = try await environment.concurrently(
      (0..<10).map { _ in
        { @Sendable in
          var names: [String] = []
          for _ in 0..<perLane {
            let answer = try await environment.user("u01").create(SessionRequest(), at: nil)
            if answer.isAccepted, let name = answer.session { names.append(name) }
          }
          return names
        }
      })
    let names = lanes.flatMap { $0 }
    environment.expect("creates accepted", .equal(.count(wanted)), names.count)
    environment.expect("different names", .equal(.count(wanted)), Set(names).count)
    environment.expect("time that took", .atMost(.duration(.seconds(60))), environment.now - start)
    let rows = environment.insertedSessions()
    environment.expect("rows, each inserted once", .equal(.count(wanted)), rows)
    let list = try await environment.user("u01").list(at: nil)
    environment.expect("names in the list of their owner", .equal(.count(wanted)), Set(list.sessions).count)
    let foreign = try await environment.user("u02").list(at: nil)
    environment.expect("names in the list of another", .equal(.count(0)), foreign.sessions.count)
    // They end before they began: the agent finds a start and a stop of each.
    let stops = try await environment.concurrently(
      (0..<10).map { lane in
        { @Sendable in
          var accepted = 0
          for name in lanes[lane] where try await environment.user("u01").stop(name, at: nil).status == 202 {
            accepted += 1
          }
          return accepted
        }
      })
    environment.expect("stops accepted", .equal(.count(wanted)), stops.reduce(0, +))
    let sessions = names.map { OwnedSession(name: $0, user: "u01") }
    try await environment.control(.agent(agent), .start)
    try await environment.require("all are terminated", within: .seconds(900), every: .seconds(2)) {
      try await environment.count(sessions, in: "terminated") == sessions.count
    }
    environment.recordUsers()
    try await environment.recordOrphans()
  }
}

extension Environment {
  /// Two requests to stop a session, one right after the other, at replicas in turn.
  fileprivate func deleteTwice(_ session: OwnedSession) async throws {
    let client = user(session.user)
    let first = try await client.stop(session.name, at: nil)
    expect("first DELETE", .equal(.count(202)), first.status ?? 0)
    let second = try await client.stop(session.name, at: nil)
    expect("second DELETE", .equal(.count(409)), second.status ?? 0)
  }

  /// Sessions that are made and deleted while their agent is away for a moment: it finds start and stop of each at once.
  fileprivate func endedWhileAway() async throws -> [OwnedSession] {
    let agent = agents[0]
    let start = now
    let fault = try await begin(.reset(.agent(agent), .controlPlane), for: nil)
    markFault("connection reset", lane: agent, from: start)
    var sessions: [OwnedSession] = []
    for number in 1...3 {
      let session = try await created(SessionRequest(), by: userName(number))
      try await deleteTwice(session)
      sessions.append(session)
    }
    try await end(fault)
    try await expect("the agent is back", within: .seconds(30), every: .milliseconds(250)) {
      try await self.holder(of: agent) != nil
    }
    return sessions
  }

  /// Rows of sessions that requests inserted.
  fileprivate func insertedSessions() -> Int {
    observations.count { timed in
      if case .sessionInserted(_, _, _, "pending", _, _) = timed.observation { true } else { false }
    }
  }
}
