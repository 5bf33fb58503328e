import DatabaseTestSupport
import StreamSpaceProtocol
import Testing

@testable import PostgreSQL

extension RealServer {
  @Suite("Statements and transactions")
  struct Statements {
    private let connection: PostgreSQLConnection

    init() throws {
      connection = try RealServer.connection()
      try connection.execute("CREATE TEMP TABLE t (id INTEGER PRIMARY KEY, v TEXT)")
    }

    @Test("a statement is prepared once per connection; one of its name with another text is another")
    func preparation() throws {
      let read = SQLStatement("read", "SELECT v FROM t WHERE id = $1")
      let other = SQLStatement("read", "SELECT id FROM t WHERE v = $1")
      try connection.execute("INSERT INTO t VALUES (1, 'one')")
      for _ in 0..<3 {
        #expect(try connection.execute(read, [1]).rows.map(\.values) == [["one"]])
        #expect(try connection.execute(other, ["one"]).rows.map(\.values) == [[1]])
      }
      #expect(try connection.execute("SELECT count(*) FROM pg_prepared_statements").firstRow?.values == [2])
      try connection.execute("SELECT $1::text", ["not kept"])
      #expect(
        try connection.execute("SELECT count(*) FROM pg_prepared_statements WHERE name <> ''").firstRow?.values == [2])
    }

    @Test("a prepared statement outlives a change of its table")
    func changedTable() throws {
      let all = SQLStatement("all", "SELECT * FROM t")
      #expect(try connection.execute(all).columns.names == ["id", "v"])
      try connection.execute("ALTER TABLE t ADD COLUMN w INTEGER DEFAULT 7")
      #expect(try connection.execute(all).columns.names == ["id", "v", "w"])
      try connection.execute("ALTER TABLE t DROP COLUMN v")
      #expect(
        connection.answer([.execute(all, []), .execute(all, [])]).map { try? $0.get().columns.names } == [
          ["id", "w"], ["id", "w"],
        ])
    }

    @Test("rows are counted as the statement changed or returned them")
    func counts() throws {
      func count(_ text: String) throws -> Int { try connection.execute(SQLStatement(text, text)).rowCount }
      #expect(try count("INSERT INTO t SELECT i, 'x' FROM generate_series(1, 5) AS g (i)") == 5)
      #expect(try count("UPDATE t SET v = 'y' WHERE id > 3") == 2)
      #expect(try count("UPDATE t SET v = 'z' WHERE id > 3 RETURNING id") == 2)
      #expect(try count("SELECT * FROM t") == 5)
      #expect(try count("DELETE FROM t WHERE id > 9") == 0)
      #expect(try count("CREATE TEMP TABLE u (id INTEGER)") == 0)
      #expect(try connection.answer(.ping).get() == SQLResult(rowCount: 0))
    }

    @Test("requests that do not fit the transaction are refused as the simulated database refuses them")
    func misfits() throws {
      #expect(try connection.error(.commit) == .noTransaction)
      #expect(try connection.error(.rollback) == .noTransaction)
      _ = try connection.answer(.begin).get()
      #expect(try connection.error(.begin) == .nestedTransaction)
      try connection.execute("INSERT INTO t VALUES (1, 'a')")
      #expect(try connection.error("INSERT INTO t VALUES (1, 'b')") == .uniqueViolation(constraint: "t_pkey"))
      #expect(try connection.error("SELECT 1") == .transactionAborted)
      #expect(try connection.error(.begin) == .nestedTransaction)
      #expect(try connection.error(.commit) == .commitOfAborted)
      #expect(try connection.value("SELECT count(*) FROM t") == 0)
    }

    @Test("a pipeline gives what single requests give, also where they fail")
    func pipeline() throws {
      let insert = SQLStatement("insert", "INSERT INTO t VALUES ($1, $2)")
      let requests: [SQLRequest] = [
        .execute(insert, [1, "a"]), .execute(insert, [1, "b"]), .execute(insert, [2, "c"]), .commit, .begin, .begin,
        .execute(insert, [3, "d"]), .execute(insert, [3, "e"]), .execute(insert, [4, "f"]), .commit, .begin,
        .execute(insert, [5, "g"]), .commit, .rollback, .tryAdvisoryLock(4), .advisoryUnlock(4), .advisoryUnlock(4),
        .execute(insert, [6]), .ping, .execute(SQLStatement("x", "SELECT v FROM t ORDER BY id", isPrepared: false), []),
      ]
      let together = connection.answer(requests)
      try connection.execute("DELETE FROM t")
      let singly = requests.map { connection.answer($0) }
      for (number, pair) in zip(together, singly).enumerated() { #expect(pair.0 == pair.1, "request \(number)") }
      #expect(try together.last?.get().rows.map(\.values) == [["a"], ["c"], ["g"]])
      #expect(together[17] == .failure(.parameterCount(supplied: 1, required: 2)))
    }

    @Test("a long pipeline with large answers does not get stuck")
    func longPipeline() throws {
      let echo = SQLStatement("echo", "SELECT $1::text || repeat('x', 20000)")
      let payload = String(repeating: "y", count: 20_000)
      let answers = connection.answer((0..<1_000).map { .execute(echo, [.text("\($0)" + payload)]) })
      #expect(answers.count == 1_000)
      for (number, answer) in answers.enumerated() {
        guard case .text(let text)? = try answer.get().firstRow?.values.first else {
          throw Unexpected(description: "no text")
        }
        #expect(text.utf8.count == "\(number)".utf8.count + 40_000)
      }
    }

    @Test("a statement can be tried without being run")
    func problems() throws {
      #expect(connection.problem(preparing: SQLStatement("a", "INSERT INTO t VALUES ($1, $2)")) == nil)
      #expect(connection.problem(preparing: SQLStatement("a", "SELECT nothing FROM t")) == .undefinedColumn("nothing"))
      #expect(try connection.value("SELECT count(*) FROM t") == 0)
    }

    @Test("COPY as a statement is refused, and the connection goes on")
    func copyStatement() throws {
      for text in ["COPY t FROM STDIN", "COPY t TO STDOUT"] {
        let once = SQLStatement("copy", text, isPrepared: false)
        #expect(try connection.error(.execute(once, [])).kind == .unsupported)
        #expect(try connection.value("SELECT 1") == 1)
      }
    }
  }

  @Suite("Loading")
  struct Loading {
    @Test("a refused row takes the load back and says why")
    func refused() throws {
      let connection = try RealServer.connection()
      try connection.execute("CREATE TEMP TABLE \"odd \"\" name\" (id INTEGER PRIMARY KEY, \"select\" VARCHAR(3))")
      func load(_ rows: [[SQLValue]]) throws -> Int {
        try connection.load(rows, into: "odd \" name", columns: ["id", "select"])
      }
      #expect(try load([[1, "abc"], [2, .null]]) == 2)
      #expect(throws: SQLError.uniqueViolation(constraint: "odd \" name_pkey")) { try load([[3, "x"], [1, "y"]]) }
      #expect(throws: SQLError.valueTooLong(limit: 3)) { try load([[3, "x"], [4, "abcd"]]) }
      #expect(throws: SQLError.self) { try load([[3]]) }
      #expect(throws: SQLError.undefinedTable("none")) { try connection.load([], into: "none", columns: ["a"]) }
      #expect(try load([]) == 0)
      // More than the chunks in which it is sent, with the refusal long before the end.
      #expect(throws: SQLError.uniqueViolation(constraint: "odd \" name_pkey")) {
        try load((0..<300_000).map { [.integer($0), "x"] })
      }
      #expect(try connection.value("SELECT count(*) FROM \"odd \"\" name\"") == 2)
    }

    @Test("a load inside a transaction is taken back with it")
    func transaction() throws {
      let connection = try RealServer.connection()
      try connection.execute("CREATE TEMP TABLE t (id INTEGER)")
      _ = try connection.answer(.begin).get()
      #expect(try connection.load((0..<10).map { [.integer($0)] }, into: "t", columns: ["id"]) == 10)
      _ = try connection.answer(.rollback).get()
      #expect(try connection.value("SELECT count(*) FROM t") == 0)
    }
  }
}
