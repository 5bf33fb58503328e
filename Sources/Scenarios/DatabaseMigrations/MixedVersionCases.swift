import SchemaMigrations
import TestEnvironment

/// DBM-08: an upgrade under use.
extension DatabaseMigrations {
  static let mixedVersions = TestCase(
    "DBM-08", "Mixed versions under traffic", in: .databaseMigrations, source: "[P zero-downtime claim]", live: true,
    variants: [
      Variant(
        "",
        .t3.with { topology in
          topology.database = .version(9, users: 0, sessions: 0, commands: 0)
          topology.binaries = [9, 9, nil]
          topology.absentReplicas = 1
        })
    ], needs: ["replicas:3", "k8s", "api-stop"], checks: ["I-ACCEPT", "I-CMD-ONCE"], kills: ["B-16", "C-31"],
    limits: "the simulated control plane needs version 9: the upgrade under use is that from 9 to 10"
  ) { environment in
    try await environment.judgeUpgradeUnderUse()
  }
}

extension Environment {
  fileprivate func judgeUpgradeUnderUse() async throws {
    try await awaitAgents()
    let start = now
    let old = Array(replicas.prefix(2))
    let late = replicas[2]
    let end = start + .seconds(150)
    let results = try await concurrently([
      { @Sendable in
        try await self.sleep(until: start + .seconds(5))
        try await self.control(.replica(late), .start)
        try await self.expect("the newer replica has migrated", within: .seconds(60), every: .milliseconds(200)) {
          try await self.isReady(late)
        }
        // The old ones serve on for a minute with a schema that is newer than they are.
        try await self.sleep(for: .seconds(60))
        for replica in old {
          try await self.setBinary(nil, of: replica)
          try await self.control(.replica(replica), .restart)
          try await self.require("\(replica) is ready again", within: .seconds(60), every: .milliseconds(500)) {
            try await self.isReady(replica)
          }
        }
        return (0, [OwnedSession]())
      },
      { @Sendable in
        // A backlog that waits while the newer replica starts, then two requests a second over the balancer.
        var failed = 0
        var made: [OwnedSession] = []
        func create(_ number: Int) async throws {
          let owner = self.userName(number)
          let answer = try await self.user(owner).create(SessionRequest(), at: nil)
          if let status = answer.status, status >= 500 { failed += 1 }
          if let name = answer.session { made.append(OwnedSession(name: name, user: owner)) }
        }
        try await self.sleep(until: start + .milliseconds(4_500))
        for number in 1...10 { try await create(number) }
        var index = 0
        while self.now < end {
          if index % 10 == 3 {
            try await create(1 + index % 7)
          } else if index % 10 == 8, made.count > 10 {
            let session = made.removeFirst()
            let answer = try await self.user(session.user).stop(session.name, at: nil)
            if let status = answer.status, status >= 500 { failed += 1 }
          } else {
            let answer = try await self.user(self.userName(1 + index % 10)).list(at: nil)
            if let status = answer.status, status >= 500 { failed += 1 }
          }
          index += 1
          try await self.sleep(until: start + .seconds(5) + .milliseconds(500 * index))
        }
        return (failed, made)
      },
    ])
    expect("answers of 500 and above", .equal(.count(0)), results[1].0)
    let sessions = results[1].1
    try await expect("sessions that were accepted run", within: .seconds(60), every: .milliseconds(500)) {
      try await self.count(sessions, in: "running") == sessions.count
    }
    let versions = try await ledger()
    expect(
      "steps of version 10 that are not done", .equal(.count(0)),
      versions.count { $0.version == 10 && $0.state != "done" })
    let runners = Set(versions.filter { $0.version == 10 }.compactMap(\.appliedBy))
    expect("runners of version 10", .equal(.count(1)), runners.count)
  }

  /// Replicas that start at one time on a database that has to be migrated: none ends, all are ready.
  func judgeStartTogether() async throws {
    let begun = now
    try await expect("all replicas ready", within: .seconds(60), from: begun, every: .milliseconds(100)) {
      for replica in self.replicas where !(try await self.isReady(replica)) { return false }
      return true
    }
    let ended = observations.count { timed in
      if case .processEnded(let process, _, _) = timed.observation { self.replicas.contains(process) } else { false }
    }
    expect("restarts", .equal(.count(0)), ended)
    let rows = try await ledger()
    let steps = MigrationSet.contract.migrations.reduce(0) { $0 + $1.up.count }
    expect("steps in the ledger", .equal(.count(steps)), rows.count)
    expect("steps that are not done", .equal(.count(0)), rows.count { $0.state != "done" })
    try await awaitAgents()
  }
}
