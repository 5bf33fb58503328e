import TestEnvironment

extension MultiUserConcurrent {
  /// Several requests about the same session, and one about several.
  static let sharingCases: [TestCase] = [twoTabs, batches]

  // MARK: MU-15

  private static let twoTabs = TestCase(
    "MU-15", "Two tabs wake together", in: scenario, source: "[+]", variants: [Variant("", .t2)],
    needs: ["replicas:2", "k8s", "users"], checks: ["I-CMD-ONCE", "I-SESS-TRUTH"], kills: ["C-23"]
  ) { environment in
    try await environment.awaitAgents()
    let session = try await environment.seededSessions(1, on: environment.agents[0])[0]
    let client = environment.user(session.user)
    let hibernated = try await client.hibernate(session.name, at: nil)
    try environment.require("hibernate is accepted", hibernated.isAccepted)
    try await environment.awaitState("hibernated", of: session.name)
    let tabs = 2 + environment.choose("tabs", 4)
    let gaps = (0..<tabs).map { Duration.milliseconds($0 == 0 ? 0 : environment.choose("gap \($0)", 51)) }
    let start = environment.now
    let replicas = environment.replicas
    let answers = try await environment.concurrently(
      gaps.enumerated().map { index, gap in
        { @Sendable in
          try await environment.sleep(until: start + gap)
          return try await client.wake(session.name, at: replicas[index % replicas.count])
        }
      })
    let odd = answers.filter { $0.status != 202 && $0.status != 409 }
    environment.expect("answers beside 202 and 409", equals: "", odd.map(\.summary).joined(separator: ", "))
    environment.expect("wakes accepted", .atLeast(.count(1)), answers.count { $0.status == 202 })
    try await environment.expect("it runs", within: .seconds(12), from: start, every: .milliseconds(200)) {
      try await environment.state(of: session.name) == "running"
    }
    try await environment.sleep(for: .seconds(15))
    let wakes = try await environment.commandRows(session: session.name).filter { $0.action == "wake_session" }
    environment.expect("wakes with an effect", .equal(.count(1)), wakes.count)
    let workloads = try await environment.workloads(session: session.name)
    environment.expect("workloads", .equal(.count(1)), workloads.count)
    environment.expect(
      "state after all", equals: "running", try await environment.state(of: session.name))
  }

  // MARK: MU-16

  private static let batches = TestCase(
    "MU-16", "Batch operations", in: scenario, source: "[P TC-INT-001..004, -008]", live: true,
    variants: [Variant("", .t2)], needs: ["replicas:2", "k8s", "users"],
    checks: ["I-SESS-TRUTH", "I-NO-ORPHAN"], kills: ["B-30"]
  ) { environment in
    try await environment.awaitAgents()
    let sessions = try await environment.seededSessions(5, on: environment.agents[0])
    let foreign = try await environment.seededSessions(1, on: environment.agents[0], firstUser: 2)[0]
    let absent = ["u01-xterm-vnc-00000000", foreign.name, "no such session"]
    let own = sessions.map(\.name)
    let all = own + absent
    try await environment.judgeBatch("hibernate", all, succeeds: own)
    try await environment.expectAll(sessions, in: "hibernated", ready: false)
    // One is awake already: that item fails, the others do not.
    let first = try await environment.user("u01").wake(own[0], at: nil)
    environment.expect("wake of one", .equal(.count(202)), first.status ?? 0)
    try await environment.awaitState("running", of: own[0])
    try await environment.judgeBatch("wake", all, succeeds: Array(own.dropFirst()))
    try await environment.expectAll(sessions, in: "running", ready: true)
    let empty = try await environment.user("u01").send(
      "POST", "/api/v1/batch/sessions/wake", body: #"{"sessionIds":[]}"#, at: nil)
    environment.expect("an empty batch", .equal(.count(400)), empty.status ?? 0)
    try await environment.judgeBatch("update-tags", all, succeeds: own, more: #","tags":["team"],"operation":"add""#)
    let tagged = try await environment.user("u01").send("GET", "/api/v1/sessions/by-tags?tags=team", body: nil, at: nil)
    environment.expect(
      "sessions with the tag", .equal(.count(5)), own.count { tagged.body.contains($0) })
    let start = environment.now
    try await environment.judgeBatch("delete", all, succeeds: own)
    try await environment.expectEnded(sessions, from: start)
    environment.expect(
      "the session of another", equals: "running", try await environment.state(of: foreign.name))
    try await environment.recordOrphans()
  }
}

extension Environment {
  /// Sends a batch of `u01` and judges its answer: 200, the sums, and an error for each item that is not among
  /// `succeeds`.
  fileprivate func judgeBatch(
    _ verb: String, _ ids: [String], succeeds: [String], more: String = ""
  ) async throws {
    let list = ids.map { "\"\($0)\"" }.joined(separator: ",")
    let answer = try await user("u01").send(
      "POST", "/api/v1/batch/sessions/\(verb)", body: "{\"sessionIds\":[\(list)]\(more)}", at: nil)
    expect("\(verb): answer", .equal(.count(200)), answer.status ?? 0)
    let document = JSONDocument(answer.body)
    let total = Int(document?["total"]?.integer ?? -1)
    let succeeded = Int(document?["succeeded"]?.integer ?? -1)
    let failed = Int(document?["failed"]?.integer ?? -1)
    expect("\(verb): total", .equal(.count(ids.count)), total)
    expect("\(verb): succeeded and failed together", .equal(.count(total)), succeeded + failed)
    expect("\(verb): succeeded", .equal(.count(succeeds.count)), succeeded)
    let named = (document?["errors"]?.elements ?? []).compactMap { $0["id"]?.text }
    expectSame(
      "\(verb): items with an error", ids.filter { !succeeds.contains($0) }.joined(separator: ", "),
      named.joined(separator: ", "))
  }

  /// Waits until the sessions are in a state, and their workloads as they must then be.
  fileprivate func expectAll(_ sessions: [OwnedSession], in state: String, ready: Bool) async throws {
    try await expect("all are \(state)", within: .seconds(60), every: .milliseconds(500)) {
      try await self.count(sessions, in: state) == sessions.count
    }
    var count = 0
    for session in sessions where try await workloads(session: session.name).contains(where: \.isReady) { count += 1 }
    expect("ready workloads while \(state)", .equal(.count(ready ? sessions.count : 0)), count)
  }
}
