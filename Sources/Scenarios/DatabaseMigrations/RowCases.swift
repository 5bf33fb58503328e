import DatabaseContents
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// DBM-10 and DBM-13: what the schema does to single rows, and what the control plane makes of their gaps.
extension DatabaseMigrations {
  static let trigger: TestCase = {
    var testCase = TestCase(
      "DBM-10", "Trigger", in: .databaseMigrations, source: "[P R:P1_MULTI_POD_AND_SCHEMA_VALIDATION]", live: true,
      variants: [Variant("", .t1)], needs: ["sql", "k8s", "sql-write"], checks: ["I-CMD-MONO"], kills: []
    ) { environment in
      try await environment.judgeUpdateTimes()
    }
    testCase.databaseBody = { bench in try bench.judgeTrigger() }
    return testCase
  }()

  static let nullTolerance: TestCase = {
    var testCase = TestCase(
      "DBM-13", "NULL tolerance", in: .databaseMigrations, source: "[P NULL-scan bugs x4]",
      variants: [Variant("", .t1)], needs: ["sql", "k8s", "sql-write"], checks: ["I-CMD-LIVE", "I-SCHEMA"],
      kills: ["A-06", "A-07", "A-17", "A-36", "A-37"]
    ) { environment in
      try await environment.judgeNullCommand()
    }
    testCase.databaseBody = { bench in try bench.judgeReadsOfNull() }
    return testCase
  }()
}

extension DatabaseBench {
  fileprivate func judgeTrigger() throws {
    let bench = self
    let database = try bench.filledDatabase(.small, at: bench.newest)
    defer { database.drop() }
    try bench.look(database) { connection in
      // 132 s ago, as the real run waited, by the clock of the database.
      try connection.execute(
        """
        INSERT INTO agent_commands (command_id, action, status, created_at, updated_at) VALUES \
        ('cmd-trigger', 'stop_session', 'pending', NOW() - INTERVAL '132 seconds', NOW() - INTERVAL '132 seconds')
        """)
      var times = try CommandRowTimes(connection)
      let created = times.created
      bench.expect("created and updated at first", equals: "equal", times.updated == created ? "equal" : "apart")
      let steps: [(from: String, to: String, change: String)] = [
        ("pending", "sent", "status = 'sent', sent_at = NOW()"),
        ("sent", "ack", "status = 'ack', acknowledged_at = NOW()"),
        // The trigger wins over a statement that sets the time itself.
        ("ack", "completed", "status = 'completed', completed_at = NOW(), updated_at = created_at"),
      ]
      for step in steps {
        try connection.execute("UPDATE agent_commands SET \(step.change) WHERE command_id = 'cmd-trigger'")
        let before = times
        times = try CommandRowTimes(connection)
        bench.expect(
          "created_at after \(step.to)", equals: "as it was", times.created == created ? "as it was" : "moved")
        let moved = times.updated - created >= 132_000_000 && times.updated >= before.updated
        bench.expect(
          "updated_at after \(step.to)", equals: "moved", moved ? "moved" : "at \(times.updated - created) us")
      }
    }
  }

  fileprivate func judgeReadsOfNull() throws {
    let bench = self
    let database = try bench.filledDatabase(.small, at: bench.newest)
    defer { database.drop() }
    let catalogue = try bench.catalogue(of: database)
    var tried = 0
    var failed = 0
    try bench.look(database) { connection in
      for table in Set(bench.readPaths.flatMap(\.tables)).sorted() {
        let paths = bench.readPaths.filter { $0.tables.contains(table) }
        let columns = catalogue.tables[table]?.columns ?? [:]
        for column in columns.keys.sorted() where !(columns[column] ?? "").contains(" not null") {
          _ = try connection.answer(.begin).get()
          defer { _ = connection.answer(.rollback) }
          // A key column of another table's rows may refuse to be empty; then it is never NULL.
          guard case .result = connection.answer(.execute(.emptying(column, of: table), [])) else { continue }
          for path in paths {
            tried += 1
            guard let problem = path.problem(on: connection) else { continue }
            failed += 1
            bench.tell(
              .statementPrepared(
                engine: bench.engine, statement: path.statement.name, version: bench.newest,
                problem: "with \(table).\(column) NULL: \(problem)"))
          }
        }
      }
    }
    bench.tell(
      .schemaCompared(
        engine: bench.engine, what: "with each nullable column NULL in turn", with: "what \(tried) reads expect",
        differences: failed == 0 ? [] : ["\(failed) reads failed or left rows out"]))
    bench.expect("reads with a NULL", .atLeast(.count(1)), tried)
    bench.expect("reads that failed or left rows out", .equal(.count(0)), failed)
  }
}

/// The times of the command that DBM-10 watches, in microseconds since 1970.
private struct CommandRowTimes {
  var created: Int64
  var updated: Int64

  init(_ connection: any SQLConnection) throws {
    let row = try connection.execute("SELECT * FROM agent_commands WHERE command_id = 'cmd-trigger'").singleRow()
    created = try row.microseconds("created_at")
    updated = try row.microseconds("updated_at")
  }
}

extension SQLStatement {
  fileprivate static func emptying(_ column: String, of table: String) -> SQLStatement {
    SQLStatement("emptying", "UPDATE \"\(table)\" SET \"\(column)\" = NULL", isPrepared: false)
  }
}

extension ReadPath {
  /// Why the control plane cannot make values of every row that the statement answers; nil: it can.
  func problem(on connection: any SQLConnection) -> String? {
    do {
      let answer = try connection.execute(statement, parameters)
      let read = try read(answer)
      return read == answer.rows.count ? nil : "\(answer.rows.count - read) of \(answer.rows.count) rows are left out"
    } catch {
      return "\(error)"
    }
  }
}

extension Environment {
  /// A row that is written to 132 s after its creation, as the real run did.
  fileprivate func judgeUpdateTimes() async throws {
    try await awaitAgents()
    let session = try await runningSessions(1)[0]
    guard let command = try await command(of: session.name, action: "start_session")?.command else {
      throw CaseFailure("the start has no command")
    }
    try await sleep(for: .seconds(132))
    let before = try await updateTimes(of: command)
    _ = try await sql("UPDATE agent_commands SET error_message = NULL WHERE command_id = '\(command)'")
    let after = try await updateTimes(of: command)
    expect("created_at", equals: "\(before.created)", "\(after.created)")
    expect(
      "updated_at after created_at", .atLeast(.duration(.seconds(132))), .microseconds(after.updated - after.created))
    _ = try await user(session.user).stop(session.name, at: nil)
    try await expect("the session is terminated", within: .seconds(35), every: .milliseconds(200)) {
      try await self.sessionRow(session.name)?.state == "terminated"
    }
  }

  private func updateTimes(of command: String) async throws -> (created: Int64, updated: Int64) {
    let row = try await sql("SELECT created_at, updated_at FROM agent_commands WHERE command_id = '\(command)'").first
    guard let created = (row?["created_at"] ?? nil).flatMap(Int64.init),
      let updated = (row?["updated_at"] ?? nil).flatMap(Int64.init)
    else { throw CaseFailure("the command \(command) has no times") }
    return (created, updated)
  }

  /// A command that belongs to no session, with NULL wherever a row may have it, is delivered all the same.
  fileprivate func judgeNullCommand() async throws {
    try await awaitAgents()
    let session = try await runningSessions(1)[0]
    _ = try await sql(
      """
      INSERT INTO agent_commands (command_id, agent_id, action, payload) VALUES \
      ('cmd-of-nothing', '\(agents[0])', 'stop_session', '{"sessionId":"desk-of-nobody"}')
      """)
    try await expect("a command with NULLs is carried out", within: .seconds(40), every: .milliseconds(500)) {
      try await self.commandRows(session: nil).first { $0.command == "cmd-of-nothing" }?.isFinal == true
    }
    _ = try await user(session.user).stop(session.name, at: nil)
    try await expect("the session is terminated", within: .seconds(35), every: .milliseconds(200)) {
      try await self.sessionRow(session.name)?.state == "terminated"
    }
  }
}
