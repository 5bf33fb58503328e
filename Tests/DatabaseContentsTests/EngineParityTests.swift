import DatabaseTestSupport
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import DatabaseContents

@Suite("Contents on both engines")
struct EngineParityTests {
  /// Generated rows alone: those of the start-up's seeds carry the time of their making.
  private func digest(_ engine: DatabaseEngineName, version: Int) throws -> ContentDigest {
    let database = try MigratedDatabase(engine, version: version)
    let connection = database.connection
    let generator = ContentGenerator(seed: 11, size: .small, version: version)
    for table in generator.tables.reversed() where table.name != "organizations" {
      try connection.execute("DELETE FROM \"\(table.name)\"")
    }
    if version >= 6 {
      try connection.execute(
        "UPDATE organizations SET created_at = $1, updated_at = $1", [.timestamp(microseconds: 1_000_001)])
    }
    try generator.load(into: connection)
    return try ContentDigest(of: connection, detail: .sums, named: Set(generator.tables.map(\.name)))
  }

  @Test(
    "The same contents have the same digest on SQLite and PostgreSQL", .enabled(if: TestServer.isAvailable),
    arguments: [0, 10])
  func equal(version: Int) throws {
    let (sqlite, postgres) = (try digest(.sqlite, version: version), try digest(.postgreSQL, version: version))
    for (name, table) in sqlite.tables {
      let other = try #require(postgres.tables[name])
      #expect(table.rows == other.rows)
      for (column, sum) in table.sums { #expect(sum == other.sums[column], "\(name).\(column)") }
    }
    #expect(sqlite == postgres)
  }

  @Test(
    "What migrations declare is all that they do: up, down and up again", arguments: MigratedDatabase.engines)
  func roundTrip(engine: DatabaseEngineName) throws {
    let database = try MigratedDatabase(engine, version: 0)
    try ContentGenerator(seed: 5, size: .small).load(into: database.connection)
    let before = try ContentDigest(of: database.connection)
    var stops = [0]
    for version in [10, 0, 10] {
      if version == 0 { try database.rollBack(to: 0) } else { try database.migrate(to: version) }
      stops.append(version)
      let passages = ContentPassage.path(stops, in: .contract)
      for comparison in try before.compare(with: database.connection, passages: passages) {
        #expect(comparison.undeclared == [], "\(comparison.table) after \(stops)")
      }
    }
    // Without what they declare, their doings are noticed.
    let undeclared = try before.compare(with: database.connection).flatMap(\.undeclared)
    #expect(undeclared.contains("updated_at: came undeclared"))
    #expect(undeclared.contains("table came undeclared"))
  }
}
