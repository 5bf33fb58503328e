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
    let catalogue = try bench.catalogue(of: database)
    for (table, undeclared) in CascadeMap.undeclaredKeys(in: catalogue) {
      bench.tell(
        .contentsCompared(
          engine: bench.engine, what: "foreign keys", table: table, rows: 1, undeclared: undeclared))
    }
    try bench.look(database) { connection in
      let before = try CascadeMap(connection)
      var undeclared = 0
      for table in ["agents", "users", "organizations", "sessions", "catalog_templates", "repositories", "groups"] {
        undeclared += try bench.judgeDeletion(from: table, before, on: connection)
      }
      bench.expect("undeclared effects of deletions", .equal(.count(0)), undeclared)
    }
    try bench.judgeCatalogueSync(database)
  }
}

extension DatabaseBench {
  /// Deletes a row that others name, compares every table with what is declared, and takes the deletion back. Returns how
  /// many effects nobody declared.
  fileprivate func judgeDeletion(
    from table: String, _ before: CascadeMap, on connection: any SQLConnection
  ) throws -> Int {
    let kinds = (before.rows[table] ?? [:]).keys.map { (key: $0, kinds: before.kindsOfChildren(of: $0, in: table)) }
    // One that is named in as many ways as any: by sessions and commands alike.
    let most = kinds.map(\.kinds).max() ?? 0
    try requirePremise("a row of \(table) that others name", most > 0)
    let keys = kinds.filter { $0.kinds == most }.map(\.key).sorted { $0.description < $1.description }
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
      return 1
    }
    var found = 0
    let after = try CascadeMap(connection)
    for other in CascadeMap.parentsAndChildren {
      let rows = before.rows[other]?.count ?? 0
      let left = after.rows[other]?.count ?? 0
      let undeclared = wanted.differences(from: after, in: other)
      found += undeclared.count
      tell(
        .contentsCompared(
          engine: engine, what: "deletion from \(table)", table: other, rows: rows, undeclared: undeclared))
      guard left != rows || !undeclared.isEmpty else { continue }
      record.add(
        .dataPreserved(
          engine, "deletion of one row of \(table)", table: other, before: rows, after: left,
          equal: undeclared.isEmpty, declared: "\(rows - (wanted.rows[other]?.count ?? 0)) rows go"))
    }
    return found
  }

  /// The catalogue follows its repository three times, a name of which comes twice: applications keep their templates.
  fileprivate func judgeCatalogueSync(_ database: any LaboratoryDatabase) throws {
    try look(database) { connection in
      let repository = try connection.execute(
        """
        SELECT repository_id AS id, COUNT(*) AS n FROM catalog_templates WHERE name IS NOT NULL AND id IN \
        (SELECT catalog_template_id FROM installed_applications) GROUP BY repository_id ORDER BY n DESC, id LIMIT 1
        """
      ).singleRow().integer("id")
      let links = SQLStatement(
        "links", "SELECT id, catalog_template_id FROM installed_applications ORDER BY id", isPrepared: false)
      let before = try connection.execute(links).rows.map(\.values)
      let names = try connection.execute(
        "SELECT name FROM catalog_templates WHERE repository_id = $1 AND name IS NOT NULL ORDER BY name",
        [.integer(repository)]
      ).rows.map { try $0.text("name") }
      func entry(_ name: String, _ title: String) -> CatalogueSync.Entry {
        CatalogueSync.Entry(name: name, displayName: title, category: "Parity", manifest: "{}", tags: ["a"])
      }
      // A new template, and one that the repository has twice.
      var entries = names.map { entry($0, $0) }
      entries += [entry("new-template", "New"), entry("new-template", "New again")]
      for round in 1...3 {
        var undeclared: [String] = []
        do throws(SQLError) {
          try catalogueSync.perform(repository: repository, entries, on: connection)
        } catch {
          undeclared.append("the sync failed: \(error)")
        }
        let after = try connection.execute(links).rows.map(\.values)
        for (old, new) in zip(before, after) where old != new {
          undeclared.append("application \(old[0]) names template \(new[1]) in place of \(old[1])")
        }
        let count = try connection.execute(
          "SELECT COUNT(*) AS n FROM catalog_templates WHERE repository_id = $1 AND name IS NOT NULL",
          [.integer(repository)]
        ).singleRow().integer("n")
        if count != names.count + 1 { undeclared.append("\(count) templates in place of \(names.count + 1)") }
        tell(
          .contentsCompared(
            engine: engine, what: "sync \(round) of the catalogue", table: "installed_applications",
            rows: before.count, undeclared: undeclared))
      }
    }
  }

  func requirePremise(_ premise: String, _ holds: Bool) throws {
    if !holds { throw CaseFailure("premise not met: \(premise)") }
  }
}
