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
  private static let tableNames = Recording.shipped?.tables.keys.sorted() ?? []
  private static let shipped = Result { try TestDatabase.image(.shipped).schema }
  private static let contract = Result { try TestDatabase.image(.contract).schema }

  @Test("all 91 tables are there and no other")
  func tables() throws {
    #expect(try Self.shipped.get().tables.map(\.name).sorted() == Self.tableNames)
    #expect(Self.tableNames.count == 91)
  }

  @Test("columns, types, nullability and defaults", arguments: tableNames)
  func columns(name: String) throws {
    let recorded = try #require(Recording.shipped?.tables[name])
    let table = try #require(Self.shipped.get().table(name))
    var ours: [String: String] = [:]
    for column in table.columns { ours[column.name] = Self.recorded(PostgresText.column(column)) }
    #expect(ours == recorded.columns)
  }

  @Test("keys, with their names and actions", arguments: tableNames)
  func constraints(name: String) throws {
    let recorded = try #require(Recording.shipped?.tables[name])
    let table = try #require(Self.shipped.get().table(name))
    let ours = table.constraints.map { "\($0.name): \(PostgresText.constraint($0, of: table))" }
    #expect(ours.sorted() == recorded.constraints.sorted())
  }

  @Test("indexes", arguments: tableNames)
  func indexes(name: String) throws {
    let recorded = try #require(Recording.shipped?.tables[name])
    let table = try #require(Self.shipped.get().table(name))
    let ours = table.indexes.map { "\($0.name): \(PostgresText.index($0, of: table))" }
    #expect(ours.sorted() == recorded.indexes.sorted())
  }

  @Test("the contract adds the columns of spec/00 and the numbered files, the shipped schema has none of them")
  func additions() throws {
    func added(_ table: String) throws -> [String] {
      let shipped = try #require(Self.shipped.get().table(table)).columns.map(\.name)
      let contract = try #require(Self.contract.get().table(table)).columns.map(\.name)
      #expect(Set(contract).isSuperset(of: shipped))
      return contract.filter { !shipped.contains($0) }
    }
    #expect(
      try added("agent_commands") == [
        "updated_at", "claimed_by", "claim_expires_at", "attempts", "next_attempt_at",
      ])
    #expect(
      try added("agents") == ["connection_pod", "connection_epoch", "leader_term", "offline_since", "issued_key"])
    #expect(try added("sessions") == ["termination_reason", "terminated_at"])
    let keys = try #require(Self.contract.get().table("sessions")).foreignKeys
    #expect(keys.filter { $0.key.columns == ["agent_id"] }.map(\.key.onDelete) == [.setNull])
  }

  /// The recording names arrays and numbers by their internal names, without precision.
  private static func recorded(_ definition: String) -> String {
    definition.replacing("text[]", with: "_text").replacing(/numeric\(\d+,\d+\)/, with: "numeric")
  }
}
