import DatabaseContents
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// DBM-04 and DBM-09: what has run changes nothing when it runs again.
extension DatabaseMigrations {
  static let idempotence = TestCase.database(
    "DBM-04", "Idempotence", source: "[+]", live: true, needs: ["sql"], checks: ["I-MIG-IDEM"], kills: ["B-82"]
  ) { bench in
    let database = try bench.filledDatabase(.small)
    defer { database.drop() }
    var changed = 0
    for version in 0...bench.newest {
      try bench.reach(version, of: database)
      let once = try bench.picture(of: database, contents: true)
      for times in 2...3 {
        let end = try bench.migrate(database, to: version, by: "pod-\(times)")
        var changes = try bench.picture(of: database, contents: true).changes(since: once)
        if end != .ready(version: version, applied: []) { changes.append("the run \(end.text)") }
        changed += changes.isEmpty ? 0 : 1
        bench.tell(
          .migrationRepeated(
            engine: bench.engine, what: "the runner at version \(version)", times: times, changes: changes))
      }
      // The statements alone, as somebody would by hand who has no ledger.
      let changes = try bench.look(database) { connection in
        try bench.repeatStatements(of: version, on: connection, since: once)
      }
      bench.tell(
        .migrationRepeated(
          engine: bench.engine, what: "the statements of version \(version)", times: 3, changes: changes))
      changed += changes.isEmpty ? 0 : 1
    }
    bench.expect("repetitions that failed or changed something", .equal(.count(0)), changed)
  }

  static let backFills = TestCase.database(
    "DBM-09", "Back-fills", source: "[P 004, 006, 008]", live: true, needs: ["sql"], checks: ["I-MIG-DATA"],
    kills: ["B-84"]
  ) { bench in
    let database = try bench.filledDatabase(.small)
    defer { database.drop() }
    let before = try bench.look(database) { try ContentDigest(of: $0) }
    try bench.reach(bench.newest, of: database)
    try bench.compareContents("back-fills of 1 to \(bench.newest)", before, in: database, along: [0, bench.newest])
    try bench.look(database) { connection in
      try bench.expectRows(0, "commands not updated at their creation", connection) {
        "agent_commands WHERE updated_at <> created_at OR (updated_at IS NULL AND created_at IS NOT NULL)"
      }
      try bench.expectRows(0, "users of no organisation", connection) {
        "users WHERE org_id IS NULL OR org_id <> 'default-org'"
      }
      try bench.expectRows(0, "sessions of no organisation", connection) {
        "sessions WHERE org_id IS NULL OR org_id <> 'default-org'"
      }
      try bench.expectRows(0, "sessions without protocol and port", connection) {
        "sessions WHERE streaming_protocol IS NULL OR streaming_protocol <> 'vnc' OR streaming_port <> 5900"
      }
      try bench.expectRows(1, "organisations", connection) { "organizations WHERE id = 'default-org'" }
      try bench.emptyOnPurpose(on: connection)
    }
    let emptied = try bench.picture(of: database, contents: true)
    for times in 2...3 {
      try bench.reach(bench.newest, of: database, by: "pod-\(times)")
      bench.tell(
        .contentsCompared(
          engine: bench.engine, what: "NULLs put in place on purpose, start \(times)", table: "all tables",
          rows: emptied.contents?.tables.values.reduce(0) { $0 + $1.rows } ?? 0,
          undeclared: try bench.picture(of: database, contents: true).changes(since: emptied)))
    }
  }
}

extension DatabaseBench {
  /// Carries the statements of a version out twice more, without its runner, and tells errors and changes.
  fileprivate func repeatStatements(
    of version: Int, on connection: any SQLConnection, since once: DatabasePicture
  ) throws -> [String] {
    var changes: [String] = []
    for _ in 2...3 {
      for (number, step) in (migrations.migrations[version]?.up ?? []).enumerated() {
        // A back-fill has its place in the ledger: nobody repeats it by hand.
        if case .backfill = step.kind { continue }
        for statement in step.statements {
          if case .failure(let error) = connection.answer(
            .execute(SQLStatement("repeated", statement, isPrepared: false), []))
          {
            changes.append("step \(version).\(number + 1): \(error)")
          }
        }
      }
    }
    return changes + (try DatabasePicture(connection, contents: true).changes(since: once))
  }

  /// Records how many rows `from` counts.
  func expectRows(
    _ wanted: Int, _ what: String, _ connection: any SQLConnection, _ from: () -> String
  ) throws {
    let row = try connection.execute("SELECT COUNT(*) AS n FROM \(from())").singleRow()
    expect(what, .equal(.count(wanted)), Int(try row.integer("n")))
  }

  /// NULLs as an administrator may leave them, in every column that a migration has filled.
  fileprivate func emptyOnPurpose(on connection: any SQLConnection) throws {
    let changes = [
      "UPDATE users SET org_id = NULL WHERE id <> 'admin'",
      "UPDATE sessions SET org_id = NULL, tags = NULL, streaming_protocol = NULL, streaming_port = NULL",
      """
      INSERT INTO agent_commands (command_id, action, status, updated_at) \
      VALUES ('cmd-of-no-time', 'stop_session', 'completed', NULL)
      """,
    ]
    for change in changes { try connection.execute(change) }
  }
}
