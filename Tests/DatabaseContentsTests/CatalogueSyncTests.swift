import DatabaseTestSupport
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import DatabaseContents

@Suite("Sync of the catalogue")
struct CatalogueSyncTests {
  private static let repository = Int64(ContentGenerator.firstSerial)

  private static func entries(_ names: [String]) -> [CatalogueSync.Entry] {
    names.map {
      CatalogueSync.Entry(name: $0, displayName: "D \($0)", category: "c", manifest: #"{"a":1}"#, tags: ["t"])
    }
  }

  /// How many applications know a template of the repository after three syncs, and how many templates it has.
  private func sync(
    _ method: CatalogueSync.Method, _ engine: DatabaseEngineName, _ names: [String]
  ) throws -> (linked: Int64, templates: Int64) {
    let database = try MigratedDatabase(engine, version: 10)
    let connection = database.connection
    try ContentGenerator(seed: 2, size: .small, version: 10).load(into: connection)
    let key = SQLValue.integer(Self.repository)
    try connection.execute("DELETE FROM catalog_templates WHERE repository_id = $1", [key])
    let first = CatalogueSync()
    try first.perform(repository: Self.repository, Self.entries(["one", "two", "gone"]), on: connection)
    try connection.execute(
      """
      UPDATE installed_applications SET catalog_template_id = \
      (SELECT id FROM catalog_templates WHERE repository_id = $1 AND name = 'two')
      """, [key])
    for _ in 1...3 {
      try CatalogueSync(method).perform(repository: Self.repository, Self.entries(names), on: connection)
    }
    let linked = try connection.execute(
      "SELECT COUNT(*) AS n FROM installed_applications WHERE catalog_template_id IS NOT NULL")
    let templates = try connection.execute(
      "SELECT COUNT(*) AS n FROM catalog_templates WHERE repository_id = $1", [key])
    return (try linked.singleRow().integer("n"), try templates.singleRow().integer("n"))
  }

  @Test("Three syncs with a name twice keep every application's template", arguments: MigratedDatabase.engines)
  func keepsLinks(engine: DatabaseEngineName) throws {
    let after = try sync(.upserts, engine, ["two", "one", "three", "two"])
    #expect(after.linked == 20)
    #expect(after.templates == 3)
  }

  @Test("A-39: deleting and inserting them anew loses all of them", arguments: MigratedDatabase.engines)
  func losesLinks(engine: DatabaseEngineName) throws {
    #expect(try sync(.deletesAndInserts, engine, ["two", "one"]).linked == 0)
  }

  @Test("A-40: a new name that comes twice breaks the key", arguments: MigratedDatabase.engines)
  func breaksKey(engine: DatabaseEngineName) throws {
    #expect(throws: SQLError.self) { try sync(.insertsUnknown, engine, ["two", "three", "three"]) }
  }
}
