import TestEnvironment

/// DBM-16: a database that comes back from a quarter of an hour ago.
extension DatabaseMigrations {
  static let restore = TestCase(
    "DBM-16", "Backup and restore", in: .databaseMigrations, source: "[P DISASTER_RECOVERY]", live: true,
    variants: [Variant("", .t2.with { $0.standbyLag = .seconds(5) })],
    needs: ["replicas:2", "redis-read", "sql", "k8s", "db-restore"], checks: ["I-NO-ORPHAN", "I-SESS-SURVIVE"],
    kills: ["C-14"], limit: .seconds(14_400)
  ) { environment in
    try await environment.judgeRestore()
  }
}

extension Environment {
  fileprivate func judgeRestore() async throws {
    try await awaitAgents()
    try await backUp()
    let kept = try await runningSessions(5)
    let stopped = try await runningSessions(2, firstUser: 3)
    // What a reader sees at once: a standby that lags must not answer for the database.
    var stale = 0
    for session in kept {
      for replica in replicas where try await user(session.user).get(session.name, at: replica).status != 200 {
        stale += 1
      }
    }
    expect("reads that missed a session", .equal(.count(0)), stale)
    try await sleep(for: .seconds(60))
    let target = now
    // The quarter of an hour that will be lost: sessions begin, others end.
    let young = try await runningSessions(3, firstUser: 5)
    for session in stopped { _ = try await user(session.user).stop(session.name, at: nil) }
    try await require("the stopped sessions have ended", within: .seconds(60), every: .milliseconds(500)) {
      try await self.count(stopped, in: "terminated") == stopped.count
    }
    try await sleep(until: target + .seconds(15 * 60))
    let failed = now
    markFault("restored", lane: "database", from: failed)
    let restored = try await restoreDatabase(to: target)
    // As the runbook has it: whoever knew the lost rows begins anew, and the agents with them tell what they have.
    for replica in replicas { try await control(.replica(replica), .restart) }
    // They are on their way down now; what they answer meanwhile is not what is asked for.
    try await sleep(for: .seconds(10))
    expect("what the restore lost", .atMost(.duration(.seconds(15 * 60 + 1))), failed - restored.instant)
    expect("sessions without a row", .equal(.count(young.count)), restored.lost.count)
    try await expect("all replicas ready (recovery time)", within: .seconds(3_600), from: failed, every: .seconds(1)) {
      for replica in self.replicas where !(try await self.isReady(replica)) { return false }
      return try await self.holder(of: self.agents[0]) != nil
    }
    markRecovery("ready again", lane: "database", from: failed)
    // Workloads of the lost time are listed and left alone.
    try await expect("workloads without a row are listed", within: .seconds(120), every: .seconds(1)) {
      let listed = try await self.orphans(at: self.replicas[0]).map(\.session)
      return young.allSatisfy { listed.contains($0.name) }
    }
    // Rows of the lost time whose workload is gone fail with their reason.
    try await expect("rows without a workload have failed", within: .seconds(180), every: .seconds(1)) {
      try await self.count(stopped, in: "failed") == stopped.count
    }
    for session in stopped {
      let rows = try await sql("SELECT termination_reason FROM sessions WHERE id = '\(session.name)'")
      expect(
        "reason of \(session.user)'s session", equals: "workload_lost",
        (rows.first?["termination_reason"] ?? nil) ?? "-")
    }
    // Twelve minutes at least: the reconciler gives up after ten, and looks each minute (C14).
    try await sleep(for: .seconds(depth == .full ? 7_200 : 720))
    expect("sessions that survived", .equal(.count(kept.count)), try await count(kept, in: "running"))
    var alive = 0
    for session in young where try await workloads(session: session.name).contains(where: \.isReady) { alive += 1 }
    expect("workloads without a row that were left alone", .equal(.count(young.count)), alive)
    record.add(
      .sessions(
        fault: "restore to 15 min ago", before: kept.count, after: try await count(kept, in: "running"),
        untouched: kept.count + alive))
    let again = try await user("u09").create(SessionRequest(), at: nil)
    expect("answer to a create afterwards", .equal(.count(202)), again.status ?? 0)
  }
}
