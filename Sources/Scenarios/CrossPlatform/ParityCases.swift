import TestEnvironment

extension CrossPlatform {
  /// The same requests, the same answers, the same states, on both platforms.
  static let parityCases: [TestCase] = [lifeCycle, gaps, cleanUp]

  static let lifeCycle = TestCase(
    "XP-01", "Life-cycle parity", in: .crossPlatform, source: "[+]", live: true, variants: eachPlatform(),
    plain: .inTurn, needs: ["replicas:1", "k8s", "docker"], checks: ["I-ACCEPT", "I-SESS-LEGAL"],
    kills: ["A-15", "A-16", "A-20", "B-26", "B-29"]
  ) { environment in
    try await environment.awaitAgents()
    let user = environment.user("u01")
    let session = try await environment.timed("start", "running") {
      try await environment.created(SessionRequest(idleTimeout: "1m"), by: "u01")
    }
    let name = session.name
    try await environment.judgeObjects("running", session, ready: 1, kept: true)
    _ = try await environment.timed("hibernate", "hibernated", session) {
      environment.judge("hibernate", try await user.hibernate(name, at: nil), expected: 202)
    }
    try await environment.judgeObjects("hibernated", session, ready: 0, kept: true)
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
    try await environment.judgeObjects("terminated", session, ready: 0, kept: false)
    environment.judge("stop of a terminated session", try await user.stop(name, at: nil), expected: 409)
    // Every 2xx had an effect: as many commands as accepted requests and one for the idle time-out, all completed.
    let commands = try await environment.commandRows(session: name)
    environment.expect(
      "commands of the session",
      equals: "start hibernate wake hibernate wake hibernate wake stop",
      commands.map { $0.action.replacing("_session", with: "") }.joined(separator: " "))
    // A status report may tell of a state before the completion of its command does.
    try await environment.expect("commands completed", within: .seconds(5)) {
      try await environment.commandRows(session: name).count { $0.status == "completed" } == 8
    }
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
    try await environment.judgeObjects("failed", failing, ready: 0, kept: false)
    let error = try await environment.command(of: failing.name, action: "start_session")?.error ?? ""
    environment.expect("the failure has a text", equals: "yes", error.isEmpty ? "no" : "yes")
    if try await environment.state(of: failing.name) == "failed" {
      let answer = try await environment.user("u02").stop(failing.name, at: nil)
      environment.judge("stop of a failed session", answer, expected: 409)
    }
    environment.expect(
      "states of a failing create", equals: "pending failed",
      environment.states(of: failing.name).joined(separator: " "))
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
    let user = environment.user("u01")
    let request = environment.now
    let created = try await user.create(SessionRequest(), at: nil)
    guard let name = created.session else { throw CaseFailure("create answered \(created.summary)") }
    try await environment.judgeVerb("start", of: name, asked: request, created, from: "pending", to: "running")
    // What no agent has to do.
    environment.judge("GET", try await user.get(name, at: nil), expected: 200)
    environment.expect(
      "list names it", equals: "yes", try await user.list(at: nil).sessions.contains(name) ? "yes" : "no")
    let connected = try await user.connect(name, at: nil)
    environment.judge("connect", connected, expected: 200)
    environment.judge(
      "heartbeat of the connection", try await user.heartbeat(name, connection: connected.connectionID, at: nil),
      expected: 200)
    let verbs: [(verb: String, from: String, to: String, isPatch: Bool)] = [
      ("hibernate", "running", "hibernated", false), ("wake", "hibernated", "running", false),
      ("hibernate", "running", "hibernated", true), ("wake", "hibernated", "running", true),
      ("stop", "running", "terminated", false),
    ]
    for verb in verbs {
      let asked = environment.now
      let answer =
        if verb.isPatch {
          try await user.patch(name, state: verb.to, at: nil)
        } else {
          switch verb.verb {
          case "hibernate": try await user.hibernate(name, at: nil)
          case "wake": try await user.wake(name, at: nil)
          default: try await user.stop(name, at: nil)
          }
        }
      try await environment.judgeVerb(
        verb.verb, of: name, asked: asked, answer, from: verb.from, to: verb.to)
    }
    // What is no verb is refused and told.
    let strange = try await user.patch(name, state: "dancing", at: nil)
    environment.expect("PATCH of an unknown state", .between(.count(400), .count(409)), strange.status ?? 0)
    // A template for another protocol than VNC runs too: that of its desktop is none of the agent's business.
    let (selkies, _) = try await environment.running(
      SessionRequest(template: "firefox-browser"), by: "u02", within: .seconds(60))
    let ports = try await environment.limits(session: selkies.name)?.ports ?? []
    if ports.isEmpty {
      environment.record.add(
        .gap("HTTP desktops", platform: .docker, severity: .p2, whatHappens: "the container opens no port"))
    }
    environment.expect("ports of an HTTP desktop", .atLeast(.count(1)), ports.count)
  }

  /// The states in which sessions are stopped; `terminating`: stopped a second time.
  private static let cleanUpStates = [
    "pending", "running", "hibernating", "hibernated", "waking", "terminating", "failed",
  ]

  static let cleanUp = TestCase(
    "XP-12", "Clean-up parity", in: .crossPlatform, source: "[+]", live: true, variants: eachPlatform(),
    plain: .inTurn, needs: ["replicas:1", "k8s", "docker", "platform-read"], checks: ["I-NO-ORPHAN"], kills: []
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let before = try await environment.inventory(of: agent)
    // Each state three times, of which one with a home that stays.
    let count = 21
    var persistent = 0
    let broken = try await environment.begin(.imagePullFailure(image: "linuxserver/libreoffice:latest"), for: nil)
    // Side by side, five to a user.
    var sessions: [(session: OwnedSession, state: String)] = []
    for index in 0..<count {
      let state = cleanUpStates[index % cleanUpStates.count]
      let isPersistent = index < cleanUpStates.count
      if isPersistent, state != "failed" { persistent += 1 }
      let template = state == "failed" ? "libreoffice" : "xterm-vnc"
      sessions.append(
        (
          try await environment.created(
            SessionRequest(template: template, persistentHome: isPersistent),
            by: environment.owner(ofSession: index)), state
        ))
    }
    let made = sessions
    let answers = try await environment.concurrently(
      made.map { item in
        { @Sendable in
          try await environment.bring(item.session, to: item.state)
          return try await environment.user(item.session.user).stop(item.session.name, at: nil).status ?? 0
        }
      })
    try await environment.end(broken)
    let most = try await environment.inventory(of: agent)
    for state in cleanUpStates {
      let given = zip(made, answers).filter { $0.0.state == state }.map(\.1)
      // As recorded: a second stop of what is being stopped is refused like that of what is over.
      let wanted = state == "failed" || state == "terminating" ? 409 : 202
      environment.expect(
        "stops in state \(state) answered \(wanted)", .equal(.count(given.count)), given.count { $0 == wanted })
      environment.record.add(
        .parity("answer to stop in state \(state)", environment.platform, .count(given.first ?? 0)))
    }
    let live = made.filter { $0.state != "failed" }.map(\.session)
    try await environment.expect("all terminated", within: .seconds(35), every: .milliseconds(500)) {
      try await environment.count(live, in: "terminated") == live.count
    }
    let declared = persistent
    try await environment.expect("only declared objects left", within: .seconds(30), every: .milliseconds(500)) {
      let homes = environment.platform == .docker ? "volume" : "pvc"
      let left = try await environment.inventory(of: agent).filter { $0.session != nil && $0.kind != "session" }
      return left.allSatisfy { $0.kind == homes } && left.count == declared
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

  /// What of a session stands on the platform: ready workloads, and whether anything at all.
  fileprivate func judgeObjects(_ state: String, _ session: OwnedSession, ready: Int, kept: Bool) async throws {
    try await expect("\(state): ready workloads are \(ready)", within: .seconds(5)) {
      try await self.workloads(session: session.name).count { $0.isReady } == ready
    }
    let objects = try await self.objects(session: session.name, of: agents[0]).filter { $0.kind != "session" }
    expect("\(state): the workload is kept", equals: kept ? "yes" : "no", objects.isEmpty ? "no" : "yes")
    record.add(.parity("\(state): objects", platform, .text(objects.isEmpty ? "none" : "kept")))
  }

  /// A verb has its effect, or says within 5 s why not.
  fileprivate func judgeVerb(
    _ verb: String, of session: String, asked: Duration, _ answer: Answer, from before: String, to wanted: String
  ) async throws {
    expect("\(verb) is accepted", equals: "yes", answer.isAccepted ? "yes" : answer.summary)
    var outcome = "neither done nor failed"
    _ = try await wait(upTo: .seconds(60)) {
      let command = try await self.command(of: session, action: "\(verb)_session")
      if command?.status == "failed" { outcome = "failed: \(command?.error ?? "")" }
      if command?.status == "completed", try await self.state(of: session) == wanted { outcome = "works" }
      return outcome != "neither done nor failed"
    }
    let took = now - asked
    if outcome.hasPrefix("failed") {
      expect("\(verb): unsupported is told", .atMost(.duration(.seconds(5))), took)
      expect("\(verb): state", equals: before, try await state(of: session))
    }
    if outcome != "works" { record.add(.gap(verb, platform: .docker, severity: .p1, whatHappens: outcome)) }
    record.add(
      TableEntry(
        table: "verbs on Docker", row: ["verb": .text(verb), "outcome": .text(outcome), "time": .duration(took)]))
    expect(verb, equals: "works", outcome)
  }

  /// Leads a session that was just created into a state.
  fileprivate func bring(_ session: OwnedSession, to state: String) async throws {
    let user = self.user(session.user)
    guard state != "pending" else { return }
    guard state != "failed" else { return try await awaitState("failed", of: session.name, within: .seconds(240)) }
    try await awaitState("running", of: session.name)
    guard state != "running" else { return }
    if state == "terminating" {
      _ = try await user.stop(session.name, at: nil)
      return
    }
    _ = try await user.hibernate(session.name, at: nil)
    guard state != "hibernating" else { return }
    try await awaitState("hibernated", of: session.name)
    guard state != "hibernated" else { return }
    _ = try await user.wake(session.name, at: nil)
  }
}
