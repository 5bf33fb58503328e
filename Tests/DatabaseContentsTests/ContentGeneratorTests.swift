import DatabaseTestSupport
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import DatabaseContents

@Suite("Generated contents")
struct ContentGeneratorTests {
  @Test("The same seed makes the same rows, another seed others", arguments: [1, 7, 99] as [UInt64])
  func repeats(seed: UInt64) {
    let tables = ContentGenerator(seed: seed, size: .small, version: 10).tables
    for (table, again) in zip(tables, ContentGenerator(seed: seed, size: .small, version: 10).tables) {
      #expect(Array(table.rows) == Array(again.rows))
    }
    let others = ContentGenerator(seed: seed + 1, size: .small, version: 10).tables
    #expect(zip(tables, others).contains { Array($0.rows) != Array($1.rows) })
  }

  @Test("What seed 42 makes stays as it is: recorded replays depend on it")
  func pinned() {
    var sum = ContentChecksum()
    for table in ContentGenerator(seed: 42, size: .small, version: 10).tables {
      for (number, row) in table.rows.enumerated() {
        for value in row {
          sum.add(ContentHash.of("\(table.name) \(value)", tag: 0), key: UInt64(number))
          if case .bytes(let bytes) = value { bytes.withUnsafeBytes { sum.add(ContentHash.of($0, tag: 1), key: 0) } }
        }
      }
    }
    #expect("\(sum)" == "ContentChecksum(low: 12305539199715175330, high: 906580480670518562)")
  }

  @Test("A later version adds columns and changes no other value")
  func versions() throws {
    let old = ContentGenerator(seed: 5, size: .small)
    let new = ContentGenerator(seed: 5, size: .small, version: 10)
    for table in old.tables {
      let same = try #require(new.tables.first { $0.name == table.name })
      let places = try table.columns.map { try #require(same.columns.firstIndex(of: $0)) }
      for (row, newRow) in zip(table.rows, same.rows) { #expect(row == places.map { newRow[$0] }) }
    }
  }

  @Test("Every nullable column is NULL somewhere and holds a value somewhere", arguments: [1, 2, 3] as [UInt64])
  func nulls(seed: UInt64) {
    let never: Set<String> = [
      "id", "user_id", "group_id", "key", "username", "email", "name", "display_name", "k8s_namespace", "url",
      "key_hash",
      "key_prefix", "events", "agent_id", "platform", "command_id", "action",
    ]
    for table in ContentGenerator(seed: seed, size: .small, version: 10).tables {
      for (place, column) in table.columns.enumerated() {
        #expect(table.rows.contains { !$0[place].isNull }, "\(table.name).\(column) is always NULL")
        if never.contains(column) { continue }
        #expect(table.rows.contains { $0[place].isNull }, "\(table.name).\(column) is never NULL")
      }
    }
  }

  @Test(
    "Both engines take all of it at every version: keys, lengths, JSON and foreign keys hold",
    arguments: MigratedDatabase.engines, [0, 5, 6, 10])
  func loads(engine: DatabaseEngineName, version: Int) throws {
    let database = try MigratedDatabase(engine, version: version)
    for seed in [1, 2] as [UInt64] {
      _ = try database.connection.answer(.begin).get()
      let generator = ContentGenerator(seed: seed, size: .small, version: version)
      for table in generator.tables {
        let loaded = try database.connection.load(table.rows, into: table.name, columns: table.columns)
        #expect(loaded == table.rows.count)
      }
      _ = try database.connection.answer(.rollback).get()
    }
  }
}
