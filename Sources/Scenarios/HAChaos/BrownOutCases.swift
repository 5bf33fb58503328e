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
