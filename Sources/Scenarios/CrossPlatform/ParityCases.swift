import TestEnvironment

extension CrossPlatform {
  /// The same requests, the same answers, the same states, on both platforms.
  static let parityCases: [TestCase] = [lifeCycle, gaps, cleanUp]

  static let lifeCycle = TestCase(
    "XP-01", "Life-cycle parity", in: .crossPlatform, source: "[+]", live: true, variants: eachPlatform(),
    needs: ["replicas:1", "k8s", "docker"], checks: ["I-ACCEPT", "I-SESS-LEGAL"],
    kills: ["A-15", "A-16", "A-20", "B-26", "B-29"]
  ) { environment in
    try await environment.awaitAgents()
    let user = environment.user("u01")
    let session = try await environment.timed("start", "running") {
      try await environment.created(SessionRequest(idleTimeout: "1m"), by: "u01")
    }
    let name = session.name
    _ = try await environment.timed("hibernate", "hibernated", session) {
      environment.judge("hibernate", try await user.hibernate(name, at: nil), expected: 202)
    }
    _ = try await environment.timed("wake", "running", session) {
      environment.judge("wake", try await user.wake(name, at: nil), expected: 202)
    }
    // PATCH acts like the verbs (C13).
    _ = try await environment.timed("PATCH hibernated", "hibernated", session) {
      environment.judge("PATCH hibernated", try await user.patch(name, state: "hibernated", at: nil), expected: nil)
    }
    _ = try await environment.timed("PATCH running", "running", session) {
      environment.judge("PATCH running", try await user.patch(name, state: "running", at: nil), expected: nil)
    }
    // Idle for its 1 min and the grace of 5 min: it goes to sleep by itself (C18), and a connect wakes it.
    let idle = environment.now
    try await environment.expect("hibernates by itself", within: .seconds(480), from: idle, every: .seconds(1)) {
      try await environment.state(of: name) == "hibernated"
    }
    environment.judge("connect to a sleeping session", try await user.connect(name, at: nil), expected: nil)
    try await environment.expect("wakes on connect", within: .seconds(30), every: .milliseconds(200)) {
      try await environment.state(of: name) == "running"
    }
    _ = try await environment.timed("stop", "terminated", session) {
      environment.judge("stop", try await user.stop(name, at: nil), expected: 202)
    }
    environment.judge("stop of a terminated session", try await user.stop(name, at: nil), expected: 409)
    let states = environment.states(of: name).joined(separator: " ")
    environment.expect(
      "states",
      equals: "pending running hibernating hibernated waking running hibernating hibernated waking running "
        + "hibernating hibernated waking running terminating terminated", states)
    environment.record.add(.parity("states", environment.platform, .text(states)))
    // A create that cannot succeed.
    let broken = try await environment.begin(.imagePullFailure(image: "linuxserver/libreoffice:latest"), for: nil)
    let failing = try await environment.created(SessionRequest(template: "libreoffice"), by: "u02")
    try await environment.expect("a failing create ends as failed", within: .seconds(150), every: .milliseconds(500)) {
      try await environment.state(of: failing.name) == "failed"
    }
    try await environment.end(broken)
    environment.record.add(
      .parity(
        "states of a failing create", environment.platform,
        .text(environment.states(of: failing.name).joined(separator: " "))))
  }

  static let gaps = TestCase(
    "XP-03", "Feature gaps are explicit", in: .crossPlatform, source: "[+]", live: true, variants: [Variant("", .td)],
    needs: ["replicas:2", "docker"], checks: ["I-CMD-LIVE"], kills: ["B-49"]
  ) { environment in
    try await environment.awaitAgents()
    let (session, _) = try await environment.running(SessionRequest(), by: "u01")
    let user = environment.user("u01")
    for (verb, wanted) in [("hibernate", "hibernated"), ("wake", "running"), ("stop", "terminated")] {
      let asked = environment.now
      let answer =
        switch verb {
        case "hibernate": try await user.hibernate(session.name, at: nil)
        case "wake": try await user.wake(session.name, at: nil)
        default: try await user.stop(session.name, at: nil)
        }
      environment.judge(verb, answer, expected: 202)
      let before = verb == "hibernate" ? "running" : "hibernated"
      var outcome = ""
      try await environment.require("\(verb) has an outcome", within: .seconds(60)) {
        guard let command = try await environment.command(of: session.name, action: "\(verb)_session") else {
          return false
        }
        if command.status == "failed" { outcome = "failed: \(command.error ?? "")" }
        if command.status == "completed", try await environment.state(of: session.name) == wanted { outcome = "works" }
        return !outcome.isEmpty
      }
      if outcome != "works" {
        environment.expect("\(verb): unsupported is told", .atMost(.duration(.seconds(5))), environment.now - asked)
        environment.expect("\(verb): state", equals: before, try await environment.state(of: session.name))
        environment.record.add(.gap(verb, platform: .docker, severity: .p1, whatHappens: outcome))
      }
      environment.expect("\(verb)", equals: "works", outcome)
    }
    environment.record.add(
      .gap(
        "streaming of selkies templates through the tunnel", platform: .docker, severity: .p2,
        whatHappens: "HTTP desktops publish a port of the host; no tunnel carries them"))
  }

  private static let cleanUpStates = ["pending", "running", "hibernated", "waking", "hibernating"]

  static let cleanUp = TestCase(
    "XP-12", "Clean-up parity", in: .crossPlatform, source: "[+]", live: true, variants: eachPlatform(),
    needs: ["replicas:1", "k8s", "docker", "platform-read"], checks: ["I-NO-ORPHAN"], kills: []
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let before = try await environment.inventory(of: agent)
    let count = environment.depth == .full ? 20 : 10
    var most: [PlatformObject] = []
    var persistent = 0
    // Stopped in every state, one after the other per state, each state side by side.
    var sessions: [OwnedSession] = []
    for index in 0..<count {
      let isPersistent = index % 4 == 0
      if isPersistent { persistent += 1 }
      sessions.append(
        try await environment.created(
          SessionRequest(persistentHome: isPersistent), by: environment.owner(ofSession: index)))
    }
    let made = sessions
    _ = try await environment.concurrently(
      made.enumerated().map { index, session in
        { @Sendable in
          try await environment.bring(session, to: cleanUpStates[index % cleanUpStates.count])
          _ = try await environment.user(session.user).stop(session.name, at: nil)
        }
      })
    most = try await environment.inventory(of: agent)
    try await environment.expect("all terminated", within: .seconds(120), every: .milliseconds(500)) {
      try await environment.count(made, in: "terminated") == made.count
    }
    try await environment.expect("only declared objects left", within: .seconds(30), every: .milliseconds(500)) {
      let homes = environment.platform == .docker ? "volume" : "pvc"
      let left = try await environment.inventory(of: agent).filter { $0.session != nil && $0.kind != "session" }
      return left.allSatisfy { $0.kind == homes } && left.count <= persistent
    }
    let after = try await environment.inventory(of: agent)
    var kinds: [String] = []
    for object in before + most + after where !kinds.contains(object.kind) { kinds.append(object.kind) }
    for kind in kinds {
      environment.record.add(
        .inventory(
          what: "XP-12 \(environment.platform.rawValue)", object: kind, before: before.count { $0.kind == kind },
          most: most.count { $0.kind == kind }, after: after.count { $0.kind == kind },
          declared: kind == "pvc" || kind == "volume" ? persistent : 0))
    }
  }
}

extension Environment {
  /// Does something to a session, awaits the state it must lead to and notes the time for the parity table.
  fileprivate func timed(_ what: String, _ state: String, _ request: () async throws -> OwnedSession) async throws
    -> OwnedSession
  {
    let begun = now
    let session = try await request()
    try await expect("\(what): \(state)", within: .seconds(30), from: begun) {
      try await self.state(of: session.name) == state
    }
    record.add(.parity("time to \(what)", platform, .duration(now - begun)))
    record.sample("\(what) on \(platform.rawValue)", now - begun)
    return session
  }

  fileprivate func timed(_ what: String, _ state: String, _ session: OwnedSession, _ request: () async throws -> Void)
    async throws -> OwnedSession
  {
    try await timed(what, state) {
      try await request()
      return session
    }
  }

  /// The answer to a request; both platforms must give the same.
  fileprivate func judge(_ what: String, _ answer: Answer, expected: Int?) {
    record.add(.parity("answer to \(what)", platform, .count(answer.status ?? 0)))
    if let expected {
      expect("answer to \(what)", .equal(.count(expected)), answer.status ?? 0)
    } else {
      expect("\(what) is accepted", equals: "yes", answer.isAccepted ? "yes" : "no: \(answer.summary)")
    }
  }

  /// Leads a session that was just created into a state.
  fileprivate func bring(_ session: OwnedSession, to state: String) async throws {
    let user = self.user(session.user)
    guard state != "pending" else { return }
    try await awaitState("running", of: session.name)
    guard state != "running" else { return }
    _ = try await user.hibernate(session.name, at: nil)
    guard state != "hibernating" else { return }
    try await awaitState("hibernated", of: session.name)
    guard state != "hibernated" else { return }
    _ = try await user.wake(session.name, at: nil)
  }
}
