import DatabaseContents
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// DBM-01 and DBM-03: what a database is like that has just been made, whichever way.
extension DatabaseMigrations {
  /// What the control plane's SQL names and installations have lacked (spec/05 §3.2).
  private static let referenced = [
    "agent_commands.updated_at", "sessions.termination_reason", "sessions.terminated_at", "sessions.tags",
    "sessions.agent_id", "sessions.cluster_id", "sessions.org_id", "sessions.streaming_protocol",
    "sessions.streaming_port", "sessions.streaming_path", "agents.cluster_id", "agents.cluster_name",
    "agents.api_key_hash", "agents.api_key_created_at", "agents.api_key_last_used_at", "agents.org_id",
    "agents.approval_status", "agents.connection_epoch", "users.org_id", "audit_log.org_id", "api_keys.org_id",
    "webhooks.org_id", "agent_commands.claimed_by",
  ]

  static let freshInstall: TestCase = {
    var testCase = TestCase(
      "DBM-01", "Fresh install", in: .databaseMigrations, source: "[P schema bugs]", live: true,
      variants: [
        Variant(
          "",
          .t1.with { topology in
            topology.database = .empty
            // The secret of the administrator comes late: the replica waits for it.
            topology.adminPasswordArrives = .seconds(10)
          })
      ], needs: ["sql", "users"], checks: ["I-SCHEMA"],
      kills: ["A-33", "A-41", "A-42", "A-46", "B-24", "B-32"]
    ) { environment in
      try await environment.judgeFirstLifeCycle()
    }
    testCase.databaseBody = { bench in
      let database = try bench.laboratory.makeDatabase()
      defer { database.drop() }
      let applied = try bench.reach(bench.newest, of: database)
      bench.expect("versions applied", equals: "0 … \(bench.newest)", "\(applied.first ?? -1) … \(applied.last ?? -1)")
      let catalogue = try bench.catalogue(of: database)
      bench.expect(
        "tables of StreamSpace", .equal(.count(91)), catalogue.tables.count { $0.key != "schema_migrations" })
      let missing = Self.referenced.filter { name in
        let parts = name.split(separator: ".").map(String.init)
        return catalogue.tables[parts[0]]?.columns[parts[1]] == nil
      }
      bench.tell(
        .schemaCompared(
          engine: bench.engine, what: "of a fresh install", with: "what the control plane's SQL names",
          differences: missing.map { "\($0) is missing" }))
      try bench.look(database) { connection in
        for statement in bench.statements {
          let problem = connection.problem(preparing: statement.statement)
          guard let problem else { continue }
          bench.tell(
            .statementPrepared(
              engine: bench.engine, statement: statement.statement.name, version: bench.newest,
              problem: "\(problem)"))
        }
        let seeds = try connection.execute("SELECT COUNT(*) AS n FROM users WHERE id = 'admin' AND role = 'admin'")
        bench.expect("rows of the administrator", .equal(.count(1)), Int(try seeds.singleRow().integer("n")))
      }
    }
    return testCase
  }()

  static let freshEqualsUpgraded = TestCase.database(
    "DBM-03", "Fresh equals upgraded", source: "[+]", live: true, needs: ["sql"], checks: ["I-SCHEMA"],
    kills: ["A-33", "B-24"]
  ) { bench in
    let fresh = try bench.database(at: bench.newest)
    defer { fresh.drop() }
    let wanted = try bench.catalogue(of: fresh)
    let upgraded = try bench.filledDatabase(.small)
    defer { upgraded.drop() }
    for version in 1...bench.newest { try bench.reach(version, of: upgraded, by: "pod-\(version)") }
    bench.compare("upgraded one by one, with rows", try bench.catalogue(of: upgraded), with: "fresh", wanted)
    for base in AdoptedBase.allCases {
      let database = try bench.laboratory.makeDatabase()
      defer { database.drop() }
      try bench.lay(base, in: database)
      let end = try bench.migrate(database, to: bench.newest)
      guard end.isReady(at: bench.newest) else {
        bench.tell(
          .schemaCompared(
            engine: bench.engine, what: base.rawValue, with: "fresh", differences: ["the run \(end.text)"]))
        continue
      }
      bench.compare(base.rawValue, try bench.catalogue(of: database), with: "fresh", wanted)
      let adopted = try bench.picture(of: database).ledger.count { $0.contains("'adopted'") }
      bench.expect("\(base.rawValue): ledger rows that were adopted", .atLeast(.count(1)), adopted)
    }
  }
}

extension DatabaseBench {
  /// A database at version 0 with generated rows: what spec/06 §9 calls the v1 dump.
  func filledDatabase(_ size: ContentSize, at version: Int = 0) throws -> any LaboratoryDatabase {
    let database = try database(at: version)
    try look(database) { connection in
      try ContentGenerator(seed: seed, size: size, version: version).load(into: connection)
    }
    return database
  }
}

extension Environment {
  /// The administrator logs in, a session goes through its life, another is ended by force.
  fileprivate func judgeFirstLifeCycle() async throws {
    try await awaitAgents()
    let users = try await user("admin").list(at: nil)
    expect("the administrator is logged in", .equal(.count(200)), users.status ?? 0)
    let sessions = try await runningSessions(2)
    let stopped = try await user(sessions[0].user).stop(sessions[0].name, at: nil)
    expect("answer to the stop", .equal(.count(202)), stopped.status ?? 0)
    try await expect("the session is terminated", within: .seconds(35), every: .milliseconds(200)) {
      try await self.sessionRow(sessions[0].name)?.state == "terminated"
    }
    // Nobody answers the second stop: the reconciler ends the session by force, with a reason (C14).
    try await control(.agent(agents[0]), .crash)
    _ = try await user(sessions[1].user).stop(sessions[1].name, at: nil)
    try await expect("the other is terminated by force", within: .seconds(900), every: .seconds(5)) {
      try await self.sessionRow(sessions[1].name)?.state == "terminated"
    }
    let rows = try await sql(
      "SELECT termination_reason, terminated_at FROM sessions WHERE id = '\(sessions[1].name)'")
    let row = rows.first ?? [:]
    expect(
      "its reason and time", equals: "recorded",
      row.values.contains { $0 == nil } || row.isEmpty ? "missing" : "recorded")
    try await control(.agent(agents[0]), .start)
    try await awaitAgents()
  }
}
