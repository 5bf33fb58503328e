import DatabaseTestSupport
import Foundation
import StreamSpaceProtocol
import Testing

@testable import PostgreSQL

extension RealServer {
  @Suite("Losing the server")
  struct Loss {
    private static func lost(_ connection: PostgreSQLConnection) -> Bool {
      let requests: [SQLRequest] = [
        .ping, .begin, .commit, .advisoryLock(1), .execute(SQLStatement("x", "SELECT 1"), []),
      ]
      return requests.allSatisfy { connection.answer($0) == .failure(.connectionLost) }
        && connection.answer(requests).allSatisfy { $0 == .failure(.connectionLost) }
        && connection.problem(preparing: SQLStatement("x", "SELECT 1")) == .connectionLost
    }

    @Test("a session that is ended in its transaction is lost, and so is what it wrote")
    func terminated() throws {
      let database = try #require(try TestServer.laboratory().makeDatabase() as? PostgreSQLDatabase)
      let connection = try database.open()
      try connection.execute("CREATE TABLE t (id INTEGER)")
      _ = try connection.answer(.begin).get()
      try connection.execute("INSERT INTO t VALUES (1)")
      _ = try connection.answer(.advisoryLock(8)).get()
      database.endSessions()
      #expect(try connection.error("INSERT INTO t VALUES (2)") == .connectionLost)
      #expect(Self.lost(connection))
      #expect(throws: SQLError.connectionLost) { try connection.load([[1]], into: "t", columns: ["id"]) }
      let next = try database.open()
      #expect(try next.value("SELECT count(*) FROM t") == 0)
      #expect(try next.answer(.tryAdvisoryLock(8)).get().firstRow?.values == [true])
    }

    @Test("after a COMMIT without an answer nobody knows; one that could do nothing is a plain loss")
    func commitUnknown() throws {
      let database = try #require(try TestServer.laboratory().makeDatabase() as? PostgreSQLDatabase)
      let open = try database.open()
      _ = try open.answer(.begin).get()
      let aborted = try database.open()
      _ = try aborted.answer(.begin).get()
      _ = try aborted.error("SELECT nothing")
      let piped = try database.open()
      database.endSessions()
      #expect(try open.error(.commit) == .commitUnknown)
      #expect(Self.lost(open))
      #expect(try aborted.error(.commit) == .connectionLost)
      #expect(piped.answer([.begin, .ping]) == [.failure(.connectionLost), .failure(.connectionLost)])
    }

    @Test("a server killed in the middle of a statement is a loss at once")
    func killed() throws {
      let server = try ThrowAwayServer.start()
      defer { server.stop() }
      let connection = try PostgreSQLConnection(url: server.url)
      let piped = try PostgreSQLConnection(url: server.url)
      _ = try piped.answer(.begin).get()
      let sleep = SQLStatement("sleep", "SELECT pg_sleep($1)")
      try piped.execute(sleep, [0])
      let killing = Threads.run(3, seed: 0) { position -> [SQLResponse] in
        switch position {
        case 0: return [connection.answer(.execute(sleep, [60]))]
        case 1:
          return piped.answer([.ping, .execute(sleep, [60]), .commit, .ping])
        default:
          Pause.milliseconds(300)
          try? server.kill()
          return []
        }
      }
      #expect(killing[0] == [.failure(.connectionLost)])
      #expect(killing[1].first == .result(SQLResult(rowCount: 0)))
      #expect(
        killing[1].dropFirst().map { $0 } == [
          .failure(.connectionLost), .failure(.commitUnknown), .failure(.connectionLost),
        ])
      #expect(Self.lost(connection))
      #expect(throws: SQLError.self) { try PostgreSQLConnection(url: server.url) }
    }

    @Test("a transaction that idled too long has an error of its own")
    func idle() throws {
      let connection = try RealServer.connection()
      try connection.execute("SET idle_in_transaction_session_timeout = 50")
      _ = try connection.answer(.begin).get()
      Pause.milliseconds(200)
      #expect(try connection.error("SELECT 1") == .idleInTransactionTimeout)
      #expect(Self.lost(connection))
    }

    @Test("a closed connection is a lost one")
    func closed() throws {
      let connection = try RealServer.connection()
      connection.close()
      connection.close()
      #expect(Self.lost(connection))
    }
  }

  @Suite("Locks")
  struct Locks {
    @Test("an advisory lock is waited for until its holder ends, and is re-entrant")
    func advisory() throws {
      let database = try #require(try TestServer.laboratory().makeDatabase() as? PostgreSQLDatabase)
      let (holder, other) = (try database.open(), try database.open())
      let granted = SQLResponse.result(SQLResult(row: ["pg_advisory_lock": ""]))
      #expect(holder.answer(.advisoryLock(7)) == granted)
      #expect(holder.answer(.advisoryLock(7)) == granted)
      #expect(other.answer(.tryAdvisoryLock(7)) == .result(SQLResult(row: ["pg_try_advisory_lock": false])))
      #expect(holder.answer(.advisoryUnlock(7)) == .result(SQLResult(row: ["pg_advisory_unlock": true])))
      #expect(other.answer(.tryAdvisoryLock(7)) == .result(SQLResult(row: ["pg_try_advisory_lock": false])))
      let clock = ContinuousClock()
      let begin = clock.now
      let waited = Threads.run(2, seed: 0) { position -> Duration in
        if position == 0 {
          #expect(other.answer(.advisoryLock(7)) == granted)
        } else {
          Pause.milliseconds(200)
          holder.close()
        }
        return begin.duration(to: clock.now)
      }
      #expect(waited[0] >= .milliseconds(200) && waited[0] < .seconds(5))
      #expect(other.answer(.advisoryUnlock(8)) == .result(SQLResult(row: ["pg_advisory_unlock": false])))
    }

    @Test("time limits of waits and statements are told apart")
    func limits() throws {
      let database = try #require(try TestServer.laboratory().makeDatabase() as? PostgreSQLDatabase)
      let (holder, other) = (try database.open(), try database.open())
      try holder.execute("CREATE TABLE t (id INTEGER)")
      _ = try holder.answer(.begin).get()
      try holder.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
      try other.execute("SET lock_timeout = 50")
      #expect(try other.error("SELECT * FROM t") == .lockTimeout)
      try other.execute("SET lock_timeout = 0")
      try other.execute("SET statement_timeout = 50")
      #expect(try other.error("SELECT * FROM t") == .statementTimeout)
    }
  }
}
