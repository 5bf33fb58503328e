import DatabaseTestSupport
import StreamSpaceProtocol
import Testing

@testable import SchemaMigrations

@Suite(.enabled(if: TestServer.isAvailable, "needs postgres")) struct PostgreSQLRunTests {
  /// The schema that every road must lead to.
  private static let fresh: Result<SQLCatalogue, any Error> = Result {
    try MigrationBench(at: 10).catalogue
  }

  private func expectFresh(_ bench: MigrationBench, sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(try bench.catalogue.differences(from: Self.fresh.get()) == [], sourceLocation: sourceLocation)
    #expect(try bench.ledger.isComplete(.contract), sourceLocation: sourceLocation)
  }

  // MARK: - Interruptions

  @Test(arguments: [(nil, 3), (nil, 120), (0, 9), (0, 31), (0, 52), (0, 90), (0, 140), (0, 260)] as [(Int?, Int)])
  func `a run that dies after any request is completed by the next`(version: Int?, count: Int) throws {
    let bench = try MigrationBench(at: version)
    let run = MigrationBehaviour().run(to: 10, appliedBy: "api-0")
    let dying = try bench.database.connect()
    var answer: SQLResponse?
    for _ in 0..<count {
      guard case .send(let request) = run.next(answer) else { break }
      answer = dying.answer(request)
    }
    dying.close()
    guard case .ready(10, _) = bench.run() else {
      Issue.record("the second run did not end")
      return
    }
    try expectFresh(bench)
  }

  @Test(arguments: [(2, nil), (5, 1)] as [(Int, Int?)])
  func `runners that start together all end ready with one schema`(count: Int, version: Int?) throws {
    let bench = try MigrationBench(at: version)
    let runs = (0..<count).map { MigrationBehaviour().run(to: 10, appliedBy: "api-\($0)") }
    let ends = try bench.database.runTogether(runs, seed: 7)
    #expect(ends.allSatisfy { if case .ready(10, _) = $0 { true } else { false } }, "\(ends)")
    let workers = ends.filter { if case .ready(_, let applied) = $0 { !applied.isEmpty } else { false } }
    #expect(workers.count == 1)
    try expectFresh(bench)
  }

  @Test func `runners without lock and ledger meet on an empty database, and not all survive (B-80)`() throws {
    let bench = try MigrationBench()
    let runs = (0..<3).map { MigrationBehaviour.shipped.run(to: 8, appliedBy: "api-\($0)") }
    let ends = try bench.database.runTogether(runs, seed: 7)
    #expect(ends.contains { if case .failed = $0 { true } else { false } }, "\(ends)")
  }

  // MARK: - Adoption

  @Test(arguments: [false, true]) func `a shipped database is adopted and completed`(withFiles: Bool) throws {
    let bench = try MigrationBench(at: MigrationBench.startUpList)
    if withFiles { for version in 1...8 { bench.psql(ShippedMigrations.file(version)) } }
    #expect(bench.run() == .ready(version: 10, applied: withFiles ? [1, 2, 9, 10] : [1, 2, 4, 7, 9, 10]))
    try expectFresh(bench)
    let adopted = try bench.value(
      "SELECT string_agg(DISTINCT version::text, ' ' ORDER BY version::text) FROM schema_migrations WHERE applied_by = 'adopted'"
    )
    #expect(adopted == (withFiles ? "'0 3 4 5 6 7 8'" : "'0 3 5 6 8'"))
  }

  @Test(arguments: [40, 200, 399, 420]) func `a start-up list that broke off is completed`(count: Int) throws {
    let bench = try MigrationBench()
    bench.psql(Array(ShippedMigrations.startUpList.prefix(count)))
    guard case .ready(10, _) = bench.run() else {
      Issue.record("the run did not end")
      return
    }
    try expectFresh(bench)
  }

  // MARK: - Refusals

  @Test(
    arguments: [
      (
        "UPDATE schema_migrations SET checksum = 'x' WHERE version = 4 AND step = 2",
        "the checksum of version 4 step 2 is not that of this binary"
      ),
      (
        "INSERT INTO schema_migrations VALUES (11, 1, 'later', 'x', 'done', NULL, 'api', now(), now())",
        "the database has version 11, this binary knows 10"
      ),
      (
        "DELETE FROM schema_migrations WHERE version = 3",
        "version 3 step 1 is missing below version 4 step 1"
      ),
      (
        "INSERT INTO schema_migrations VALUES (4, 9, 'more', 'x', 'done', NULL, 'api', now(), now())",
        "version 4 has no step 9"
      ),
      (
        "UPDATE schema_migrations SET state = 'lost' WHERE version = 2 AND step = 1",
        "version 2 step 1 is in an unknown state"
      ),
    ])
  func `a ledger that does not fit is refused, and nothing is written`(tamper: String, reason: String) throws {
    let bench = try MigrationBench(at: 9)
    try bench.connection.execute(tamper)
    let before = try (bench.catalogue, bench.ledger)
    #expect(bench.run() == .refused(reason))
    #expect(bench.rollBack(to: 3) == .refused(reason))
    #expect(try bench.catalogue == before.0 && bench.ledger == before.1)
    // The lock is free again.
    #expect(
      try bench.value(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 5837001 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
      ) == "0")
  }

  @Test func `a newer version that is compatible lets an older binary serve`() throws {
    let bench = try MigrationBench(at: 10)
    try bench.connection.execute(
      "INSERT INTO schema_migrations VALUES (11, 1, 'later (compatible)', 'x', 'done', NULL, 'api', now(), now())")
    #expect(bench.run() == .ready(version: 10, applied: []))
  }

  // MARK: - Waiting for locks

  @Test func `a step whose lock is not to be had is tried again`() throws {
    let bench = try MigrationBench(at: 6)
    let other = try bench.database.connect()
    try other.execute("BEGIN")
    try other.execute("LOCK TABLE sessions IN ROW EXCLUSIVE MODE")
    var pauses: [Int] = []
    let end = MigrationBehaviour().run(to: 7, appliedBy: "api-0").perform(on: bench.connection) { milliseconds in
      pauses.append(milliseconds)
      other.close()
    }
    #expect(end == .ready(version: 7, applied: [7]))
    #expect(pauses == [LockRetries.pause])
  }
}
