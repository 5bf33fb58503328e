import DatabaseContents
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// DBM-02 and DBM-05: rows that live through migrations and roll-backs.
extension DatabaseMigrations {
  static let upgradeWithData = TestCase.database(
    "DBM-02", "Upgrade 001 to 008 with data", source: "[+]", live: true, needs: ["sql"],
    checks: ["I-MIG-DATA"], kills: [],
    limits: "a plain run on SQLite has a tenth of the rows; `--depth full` and PostgreSQL have all"
  ) { bench in
    let database = try bench.filledDatabase(bench.usualSize)
    defer { database.drop() }
    let before = try bench.look(database) { try ContentDigest(of: $0, detail: .sums) }
    for version in 1...8 {
      let start = bench.now
      try bench.reach(version, of: database)
      bench.noteTime(of: version, bench.now - start, rows: before)
    }
    let undeclared = try bench.compareContents("upgrade 0 to 8", before, in: database, along: [0, 8])
    bench.expect("undeclared changes of rows", .equal(.count(0)), undeclared)
  }

  static let rollBack = TestCase.database(
    "DBM-05", "Roll-back and re-apply", source: "[P roll-back files]", live: true, needs: ["sql"],
    checks: ["I-SCHEMA", "I-MIG-DATA"], kills: ["B-84"],
    limits: "a plain run on SQLite has a fiftieth of the rows of DBM-02; `--depth full` and PostgreSQL have all"
  ) { bench in
    // The schema of each version, as it was on the way up.
    let climbed = try bench.laboratory.makeDatabase()
    defer { climbed.drop() }
    var schemas: [SQLCatalogue] = []
    for version in 0...bench.newest {
      try bench.reach(version, of: climbed)
      schemas.append(try bench.catalogue(of: climbed))
    }
    let size = bench.depth == .full || bench.engine == .postgreSQL ? ContentSize.usual : ContentSize.shortened
    let database = try bench.filledDatabase(size, at: bench.newest)
    defer { database.drop() }
    let before = try bench.look(database) { try ContentDigest(of: $0, detail: .sums) }
    for version in (1...bench.newest).reversed() {
      let end = try bench.rollBack(database, to: version - 1)
      bench.expect(
        "roll-back of \(version)", equals: MigrationEnd.ready(version: version - 1, applied: [version]).text, end.text)
      let differences = try bench.catalogue(of: database).differences(from: schemas[version - 1])
      bench.tell(
        .schemaCompared(
          engine: bench.engine, what: "after the roll-back of \(version)", with: "version \(version - 1)",
          differences: differences))
      let migration = bench.contract[version]
      bench.record.add(
        .rollBack(
          bench.engine, version: version, name: migration?.name ?? "", loses: migration?.effects.loses ?? [],
          restored: differences.isEmpty))
    }
    let hasAgent = try bench.catalogue(of: database).tables["sessions"]?.columns["agent_id"] != nil
    bench.expect("sessions.agent_id after all roll-backs", equals: "kept", hasAgent ? "kept" : "gone")
    try bench.compareContents("roll-back to 0", before, in: database, along: [bench.newest, 0])
    try bench.reach(bench.newest, of: database)
    bench.compare("rolled back and re-applied", try bench.catalogue(of: database), with: "fresh", schemas[bench.newest])
    try bench.compareContents("roll-back and re-apply", before, in: database, along: [bench.newest, 0, bench.newest])
  }
}

extension ContentSize {
  /// A tenth of ``usual``: what a plain run on SQLite can afford.
  static let tenth = ContentSize(users: 100, sessions: 1_000, commands: 5_000)
  static let shortened = ContentSize(users: 40, sessions: 200, commands: 1_000)
}

extension DatabaseBench {
  var usualSize: ContentSize { depth == .full || engine == .postgreSQL ? .usual : .tenth }

  /// Tells I-MIG-DATA and the report what became of the rows on the way through the versions `stops`, and returns how
  /// many changes nobody declared.
  @discardableResult
  func compareContents(
    _ what: String, _ before: ContentDigest, in database: any LaboratoryDatabase, along stops: [Int]
  ) throws -> Int {
    let passages = ContentPassage.path(stops, in: contract)
    let comparisons = try look(database) { try before.compare(with: $0, passages: passages) }
    for comparison in comparisons {
      let table = comparison.table
      let old = before.tables[table]?.rows ?? 0
      // On the way through a lower version a table may have lost its rows as declared: what is new has nothing to keep.
      tell(
        .contentsCompared(
          engine: engine, what: what, table: table, rows: old, undeclared: comparison.undeclared))
      guard old > 0 || comparison.rows > 0 else { continue }
      record.add(
        .dataPreserved(
          engine, what, table: table, before: old, after: comparison.rows, equal: comparison.undeclared.isEmpty,
          declared: Self.declared(table, passages)))
    }
    return comparisons.reduce(0) { $0 + $1.undeclared.count }
  }

  /// What the passages declare of a table: `+` added, `=` filled, `-` lost.
  private static func declared(_ table: String, _ passages: [ContentPassage]) -> String {
    var words: [String] = []
    func note(_ sign: String, _ names: [String]) {
      for name in names where name == table || name.hasPrefix(table + ".") {
        let word = sign + (name == table ? "table" : String(name.dropFirst(table.count + 1)))
        if !words.contains(word) { words.append(word) }
      }
    }
    for passage in passages {
      switch passage {
      case .up(let effects):
        note("+", effects.adds)
        note("=", effects.backfills.keys.sorted())
      case .down(let effects): note("-", effects.loses)
      }
    }
    return words.joined(separator: " ")
  }

  /// The time of a version, where there is a clock.
  func noteTime(of version: Int, _ time: Duration, rows: ContentDigest) {
    guard let migration = contract[version] else { return }
    let touched = Array(Set(migration.up.compactMap(\.table))).sorted()
    record.add(
      .stepTime(
        engine, step: String(version), name: migration.name,
        kind: Set(migration.up.map(\.kind.word)).sorted().joined(separator: ", "),
        statements: migration.up.reduce(0) { $0 + $1.statements.count },
        rows: touched.reduce(0) { $0 + (rows.tables[$1]?.rows ?? 0) }, time: time))
  }
}

extension MigrationStep {
  /// The table that a back-fill or an index is about.
  var table: String? {
    switch kind {
    case .schema: nil
    case .backfill(let table, _), .index(let table): table
    }
  }
}

extension MigrationStep.Kind {
  var word: String {
    switch self {
    case .schema: "schema"
    case .backfill: "back-fill"
    case .index: "index"
    }
  }
}
