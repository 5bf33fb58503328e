import SchemaMigrations
import StreamSpaceProtocol

/// The two database engines of scenario 9.
public enum DatabaseEngineName: String, Sendable, Hashable, CaseIterable {
  case sqlite = "SQLite"
  case postgreSQL = "PostgreSQL"
}

/// Where the database half of a case gets its databases: SQLite in this process, or a PostgreSQL server.
package protocol DatabaseLaboratory: AnyObject {
  var engine: DatabaseEngineName { get }
  /// A new empty database.
  func makeDatabase() throws(SQLError) -> any LaboratoryDatabase
}

/// One database of a laboratory.
package protocol LaboratoryDatabase: AnyObject {
  /// A connection of its owner.
  func connect() throws(SQLError) -> any SQLConnection
  /// A connection of a role that may only read.
  func connectReadOnly() throws(SQLError) -> any SQLConnection
  /// A copy of what is committed; nobody may be connected meanwhile (CREATE DATABASE … TEMPLATE).
  func copy() throws(SQLError) -> any LaboratoryDatabase
  /// Ends every connection at once, as when the server dies; what is committed stays.
  func endSessions()
  /// Carries out several runs side by side, each on a connection of its own: interleaved by the seed (SQLite), or on
  /// threads as the server lets them (PostgreSQL). The ends stand in the order of the runs.
  func runTogether(_ runs: [any MigrationRun], seed: UInt64) throws(SQLError) -> [MigrationEnd]
  /// What can tell how long its tables were locked; nil: nothing.
  var lockMeasuring: (any LockMeasuring)? { get }
  /// Removes it.
  func drop()
}

extension LaboratoryDatabase {
  package var lockMeasuring: (any LockMeasuring)? { self as? any LockMeasuring }
}
