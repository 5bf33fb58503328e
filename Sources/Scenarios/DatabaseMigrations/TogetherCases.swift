import DatabaseContents
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// DBM-07: several runners at once.
extension DatabaseMigrations {
  static let together: TestCase = {
    var testCase = TestCase(
      "DBM-07", "Replicas migrate together", in: .databaseMigrations, source: "[P+ 3 restarts observed]", live: true,
      variants: startsTogether, plain: .oneBySeed, needs: ["replicas:3", "sql"], checks: ["I-MIG-CONC"],
      kills: ["A-45", "B-80"],
      limits: "a plain run does one schedule, a full one 500"
    ) { environment in
      try await environment.judgeStartTogether()
    }
    testCase.databaseBody = { bench in
      let old = try bench.filledDatabase(.small)
      defer { old.drop() }
      let serial = try bench.serialSchema(from: old)
      let shapes = [2, 3, 5].flatMap { runners in [false, true].map { (runners, $0) } }
      let first = bench.choose("runners and base", shapes.count)
      var tally = [(ready: Int, once: Int, schedules: Int)](repeating: (0, 0, 0), count: shapes.count)
      for schedule in 0..<(bench.depth == .full ? 500 : 1) {
        let shape = (first + schedule) % shapes.count
        let (runners, isFilled) = shapes[shape]
        let result = try bench.judgeTogether(
          runners, from: isFilled ? old : nil, schedule: schedule, serial: serial[isFilled ? 1 : 0])
        tally[shape].schedules += 1
        tally[shape].ready += result.ready
        tally[shape].once += result.once ? 1 : 0
      }
      for (shape, sums) in zip(shapes, tally) where sums.schedules > 0 {
        bench.record.add(
          .runners(
            bench.engine, shape.1 ? "a database at version 0 with rows" : "an empty database", runners: shape.0,
            schedules: sums.schedules, ready: sums.ready, appliedOnce: sums.once))
      }
    }
    return testCase
  }()
}

extension DatabaseMigrations {
  /// 2, 3 and 5 replicas, on an empty database and on one at version 0 with rows.
  private static let startsTogether = [2, 3, 5].flatMap { replicas in
    [InitialDatabase.empty, .version(0, users: 20, sessions: 60, commands: 120)].map { database in
      Variant(
        "\(replicas) replicas, \(database == .empty ? "empty" : "version 0")",
        .t3.with {
          $0.replicas = replicas
          $0.database = database
        })
    }
  }
}

extension DatabaseBench {
  /// What one runner alone makes of an empty database, and of `old`.
  fileprivate func serialSchema(from old: any LaboratoryDatabase) throws -> [SQLCatalogue] {
    let empty = try database(at: newest)
    defer { empty.drop() }
    let upgraded = try old.copy()
    defer { upgraded.drop() }
    try reach(newest, of: upgraded)
    return [try catalogue(of: empty), try catalogue(of: upgraded)]
  }

  /// Starts `runners` at once and tells what is wrong with how they ended. `once`: each version was applied by one.
  fileprivate func judgeTogether(
    _ runners: Int, from base: (any LaboratoryDatabase)?, schedule: Int, serial: SQLCatalogue
  ) throws -> (ready: Int, once: Bool) {
    let database = try base?.copy() ?? laboratory.makeDatabase()
    defer { database.drop() }
    let before = try base.map { try look($0) { try ContentDigest(of: $0, detail: .sums) } }
    let runs = (1...runners).map { migrations.run(to: newest, appliedBy: "pod-\($0)") }
    let ends = try database.runTogether(runs, seed: seed &* 1_000 &+ UInt64(schedule))
    var problems: [String] = []
    var applied: [Int] = []
    for (number, end) in ends.enumerated() {
      if case .ready(newest, let versions) = end {
        applied += versions
      } else {
        problems.append("pod-\(number + 1) \(end.text)")
      }
    }
    let wanted = Array((base == nil ? 0 : 1)...newest)
    let once = applied.sorted() == wanted
    if !once {
      problems.append("versions applied: \(applied.sorted().map(String.init).joined(separator: " "))")
    }
    problems += try catalogue(of: database).differences(from: serial).map { "schema: \($0)" }
    if let before {
      let passages = ContentPassage.path([0, newest], in: contract)
      problems += try look(database) { connection in
        try before.compare(with: connection, passages: passages, catalogue: serial).flatMap { comparison in
          comparison.undeclared.map { "\(comparison.table): \($0)" }
        }
      }
    }
    tell(
      .migrationsTogether(
        engine: engine, what: "\(base == nil ? "an empty database" : "a database at version 0"), schedule \(schedule)",
        runners: runners, problems: problems))
    return (ends.count { $0.isReady(at: newest) }, once)
  }
}
