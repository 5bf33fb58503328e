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
    for column in table.columns { ours[column.name] = Self.describe(column, in: name) }
    #expect(ours == recorded.columns)
  }

  @Test("keys, with their names and actions", arguments: tableNames)
  func constraints(name: String) throws {
    let recorded = try #require(Recording.shipped?.tables[name])
    let table = try #require(DatabaseSchema.shipped.table(name))
    var ours = ["\(table.primaryKeyName): PRIMARY KEY (\(table.primaryKey.joined(separator: ", ")))"]
    for key in table.uniqueKeys { ours.append("\(table.uniqueKeyName(key)): UNIQUE (\(key.joined(separator: ", ")))") }
    for key in table.foreignKeys {
      let action = key.onDelete == .noAction ? "" : " ON DELETE \(key.onDelete.rawValue)"
      ours.append(
        "\(table.name(of: key)): FOREIGN KEY (\(key.column)) REFERENCES \(key.table)(\(key.key))\(action)")
    }
    #expect(ours.sorted() == recorded.constraints.sorted())
  }

  @Test("every secondary index is a real one", arguments: tableNames)
  func indexes(name: String) throws {
    let recorded = try #require(Recording.shipped?.tables[name])
    let table = try #require(DatabaseSchema.shipped.table(name))
    for index in table.indexes {
      let entry = "\(table.indexName(index)): btree (\(index.joined(separator: ", ")))"
      #expect(recorded.indexes.contains(entry))
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
    let key = try #require(DatabaseSchema.contract.table("sessions")).foreignKeys.filter { $0.column == "agent_id" }
    #expect(key.map(\.onDelete) == [.setNull])
  }

  @Test("one addition can be left out: a defect by itself")
  func oneMissing() throws {
    let schema = DatabaseSchema(.all.subtracting(.commandUpdateTime))
    let database = try TestDatabase(schema)
    #expect(try database.error("UPDATE agent_commands SET updated_at = NOW()").sqlState == "42703")
    try database.run("UPDATE agent_commands SET claimed_by = 'api-1', attempts = attempts + 1")
  }

  private static func describe(_ column: ColumnDefinition, in table: String) -> String {
    var text =
      switch column.type {
      case .varchar(let limit): "varchar(\(limit))"
      case .text: "text"
      case .integer, .serial: "integer"
      case .bigint: "bigint"
      case .boolean: "boolean"
      case .timestamp: "timestamp without time zone"
      case .timestamptz: "timestamp with time zone"
      case .jsonb: "jsonb"
      case .uuid: "uuid"
      case .textArray: "_text"
      case .bytea: "bytea"
      case .rating: "numeric"
      }
    if !column.isNullable { text += " not null" }
    switch column.defaultValue {
    case .text(let value) where column.type == .jsonb: text += " default '\(value)'::jsonb"
    case .text(let value) where column.type == .text: text += " default '\(value)'::text"
    case .text(let value): text += " default '\(value)'::character varying"
    case .integer(let value): text += " default \(value)" + (column.type == .rating ? ".0" : "")
    case .boolean(let value): text += " default \(value)"
    case .now: text += " default CURRENT_TIMESTAMP"
    case .randomIdentifier: text += " default gen_random_uuid()"
    case nil: if column.type == .serial { text += " default nextval('\(table)_\(column.name)_seq'::regclass)" }
    }
    return text
  }
}
