import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// DBM-17: the simulated database and PostgreSQL agree, but for what is published.
extension DatabaseMigrations {
  static let dialectParity = TestCase.database(
    "DBM-17", "Dialect parity", source: "[+]", needs: ["sql"], checks: ["I-SCHEMA"], kills: []
  ) { bench in
    let recorded = try RecordedCatalogue()
    let start = try bench.laboratory.makeDatabase()
    defer { start.drop() }
    try bench.lay(.startUpOnly, in: start)
    bench.judge(
      "of the shipped start-up list", try bench.catalogue(of: start), recorded.afterStart,
      published: PublishedDifference.all.filter(\.isOfStartUpList))
    let files = try bench.database(at: 8)
    defer { files.drop() }
    bench.judge(
      "of versions 0 to 8", try bench.catalogue(of: files), recorded.afterFiles, published: PublishedDifference.all)
    let newest = try bench.filledDatabase(.small, at: bench.newest)
    defer { newest.drop() }
    try bench.look(newest) { connection in
      for check in ParityCheck.all { try bench.judge(check, on: connection) }
    }
    try bench.judgeLocks(newest)
    for exception in DialectException.all {
      bench.record.add(
        .dialectException(
          exception.construct, postgreSQL: exception.postgreSQL, sqlite: exception.sqlite, place: exception.place))
    }
  }
}

extension DatabaseBench {
  /// A schema against the recorded one: what nobody has published, and what is published and not so.
  fileprivate func judge(
    _ what: String, _ schema: SQLCatalogue, _ recorded: SQLCatalogue, published: [PublishedDifference]
  ) {
    let known = published.flatMap(\.lines)
    let found = schema.differences(from: recorded)
    let differences =
      found.filter { !known.contains($0) } + known.filter { !found.contains($0) }.map { "published, and not so: \($0)" }
    tell(
      .schemaCompared(
        engine: engine, what: what, with: "PostgreSQL 15 as recorded", differences: differences))
    record.add(.dialectParity("schema \(what)", engine, verdict: differences.isEmpty ? "as recorded" : "**differs**"))
  }

  fileprivate func judge(_ check: ParityCheck, on connection: any SQLConnection) throws {
    _ = try connection.answer(.begin).get()
    defer { _ = connection.answer(.rollback) }
    try connection.executeAll(check.before)
    let outcome: String
    switch connection.answer(.execute(SQLStatement("parity", check.statement, isPrepared: false), check.parameters)) {
    case .failure(let error): outcome = error.sqlState
    case .result(let result):
      outcome = result.rows.map { $0.values.map(\.description).joined(separator: " ") }.joined(separator: ", ")
    }
    expect(check.what, equals: check.wanted, outcome)
    record.add(
      .dialectParity(check.what, engine, verdict: outcome == check.wanted ? "as PostgreSQL 15" : "**\(outcome)**"))
  }

  /// An advisory lock belongs to its connection and goes with it.
  fileprivate func judgeLocks(_ database: any LaboratoryDatabase) throws {
    func taken(_ answer: SQLResponse) throws -> String {
      let row = try answer.get().singleRow()
      return row.values.first?.description ?? "nothing"
    }
    var outcome: [String] = []
    try look(database) { second in
      let first = try database.connect()
      outcome.append(try taken(first.answer(.tryAdvisoryLock(1))))
      outcome.append(try taken(second.answer(.tryAdvisoryLock(1))))
      outcome.append(try taken(second.answer(.advisoryUnlock(1))))
      first.close()
      // The server notices the end a little later.
      for _ in 0..<200 where outcome.count == 3 {
        let answer = try taken(second.answer(.tryAdvisoryLock(1)))
        if answer == "true" { outcome.append(answer) }
      }
    }
    let words = outcome.joined(separator: " ")
    expect("advisory lock of a connection", equals: "true false false true", words)
    record.add(.dialectParity("advisory lock of a connection", engine, verdict: words))
  }
}

/// A statement on a database of the newest version with generated rows, and what PostgreSQL 15 answers.
private struct ParityCheck {
  var what: String
  var before: [String] = []
  var statement: String
  var parameters: [SQLValue] = []
  /// The rows, or the SQLSTATE.
  var wanted: String

  private static let organisation = """
    INSERT INTO organizations (id, name, display_name, k8s_namespace) VALUES ('parity', 'parity', 'Parity', 'x')
    """
  private static let user = "INSERT INTO users (id, username, email) VALUES ('parity', 'parity', 'parity@x')"
  private static let session = """
    INSERT INTO sessions (id, user_id, state, tags) VALUES ('parity', 'parity', 'running', ARRAY['a','b'])
    """

  static let all: [ParityCheck] = [
    ParityCheck(
      what: "unique violation", before: [user],
      statement: "INSERT INTO users (id, username, email) VALUES ('other', 'parity', 'other@x')", wanted: "23505"),
    ParityCheck(
      what: "missing parent",
      statement: "INSERT INTO sessions (id, user_id) VALUES ('parity', 'nobody')", wanted: "23503"),
    ParityCheck(
      what: "NOT NULL", statement: "INSERT INTO users (id, username) VALUES ('parity', 'parity')", wanted: "23502"),
    ParityCheck(
      what: "length of a text",
      statement: "INSERT INTO agents (agent_id, platform) VALUES ('parity', '\(String(repeating: "x", count: 51))')",
      wanted: "22001"),
    ParityCheck(what: "unknown column", statement: "SELECT active_sessions FROM agents", wanted: "42703"),
    ParityCheck(what: "unknown table", statement: "SELECT 1 FROM templates", wanted: "42P01"),
    ParityCheck(what: "syntax", statement: "SELECT id FROM users WHERE", wanted: "42601"),
    ParityCheck(
      what: "default of an array", before: [user, "INSERT INTO sessions (id, user_id) VALUES ('parity', 'parity')"],
      statement: "SELECT tags FROM sessions WHERE id = 'parity'", wanted: "'[]'"),
    ParityCheck(
      what: "defaults of a session", before: [user, "INSERT INTO sessions (id, user_id) VALUES ('parity', 'parity')"],
      statement: "SELECT streaming_protocol, streaming_port, active_connections FROM sessions WHERE id = 'parity'",
      wanted: "'vnc' 5900 0"),
    ParityCheck(
      what: "arrays that overlap", before: [user, session],
      statement: "SELECT id FROM sessions WHERE id = 'parity' AND tags && $1", parameters: [.array(["b", "c"])],
      wanted: "'parity'"),
    ParityCheck(
      what: "element of an array", before: [user, session],
      statement: "SELECT id FROM sessions WHERE id = 'parity' AND $1 = ANY(tags)", parameters: ["c"], wanted: ""),
    ParityCheck(
      what: "conflict that updates", before: [organisation],
      statement: """
        INSERT INTO organizations (id, name, display_name, k8s_namespace) VALUES ('parity', 'parity', 'New', 'x') \
        ON CONFLICT (id) DO UPDATE SET display_name = EXCLUDED.display_name RETURNING display_name
        """, wanted: "'New'"),
    ParityCheck(
      what: "deletion that detaches",
      before: [
        organisation, user, "UPDATE users SET org_id = 'parity' WHERE id = 'parity'",
        "DELETE FROM organizations WHERE id = 'parity'",
      ],
      statement: "SELECT org_id FROM users WHERE id = 'parity'", wanted: "NULL"),
    ParityCheck(
      what: "deletion that cascades", before: [user, session, "DELETE FROM users WHERE id = 'parity'"],
      statement: "SELECT id FROM sessions WHERE id = 'parity'", wanted: ""),
    ParityCheck(
      what: "DDL inside a transaction", before: ["ALTER TABLE users ADD COLUMN parity INT DEFAULT 7", user],
      statement: "SELECT parity FROM users WHERE id = 'parity'", wanted: "7"),
    ParityCheck(
      what: "DDL that was rolled back", statement: "SELECT parity FROM users", wanted: "42703"),
    ParityCheck(
      what: "NOW() within a transaction",
      before: [user, "UPDATE users SET updated_at = NOW(), created_at = NOW() WHERE id = 'parity'"],
      statement: "SELECT COUNT(*) FROM users WHERE id = 'parity' AND updated_at = created_at", wanted: "1"),
  ]
}

/// Where the engines differ by nature, and the comparison looks away (spec/02 §8.4).
private struct DialectException {
  var construct: String
  var postgreSQL: String
  var sqlite: String
  var place: String

  static let all: [DialectException] = [
    DialectException(
      construct: "TEXT[]", postgreSQL: "an array", sqlite: "the text of a JSON array", place: "tags, scopes"),
    DialectException(
      construct: "JSONB", postgreSQL: "a document, keys in an order of its own", sqlite: "the text as it was given",
      place: "manifests, payloads, metadata"),
    DialectException(
      construct: "GIN index", postgreSQL: "built", sqlite: "kept in the catalogue, built as nothing",
      place: "idx_sessions_tags"),
    DialectException(
      construct: "plpgsql", postgreSQL: "a function and a BEFORE trigger",
      sqlite: "an AFTER trigger that does the same",
      place: "agent_commands_updated_at_trigger"),
    DialectException(
      construct: "FOR UPDATE", postgreSQL: "locks the rows", sqlite: "takes the one lock of the database",
      place: "creates, claims"),
    DialectException(
      construct: "CREATE INDEX CONCURRENTLY", postgreSQL: "lets writers go on",
      sqlite: "at once", place: "index steps on tables over 100 000 rows"),
  ]
}
