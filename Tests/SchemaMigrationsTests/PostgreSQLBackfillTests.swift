import DatabaseTestSupport
import StreamSpaceProtocol
import Testing

@testable import SchemaMigrations

@Suite(.enabled(if: TestServer.isAvailable, "needs postgres")) struct PostgreSQLBackfillTests {
  private static let rows = [
    "INSERT INTO agents (agent_id, platform) VALUES ('a1', 'kubernetes')",
    "INSERT INTO users (id, username, email) SELECT 'u' || n, 'u' || n, 'u' || n FROM generate_series(1, 3) n",
    """
    INSERT INTO sessions (id, user_id, state, agent_id)
    SELECT 's' || n, 'u1', 'running', 'a1' FROM generate_series(1, 12000) n
    """,
    """
    INSERT INTO agent_commands (command_id, agent_id, action, created_at)
    SELECT 'c' || n, 'a1', 'start_session', TIMESTAMP '2025-01-01' + n * INTERVAL '1 second'
    FROM generate_series(1, 12000) n
    """,
  ]

  @Test func `old commands get the time of their creation, everybody the first organisation, once`() throws {
    let bench = try MigrationBench(at: 0)
    #expect(bench.psql(Self.rows) == [])
    #expect(bench.run() == .ready(version: 10, applied: Array(1...10)))
    #expect(try bench.value("SELECT count(*) FROM agent_commands WHERE updated_at = created_at") == "12000")
    #expect(try bench.value("SELECT count(*) FROM sessions WHERE org_id = 'default-org' AND tags = '{}'") == "12000")
    #expect(try bench.value("SELECT count(*) FROM sessions WHERE streaming_port = 5900") == "12000")
    // Who is taken out stays out.
    try bench.connection.execute("UPDATE users SET org_id = NULL WHERE id = 'u2'")
    bench.run()
    #expect(try bench.value("SELECT count(*) FROM users WHERE org_id IS NULL") == "1")
    // The time of a change is the trigger's.
    try bench.connection.execute("UPDATE agent_commands SET status = 'sent', updated_at = '2000-01-01'")
    #expect(try bench.value("SELECT count(*) FROM agent_commands WHERE updated_at < now() - INTERVAL '1 hour'") == "0")
  }

  @Test func `a back-fill that dies goes on after its last batch`() throws {
    let bench = try MigrationBench(at: 3)
    bench.psql(Self.rows)
    let run = MigrationBehaviour().run(to: 4, appliedBy: "api-0")
    let dying = try bench.database.connect()
    var answer: SQLResponse?
    var fills = 0
    while fills < 2, case .send(let request) = run.next(answer) {
      answer = dying.answer(request)
      if request.name == "migration 4.2/1" { fills += 1 }
    }
    dying.close()
    let position = try bench.ledger.standing(4).first { $0.state == .running }?.position
    #expect(
      try bench.value("SELECT command_id FROM agent_commands ORDER BY 1 LIMIT 1 OFFSET 4999") == "'\(position ?? "")'")
    var filled = 0
    let end = CountingRun(MigrationBehaviour().run(to: 4, appliedBy: "api-1")) { name, count in
      if name == "migration 4.2/1" { filled += count }
    }.perform(on: bench.connection)
    #expect(end == .ready(version: 4, applied: [4]))
    #expect(filled == 7000)
    #expect(try bench.value("SELECT count(*) FROM agent_commands WHERE updated_at = created_at") == "12000")
  }

  @Test func `the shipped 004 leaves the time of the migration, and a back-fill at every start fills again (B-84)`()
    throws
  {
    let bench = try MigrationBench(at: 0)
    bench.psql(Self.rows)
    var behaviour = MigrationBehaviour()
    behaviour.updateTimes = .migration
    behaviour.backFills = .everyStart
    bench.run(behaviour)
    #expect(try bench.value("SELECT count(*) FROM agent_commands WHERE updated_at = created_at") == "0")
    try bench.connection.execute("UPDATE users SET org_id = NULL WHERE id = 'u2'")
    #expect(bench.run(behaviour) == .ready(version: 10, applied: []))
    #expect(try bench.value("SELECT count(*) FROM users WHERE org_id IS NULL") == "0")
  }
}

/// Tells of each answered request.
private final class CountingRun: MigrationRun {
  private let run: any MigrationRun
  private let told: (String, Int) -> Void
  private var last = ""

  init(_ run: any MigrationRun, told: @escaping (String, Int) -> Void) {
    self.run = run
    self.told = told
  }

  func next(_ answer: SQLResponse?) -> MigrationAction {
    if case .result(let result)? = answer { told(last, result.rowCount) }
    let action = run.next(answer)
    if case .send(let request) = action { last = request.name }
    return action
  }
}
