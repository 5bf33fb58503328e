import SchemaMigrations
import StreamSpaceProtocol
import Testing

@testable import Database

/// The runner as shipped: a list of statements, each committing by itself, without ledger or lock (spec/02 §8.1).
private final class UnguardedRun: MigrationRun {
  private let statements: [SQLStatement]
  private var position = 0

  init(_ statements: [String]) { self.statements = statements.map { SQLStatement("list", $0, isPrepared: false) } }

  func next(_ answer: SQLResponse?) -> MigrationAction {
    if case .failure(let error)? = answer { return .ended(.failed(place: "0.1/\(position)", error)) }
    guard position < statements.count else { return .ended(.ready(version: 0, applied: [0])) }
    defer { position += 1 }
    return .send(.execute(statements[position], []))
  }
}

@Suite("Databases in memory")
struct MemoryDatabaseTests {
  private static let base = MigrationSet.contract[0]?.up.flatMap(\.statements) ?? []

  private func database(_ image: DatabaseImage = .empty()) throws -> MemoryDatabase {
    try MemoryDatabase(image: image, at: TestDatabase.start)
  }

  @Test("of three unguarded runners on an empty database one survives", arguments: 1...6 as ClosedRange<UInt64>)
  func collision(seed: UInt64) throws {
    let database = try database()
    let ends = try database.runTogether((0..<3).map { _ in UnguardedRun(Self.base) }, seed: seed)
    let survivors = ends.filter { if case .ready = $0 { true } else { false } }
    #expect(survivors.count == 1)
    for end in ends {
      guard case .failed(_, let error) = end else { continue }
      #expect(error.sqlState == "23505")
      #expect(["pg_type_typname_nsp_index", "pg_class_relname_nsp_index"].contains(error.constraint))
    }
    #expect(database.schema.tables.count == 90)
  }

  @Test("on a ready schema three at once do no harm", arguments: 1...2 as ClosedRange<UInt64>)
  func harmless(seed: UInt64) throws {
    let first = try database()
    _ = try first.runTogether([UnguardedRun(Self.base)], seed: seed)
    let database = try database(first.image())
    let ends = try database.runTogether((0..<3).map { _ in UnguardedRun(Self.base) }, seed: seed)
    #expect(ends == Array(repeating: MigrationEnd.ready(version: 0, applied: [0]), count: 3))
  }

  @Test("a copy has schema and rows, and goes its own way")
  func copies() throws {
    let original = try database()
    let owner = original.connect()
    try owner.execute("CREATE TABLE a (id SERIAL PRIMARY KEY, name TEXT UNIQUE)")
    try owner.execute("INSERT INTO a (name) VALUES ('x'), ('y')")
    let copy = try database(original.image())
    let other = copy.connect()
    #expect(try other.execute("INSERT INTO a (name) VALUES ('z') RETURNING id").rows.map(\.values) == [[3]])
    #expect(try owner.execute("SELECT name FROM a ORDER BY id").rows.map(\.values) == [["x"], ["y"]])
    #expect(throws: SQLError.uniqueViolation(constraint: "a_name_key")) {
      try other.execute("INSERT INTO a (name) VALUES ('x')")
    }
    _ = owner.answer(.begin)
    try owner.execute("INSERT INTO a (name) VALUES ('q')")
    #expect(throws: SQLError.self) { try original.image() }
  }

  @Test("a role that may only read is refused everything else")
  func readOnly() throws {
    let database = try database()
    let owner = database.connect()
    try owner.execute("CREATE TABLE a (id INT)")
    let reader = database.connect(isReadOnly: true)
    #expect(try reader.execute("SELECT COUNT(*) FROM a").rows.count == 1)
    for (text, command) in [
      ("INSERT INTO a VALUES (1)", "INSERT"), ("UPDATE a SET id = 2", "UPDATE"), ("DELETE FROM a", "DELETE"),
      ("CREATE TABLE b (id INT)", "CREATE TABLE"), ("ALTER TABLE a ADD COLUMN x INT", "ALTER TABLE"),
      ("DROP TABLE a", "DROP TABLE"), ("CREATE INDEX i ON a (id)", "CREATE INDEX"),
    ] {
      #expect(throws: SQLError.readOnly(command)) { try reader.execute(text) }
    }
    #expect(SQLError.readOnly("INSERT").message == "cannot execute INSERT in a read-only transaction")
  }

  @Test("the end of all sessions undoes what was open and breaks the connections")
  func endSessions() throws {
    let database = try database()
    let owner = database.connect()
    try owner.execute("CREATE TABLE a (id INT)")
    _ = owner.answer(.begin)
    try owner.execute("CREATE TABLE b (id INT)")
    try owner.execute("INSERT INTO a VALUES (1)")
    database.endSessions()
    #expect(owner.answer(.ping) == .failure(.connectionLost))
    let next = database.connect()
    #expect(try next.execute("SELECT * FROM a").rows.isEmpty)
    #expect(throws: SQLError.undefinedTable("b")) { try next.execute("SELECT * FROM b") }
  }

  @Test("rows are loaded in one go, all or none")
  func load() throws {
    let database = try database()
    let owner = database.connect()
    try owner.execute("CREATE TABLE a (id INT PRIMARY KEY, \"timestamp\" TIMESTAMP, name TEXT)")
    let rows = (0..<1_000).map { [SQLValue.integer(Int64($0)), .timestamp(microseconds: 5), .text("n\($0)")] }
    #expect(try owner.load(rows, into: "a", columns: ["id", "timestamp", "name"]) == 1_000)
    #expect(throws: SQLError.uniqueViolation(constraint: "a_pkey")) {
      try owner.load([[.integer(2_000)], [.integer(7)]], into: "a", columns: ["id"])
    }
    #expect(try owner.execute("SELECT COUNT(*) FROM a").rows.map(\.values) == [[1_000]])
  }
}
