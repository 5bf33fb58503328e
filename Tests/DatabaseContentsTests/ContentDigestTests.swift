import DatabaseTestSupport
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import DatabaseContents

@Suite("Digests of contents")
struct ContentDigestTests {
  private func filled(_ seed: UInt64 = 3, _ engine: DatabaseEngineName = .sqlite) throws -> MigratedDatabase {
    let database = try MigratedDatabase(engine, version: 10)
    try ContentGenerator(seed: seed, size: .small, version: 10).load(into: database.connection)
    return database
  }

  private func digest(_ database: MigratedDatabase, _ detail: ContentDigest.Detail = .rows) throws -> ContentDigest {
    try ContentDigest(of: database.connection, detail: detail)
  }

  /// `table: line` for each undeclared change that `statements` make. `hidden`: columns that did not exist before.
  private func lines(
    _ statements: [String], _ passages: [ContentPassage] = [], detail: ContentDigest.Detail = .rows,
    without hidden: [String] = []
  ) throws -> [String] {
    let database = try filled()
    let connection = database.connection
    var old = try SQLCatalogue(connection.execute(SQLCatalogue.query))
    for name in hidden {
      let parts = name.split(separator: ".").map(String.init)
      old.tables[parts[0]]?.columns[parts[1]] = nil
    }
    let before = try ContentDigest(of: connection, catalogue: old, detail: detail)
    for statement in statements { try connection.execute(statement) }
    return try before.compare(with: connection, passages: passages)
      .flatMap { comparison in comparison.undeclared.map { "\(comparison.table): \($0)" } }
  }

  @Test("Equal contents have equal digests, whatever the detail", arguments: [ContentDigest.Detail.sums, .rows])
  func equal(detail: ContentDigest.Detail) throws {
    let one = try digest(filled(), detail)
    #expect(try one == digest(filled(), detail))
    #expect(try one != digest(filled(4), detail))
    #expect(one.tables["sessions"]?.rows == ContentSize.small.sessions)
  }

  @Test("Nothing done is nothing found")
  func unchanged() throws { #expect(try lines([]).isEmpty) }

  @Test("A changed value is named with its row")
  func changed() throws {
    let found = try lines(["UPDATE connections SET user_agent = 'other' WHERE id IN ('conn-1', 'conn-9')"])
    #expect(found == ["connections: user_agent: changed: 2 (conn-1, conn-9)"])
  }

  @Test("Values that have changed places are a change")
  func swapped() throws {
    let found = try lines([
      """
      UPDATE users SET password_hash = CASE id WHEN 'user-8' THEN 'a' ELSE 'b' END WHERE id IN ('user-8', 'user-9')
      """
    ])
    #expect(found == ["users: password_hash: changed: 2 (user-8, user-9)"])
    let database = try filled()
    let connection = database.connection
    try connection.execute("UPDATE users SET full_name = id WHERE id IN ('user-8', 'user-9')")
    let before = try digest(database, .sums)
    try connection.execute(
      "UPDATE users SET full_name = CASE id WHEN 'user-8' THEN 'user-9' ELSE 'user-8' END WHERE id IN ('user-8', 'user-9')"
    )
    #expect(try before != digest(database, .sums))
  }

  @Test("More than three rows are counted, three are named")
  func many() throws {
    let found = try lines(["UPDATE configuration SET value = 'same'"])
    #expect(found.count == 1)
    #expect(found[0].hasPrefix("configuration: value: changed: "))
    #expect(found[0].hasSuffix(", …)"))
  }

  @Test("A missing row and a new one are told apart from changes")
  func rows() throws {
    let found = try lines([
      "DELETE FROM connections WHERE id = 'conn-2'", "INSERT INTO connections (id) VALUES ('conn-new')",
    ])
    #expect(found == ["connections: rows missing: 1 (conn-2)", "connections: rows new: 1 (conn-new)"])
    let sums = try lines(["DELETE FROM connections WHERE id = 'conn-2'"], detail: .sums)
    #expect(sums == ["connections: 19 rows in place of 20"])
  }

  @Test("Sums alone tell that a column changed")
  func sums() throws {
    #expect(
      try lines(["UPDATE connections SET user_agent = 'other' WHERE id = 'conn-1'"], detail: .sums)
        == ["connections: user_agent: changed"])
  }

  @Test("Blanks and the order of keys are no change of a document, a value is")
  func documents() throws {
    let database = try filled()
    func set(_ text: String) throws {
      try database.connection.execute("UPDATE users SET full_name = 'x'")
      try database.connection.execute("UPDATE agents SET metadata = $1", [.text(text)])
    }
    try set(#"{"a": {"x": 1, "y": [1, 2]}, "bb": null}"#)
    let before = try digest(database)
    try set(#"{"bb":null,"a":{"y":[1,2],"x":1}}"#)
    #expect(try before == digest(database))
    try set(#"{"bb":null,"a":{"y":[2,1],"x":1}}"#)
    #expect(try before != digest(database))
  }

  @Test("An undeclared column is found, a declared one must hold its default")
  func fresh() throws {
    let hidden = ["agents.connection_epoch"]
    #expect(try lines([], without: hidden) == ["agents: connection_epoch: came undeclared"])
    let declared = ContentPassage.up(DeclaredEffects(adds: hidden))
    let wrong = try lines([], [declared], without: hidden)
    #expect(wrong.count == 1)
    #expect(wrong[0].hasPrefix("agents: connection_epoch: not its default: "))
    #expect(try lines(["UPDATE agents SET connection_epoch = 0"], [declared], without: hidden).isEmpty)
  }

  @Test("A back-fill that was not done, or was done with something else, is found")
  func backfill() throws {
    let hidden = ["agents.connection_pod"]
    let declared = ContentPassage.up(
      DeclaredEffects(adds: hidden, backfills: ["agents.connection_pod": "region"]))
    #expect(try lines(["UPDATE agents SET connection_pod = region"], [declared], without: hidden).isEmpty)
    let none = try lines(["UPDATE agents SET connection_pod = NULL"], [declared], without: hidden)
    #expect(none.count == 1)
    #expect(none[0].hasPrefix("agents: connection_pod: not filled with region: "))
    let other = try lines(["UPDATE agents SET connection_pod = 'x'"], [declared], without: hidden)
    #expect(other.count == 1)
    #expect(other[0].hasPrefix("agents: connection_pod: filled with something else than region: "))
  }

  @Test("A back-fill of a column that was there may fill NULLs alone")
  func backfillOfNulls() throws {
    let declared = ContentPassage.up(DeclaredEffects(backfills: ["users.org_id": "'default-org'"]))
    let fill = "UPDATE users SET org_id = 'default-org' WHERE org_id IS NULL"
    #expect(try lines([fill], [declared]).isEmpty)
    #expect(try lines([], [declared]).first?.hasPrefix("users: org_id: not filled with 'default-org': ") == true)
    let all = try lines(["UPDATE users SET org_id = 'default-org'"], [declared])
    #expect(all.count == 1)
    #expect(all.first?.hasPrefix("users: org_id: changed: ") == true)
    #expect(try lines([fill]).first?.hasPrefix("users: org_id: changed: ") == true)
  }

  @Test("A declared loss that did not happen is found, and so is a column that went undeclared")
  func losses() throws {
    let down = ContentPassage.down(DeclaredEffects(loses: ["sessions.tags"]))
    #expect(try lines([], [down]) == ["sessions: tags: declared loss did not happen"])
    let up = ContentPassage.up(DeclaredEffects(adds: ["sessions.gone"]))
    #expect(try lines([], [up]) == [])
    let database = try filled()
    let before = try digest(database)
    var less = try SQLCatalogue(database.connection.execute(SQLCatalogue.query))
    less.tables["sessions"]?.columns["tags"] = nil
    less.tables["connections"] = nil
    let found = try before.compare(with: database.connection, catalogue: less).flatMap(\.undeclared)
    #expect(found == ["table lost, 20 rows", "tags: lost"])
  }
}
