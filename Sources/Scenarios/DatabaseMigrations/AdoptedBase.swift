import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// A database that the shipped product left, without a ledger.
enum AdoptedBase: String, CaseIterable {
  case startUpOnly = "adopted, start-up list only"
  case startUpAndFiles = "adopted, start-up list and files"
}

extension DatabaseBench {
  /// Lays the base in an empty database as the shipped product does: each statement commits by itself. The files go the
  /// way of `psql`, which goes on after an error: 005 fails on what the list has made.
  ///
  /// - Throws: `SQLError` when a statement of the list fails.
  func lay(_ base: AdoptedBase, in database: any LaboratoryDatabase) throws {
    try look(database) { connection in
      try connection.executeAll(ShippedMigrations.startUpList)
      guard base == .startUpAndFiles else { return }
      for version in 1...8 {
        for statement in ShippedMigrations.file(version) {
          _ = connection.answer(.execute(SQLStatement("file", statement, isPrepared: false), []))
        }
      }
    }
  }
}
