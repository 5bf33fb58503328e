import StreamSpaceProtocol
import Testing

@testable import Database

@Suite("DDL in transactions")
struct DefinitionTransactionTests {
  /// A table with rows, a child, an index and a trigger.
  private func database() throws -> TestDatabase {
    let database = try TestDatabase(.none, locking: .atFirstWrite)
    for statement in [
      "CREATE TABLE p (id INT PRIMARY KEY, name TEXT UNIQUE, at TIMESTAMP)",
      "CREATE TABLE c (id SERIAL PRIMARY KEY, p_id INT REFERENCES p(id) ON DELETE CASCADE, note VARCHAR(10) DEFAULT 'n')",
      "CREATE INDEX idx_c ON c (p_id)", "INSERT INTO p (id, name) VALUES (1, 'a'), (2, 'b')",
      "INSERT INTO c (p_id) VALUES (1), (1), (2)",
    ] {
      try database.run(statement)
    }
    return database
  }

  private static let changes = [
    "ALTER TABLE c ADD COLUMN x INT DEFAULT 5", "ALTER TABLE c DROP COLUMN note", "ALTER TABLE p DROP COLUMN name",
    "ALTER TABLE c ADD CONSTRAINT k UNIQUE (p_id, id)", "ALTER TABLE c DROP CONSTRAINT c_p_id_fkey",
    "ALTER TABLE c ALTER COLUMN note SET DEFAULT 'z'", "ALTER TABLE p ALTER COLUMN at TYPE TIMESTAMPTZ",
    "ALTER TABLE c ALTER COLUMN note SET NOT NULL", "DROP TABLE c", "DROP TABLE p CASCADE", "TRUNCATE p CASCADE",
    "CREATE TABLE d (id SERIAL PRIMARY KEY, c_id INT REFERENCES c(id))", "CREATE UNIQUE INDEX u ON c (id, note)",
    "DROP INDEX idx_c", "ALTER TABLE c ADD COLUMN y INT REFERENCES p(id), DROP COLUMN note",
  ]

  @Test(
    "a rolled back change leaves schema and rows as they were, seen by a reader meanwhile or not", arguments: changes)
  func rollback(change: String) throws {
    for isRead in [false, true] {
      let database = try database()
      let before = try content(database)
      _ = database.send(.begin)
      try database.run(change)
      try database.run("INSERT INTO p (id) VALUES (9)", [], expecting: change)
      if isRead {
        #expect(try database.run("SELECT 1 AS one", from: 2).rows.count == 1)
        #expect(try database.catalogue(from: 2) == before.catalogue)
      }
      _ = database.send(.rollback)
      let after = try content(database)
      #expect(after.catalogue == before.catalogue)
      #expect(after.rows == before.rows)
      #expect(try database.run("DELETE FROM p WHERE id = 1").rowCount == 1)
      #expect(try database.run("SELECT id FROM c").rows.map(\.values) == [[3]])
    }
  }

  @Test("a committed change stands, also when a reader had it taken back meanwhile", arguments: changes)
  func commit(change: String) throws {
    let plain = try database()
    try plain.run(change)
    let database = try database()
    _ = database.send(.begin)
    try database.run(change)
    _ = try database.run("SELECT 1 AS one", from: 2)
    _ = database.send(.commit)
    #expect(try database.catalogue() == plain.catalogue())
    for table in try database.catalogue().tables.keys.sorted() {
      #expect(
        try database.run("SELECT * FROM \(table)").rows.map(\.values)
          == plain.run("SELECT * FROM \(table)").rows.map(\.values))
    }
  }

  @Test("a statement that fails half way changes nothing")
  func halfWay() throws {
    let database = try database()
    let before = try content(database)
    #expect(
      try database.error("ALTER TABLE c ADD COLUMN x INT DEFAULT 5, DROP COLUMN note, ADD CONSTRAINT k UNIQUE (p_id)")
        == .notUnique(index: "k"))
    #expect(try content(database) == before)
  }

  @Test("CONCURRENTLY is refused in a transaction")
  func concurrently() throws {
    let database = try database()
    _ = database.send(.begin)
    let error = try database.error("CREATE INDEX CONCURRENTLY i ON c (note)")
    #expect(error.sqlState == "25001")
    #expect(error.message == "CREATE INDEX CONCURRENTLY cannot run inside a transaction block")
  }

  @Test("rows that are older than a column keep the value they got when its default changes")
  func oldRows() throws {
    let database = try database()
    try database.run("ALTER TABLE c ADD COLUMN x INT")
    try database.run("ALTER TABLE c ALTER COLUMN x SET DEFAULT 7")
    try database.run("ALTER TABLE c ADD COLUMN y TEXT DEFAULT 'old'")
    try database.run("ALTER TABLE c ALTER COLUMN y SET DEFAULT 'new'")
    try database.run("INSERT INTO c (p_id) VALUES (2)")
    let rows = try database.run("SELECT x, y FROM c ORDER BY id").rows.map(\.values)
    #expect(rows == [[nil, "old"], [nil, "old"], [nil, "old"], [7, "new"]])
  }

  @Test("a reader waits for the DDL of a transaction on its table, and only on that")
  func readers() throws {
    let database = try database()
    _ = database.send(.begin)
    try database.run("ALTER TABLE p ADD COLUMN z INT")
    #expect(database.send(.execute(SQLStatement("r", "SELECT * FROM p"), []), from: 2) == nil)
    #expect(try database.run("SELECT * FROM c", from: 3).rows.count == 3)
    _ = database.send(.commit)
    let answer = try #require(database.takeAnswers(to: 2).first)
    #expect(try answer.get().columns.names.contains("z"))
  }

  @Test("lock_timeout belongs to the session, or to its transaction")
  func lockTimeout() throws {
    let database = try database()
    let session = DatabaseSession(1)
    try database.run("SET lock_timeout = '2s'")
    #expect(database.engine.lockTimeout(of: session) == 2_000)
    _ = database.send(.begin)
    try database.run("SET LOCAL lock_timeout = 50")
    #expect(database.engine.lockTimeout(of: session) == 50)
    _ = database.send(.commit)
    #expect(database.engine.lockTimeout(of: session) == 2_000)
    try database.run("SET lock_timeout = 0")
    #expect(database.engine.lockTimeout(of: session) == nil)
  }

  private struct Content: Equatable {
    let catalogue: SQLCatalogue
    let rows: [[[SQLValue]]]
  }

  private func content(_ database: TestDatabase) throws -> Content {
    Content(
      catalogue: try database.catalogue(),
      rows: try ["p", "c"].map { try database.run("SELECT * FROM \($0) ORDER BY id").rows.map(\.values) })
  }
}

extension TestDatabase {
  fileprivate func run(_ text: String, _ parameters: [SQLValue], expecting change: String) throws {
    guard !change.contains("DROP TABLE p") else { return }
    try run(text, parameters)
  }
}
