import StreamSpaceProtocol
import Testing

@testable import Database

@Suite("Transactions")
struct TransactionTests {
  private let insert = SQLStatement(
    "insertSession", "INSERT INTO sessions (id, user_id, state) VALUES ($1, 'u1', 'pending')")
  private let update = SQLStatement("updateState", "UPDATE sessions SET state = $2 WHERE id = $1")
  private let count = SQLStatement("countSessions", "SELECT COUNT(*) FROM sessions")

  private func database(_ locking: TransactionLocking = .atBegin) throws -> TestDatabase {
    let database = try TestDatabase(locking: locking)
    try database.addAgentAndUser()
    return database
  }

  private func sessions(_ database: TestDatabase, from session: Int) throws -> Int64 {
    try #require(database.send(.execute(count, []), from: session)).get().singleRow().integer("count")
  }

  @Test(
    "what is not committed is seen by nobody else, and reading does not wait",
    arguments: [
      TransactionLocking.atBegin, .atFirstWrite,
    ])
  func isolation(locking: TransactionLocking) throws {
    let database = try database(locking)
    _ = database.send(.begin, from: 1)
    _ = try #require(database.send(.execute(insert, ["s1"]), from: 1)).get()
    #expect(try sessions(database, from: 2) == 0)
    #expect(try sessions(database, from: 1) == 1)
    _ = try #require(database.send(.execute(insert, ["s2"]), from: 1)).get()
    #expect(try sessions(database, from: 2) == 0)
    _ = try #require(database.send(.commit, from: 1)).get()
    #expect(try sessions(database, from: 2) == 2)
  }

  @Test("a transaction that was set aside for a reader keeps its ids, times and numbers")
  func repeatedExactly() throws {
    let database = try database()
    let agent = "INSERT INTO agents (agent_id, platform) VALUES ('x', 'docker') RETURNING id, created_at"
    let log = "INSERT INTO audit_log (action) VALUES ('x') RETURNING id"
    _ = database.send(.begin, from: 1)
    let row = try database.run(agent, from: 1).singleRow()
    let number = try database.run(log, from: 1).singleRow().integer("id")
    database.now += 1_000_000
    _ = try sessions(database, from: 2)
    _ = database.send(.commit, from: 1)
    let kept = try database.run("SELECT id, created_at FROM agents WHERE agent_id = 'x'").singleRow()
    #expect(kept.values == row.values)
    #expect(try database.run("SELECT id FROM audit_log").singleRow().integer("id") == number)
    #expect(try database.run(log).singleRow().integer("id") == number + 1)
  }

  @Test("writers wait for an open transaction, first come first served")
  func writersWait() throws {
    let database = try database()
    _ = try #require(database.send(.execute(insert, ["s1"]))).get()
    _ = database.send(.begin, from: 1)
    #expect(database.send(.execute(update, ["s1", "running"]), from: 2) == nil)
    #expect(database.send(.begin, from: 3) == nil)
    #expect(database.send(.execute(update, ["s1", "failed"]), from: 4) == nil)
    _ = database.send(.commit, from: 1)
    #expect(database.takeAnswers(to: 2).count == 1)
    #expect(database.takeAnswers(to: 3).count == 1)
    #expect(database.takeAnswers(to: 4).isEmpty)
    _ = database.send(.rollback, from: 3)
    #expect(database.takeAnswers(to: 4).count == 1)
    #expect(try database.run("SELECT state FROM sessions").singleRow().text("state") == "failed")
  }

  @Test("a rollback leaves nothing")
  func rollback() throws {
    let database = try database()
    _ = database.send(.begin)
    _ = database.send(.execute(insert, ["s1"]))
    _ = database.send(.rollback)
    #expect(try sessions(database, from: 1) == 0)
  }

  @Test("a client that vanishes inside a transaction leaves nothing and frees the lock")
  func disconnect() throws {
    let database = try database()
    _ = database.send(.begin, from: 1)
    _ = database.send(.execute(insert, ["s1"]), from: 1)
    #expect(database.send(.execute(insert, ["s2"]), from: 2) == nil)
    database.disconnect(1)
    #expect(database.takeAnswers(to: 2).count == 1)
    #expect(try sessions(database, from: 2) == 1)
  }

  @Test("a waiting statement of a lost client is done or not, as asked", arguments: [true, false])
  func abandonedStatement(finishes: Bool) throws {
    let database = try database()
    _ = database.send(.begin, from: 1)
    #expect(database.send(.execute(insert, ["s2"]), from: 2) == nil)
    database.disconnect(2, finishingStatement: finishes)
    _ = database.send(.commit, from: 1)
    #expect(database.takeAnswers(to: 2).isEmpty)
    #expect(try sessions(database, from: 1) == (finishes ? 1 : 0))
  }

  @Test("after an error the transaction hears only its end")
  func aborted() throws {
    let database = try database()
    _ = database.send(.begin)
    _ = database.send(.execute(insert, ["s1"]))
    #expect(try database.error("SELECT nothing FROM sessions").sqlState == "42703")
    #expect(try database.error("SELECT 1") == .transactionAborted)
    #expect(database.send(.commit) == .failure(.commitOfAborted))
    #expect(try sessions(database, from: 1) == 0)
    #expect(!database.engine.isInTransaction(DatabaseSession(1)))
  }

  @Test("an error frees the lock at once")
  func abortFreesTheLock() throws {
    let database = try database()
    _ = database.send(.begin, from: 1)
    #expect(database.send(.execute(insert, ["s2"]), from: 2) == nil)
    _ = try database.error("SELECT nothing FROM sessions", from: 1)
    #expect(database.takeAnswers(to: 2).count == 1)
  }

  @Test("requests that do not fit the transaction are refused")
  func misuse() throws {
    let database = try database()
    #expect(database.send(.commit) == .failure(.noTransaction))
    #expect(database.send(.rollback) == .failure(.noTransaction))
    _ = database.send(.begin)
    #expect(database.send(.begin) == .failure(.nestedTransaction))
  }

  @Test("with locks at the first write two transactions can read the same state first")
  func readThenWrite() throws {
    let database = try database(.atFirstWrite)
    _ = database.send(.begin, from: 1)
    _ = database.send(.begin, from: 2)
    #expect(try sessions(database, from: 1) == 0)
    #expect(try sessions(database, from: 2) == 0)
    _ = database.send(.execute(insert, ["s1"]), from: 1)
    #expect(database.send(.execute(insert, ["s2"]), from: 2) == nil)
    _ = database.send(.commit, from: 1)
    #expect(database.takeAnswers(to: 2).count == 3)
    #expect(try sessions(database, from: 2) == 2)
    _ = database.send(.commit, from: 2)
    #expect(try sessions(database, from: 3) == 2)
  }

  @Test("with locks at the first write SELECT FOR UPDATE closes the gap")
  func lockingRead() throws {
    let database = try database(.atFirstWrite)
    let lock = SQLStatement("lockUser", "SELECT id FROM users WHERE id = 'u1' FOR UPDATE")
    _ = database.send(.begin, from: 1)
    _ = database.send(.begin, from: 2)
    #expect(database.send(.execute(lock, []), from: 1) != nil)
    #expect(database.send(.execute(lock, []), from: 2) == nil)
    _ = database.send(.execute(insert, ["s1"]), from: 1)
    _ = database.send(.commit, from: 1)
    #expect(database.takeAnswers(to: 2).count == 2)
    #expect(try sessions(database, from: 2) == 1)
  }

  @Test("a waiting request can be given up")
  func cancel() throws {
    let database = try database()
    _ = database.send(.begin, from: 1)
    #expect(database.send(.execute(insert, ["s2"]), from: 2) == nil)
    let effects = database.engine.cancel(DatabaseSession(2), with: .lockTimeout, at: database.now)
    #expect(effects.answers.map(\.response) == [.failure(.lockTimeout)])
    _ = database.send(.commit, from: 1)
    #expect(try sessions(database, from: 1) == 0)
  }

  @Test("a crash of the server keeps what was committed and nothing else")
  func crash() throws {
    let database = try database()
    _ = database.send(.execute(insert, ["s1"]))
    _ = database.send(.begin)
    _ = database.send(.execute(insert, ["s2"]))
    database.engine.disconnectAll()
    #expect(try sessions(database, from: 9) == 1)
    #expect(try database.run("SELECT id FROM sessions", from: 9).singleRow().text("id") == "s1")
  }
}

@Suite("Advisory locks")
struct AdvisoryLockTests {
  @Test("one holder at a time, in order of asking")
  func order() throws {
    let database = try TestDatabase()
    #expect(database.send(.advisoryLock(5_837_001), from: 1) != nil)
    #expect(database.send(.advisoryLock(5_837_001), from: 2) == nil)
    #expect(database.send(.advisoryLock(5_837_001), from: 3) == nil)
    #expect(database.send(.advisoryLock(1), from: 4) != nil)
    _ = database.send(.advisoryUnlock(5_837_001), from: 1)
    #expect(database.takeAnswers(to: 2).count == 1)
    #expect(database.takeAnswers(to: 3).isEmpty)
    database.disconnect(2)
    #expect(database.takeAnswers(to: 3).count == 1)
  }

  @Test("trying does not wait, and says whether it worked")
  func trying() throws {
    let database = try TestDatabase()
    func tryLock(_ session: Int) throws -> Bool {
      try #require(database.send(.tryAdvisoryLock(7), from: session)).get().singleRow()
        .boolean("pg_try_advisory_lock")
    }
    #expect(try tryLock(1))
    #expect(try !tryLock(2))
    #expect(try tryLock(1))
    _ = database.send(.advisoryUnlock(7), from: 1)
    #expect(try !tryLock(2), "held twice, released once")
    _ = database.send(.advisoryUnlock(7), from: 1)
    #expect(try tryLock(2))
    let unlock = try #require(database.send(.advisoryUnlock(7), from: 1)).get()
    #expect(try !unlock.singleRow().boolean("pg_advisory_unlock"))
  }

  @Test("a lock outlives the transaction that took it")
  func outlivesTransactions() throws {
    let database = try TestDatabase()
    _ = database.send(.begin, from: 1)
    _ = database.send(.advisoryLock(7), from: 1)
    _ = database.send(.rollback, from: 1)
    #expect(database.send(.advisoryLock(7), from: 2) == nil)
  }

  @Test("a client that waited and went away is passed over")
  func waiterGone() throws {
    let database = try TestDatabase()
    _ = database.send(.advisoryLock(7), from: 1)
    _ = database.send(.advisoryLock(7), from: 2)
    _ = database.send(.advisoryLock(7), from: 3)
    database.disconnect(2)
    database.disconnect(1)
    #expect(database.takeAnswers(to: 2).isEmpty)
    #expect(database.takeAnswers(to: 3).count == 1)
  }
}
