import SchemaMigrations
import StreamSpaceProtocol
import Testing

@testable import Database

/// Answers to the catalogue's query are kept; a schema must never get that of another.
@Suite("Catalogue")
struct CatalogueTests {
  private func catalogue(_ statements: String...) throws -> SQLCatalogue {
    let database = try MemoryDatabase(image: .empty(), at: 0)
    let connection = database.connect()
    for text in statements { try connection.execute(text) }
    return try SQLCatalogue(connection.execute(SQLCatalogue.query))
  }

  @Test("schemas that differ in one word only have catalogues of their own, whoever was asked first")
  func apart() throws {
    for _ in 1...2 {
      let plain = try catalogue("CREATE TABLE t (a INTEGER DEFAULT 1, b TEXT)")
      let other = try catalogue("CREATE TABLE t (a INTEGER DEFAULT 2, b TEXT)")
      #expect(other.differences(from: plain) == ["t.a: integer default 1 -> integer default 2"])
      #expect(try catalogue("CREATE TABLE t (a INTEGER DEFAULT 1, b TEXT)") == plain)
    }
  }

  @Test("a database that was changed since it was asked has another catalogue")
  func changed() throws {
    let database = try MemoryDatabase(image: .empty(), at: 0)
    let connection = database.connect()
    func look() throws -> SQLCatalogue { try SQLCatalogue(connection.execute(SQLCatalogue.query)) }
    try connection.execute("CREATE TABLE t (a INTEGER)")
    let before = try look()
    try connection.execute("ALTER TABLE t ADD COLUMN b TEXT")
    #expect(try look().differences(from: before) == ["t.b: added, text"])
    try connection.execute("ALTER TABLE t DROP COLUMN b")
    #expect(try look() == before)
  }

  @Test("copies of one database are made of the same image until something is written")
  func images() throws {
    let database = try MemoryDatabase(image: .empty(), at: 0)
    let connection = database.connect()
    try connection.execute("CREATE TABLE t (a INTEGER)")
    try connection.execute("INSERT INTO t (a) VALUES (1)")
    func count(_ image: DatabaseImage) throws -> Int64 {
      try MemoryDatabase(image: image, at: 0).connect().execute("SELECT COUNT(*) FROM t").singleRow().integer("count")
    }
    let first = try database.image()
    #expect(try count(first) == 1)
    do {
      let copy = try MemoryDatabase(image: first, at: 0)
      let user = copy.connect()
      try user.execute("INSERT INTO t (a) VALUES (2)")
      user.close()
    }
    // The copy came back as it was.
    #expect(try count(database.image()) == 1)
    #expect(try database.image().bytes == first.bytes)
    try connection.execute("UPDATE t SET a = 3")
    #expect(try database.image().bytes != first.bytes)
    try connection.execute("INSERT INTO t (a) VALUES (4)")
    #expect(try count(database.image()) == 2)
  }
}
