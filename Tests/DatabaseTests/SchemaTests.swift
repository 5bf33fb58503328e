import Foundation
import StreamSpaceProtocol
import Testing

@testable import Database

/// The schema recorded from PostgreSQL 15 (fixtures/recordings/20-postgres-schema.json).
private struct Recording: Decodable {
  struct Table: Decodable {
    let columns: [String: String]
    let constraints: [String]
    let indexes: [String]
  }

  let tables: [String: Table]

  static let shipped: Recording? = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let file = root.appending(path: "fixtures/recordings/20-postgres-schema.json")
    guard let data = try? Data(contentsOf: file) else { return nil }
    return try? JSONDecoder().decode(Recording.self, from: data)
  }()
}

@Suite("The schema is the recorded one")
struct SchemaTests {
  private static let tableNames = DatabaseSchema.shipped.tables.map(\.name)

  @Test("columns, types, nullability and defaults", arguments: tableNames)
  func columns(name: String) throws {
    let recorded = try #require(Recording.shipped?.tables[name])
    let table = try #require(DatabaseSchema.shipped.table(name))
    var ours: [String: String] = [:]
    for column in table.columns { ours[column.name] = Self.recorded(PostgresText.column(column)) }
    #expect(ours == recorded.columns)
  }

  @Test("keys, with their names and actions", arguments: tableNames)
  func constraints(name: String) throws {
    let recorded = try #require(Recording.shipped?.tables[name])
    let table = try #require(DatabaseSchema.shipped.table(name))
    let ours = table.constraints.map { "\($0.name): \(PostgresText.constraint($0, of: table))" }
    #expect(ours.sorted() == recorded.constraints.sorted())
  }

  @Test("every index is a real one", arguments: tableNames)
  func indexes(name: String) throws {
    let recorded = try #require(Recording.shipped?.tables[name])
    let table = try #require(DatabaseSchema.shipped.table(name))
    for index in table.indexes {
      #expect(recorded.indexes.contains("\(index.name): \(PostgresText.index(index, of: table))"))
    }
  }

  @Test("the contract adds the columns of spec/00 and the numbered files, the shipped schema has none of them")
  func additions() throws {
    func added(_ table: String) throws -> [String] {
      let shipped = try #require(DatabaseSchema.shipped.table(table)).columns.map(\.name)
      let contract = try #require(DatabaseSchema.contract.table(table)).columns.map(\.name)
      #expect(Array(contract.prefix(shipped.count)) == shipped)
      return Array(contract.dropFirst(shipped.count))
    }
    #expect(
      try added("agent_commands") == [
        "updated_at", "claimed_by", "claim_expires_at", "attempts", "next_attempt_at",
      ])
    #expect(
      try added("agents") == ["connection_pod", "connection_epoch", "leader_term", "offline_since", "issued_key"])
    #expect(try added("sessions") == ["termination_reason", "terminated_at"])
    let keys = try #require(DatabaseSchema.contract.table("sessions")).foreignKeys
    #expect(keys.filter { $0.key.columns == ["agent_id"] }.map(\.key.onDelete) == [.setNull])
  }

  @Test("one addition can be left out: a defect by itself")
  func oneMissing() throws {
    let schema = DatabaseSchema(.all.subtracting(.commandUpdateTime))
    let database = try TestDatabase(schema)
    #expect(try database.error("UPDATE agent_commands SET updated_at = NOW()").sqlState == "42703")
    try database.run("UPDATE agent_commands SET claimed_by = 'api-1', attempts = attempts + 1")
  }

  /// The recording names arrays and numbers by their internal names, without precision.
  private static func recorded(_ definition: String) -> String {
    definition.replacing("text[]", with: "_text").replacing(/numeric\(\d+,\d+\)/, with: "numeric")
  }
}
