import Database
import SchemaMigrations
import StreamSpaceProtocol

/// A simulated database in memory with what tests of migrations do to it.
final class MemoryBench {
  let database: MemoryDatabase
  let connection: MemoryConnection

  init(_ image: DatabaseImage = .empty(), seed: UInt64 = 1) throws {
    database = try MemoryDatabase(image: image, at: 1_767_225_600_000_000, identifierSeed: seed)
    connection = database.connect()
  }

  /// After a run up to a version.
  convenience init(at version: Int) throws {
    try self.init()
    run(to: version)
  }

  var catalogue: SQLCatalogue { get throws { try SQLCatalogue(connection.execute(SQLCatalogue.query)) } }
  var ledger: MigrationLedger { get throws { try MigrationLedger(connection.execute(MigrationLedger.read)) } }

  @discardableResult
  func run(_ behaviour: MigrationBehaviour = MigrationBehaviour(), to version: Int = 10) -> MigrationEnd {
    behaviour.run(to: version, appliedBy: "api-0").perform(on: connection)
  }

  @discardableResult
  func rollBack(_ behaviour: MigrationBehaviour = MigrationBehaviour(), to version: Int) -> MigrationEnd {
    behaviour.rollBack(to: version, appliedBy: "api-0").perform(on: connection)
  }

  /// Carries out the first requests of a run on a connection that dies then; whether the run was over before.
  func interrupt(_ run: any MigrationRun, after count: Int) -> Bool {
    let dying = database.connect()
    defer { dying.close() }
    var answer: SQLResponse?
    for _ in 0..<count {
      guard case .send(let request) = run.next(answer) else { return true }
      answer = dying.answer(request)
    }
    return false
  }

  @discardableResult
  func psql(_ statements: [String]) -> [String] {
    statements.compactMap { text in
      guard case .failure(let error) = connection.answer(.execute(SQLStatement("psql", text, isPrepared: false), []))
      else { return nil }
      return error.message
    }
  }

  func value(_ query: String) throws -> String {
    try connection.execute(query).firstRow?.values.first?.description ?? "no row"
  }
}
