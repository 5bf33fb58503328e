import DatabaseContents
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// DBM-06: a run that is broken off, wherever that is, is completed by the next.
extension DatabaseMigrations {
  static let brokenOff = TestCase.database(
    "DBM-06", "Crash or error at every statement", source: "[+]", needs: ["sql"], checks: ["I-MIG-ATOM"],
    kills: ["B-80", "C-29"],
    limits: "a plain run takes every 20th request, offset by the seed, with one kind each; a full one every request"
  ) { bench in
    var chain = try StatementChain(bench)
    defer { chain.drop() }
    let stride = bench.depth == .full ? 1 : 20
    let offset = bench.depth == .full ? 0 : bench.choose("first request", stride)
    var position = 0
    for version in 0...bench.newest {
      let requests = try chain.advance(to: version)
      for request in 1...max(1, requests.count) where !requests.isEmpty {
        defer { position += 1 }
        guard position % stride == offset else { continue }
        let kinds = MigrationInterruption.allCases
        // Each kind has its turn at each request within three seeds.
        let kind = kinds[(position / stride + Int(bench.seed % 3)) % kinds.count]
        try chain.judge(kind, at: request, of: requests)
      }
    }
    bench.expect("requests of a fresh install", .reported, position)
    try bench.judgeEndings()
  }
}

/// One database that climbs from version to version, with a copy of how each began.
private struct StatementChain {
  let bench: DatabaseBench
  private var climbing: any LaboratoryDatabase
  /// How `version` begins; nil: empty.
  private var base: (any LaboratoryDatabase)?
  private var version = 0
  private var wanted = SQLCatalogue()
  private var rows: ContentDigest?
  /// Where each statement stands: `version.step/statement`.
  private let places: [String: String]

  init(_ bench: DatabaseBench) throws {
    self.bench = bench
    climbing = try bench.laboratory.makeDatabase()
    places = bench.migrations.migrations.places
  }

  func drop() {
    climbing.drop()
    base?.drop()
  }

  /// Carries `version` out undisturbed and returns what was sent for it.
  mutating func advance(to version: Int) throws -> [SQLRequest] {
    if version > 0 {
      base?.drop()
      let copy = try climbing.copy()
      base = copy
      rows = try bench.look(copy) { try ContentDigest(of: $0, detail: .sums) }
    }
    self.version = version
    var requests: [SQLRequest] = []
    let end = try bench.look(climbing) { connection in
      let run = bench.migrations.run(to: version, appliedBy: "pod-1")
      return run.perform(on: connection) { requests.append($0) }
    }
    guard end.isReady(at: version) else { throw CaseFailure("the undisturbed run to version \(version) \(end.text)") }
    wanted = try bench.catalogue(of: climbing)
    // Rows for the versions that follow: their back-fills and keys have something to do.
    if version == 0 {
      try bench.look(climbing) { connection in
        try ContentGenerator(seed: bench.seed, size: .small, version: 0).load(into: connection)
      }
    }
    return requests
  }

  /// Breaks a run of this version off at its `number`th request, starts another, and tells what that left.
  func judge(_ kind: MigrationInterruption, at number: Int, of requests: [SQLRequest]) throws {
    let database = try base?.copy() ?? bench.laboratory.makeDatabase()
    defer { database.drop() }
    let request = requests[number - 1]
    let first = try bench.look(database) { connection in
      bench.migrations.run(to: version, appliedBy: "pod-1").perform(on: connection, breaking: number, by: kind)
    }
    var problems: [String] = []
    switch (kind, first) {
    case (.error, .ready?) where !request.isUnlock: problems.append("the run went on after an error")
    case (.error, let end?):
      if let reason = end.reason, reason.isEmpty || reason.contains("\n") {
        problems.append("no clear line: \(reason)")
      }
    default: break
    }
    let second = try bench.migrate(database, to: version, by: "pod-2")
    if !second.isReady(at: version) { problems.append("the next run \(second.text)") }
    problems += try bench.catalogue(of: database).differences(from: wanted).map { "schema: \($0)" }
    if let rows {
      let passages = ContentPassage.path([version - 1, version], in: bench.contract)
      problems += try bench.look(database) { connection in
        try rows.compare(with: connection, passages: passages, catalogue: wanted).flatMap { comparison in
          comparison.undeclared.map { "\(comparison.table): \($0)" }
        }
      }
    }
    let place = request.place(in: places, version: version)
    bench.tell(
      .migrationInterrupted(
        engine: bench.engine, point: "request \(number) of version \(version) (\(place)), \(kind.rawValue)",
        problems: problems))
    bench.record.add(
      .crash(
        bench.engine, place: place, request: number, kind: kind.rawValue,
        first: first.map(\.text) ?? "broken off", restarted: second.text))
  }
}

extension MigrationSet {
  /// By statement text: `version.step/statement`, all from 1 but the version. A text that occurs twice has its first
  /// place.
  var places: [String: String] {
    var places: [String: String] = [:]
    for migration in migrations {
      for (step, content) in migration.up.enumerated() {
        for (number, statement) in content.statements.enumerated() where places[statement] == nil {
          places[statement] = "\(migration.version).\(step + 1)/\(number + 1)"
        }
      }
    }
    return places
  }
}

extension SQLRequest {
  /// Whether the work is done and the lock is all that is left.
  fileprivate var isUnlock: Bool { if case .advisoryUnlock = self { true } else { false } }

  /// Its place in the migrations, or what the runner needs it for.
  fileprivate func place(in places: [String: String], version: Int) -> String {
    if case .execute(let statement, _) = self, let place = places[statement.text] { return place }
    return "\(version), \(name)"
  }
}

extension MigrationRun {
  /// As ``perform(on:pause:)``, and tells each request before it is sent.
  func perform(on connection: any SQLConnection, _ sent: (SQLRequest) -> Void) -> MigrationEnd {
    var answer: SQLResponse?
    while true {
      switch next(answer) {
      case .send(let request):
        sent(request)
        answer = connection.answer(request)
      case .pause: answer = nil
      case .ended(let end): return end
      }
    }
  }

  /// Carries the run out until its `number`th request, which something befalls. Nil: the runner is dead.
  func perform(
    on connection: any SQLConnection, breaking number: Int, by kind: MigrationInterruption, error: SQLError? = nil
  ) -> MigrationEnd? {
    var answer: SQLResponse?
    var count = 0
    while true {
      switch next(answer) {
      case .send(let request):
        count += 1
        guard count == number else {
          answer = connection.answer(request)
          continue
        }
        switch kind {
        case .crash: return nil
        case .unknown:
          _ = connection.answer(request)
          return nil
        case .error: answer = .failure(connection.fail(in: request, with: error ?? .injected(sqlState: "XX000")))
        }
      case .pause: answer = nil
      case .ended(let end): return end
      }
    }
  }
}

extension SQLConnection {
  /// Leaves the connection as a request leaves it that failed: a transaction is aborted, a commit has rolled back.
  fileprivate func fail(in request: SQLRequest, with error: SQLError) -> SQLError {
    switch request {
    case .execute:
      _ = answer(.execute(SQLStatement("broken", "SELECT 1 FROM no_table_of_this_name", isPrepared: false), []))
    case .commit: _ = answer(.rollback)
    case .begin, .rollback, .advisoryLock, .tryAdvisoryLock, .advisoryUnlock, .ping: break
    }
    return error
  }
}
