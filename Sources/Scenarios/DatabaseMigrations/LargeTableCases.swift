import DatabaseContents
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// DBM-15: migrations of large tables do not keep others out.
extension DatabaseMigrations {
  static let largeTables: TestCase = {
    var testCase = TestCase(
      "DBM-15", "Large tables", in: .databaseMigrations, source: "[+]", live: true,
      variants: [Variant("", loaded)], needs: ["sql", "replicas:3", "k8s"], checks: ["I-CMD-LIVE", "I-MIG-DATA"],
      kills: ["C-30"],
      limits: """
        rows: 1 200 sessions and 6 000 commands in a plain run on SQLite, 4 000 and 20 000 with `--depth full`, 200 000 \
        and 1 000 000 on PostgreSQL; the simulated control plane needs version 9, so its live load meets the step \
        from 9 to 10, without the many rows
        """
    ) { environment in
      try await environment.judgeLiveLoad()
    }
    testCase.databaseBody = { bench in try bench.judgeLargeTables() }
    return testCase
  }()

  /// Ten agents, two replicas that serve, and a third whose binary is newer than the schema.
  private static let loaded = Topology.t3.with { topology in
    topology.agents = (1...10).map { Topology.Agent("k8s-load-\($0)", maxSessions: 20) }
    topology.database = .version(9, users: 0, sessions: 0, commands: 0)
    topology.binaries = [9, 9, nil]
    topology.absentReplicas = 1
  }
}

extension DatabaseBench {
  private var largeSize: ContentSize {
    switch (engine, depth) {
    case (.postgreSQL, _): .large
    case (.sqlite, .full): .largeEmbedded
    case (.sqlite, .plain): ContentSize(users: 40, sessions: 1_200, commands: 6_000)
    }
  }

  fileprivate func judgeLargeTables() throws {
    let database = try database(at: 0)
    defer { database.drop() }
    try fillBare(database, ContentGenerator(seed: seed, size: largeSize, version: 0))
    // A million rows are compared by PostgreSQL itself below.
    let before = engine == .sqlite ? try look(database) { try ContentDigest(of: $0, detail: .sums) } : nil
    var longest = Duration.zero
    var beats = Duration.zero
    var failures = 0
    var widest = WrittenRows()
    var batches = 0
    for version in 1...newest {
      let start = now
      let report = try measured(database) { () throws(SQLError) in
        // The run of version 4 is broken off in its second batch, and another takes it up.
        if version == 4 { batches += try self.breakBackFill(database, &widest) }
        try self.carryOut(version, in: database, &widest, &batches)
      }
      noteLoadTime(of: version, now - start)
      for span in report?.spans ?? [] {
        record.add(
          .lockTime(
            engine, version: version, step: String(version), table: span.table, mode: span.mode,
            longest: span.atLeast))
        longest = max(longest, span.atLeast)
      }
      for probe in report?.probes ?? [] {
        beats = max(beats, probe.longest)
        failures += probe.failures.count
      }
    }
    expect("rows written in one transaction", .atMost(.count(5_000)), widest.most)
    expect("batches of the back-fill of 4, both runs", .equal(.count((largeSize.commands + 4_999) / 5_000)), batches)
    if engine == .postgreSQL {
      expect("longest lock that stops writers", .atMost(.duration(.seconds(1))), longest)
      // A step waits up to 2 s for its lock (C30), as for an autovacuum, which the server sends away after 1 s only; who
      // comes after the step waits behind it, and for the second that the step may hold it.
      expect("longest wait of a heartbeat or request", .atMost(.duration(.seconds(3))), beats)
      expect("heartbeats and requests that failed", .equal(.count(0)), failures)
    }
    try judgeLargeContents(database, before)
  }

  /// Loads before the secondary indexes are there: with all of them a million rows take four times as long.
  private func fillBare(_ database: any LaboratoryDatabase, _ generator: ContentGenerator) throws {
    try look(database) { connection in
      // A few thousand rows on SQLite are not worth it.
      guard engine == .postgreSQL else {
        try generator.load(into: connection)
        return
      }
      let catalogue = try SQLCatalogue(connection.execute(SQLCatalogue.query))
      var indexes: [String] = []
      for name in generator.tables.map(\.name) {
        guard let table = catalogue.tables[name] else { continue }
        for (index, definition) in table.indexes.sorted(by: { $0.key < $1.key })
        where table.constraints[index] == nil {
          try connection.execute("DROP INDEX \(index)")
          let isUnique = definition.hasPrefix("UNIQUE ")
          let rest = isUnique ? String(definition.dropFirst("UNIQUE ".count)) : definition
          indexes.append("CREATE \(isUnique ? "UNIQUE " : "")INDEX \(index) ON \(name) USING \(rest)")
        }
      }
      try generator.load(into: connection)
      try connection.executeAll(indexes)
      try connection.execute("ANALYZE")
    }
  }

  /// `body` with locks and waits measured, where the engine can.
  private func measured(
    _ database: any LaboratoryDatabase, _ body: () throws(SQLError) -> Void
  ) throws -> LockReport? {
    guard let measuring = database.lockMeasuring else {
      try body()
      return nil
    }
    let agents = try look(database) { connection in
      try connection.execute("SELECT agent_id FROM agents ORDER BY agent_id LIMIT 10").rows.map { $0.values }
    }
    let probes = [
      LockProbe(
        SQLStatement("beat", "UPDATE agents SET last_heartbeat = NOW(), status = 'online' WHERE agent_id = $1"),
        parameters: agents, everyMilliseconds: 300),
      // 20 requests a second: half of them read, half write a command.
      LockProbe(
        SQLStatement("list", "SELECT id, state FROM sessions WHERE agent_id = $1 LIMIT 20"), parameters: agents,
        everyMilliseconds: 100),
      LockProbe(
        SQLStatement(
          "command",
          "UPDATE agent_commands SET status = status WHERE command_id = (SELECT MIN(command_id) FROM agent_commands WHERE agent_id = $1)"
        ),
        parameters: agents, everyMilliseconds: 100),
    ]
    return try measuring.measureLocks(beside: probes, body).report
  }

  private func carryOut(
    _ version: Int, in database: any LaboratoryDatabase, _ widest: inout WrittenRows, _ batches: inout Int
  ) throws(SQLError) {
    let connection = try database.connect()
    defer { connection.close() }
    let run = migrations.run(to: version, appliedBy: "pod-2")
    var answer: SQLResponse?
    while true {
      switch run.next(answer) {
      case .send(let request):
        let response = connection.answer(request)
        widest.note(request, response)
        if request.isBackFill { batches += 1 }
        answer = response
      case .pause: answer = nil
      case .ended(let end):
        guard end.isReady(at: version) else {
          tell(
            .migrationInterrupted(
              engine: engine, point: "large tables, version \(version)", problems: ["the run \(end.text)"]))
          return
        }
        return
      }
    }
  }

  /// Stops a run of version 4 before its second batch, and says how many batches it did.
  private func breakBackFill(_ database: any LaboratoryDatabase, _ widest: inout WrittenRows) throws(SQLError) -> Int {
    let connection = try database.connect()
    defer { connection.close() }
    let run = migrations.run(to: 4, appliedBy: "pod-1")
    var answer: SQLResponse?
    var batches = 0
    while case .send(let request) = run.next(answer) {
      if request.isBackFill {
        if batches == 1 { return batches }
        batches += 1
      }
      let response = connection.answer(request)
      widest.note(request, response)
      answer = response
    }
    return batches
  }

  private func noteLoadTime(of version: Int, _ time: Duration) {
    guard let migration = contract[version] else { return }
    record.add(
      .stepTime(
        engine, step: "\(version), large tables", name: migration.name,
        kind: Set(migration.up.map(\.kind.word)).sorted().joined(separator: ", "),
        statements: migration.up.reduce(0) { $0 + $1.statements.count }, rows: largeSize.commands, time: time))
  }

  private func judgeLargeContents(_ database: any LaboratoryDatabase, _ before: ContentDigest?) throws {
    if let before {
      try compareContents("large tables", before, in: database, along: [0, newest])
      return
    }
    try look(database) { connection in
      for (table, rows) in [("sessions", largeSize.sessions), ("agent_commands", largeSize.commands)] {
        let count = try connection.execute("SELECT COUNT(*) AS n FROM \(table)").singleRow().integer("n")
        tell(
          .contentsCompared(
            engine: engine, what: "large tables", table: table, rows: rows,
            undeclared: count == rows ? [] : ["\(count) rows in place of \(rows)"]))
      }
    }
  }
}

/// How many rows one transaction has changed, at most: its locks last as long as it does.
private struct WrittenRows {
  private(set) var most = 0
  private var isOpen = false
  private var rows = 0

  mutating func note(_ request: SQLRequest, _ response: SQLResponse) {
    switch request {
    case .begin:
      isOpen = true
      rows = 0
    case .commit, .rollback: isOpen = false
    case .execute(let statement, _):
      guard case .result(let result) = response, statement.text.hasPrefix("UPDATE ") else { return }
      rows = isOpen ? rows + result.rowCount : result.rowCount
      most = max(most, rows)
    default: break
    }
  }
}

extension Environment {
  /// 20 requests a second and the beats of ten agents while a replica migrates.
  fileprivate func judgeLiveLoad() async throws {
    try await awaitAgents()
    let start = now
    let end = start + .seconds(depth == .full ? 60 : 20)
    let late = replicas[2]
    let results = try await concurrently([
      { @Sendable in
        try await self.sleep(until: start + .seconds(5))
        try await self.control(.replica(late), .start)
        try await self.expect("the migrating replica is ready", within: .seconds(60), every: .milliseconds(200)) {
          try await self.isReady(late)
        }
        return 0
      },
      { @Sendable in
        var failed = 0
        for index in 0... {
          let time = start + .milliseconds(50 * index)
          if time >= end { break }
          try await self.sleep(until: time)
          let answer = try await self.user(self.userName(1 + index % 8)).list(at: self.replicas[index % 2])
          if !answer.isAccepted { failed += 1 }
        }
        return failed
      },
      { @Sendable in
        var made: [OwnedSession] = []
        for index in 0..<8 {
          try await self.sleep(until: start + .seconds(2 * index))
          let owner = self.userName(1 + index)
          if let name = try await self.user(owner).create(SessionRequest(), at: self.replicas[index % 2]).session {
            made.append(OwnedSession(name: name, user: owner))
          }
        }
        let sessions = made
        try await self.expect("sessions made meanwhile run", within: .seconds(30), every: .milliseconds(500)) {
          try await self.count(sessions, in: "running") == 8
        }
        return 8 - made.count
      },
    ])
    expect("requests that failed", .equal(.count(0)), results[1])
    expect("creates that failed", .equal(.count(0)), results[2])
    try await sleep(until: end)
    var gap = Duration.zero
    for agent in agents {
      var last = start
      for timed in observations {
        guard case .heartbeat(agent, _) = timed.observation, timed.time > start else { continue }
        gap = max(gap, timed.time - last)
        last = timed.time
      }
      gap = max(gap, now - last)
    }
    expect("longest time without a heartbeat", .atMost(.duration(.seconds(32))), gap)
  }
}
