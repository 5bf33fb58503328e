import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// A database that its ``TrackedLaboratory`` knows until it is dropped.
final class TrackedDatabase: LaboratoryDatabase {
  private let database: any LaboratoryDatabase
  private unowned let laboratory: TrackedLaboratory

  init(_ database: any LaboratoryDatabase, _ laboratory: TrackedLaboratory) {
    self.database = database
    self.laboratory = laboratory
  }

  func connect() throws(SQLError) -> any SQLConnection {
    try laboratory.goOn()
    return laboratory.guarded(try database.connect())
  }

  func connectReadOnly() throws(SQLError) -> any SQLConnection {
    try laboratory.goOn()
    return laboratory.guarded(try database.connectReadOnly())
  }

  func copy() throws(SQLError) -> any LaboratoryDatabase {
    try laboratory.goOn()
    return laboratory.track(try database.copy())
  }

  func endSessions() { database.endSessions() }

  var lockMeasuring: (any LockMeasuring)? { database.lockMeasuring }

  func runTogether(_ runs: [any MigrationRun], seed: UInt64) throws(SQLError) -> [MigrationEnd] {
    try laboratory.goOn()
    return try database.runTogether(runs, seed: seed)
  }

  func drop() {
    laboratory.forget(self)
    database.drop()
  }
}
