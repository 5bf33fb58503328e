import ControlPlane
import Database
import DatabaseContents
import SchemaMigrations
import SimulationRuntime
import StreamSpaceProtocol
import Synchronization
import TestEnvironment

/// The image of the database that a topology starts from, and what its replicas do to it.
enum InitialImage {
  /// Who stands in the ledger for what was there before the run.
  static let author = "image"

  /// Made once each: migrations of a whole schema take longer than many a case.
  private static let made = Mutex<[(contents: InitialDatabase, image: DatabaseImage)]>([])

  static func make(_ contents: InitialDatabase) throws -> DatabaseImage {
    if let known = made.withLock({ $0.first { $0.contents == contents }?.image }) { return known }
    let image = try build(contents)
    made.withLock { $0.append((contents, image)) }
    return image
  }

  private static func build(_ contents: InitialDatabase) throws -> DatabaseImage {
    switch contents {
    case .ready: try FixtureRows.image.get()
    case .empty: .empty(isObserved: true)
    case .version(let version, let users, let sessions, let commands):
      try migrated(
        to: version,
        contents: users + sessions + commands == 0
          ? nil : ContentSize(users: users, sessions: sessions, commands: commands))
    case .startUpOnly: try shipped()
    case .startUpAndFiles: try shipped(files: 1...8)
    }
  }

  /// As the contract's migrations leave an empty database, with rows.
  static func migrated(
    to version: Int, contents: ContentSize? = nil, rows: [(SQLStatement, [SQLValue])] = []
  ) throws -> DatabaseImage {
    let database = try MemoryDatabase(image: .empty(isObserved: true), at: start)
    let connection = database.connect()
    let end = MigrationBehaviour().run(to: version, appliedBy: author).perform(on: connection)
    guard case .ready = end else { throw FixtureError("the schema of version \(version): \(end)") }
    if let contents {
      try ContentGenerator(seed: 1, size: contents, version: version).load(into: connection)
      for text in rest { try connection.execute(text) }
    }
    for (statement, parameters) in rows { try connection.execute(statement, parameters) }
    connection.close()
    return try database.image()
  }

  /// Generated rows are history: no platform has workloads for them, and no agent of theirs will ever come.
  private static let rest = [
    "UPDATE agents SET status = 'offline', approval_status = 'rejected', last_heartbeat = NULL",
    "UPDATE sessions SET state = 'terminated', active_connections = 0 WHERE state NOT IN ('terminated', 'failed')",
    "UPDATE agent_commands SET status = 'completed' WHERE status IN ('pending', 'sent', 'ack')",
  ]

  /// As the shipped program leaves it, and an operator who runs its files: what fails there fails here.
  private static func shipped(files: ClosedRange<Int>? = nil) throws -> DatabaseImage {
    let database = try MemoryDatabase(image: .empty(isObserved: true), at: start)
    let connection = database.connect()
    let end = MigrationBehaviour.shipped.run(to: MigrationSet.contract.newest, appliedBy: author)
      .perform(on: connection)
    guard case .ready = end else { throw FixtureError("the shipped schema: \(end)") }
    for file in files.map(Array.init) ?? [] {
      for text in ShippedMigrations.file(file) {
        let statement = SQLStatement("file", text, isPrepared: false)
        if case .failure = connection.answer(.execute(statement, [])) { break }
      }
    }
    connection.close()
    return try database.image()
  }

  /// A day before the run: what an installation holds is older than the run.
  private static let start = Epoch.microseconds - 86_400_000_000

  // MARK: What a start does

  /// What a replica does at its start whose binary knows the schema up to `binary`, nil for the newest.
  ///
  /// The database of `.ready` is the contract's. A product with other migrations takes it as it is: its defects show in
  /// the databases that it makes itself.
  static func plan(
    _ behaviour: MigrationBehaviour, on contents: InitialDatabase, binary: Int?
  ) -> SchemaUpgradePlan? {
    if contents == .ready, behaviour != MigrationBehaviour() { return nil }
    var behaviour = behaviour
    behaviour.newestVersion = binary
    let set = behaviour.migrations
    let isContract = behaviour == MigrationBehaviour()
    return SchemaUpgradePlan(
      ledger: behaviour.restsWhenComplete ? MigrationLedger.read : nil,
      isComplete: { isContract && $0 == knownLedger || isComplete($0, set) },
      makeRun: { [behaviour] in behaviour.run(to: set.newest, appliedBy: $0) })
  }

  private static func isComplete(_ answer: SQLResult, _ set: MigrationSet) -> Bool {
    (try? MigrationLedger(answer))?.isComplete(set) ?? false
  }

  /// The ledger of the image of `.ready`, so that its thousand statements are not summed up at every start.
  private static let knownLedger: SQLResult? = {
    guard let image = try? FixtureRows.image.get(), let database = try? MemoryDatabase(image: image, at: start),
      let answer = try? database.connect().execute(MigrationLedger.read),
      isComplete(answer, MigrationSet.contract)
    else { return nil }
    return answer
  }()
}
