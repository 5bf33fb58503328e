import Database
import DatabaseTestSupport
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import PostgreSQL

/// One request to both engines.
struct ConformanceStep: Sendable {
  let request: SQLRequest
  /// The section of docs/database-dialects.md that says why the answers differ; nil: they are the same.
  let exception: String?

  init(_ text: String, _ parameters: [SQLValue] = [], except exception: String? = nil) {
    request = .execute(SQLStatement(text, text), parameters)
    self.exception = exception
  }

  init(_ request: SQLRequest, except exception: String? = nil) {
    self.request = request
    self.exception = exception
  }

  /// The text, for messages.
  var text: String {
    if case .execute(let statement, let parameters) = request { return "\(statement.text) \(parameters)" }
    return request.name
  }
}

/// What both engines are asked, in order, on one connection each.
enum ConformanceSteps {
  static let definition = [
    ConformanceStep(
      """
      CREATE TABLE users (id VARCHAR(255) PRIMARY KEY, username VARCHAR(50) NOT NULL UNIQUE, age INTEGER, \
      active BOOLEAN DEFAULT true, tags TEXT[], settings JSONB, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, \
      seen_at TIMESTAMPTZ, CHECK (age > 0))
      """),
    ConformanceStep(
      "CREATE TABLE sessions (id SERIAL PRIMARY KEY, user_id VARCHAR(255) REFERENCES users(id) ON DELETE CASCADE, note TEXT)"
    ),
    ConformanceStep("CREATE TABLE licences (id INTEGER PRIMARY KEY, user_id VARCHAR(255) REFERENCES users(id))"),
    ConformanceStep("CREATE INDEX idx_sessions_user ON sessions(user_id)"),
    ConformanceStep("CREATE TABLE users (id INTEGER)"),
    ConformanceStep("CREATE TABLE IF NOT EXISTS users (id INTEGER)"),
    ConformanceStep("CREATE INDEX idx_sessions_user ON sessions(note)"),
    ConformanceStep("ALTER TABLE users ADD COLUMN age INTEGER"),
    ConformanceStep("ALTER TABLE nobody ADD COLUMN age INTEGER"),
    ConformanceStep("ALTER TABLE users ADD COLUMN IF NOT EXISTS email TEXT"),
    ConformanceStep("ALTER TABLE users DROP COLUMN missing"), ConformanceStep("DROP INDEX missing"),
    ConformanceStep("DROP INDEX IF EXISTS missing"), ConformanceStep("DROP TABLE missing"),
    ConformanceStep("DROP TABLE users"), ConformanceStep("ALTER TABLE users DROP CONSTRAINT missing"),
    ConformanceStep("ALTER TABLE licences ADD CONSTRAINT licences_pkey UNIQUE (user_id)"),
  ]

  static let insert =
    "INSERT INTO users (id, username, age, active, tags, settings, seen_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"
  static let time = SQLValue.timestamp(microseconds: 1_767_225_600_123_456)

  static let rows = [
    ConformanceStep(insert, ["u1", "alice", 30, true, .array(["a", "b,\"c\\"]), "{\"a\": 1}", time]),
    ConformanceStep(insert, ["u2", "bob", nil, false, nil, nil, nil]),
    ConformanceStep(insert, ["u3", "Grüße 🦆", 1, nil, .array([String]()), "[]", .timestamp(microseconds: -1)]),
    ConformanceStep(insert, ["u1", "carol", 1, true, nil, nil, nil]),
    ConformanceStep(insert, ["u4", "alice", 1, true, nil, nil, nil]),
    ConformanceStep(insert, ["u4", nil, 1, true, nil, nil, nil]),
    ConformanceStep(insert, ["u4", "d", 0, true, nil, nil, nil]),
    ConformanceStep(insert, ["u4", .text(String(repeating: "é", count: 51)), 1, true, nil, nil, nil]),
    ConformanceStep(insert, ["u4", "dora", "abc", true, nil, nil, nil]),
    ConformanceStep(insert, ["u4", "dora", 1, true, nil, "{broken", nil]),
    ConformanceStep(insert, ["u4", "dora", 1, true, nil, nil, "soon"], except: "unreadable-times"),
    ConformanceStep(insert, ["u4"]),
    ConformanceStep("INSERT INTO sessions (user_id, note) VALUES ('u1', 'first'), ('u2', 'second') RETURNING id, note"),
    ConformanceStep("INSERT INTO sessions (user_id) VALUES ('nobody')"),
    ConformanceStep("INSERT INTO sessions (user_id) VALUES ('u1') RETURNING id"),
    ConformanceStep("INSERT INTO licences VALUES (1, 'u2')"), ConformanceStep("DELETE FROM users WHERE id = 'u2'"),
    ConformanceStep("DELETE FROM users WHERE id = 'u3'"),
    ConformanceStep("SELECT id, tags, seen_at, active FROM users ORDER BY id"),
    ConformanceStep("INSERT INTO users (id, username) VALUES ('u1', 'x') ON CONFLICT (id) DO NOTHING"),
    ConformanceStep("INSERT INTO users (id, username) VALUES ('u1', 'x') ON CONFLICT (age) DO NOTHING"),
    ConformanceStep(
      "INSERT INTO users (id, username) VALUES ('u1', 'al') ON CONFLICT (id) DO UPDATE SET username = EXCLUDED.username RETURNING username"
    ),
  ]

  static let reads = [
    ConformanceStep("SELECT count(*) FROM users"),
    ConformanceStep("SELECT count(*) AS n, max(age), min(username) FROM users"),
    ConformanceStep("SELECT id FROM users WHERE id = ANY($1) ORDER BY id", [.array(["u1", "u9", "u2"])]),
    ConformanceStep("SELECT id FROM sessions WHERE id = ANY($1) ORDER BY id", [.array([2, 1] as [Int64])]),
    ConformanceStep("SELECT username FROM users WHERE username LIKE 'a%' ORDER BY username"),
    ConformanceStep("SELECT lower('ABC'), upper('x'), length('é'), coalesce(NULL, 'z'), 1 + 1"),
    ConformanceStep("SELECT id, note FROM sessions ORDER BY note NULLS FIRST, id LIMIT 2"),
    ConformanceStep("SELECT u.id, s.note FROM users u LEFT JOIN sessions s ON s.user_id = u.id ORDER BY u.id, s.id"),
    ConformanceStep("SELECT nothing FROM users"), ConformanceStep("SELECT u.nothing FROM users u"),
    ConformanceStep("SELECT id FROM nothing"), ConformanceStep("UPDATE users SET nothing = 1"),
    ConformanceStep("INSERT INTO users (nothing) VALUES (1)"),
    ConformanceStep("SELECT id FROM users JOIN sessions ON true"),
    ConformanceStep("SELECT id FROM users LIMIT"), ConformanceStep("DELETE FROM missing"),
    ConformanceStep("UPDATE users SET age = age + 1 WHERE age IS NOT NULL"),
    ConformanceStep("UPDATE users SET age = 5 WHERE id = 'u2' RETURNING id, age"),
    ConformanceStep("SELECT FROM WHERE", except: "token-case"),
    ConformanceStep("SELECT nonsense(1)", except: "function-types"),
    ConformanceStep("SELECT EXISTS (SELECT 1 FROM users) AS there", except: "computed-types"),
    ConformanceStep("SELECT settings FROM users WHERE id = 'u1'"),
    ConformanceStep("UPDATE users SET settings = '{\"b\":1,  \"a\":2}' WHERE id = 'u1'"),
    ConformanceStep("SELECT settings FROM users WHERE id = 'u1'", except: "json-text"),
    ConformanceStep("SELECT sum(id) AS total FROM (SELECT id::bigint AS id FROM sessions) AS x", except: "sums"),
  ]

  static let transactions = [
    ConformanceStep(.commit), ConformanceStep(.rollback), ConformanceStep(.ping), ConformanceStep(.begin),
    ConformanceStep(.begin), ConformanceStep("INSERT INTO licences VALUES (7, 'u1')"), ConformanceStep(.commit),
    ConformanceStep(.begin), ConformanceStep("INSERT INTO licences VALUES (8, 'u1')"),
    ConformanceStep("INSERT INTO licences VALUES (7, 'u1')"), ConformanceStep("SELECT 1"), ConformanceStep(.commit),
    ConformanceStep("SELECT id FROM licences ORDER BY id"), ConformanceStep(.begin),
    ConformanceStep("ALTER TABLE licences ADD COLUMN x INTEGER DEFAULT 3"),
    ConformanceStep("SELECT id, x FROM licences ORDER BY id"), ConformanceStep(.rollback),
    ConformanceStep("SELECT x FROM licences"), ConformanceStep(.begin), ConformanceStep("SELECT nothing FROM users"),
    ConformanceStep(.begin), ConformanceStep(.rollback),
    ConformanceStep(.advisoryLock(3)), ConformanceStep(.tryAdvisoryLock(3)), ConformanceStep(.advisoryUnlock(3)),
    ConformanceStep(.advisoryUnlock(3)), ConformanceStep(.advisoryUnlock(3)),
  ]

  static let all = definition + rows + reads + transactions
}

extension RealServer {
  @Suite("Both engines")
  struct Conformance {
    private let server: any SQLConnection
    private let memory: any SQLConnection

    init() throws {
      server = try TestServer.laboratory().makeDatabase().connect()
      memory = try MemoryDatabase(image: .empty(), at: 1_767_225_600_000_000).connect()
    }

    @Test("the same requests have the same answers, except those that the list of exceptions names")
    func answers() throws {
      for step in ConformanceSteps.all {
        let (real, simulated) = (server.answer(step.request), memory.answer(step.request))
        if let exception = step.exception {
          #expect(real != simulated, "\(exception) is no exception any more: \(step.text)")
        } else {
          #expect(Self.shown(real) == Self.shown(simulated), "\(step.text)")
        }
      }
    }

    @Test("a pipeline answers as the single requests do on the other engine")
    func pipelines() throws {
      let steps = ConformanceSteps.all.filter { $0.exception == nil }
      let real = server.answer(steps.map(\.request))
      let simulated = memory.answer(steps.map(\.request))
      #expect(real.count == steps.count && simulated.count == steps.count)
      for (number, step) in steps.enumerated() where real[number] != simulated[number] {
        #expect(Self.shown(real[number]) == Self.shown(simulated[number]), "\(step.text)")
      }
    }

    @Test("every exception has a section in the published list")
    func documented() throws {
      let text = try PublishedList.text()
      for exception in Set(ConformanceSteps.all.compactMap(\.exception)).sorted() {
        #expect(text.contains("## `\(exception)`"), "\(exception)")
      }
    }

    /// All of an answer in words.
    private static func shown(_ response: SQLResponse) -> String {
      switch response {
      case .result(let result): "\(result.rowCount) \(result.columns.names) \(result.rows.map(\.values))"
      case .failure(let error): "\(error.sqlState) \(error.message) \(error.kind)"
      }
    }
  }
}
