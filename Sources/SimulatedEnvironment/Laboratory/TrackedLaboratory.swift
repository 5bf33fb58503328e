import StreamSpaceProtocol
import TestEnvironment

/// A laboratory that knows what it has given out: what a case leaves behind, because it failed or forgot it, is removed.
///
/// With `isStopped` its databases and connections refuse everything as soon as that says so: a case ends early when its
/// user wants it to.
final class TrackedLaboratory: DatabaseLaboratory {
  private let laboratory: any DatabaseLaboratory
  private let isStopped: (() -> Bool)?
  /// In the order in which they were made.
  private var databases: [TrackedDatabase] = []

  init(_ laboratory: any DatabaseLaboratory, isStopped: (() -> Bool)? = nil) {
    self.laboratory = laboratory
    self.isStopped = isStopped
  }

  var engine: DatabaseEngineName { laboratory.engine }

  func makeDatabase() throws(SQLError) -> any LaboratoryDatabase {
    try goOn()
    return track(try laboratory.makeDatabase())
  }

  /// Removes every database that is still there.
  func removeAll() {
    for database in databases.reversed() {
      database.endSessions()
      database.drop()
    }
  }

  /// Throws when the user wants no more.
  func goOn() throws(SQLError) {
    if isStopped?() == true { throw Self.stopped }
  }

  static let stopped = SQLError(sqlState: "", message: "interrupted", kind: .connectionLost)

  /// The connection itself, unless somebody may stop it.
  func guarded(_ connection: any SQLConnection) -> any SQLConnection {
    isStopped.map { StoppableConnection(connection, isStopped: $0) } ?? connection
  }

  func track(_ database: any LaboratoryDatabase) -> TrackedDatabase {
    let tracked = TrackedDatabase(database, self)
    databases.append(tracked)
    return tracked
  }

  func forget(_ database: TrackedDatabase) { databases.removeAll { $0 === database } }
}
