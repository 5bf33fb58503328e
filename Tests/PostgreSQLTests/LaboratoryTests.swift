import DatabaseTestSupport
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import PostgreSQL

extension RealServer {
  @Suite("Laboratory")
  struct LaboratoryOnServer {
    private let laboratory: PostgreSQLLaboratory
    private let database: PostgreSQLDatabase

    init() throws {
      laboratory = try TestServer.laboratory()
      database = try #require(try laboratory.makeDatabase() as? PostgreSQLDatabase)
    }

    private func names(_ start: String) throws -> [String] {
      let connection = try PostgreSQLConnection(url: TestServer.url)
      let result = try connection.execute(
        "SELECT datname::text AS n FROM pg_database UNION ALL SELECT rolname::text FROM pg_roles")
      return try result.rows.map { try $0.text("n") }.filter { $0.hasPrefix(start) }
    }

    @Test("a copy has what was committed, and waits for sessions that are just ending")
    func copy() throws {
      let connection = try database.open()
      try connection.execute("CREATE TABLE t AS SELECT 1 AS a")
      let copies = Threads.run(2, seed: 0) { [database] position -> (any LaboratoryDatabase)? in
        if position == 0 { return try? database.copy() }
        Pause.milliseconds(200)
        connection.close()
        return nil
      }
      let second = try #require(copies[0]).connect()
      try second.execute("DELETE FROM t")
      #expect(try database.open().value("SELECT a FROM t") == 1)
    }

    @Test("a role that may only read reads everything, and its writes are refused as in the simulated database")
    func readOnly() throws {
      try database.open().execute("CREATE TABLE t AS SELECT 1 AS a")
      let reader = try database.connectReadOnly()
      #expect(try reader.value("SELECT a FROM t") == 1)
      #expect(try reader.error("INSERT INTO t VALUES (2)") == .readOnly("INSERT"))
      #expect(try reader.error("CREATE TABLE u (a INTEGER)") == .readOnly("CREATE TABLE"))
      try reader.execute("SET default_transaction_read_only = off")
      #expect(try reader.error("INSERT INTO t VALUES (2)").sqlState == "42501")
      #expect(try reader.error("CREATE TABLE u (a INTEGER)").sqlState == "42501")
      #expect(reader.answer(.tryAdvisoryLock(1)) == .result(SQLResult(row: ["pg_try_advisory_lock": true])))
    }

    @Test("what a laboratory made goes with the last reference to it; an open connection is one")
    func removal() throws {
      var laboratory: PostgreSQLLaboratory? = try TestServer.laboratory()
      var database = try laboratory?.makeDatabase() as? PostgreSQLDatabase
      let name = try #require(database?.name)
      let connection = try database?.connect()
      _ = try database?.connectReadOnly()
      let start = String(name.split(separator: "_").prefix(3).joined(separator: "_"))
      laboratory = nil
      database = nil
      #expect(try names(start).sorted() == [name, "\(start)_reader"].sorted())
      #expect(try connection?.value("SELECT 1") == 1)
      connection?.close()
      #expect(try names(start) == [])
      #expect(laboratory == nil && database == nil)
    }

    @Test("what a process left behind that lives no more is removed; what others still use is not")
    func leftovers() throws {
      let connection = try PostgreSQLConnection(url: TestServer.url)
      try connection.execute("CREATE DATABASE streamspace_sim_abc123_1")
      try connection.execute("CREATE ROLE streamspace_sim_abc123_reader")
      try connection.execute("CREATE DATABASE streamspace_sim_abc124_1")
      // What the owner of the second holds as long as it lives.
      _ = try connection.answer(.advisoryLock(0xabc124)).get()
      _ = try TestServer.laboratory()
      // Another laboratory that begins just now may be at it.
      #expect(try remaining(until: ["streamspace_sim_abc124_1"]) == ["streamspace_sim_abc124_1"])
      #expect(try names(database.name) == [database.name])
      _ = try connection.answer(.advisoryUnlock(0xabc124)).get()
      _ = try TestServer.laboratory()
      #expect(try remaining(until: []) == [])
    }

    /// The names of the left-overs when they are `wanted`, or after ten seconds.
    private func remaining(until wanted: [String]) throws -> [String] {
      for _ in 0..<100 {
        if try names("streamspace_sim_abc12") == wanted { return wanted }
        Pause.milliseconds(100)
      }
      return try names("streamspace_sim_abc12")
    }

    @Test("dropping ends the sessions")
    func drop() throws {
      let connection = try database.open()
      database.drop()
      #expect(connection.answer(.ping) == .failure(.connectionLost))
      #expect(try names(database.name) == [])
    }

    /// Takes a lock, counts up in a table, and leaves.
    private final class Counting: MigrationRun {
      private var requests: [SQLRequest] = [
        .advisoryLock(5), .begin, .execute(SQLStatement("add", "UPDATE n SET v = v + 1 RETURNING v"), []), .commit,
        .advisoryUnlock(5),
      ]
      private var value = 0
      private var hasPaused = false

      func next(_ answer: SQLResponse?) -> MigrationAction {
        if case .failure(let error)? = answer { return .ended(.failed(place: "count", error)) }
        if let new = try? answer?.get().firstRow?.integer("v") { value = Int(new) }
        if !hasPaused {
          hasPaused = true
          return .pause(milliseconds: 5)
        }
        return requests.isEmpty ? .ended(.ready(version: value, applied: [])) : .send(requests.removeFirst())
      }
    }

    @Test("runs go side by side, each on a connection of its own", arguments: [0, 1, 2, 3] as [UInt64])
    func together(seed: UInt64) throws {
      let connection = try database.open()
      try connection.execute("CREATE TABLE n AS SELECT 0 AS v")
      let ends = try database.runTogether((0..<5).map { _ in Counting() }, seed: seed)
      let values = ends.compactMap { if case .ready(let version, _) = $0 { version } else { nil } }
      #expect(values.sorted() == [1, 2, 3, 4, 5])
    }
  }

  @Suite("Measuring locks")
  struct Measuring {
    @Test("the longest lock and the longest wait are seen; what stops no writer is not a lock here")
    func locks() throws {
      let database = try #require(try TestServer.laboratory().makeDatabase() as? PostgreSQLDatabase)
      let connection = try database.open()
      try connection.execute("CREATE TABLE agents (id INTEGER PRIMARY KEY, beat INTEGER)")
      try connection.execute("CREATE TABLE others (id INTEGER)")
      try connection.execute("INSERT INTO agents VALUES (1, 0), (2, 0)")
      let beat = LockProbe(
        SQLStatement("beat", "UPDATE agents SET beat = beat + 1 WHERE id = $1"), parameters: [[1], [2]],
        everyMilliseconds: 10)
      let (answer, report) = try database.measureLocks(beside: [beat]) { () throws(SQLError) -> Int in
        Pause.milliseconds(100)
        try connection.transaction { () throws(SQLError) in
          try connection.execute("ALTER TABLE agents ADD COLUMN x INTEGER")
          try connection.execute("LOCK TABLE others IN SHARE UPDATE EXCLUSIVE MODE")
          try connection.execute("CREATE TABLE made (id INTEGER)")
          Pause.milliseconds(300)
        }
        Pause.milliseconds(100)
        return 42
      }
      #expect(answer == 42)
      #expect(report.spans.map { "\($0.table) \($0.mode)" } == ["agents AccessExclusiveLock"])
      let span = try #require(report.longest)
      #expect(span.atLeast > .milliseconds(200) && span.atMost >= .milliseconds(300), "\(span)")
      #expect(span.atMost < .milliseconds(900), "\(span)")
      let probe = try #require(report.probes.first)
      #expect(probe.name == "beat" && probe.failures.isEmpty && probe.answered > 5, "\(probe)")
      #expect(probe.longest >= .milliseconds(280) && probe.median < .milliseconds(100), "\(probe)")
      #expect(report.samples > 10)
    }
  }
}
