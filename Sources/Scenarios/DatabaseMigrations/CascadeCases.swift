import DatabaseContents
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// DBM-11: foreign keys do what is declared, and nothing else.
extension DatabaseMigrations {
  static let cascades = TestCase.database(
    "DBM-11", "Foreign keys and cascades", source: "[+]", live: true, needs: ["sql"], checks: ["I-MIG-DATA"],
    kills: ["A-39", "A-40", "B-82"]
  ) { bench in
    let database = try bench.filledDatabase(.small, at: bench.newest)
    defer { database.drop() }
    try bench.look(database) { connection in
      let before = try CascadeMap(connection)
      for table in ["agents", "users", "organizations", "sessions", "catalog_templates", "repositories", "groups"] {
        try bench.judgeDeletion(from: table, before, on: connection)
      }
    }
    try bench.judgeCatalogueSync(database)
  }
}

extension DatabaseBench {
  /// Deletes a row that others name, compares every table with what is declared, and takes the deletion back.
  fileprivate func judgeDeletion(
    from table: String, _ before: CascadeMap, on connection: any SQLConnection
  ) throws {
    let keys = (before.rows[table] ?? [:]).keys.filter { before.children(of: $0, in: table) > 0 }
      .sorted { $0.description < $1.description }
    try requirePremise("a row of \(table) that others name", !keys.isEmpty)
    let key = keys[choose("row of \(table)", keys.count)]
    var wanted = before
    wanted.delete(key, from: table)
    _ = try connection.answer(.begin).get()
    defer { _ = connection.answer(.rollback) }
    let name = CascadeMap.key(of: table)
    // A SERIAL or UUID key comes as it was read.
    let answer = connection.answer(
      .execute(SQLStatement("deletion", "DELETE FROM \(table) WHERE \(name) = $1", isPrepared: false), [key]))
    if case .failure(let error) = answer {
      tell(
        .contentsCompared(
          engine: engine, what: "deletion from \(table)", table: table, rows: before.rows[table]?.count ?? 0,
          undeclared: ["\(key) is kept: \(error)"]))
      return
    }
    let after = try CascadeMap(connection)
    for other in CascadeMap.tables {
      let rows = before.rows[other]?.count ?? 0
      let left = after.rows[other]?.count ?? 0
      let undeclared = wanted.differences(from: after, in: other)
      tell(
        .contentsCompared(
          engine: engine, what: "deletion from \(table)", table: other, rows: rows, undeclared: undeclared))
      guard left != rows || !undeclared.isEmpty else { continue }
      record.add(
        .dataPreserved(
          engine, "deletion of one row of \(table)", table: other, before: rows, after: left,
          equal: undeclared.isEmpty, declared: "\(rows - (wanted.rows[other]?.count ?? 0)) rows go"))
    }
  }

  func requirePremise(_ premise: String, _ holds: Bool) throws {
    if !holds { throw CaseFailure("premise not met: \(premise)") }
  }
}
