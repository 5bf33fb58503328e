import TestEnvironment

extension MultiUserConcurrent {
  /// Many sessions at once, and what their users see of them.
  static let startCases: [TestCase] = [fiveAtOnce, fifteenSessions, fifteenViewers, churn]

  // MARK: MU-01

  private static let fiveAtOnce = TestCase(
    "MU-01", "Five at once", in: scenario, source: "[P Test 1.3]", live: true, variants: [Variant("", .t1)],
    needs: ["replicas:1", "k8s", "users"], checks: ["I-CMD-LIVE", "I-ACCEPT"], kills: ["A-61", "B-19"]
  ) { environment in
    try await environment.awaitAgents()
    let start = environment.now
    let made = try await environment.createdTogether(Array(repeating: "u01", count: 5)) { _ in nil }
    environment.expect("creates accepted", .equal(.count(5)), made.sessions.count)
    environment.expect(
      "slowest answer", .atMost(.duration(.seconds(2))), made.answers.map(\.latency).max() ?? .zero)
    try await environment.expectAllRunning("five of five run", made.sessions, within: .seconds(60), from: start)
    for session in made.sessions {
      environment.samplePhases(session: session.name)
      let ready = try await environment.workloads(session: session.name).count { $0.isReady }
      environment.expect("ready workloads of each", .equal(.count(1)), ready)
    }
    try await environment.stopAll(made.sessions)
    environment.recordUsers()
    try await environment.recordOrphans()
  }

  // MARK: MU-02

  private static let fifteenSessions = TestCase(
    "MU-02", "Fifteen sessions, five users", in: scenario, source: "[P PLAN]", live: true,
    variants: [Variant("", .t3m)], needs: ["replicas:3", "agents:3", "k8s", "users", "vnc"],
    checks: ["I-SESS-TRUTH", "I-CAP"], kills: ["A-53", "A-61", "B-19"]
  ) { environment in
    try await environment.awaitAgents()
    let start = environment.now
    let users = (0..<15).map { environment.userName($0 / 3 + 1) }
    let made = try await environment.createdTogether(users) { _ in nil }
    environment.expect("creates accepted", .equal(.count(15)), made.sessions.count)
    try environment.require("all creates are accepted", made.sessions.count == 15)
    try await environment.expectAllRunning("fifteen of fifteen run", made.sessions, within: .seconds(60), from: start)
    // A client with a bearer token hears nothing of what protects browsers (#148).
    let answer = try await environment.user("u01").send("GET", "/api/v1/sessions", body: nil, at: nil)
    environment.expect(
      "token against forged requests in an answer", equals: "none", answer[header: "X-CSRF-Token"] ?? "none")
    try await environment.judgeOwnObjects(of: made.sessions)
    let viewers = try await environment.concurrently(
      made.sessions.map { session in { @Sendable in try await environment.opened(session, .probe) } })
    let tunnels = environment.openStreams(of: made.sessions).tunnels
    environment.expect("tunnels", .equal(.count(15)), tunnels)
    environment.expectOpen("viewers", viewers)
    for viewer in viewers { try await viewer.close(abruptly: false) }
    for agent in environment.agents {
      var count = 0
      for session in made.sessions where try await environment.sessionRow(session.name)?.agent == agent { count += 1 }
      environment.expect("sessions on each agent", .equal(.count(5)), count)
    }
    try await environment.stopAll(made.sessions)
    environment.recordUsers()
    try await environment.recordOrphans()
  }

  // MARK: MU-09

  private static let fifteenViewers = TestCase(
    "MU-09", "VNC for all at once", in: scenario, source: "[P PLAN]", live: true, variants: [Variant("", .t3m)],
    needs: ["replicas:3", "agents:3", "k8s", "users", "vnc"], checks: ["I-VNC-BYTES", "I-VNC-ISO"], kills: ["B-55"]
  ) { environment in
    try await environment.awaitAgents()
    var sessions: [OwnedSession] = []
    for number in 1...5 {
      for agent in environment.agents {
        let user = environment.userName(number)
        let name = try await environment.seedRunningSessions(1, user: user, agent: agent)[0]
        sessions.append(OwnedSession(name: name, user: user))
      }
    }
    let viewers = try await environment.opened(sessions)
    for session in sessions { try await environment.desktop(of: session.name, .video(perSecond: 30)) }
    let begun = environment.now + .milliseconds(500)
    try await environment.sleep(until: begun + .seconds(environment.depth == .full ? 120 : 15))
    let end = environment.now
    for session in sessions { try await environment.desktop(of: session.name, .video(perSecond: 0)) }
    try await environment.sleep(for: .seconds(1))
    for viewer in viewers {
      environment.expectVideo("each of fifteen", viewer, from: begun, to: end)
      try await environment.expectSamePicture("picture of each", viewer)
    }
    environment.expectOpen("viewers", viewers)
    environment.recordUsers()
  }

  // MARK: MU-12

  private static let churn = TestCase(
    "MU-12", "Churn", in: scenario, source: "[P old plan 1.3]", live: true, variants: [Variant("", .t3)],
    needs: ["replicas:3", "k8s", "users"], checks: ["I-SESS-SURVIVE"], kills: []
  ) { environment in
    try await environment.awaitAgents()
    var sessions = try await environment.seededSessions(5, on: environment.agents[0])
    let neighbours = Array(sessions.prefix(3))
    var pods: [String] = []
    for session in neighbours {
      pods.append(try await environment.workloads(session: session.name).compactMap(\.pod).joined(separator: " "))
    }
    for round in 1...10 {
      let leaving = Array(sessions.suffix(2))
      for session in leaving {
        let answer = try await environment.user(session.user).stop(session.name, at: nil)
        environment.expect("answer to a stop", .equal(.count(202)), answer.status ?? 0)
      }
      try await environment.expect("terminated in each round", within: .seconds(35), every: .milliseconds(250)) {
        try await environment.count(leaving, in: "terminated") == 2
      }
      sessions.removeLast(2)
      let start = environment.now
      let made = try await environment.createdTogether(["u01", "u01"]) { _ in nil }
      environment.expect("creates accepted in each round", .equal(.count(2)), made.sessions.count)
      try environment.require("both creates of round \(round) are accepted", made.sessions.count == 2)
      try await environment.expectAllRunning("both run", made.sessions, within: .seconds(12), from: start)
      sessions += made.sessions
    }
    for (session, pod) in zip(neighbours, pods) {
      let now = try await environment.workloads(session: session.name).compactMap(\.pod).joined(separator: " ")
      environment.expectSame("pod of a neighbour", pod, now)
      environment.expect(
        "states of a neighbour", equals: "running", environment.states(of: session.name).joined(separator: " "))
    }
    try await environment.stopAll(sessions)
    environment.recordUsers()
    try await environment.recordOrphans()
  }
}

extension Environment {
  /// Judges that each session has a deployment, a pod and a service of its own.
  fileprivate func judgeOwnObjects(of sessions: [OwnedSession]) async throws {
    for kind in ["deployment", "pod", "service"] {
      var owners: [String: Int] = [:]
      for agent in agents {
        for object in try await objects(kind, of: agent) {
          if let session = object.session { owners[session, default: 0] += 1 }
        }
      }
      let own = sessions.count { owners[$0.name] == 1 }
      expect("sessions with one \(kind) of their own", .equal(.count(sessions.count)), own)
    }
  }
}
