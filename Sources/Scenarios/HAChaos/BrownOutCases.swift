import TestEnvironment

extension HAChaos {
  static let clusterBrownOut = TestCase(
    "CHAOS-15", "Cluster API brown-out", in: scenario, source: "[+]", variants: [Variant("", .t3ha)],
    needs: ["replicas:3", "k8s-ha", "platform-fault"], checks: ["I-NO-ORPHAN", "I-CMD-TRUTH"],
    kills: ["B-40", "B-42"], limit: .seconds(3_600)
  ) { environment in
    let agent = environment.agents[0]
    _ = try await environment.awaitLeader(of: agent)
    let sessions = try await environment.seededSessions(10, on: agent)
    let pods = try await environment.pods(of: sessions)
    let start = environment.now
    let begun = start + .seconds(10)
    let healed = begun + .seconds(300)
    try await environment.sleep(until: begun)
    environment.markFault("30 % errors, 2 s more", lane: "cluster", from: begun, to: healed)
    _ = try await environment.begin(.kubernetes(.brownOut(percent: 30)), for: .seconds(300))
    _ = try await environment.begin(.kubernetes(.slow(by: .seconds(2))), for: .seconds(300))
    let results = try await environment.concurrently([
      { @Sendable in
        // Stops of what was there, so that deletions meet the errors too.
        var load = try await environment.churn(every: .seconds(10), from: begun, to: healed - .seconds(30))
        for session in sessions.prefix(4) {
          let answer = try await environment.user(session.user).stop(session.name, at: nil)
          load.count(answer, "stop", at: environment.now)
          try await environment.sleep(for: .seconds(5))
        }
        return load
      },
      { @Sendable in
        // In between the server wants less altogether: 429 with Retry-After.
        try await environment.sleep(until: begun + .seconds(120))
        environment.markFault("429", lane: "cluster", from: environment.now, to: environment.now + .seconds(8))
        _ = try await environment.begin(.kubernetes(.throttled), for: .seconds(8))
        // And for a while no service can be made at all: starts fail half-way.
        try await environment.sleep(until: begun + .seconds(180))
        try await environment.failStartHalfWay(of: agent)
        return LoadOutcome()
      },
    ])
    environment.judge(results[0], "creates and stops over the brown-out", atLeastPermille: 1_000)
    try await environment.sleep(until: healed)
    let during = try await environment.commandRows(session: nil)
    environment.expect("commands failed with a reason", .reported, during.count { $0.status == "failed" })
    environment.expect(
      "commands failed without one", .equal(.count(0)),
      during.count { $0.status == "failed" && ($0.error ?? "").isEmpty })
    try await environment.expectRecovery(
      .cluster, "all commands are final", lane: "cluster", within: .seconds(180), from: healed,
      state: { try await environment.openCommands() },
      until: { try await environment.commandRows(session: nil).allSatisfy(\.isFinal) })
    try await environment.expect("one process leads and is connected", within: .seconds(60), from: healed) {
      guard try await environment.actingInstance(of: agent) != nil else { return false }
      return try await environment.isBack(agent)
    }
    environment.record.add(
      .elections("30 % errors and 2 s more", count: environment.elections(of: agent, after: begun), in: .seconds(300)))
    environment.expect("overlap of two leaders", .equal(.duration(.zero)), environment.overlap(of: agent))
    try await environment.endLoad()
    // What a failed stop left is taken up by the reconciler after 5 min (C14).
    let stopped = Array(sessions.prefix(4))
    try await environment.expect("stops asked for over it are done", within: .seconds(660), from: healed) {
      try await environment.count(stopped, in: "terminated") == stopped.count
    }
    try await environment.expectUntouched(
      Array(sessions.suffix(6)), pods: Array(pods.suffix(6)), by: "cluster API brown-out")
  }
}

extension Environment {
  /// Asks for a session while no service can be made, and judges that its start leaves nothing.
  fileprivate func failStartHalfWay(of agent: String) async throws {
    let begun = now
    let fault = try await begin(.kubernetes(.forbidden(verb: "create", resource: "services")), for: nil)
    let session = try await created(SessionRequest(), by: "u09")
    let isFinal = try await wait(upTo: .seconds(110), every: .milliseconds(250)) {
      try await self.command(of: session.name, action: "start_session")?.isFinal == true
    }
    markFault("403 for services", lane: "cluster", from: begun, to: now)
    try await end(fault)
    // Leases meet the same errors: its turn may not have come while leaders change.
    expect("half-made starts", .reported, isFinal == nil ? 0 : 1)
    guard isFinal != nil else { return }
    expect(
      "start without a service", equals: "failed",
      try await command(of: session.name, action: "start_session")?.status ?? "none")
    // What it made goes before it is reported to have failed (C27).
    try await expect("nothing is left of the start that failed", within: .seconds(10)) {
      try await self.objects(session: session.name, of: agent).isEmpty
    }
  }
}
