import Database
import SchemaMigrations
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// Databases in this process: the simulated database on SQLite, without network.
package final class SQLiteLaboratory: DatabaseLaboratory {
  package let engine = DatabaseEngineName.sqlite
  private var count: UInt64 = 0

  package init() {}

  package func makeDatabase() throws(SQLError) -> any LaboratoryDatabase {
    try open(.empty())
  }

  /// A database with the content of an image.
  func open(_ image: DatabaseImage) throws(SQLError) -> SQLiteLaboratoryDatabase {
    count += 1
    let database = try MemoryDatabase(image: image, at: Epoch.microseconds, identifierSeed: count)
    return SQLiteLaboratoryDatabase(database, of: self)
  }
}

/// One database of a ``SQLiteLaboratory``.
package final class SQLiteLaboratoryDatabase: LaboratoryDatabase {
  /// The database behind it: its schema, and images of it for a simulated deployment.
  package let database: MemoryDatabase
  private let laboratory: SQLiteLaboratory

  init(_ database: MemoryDatabase, of laboratory: SQLiteLaboratory) {
    self.database = database
    self.laboratory = laboratory
  }

  package func connect() throws(SQLError) -> any SQLConnection { database.connect() }

  package func connectReadOnly() throws(SQLError) -> any SQLConnection { database.connect(isReadOnly: true) }

  package func copy() throws(SQLError) -> any LaboratoryDatabase { try laboratory.open(database.image()) }

  package func endSessions() { database.endSessions() }

  package func runTogether(_ runs: [any MigrationRun], seed: UInt64) throws(SQLError) -> [MigrationEnd] {
    try database.runTogether(runs, seed: seed)
  }

  package func drop() { database.endSessions() }
}
