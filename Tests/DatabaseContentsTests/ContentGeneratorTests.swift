import Database
import StreamSpaceProtocol
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
    #expect("\(sum)" == "ContentChecksum(low: 7732119210205371685, high: 1804475609329092638)")
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
    "The simulated database takes all of it: keys, lengths, JSON and foreign keys hold",
    arguments: [1, 2, 3] as [UInt64])
  func loads(seed: UInt64) throws {
    let connection = try EngineConnection()
    let loaded = try ContentGenerator(seed: seed, size: .small, version: 10)
      .load(into: connection, named: DatabaseSchema.contract.tableNames)
    #expect(loaded.first { $0.table == "agent_commands" }?.rows == ContentSize.small.commands)
    #expect(loaded.count == 14)
  }
}
