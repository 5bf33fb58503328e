import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// DBM-14: files, list and ledger say the same, or nothing is written.
extension DatabaseMigrations {
  static let ledger = TestCase.database(
    "DBM-14", "Ledger and numbering", source: "[P #229, #233, 008]", needs: ["sql"], checks: ["I-SCHEMA"],
    kills: ["A-33", "A-41", "B-81"]
  ) { bench in
    bench.judgeFiles()
    let database = try bench.filledDatabase(.small, at: bench.newest)
    defer { database.drop() }
    bench.judgeRows(try bench.picture(of: database).ledger)
    for change in LedgerChange.all(newest: bench.newest) {
      let copy = try database.copy()
      defer { copy.drop() }
      try bench.judge(change, in: copy)
    }
    try bench.judgeOlderBinary(database)
  }
}

/// Something that has happened to a ledger, and what the next run must make of it.
private struct LedgerChange {
  var name: String
  var statements: [String]
  /// Words of the reason; nil: the run is well all the same.
  var refusal: String?

  static func all(newest: Int) -> [LedgerChange] {
    let foreign = newest + 1
    func insertion(_ name: String) -> String {
      """
      INSERT INTO schema_migrations (version, step, name, checksum, state, started_at) \
      VALUES (\(foreign), 1, '\(name)', 'f00', 'done', CURRENT_TIMESTAMP)
      """
    }
    return [
      LedgerChange(
        name: "a changed checksum",
        statements: ["UPDATE schema_migrations SET checksum = 'f00' WHERE version = 6 AND step = 2"],
        refusal: "checksum of version 6 step 2"),
      LedgerChange(
        name: "a gap", statements: ["DELETE FROM schema_migrations WHERE version = 3"], refusal: "version 3"),
      LedgerChange(
        name: "a step missing in the middle",
        statements: ["DELETE FROM schema_migrations WHERE version = 6 AND step = 4"], refusal: "version 6 step 4"),
      LedgerChange(
        name: "an unknown newer version", statements: [insertion("of another binary")],
        refusal: "version \(foreign), this binary knows \(newest)"),
      LedgerChange(
        name: "an unknown step",
        statements: [
          """
          INSERT INTO schema_migrations (version, step, name, checksum, state, started_at) \
          VALUES (5, 99, 'agent_keys', 'f00', 'done', CURRENT_TIMESTAMP)
          """
        ], refusal: "version 5 has no step 99"),
      LedgerChange(
        name: "a newer version that is compatible", statements: [insertion("of another binary (compatible)")],
        refusal: nil),
    ]
  }
}

extension DatabaseBench {
  /// The list, the folder and the numbers.
  fileprivate func judgeFiles() {
    tellFiles("the contract's list", "its folder", MigrationSet.check())
    tellFiles("the list under test", "its numbers", migrations.migrations.numberingProblems)
    // What the runner runs, number for number, against what the folder holds.
    let listed = migrations.migrations
    tellFiles(
      "the list under test", "the folder",
      contract.migrations.flatMap { migration in
        let steps = listed[migration.version]?.up.map(\.checksum) ?? []
        return migration.up.enumerated().compactMap { number, step in
          steps.contains(step.checksum) ? nil : "version \(migration.version) step \(number + 1) is run by nobody"
        }
          + steps.filter { !migration.up.map(\.checksum).contains($0) }.map { _ in
            "version \(migration.version) runs a step that no file has"
          }
      })
    // The checks themselves: what they must find.
    var twice = contract
    if let seventh = twice[7] { twice.migrations.insert(seventh, at: 8) }
    expectFound("a number used twice", "7", twice.numberingProblems)
    var gap = contract
    gap.migrations.remove(at: 4)
    expectFound("a gap", "4", gap.numberingProblems)
    let stray = MigrationFile(name: "0095_stray.up.sql", text: "-- step: schema\nALTER TABLE users ADD COLUMN x INT;")
    expectFound(
      "a file without entry", stray.name,
      MigrationCheck.problems(of: MigrationSet.contractManifest, files: MigrationSet.embeddedFiles + [stray]))
    let withoutFile = MigrationSet.embeddedFiles.filter { !$0.name.hasPrefix("005") }
    expectFound(
      "an entry without file", "005", MigrationCheck.problems(of: MigrationSet.contractManifest, files: withoutFile))
  }

  private func tellFiles(_ what: String, _ other: String, _ problems: [String]) {
    tell(.schemaCompared(engine: engine, what: "by \(what)", with: other, differences: problems))
  }

  private func expectFound(_ what: String, _ word: String, _ problems: [String]) {
    expect(what, equals: "found", problems.contains { $0.contains(word) } ? "found" : "not found")
  }

  /// The ledger of a fresh install has a row for each step, done.
  fileprivate func judgeRows(_ ledger: [String]) {
    let wanted = contract.migrations.flatMap { migration in
      migration.up.enumerated().map { (migration.version, $0.offset + 1, $0.element.checksum) }
    }
    var differences: [String] = []
    for (version, step, checksum) in wanted {
      let row = ledger.first { $0.hasPrefix("\(version) \(step) ") }
      if row?.contains("'\(checksum)' 'done'") != true {
        differences.append("version \(version) step \(step): \(row ?? "no row")")
      }
    }
    if ledger.count != wanted.count { differences.append("\(ledger.count) rows for \(wanted.count) steps") }
    tell(.schemaCompared(engine: engine, what: "by its ledger", with: "the contract's files", differences: differences))
  }

  fileprivate func judge(_ change: LedgerChange, in database: any LaboratoryDatabase) throws {
    try look(database) { try $0.executeAll(change.statements) }
    let before = try picture(of: database, contents: true)
    let end = try migrate(database, to: newest, by: "pod-2")
    var differences = try picture(of: database, contents: true).changes(since: before)
    switch (end, change.refusal) {
    case (.refused(let reason), let words?):
      if !reason.contains(words) { differences.append("the reason does not name it: \(reason)") }
    case (.ready, nil): break
    default: differences.append("the run \(end.text)")
    }
    tell(
      .schemaCompared(
        engine: engine, what: "with \(change.name) in its ledger", with: "what it was", differences: differences))
  }

  /// A binary that knows fewer versions than the database has goes on only over compatible ones.
  fileprivate func judgeOlderBinary(_ database: any LaboratoryDatabase) throws {
    for known in [8, 9] {
      let old = MigrationSet(contract.migrations.filter { $0.version <= known })
      let refusal = try look(database) { try MigrationLedger($0.execute(MigrationLedger.read)).refusal(for: old) }
      // Version 10 changes types: nobody older may go on.
      expect("a binary of version \(known)", equals: "refused", refusal == nil ? "goes on" : "refused")
    }
    let ninth = try filledDatabase(.small, at: 9)
    defer { ninth.drop() }
    let eighth = MigrationSet(contract.migrations.filter { $0.version <= 8 })
    let refusal = try look(ninth) { try MigrationLedger($0.execute(MigrationLedger.read)).refusal(for: eighth) }
    expect(
      "a binary of version 8 over the compatible 9", equals: "goes on", refusal.map { "refused: \($0)" } ?? "goes on")
  }
}
