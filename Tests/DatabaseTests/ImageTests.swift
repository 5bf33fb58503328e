import Foundation
import SchemaMigrations
import StreamSpaceProtocol
import Testing

@testable import Database

@Suite("Images")
struct ImageTests {
  @Test("two databases from one image are equal, and the same seed gives the same ids")
  func copies() throws {
    let image = try TestDatabase.image()
    func content(seed: UInt64) throws -> ([UInt8], SQLResult) {
      let executor = try image.open(identifierSeed: seed)
      let bytes = try executor.connection.serialize()
      let insert = SQLStatement(
        "insert", "INSERT INTO agents (agent_id, platform) VALUES ('a', 'docker') RETURNING id")
      return (bytes, try executor.execute(executor.prepare(insert), []))
    }
    let first = try content(seed: 1)
    let second = try content(seed: 1)
    let third = try content(seed: 2)
    #expect(first.0 == second.0)
    #expect(first.0 == image.bytes)
    #expect(first.1 == second.1)
    #expect(first.1 != third.1)
  }

  @Test("an image made twice is the same")
  func reproducible() throws {
    let again = try DatabaseImage(schema: .contract, at: TestDatabase.start)
    #expect(try TestDatabase.image().bytes == again.bytes)
  }

  @Test("what one copy writes no other sees")
  func independence() throws {
    let image = try TestDatabase.image()
    let one = try DatabaseEngine(image: image, identifierSeed: 1)
    let other = try DatabaseEngine(image: image, identifierSeed: 1)
    let session = DatabaseSession(1)
    let delete = SQLStatement("delete", "DELETE FROM configuration")
    let count = SQLStatement("count", "SELECT COUNT(*) FROM configuration")
    _ = one.submit(.execute(delete, []), from: session, at: 0)
    let answer = try #require(other.submit(.execute(count, []), from: session, at: 0).answer(to: session))
    #expect(try answer.get().singleRow().integer("count") == 10)
  }

  @Test("a copy that a run has used is as new for the next", arguments: [false, true])
  func reuse(leavesTransactionOpen: Bool) throws {
    let image = try TestDatabase.image()
    func run() throws -> (ObjectIdentifier, [SQLResponse]) {
      let engine = try DatabaseEngine(image: image, identifierSeed: 3)
      let session = DatabaseSession(1)
      let requests: [SQLRequest] =
        [
          .execute(
            SQLStatement(
              "a", "INSERT INTO agents (agent_id, platform) VALUES ('a', 'docker') RETURNING id, created_at"),
            []),
          .execute(
            SQLStatement("r", "INSERT INTO repositories (name, url, type) VALUES ('r', 'u', 'plugin') RETURNING id"), []
          ),
          .execute(SQLStatement("d", "DELETE FROM configuration"), []),
          .execute(SQLStatement("f", "INSERT INTO user_quotas (user_id) VALUES ('nobody')"), []), .begin,
          .execute(SQLStatement("l", "UPDATE licenses SET max_sessions = max_sessions + 1 RETURNING max_sessions"), []),
        ] + (leavesTransactionOpen ? [] : [.commit])
      let answers = requests.compactMap { engine.submit($0, from: session, at: 5).answer(to: session) }
      return (ObjectIdentifier(engine.executor), answers)
    }
    let first = try run()
    let second = try run()
    #expect(first.0 == second.0)
    #expect(first.1 == second.1)
    #expect(first.1.count == (leavesTransactionOpen ? 6 : 7))
    let third = try image.open(identifierSeed: 3)
    #expect(ObjectIdentifier(third) == first.0)
    #expect(try third.connection.serialize() == image.bytes)
  }

  @Test("the seed rows of a first start are there")
  func seeds() throws {
    let database = try TestDatabase()
    let licence = try database.run("SELECT license_key, max_sessions, expires_at FROM licenses WHERE status = 'active'")
      .singleRow()
    #expect(try licence.integer("max_sessions") == 20)
    let admin = try database.run(
      "SELECT u.username, u.org_id, q.max_sessions FROM users u JOIN user_quotas q ON q.user_id = u.id"
    ).singleRow()
    #expect(admin.values == ["admin", "default-org", 100])
    let repository = try database.run("SELECT id FROM repositories WHERE name = 'Official Templates'").singleRow()
    #expect(try repository.integer("id") == 2)
  }

  @Test("further rows can be put into an image, and a bad one is reported")
  func rows() throws {
    let insert = SQLStatement("insert", "INSERT INTO groups (id, name) VALUES ($1, $2)")
    let image = try DatabaseImage(
      schema: .shipped, at: TestDatabase.start, rows: [(insert, ["g", "group"])])
    #expect(!image.bytes.isEmpty)
    #expect(throws: SQLError.uniqueViolation(constraint: "groups_name_key")) {
      try DatabaseImage(
        schema: .shipped, at: TestDatabase.start, rows: [(insert, ["g", "group"]), (insert, ["h", "group"])])
    }
  }

  @Test("the benchmark measures every program")
  func benchmark() throws {
    let clock = ContinuousClock()
    let began = clock.now
    let measurements = try DatabaseBenchmark.run(repetitions: Self.repetitions) {
      let (seconds, attoseconds) = (clock.now - began).components
      return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
    #expect(measurements.count == 9)
    #expect(measurements.allSatisfy { $0.nanoseconds > 0 })
    if Self.repetitions > 3 { for measurement in measurements { print(measurement) } }
  }

  /// Set BENCHMARK in the environment to measure (with `-c release`); otherwise the programs only run.
  private static let repetitions = ProcessInfo.processInfo.environment["BENCHMARK"].flatMap(Int.init) ?? 3

  @Test("a copy whose schema was changed and given back is again what its image is")
  func reuse() throws {
    let image = try DatabaseImage(schema: .migrated(MigrationBehaviour(), to: 0), at: 0)
    for _ in 1...3 {
      let connection = try MemoryDatabase(image: image, at: 0).connect()
      for table in ["search_history", "dlp_policies"] { try connection.execute("DELETE FROM \(table)") }
      // The last change of what SQLite has is an exchange of a table's text.
      try connection.execute("ALTER TABLE search_history ALTER COLUMN query SET DEFAULT 'x'")
      try connection.execute("SELECT * FROM search_history")
      connection.close()
    }
  }
}
