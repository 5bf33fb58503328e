import Database
import PostgreSQL
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// A database of either engine whose schema the migrations made, for tests.
package final class MigratedDatabase {
  package let connection: any SQLConnection
  private let laboratory: PostgreSQLLaboratory?
  private let database: (any LaboratoryDatabase)?

  /// 2026-01-01T00:00:00Z
  private static let start: Int64 = 1_767_225_600_000_000

  /// By version: made once, copied for every test.
  private static let images = Result { try makeImages() }

  private static func makeImages() throws -> [DatabaseImage] {
    let database = try MemoryDatabase(image: .empty(translations: TranslationCache()), at: start)
    return try MigrationSet.contract.migrations.map { migration in
      let connection = database.connect()
      let end = MigrationBehaviour().run(to: migration.version, appliedBy: "test").perform(on: connection)
      connection.close()
      guard case .ready(migration.version, _) = end else {
        throw TestServer.Absence(reason: "version \(migration.version): \(end)")
      }
      return try database.image()
    }
  }

  /// - Throws: `SQLError`, or that there is no server.
  package init(_ engine: DatabaseEngineName, version: Int) throws {
    switch engine {
    case .sqlite:
      laboratory = nil
      database = nil
      connection = try MemoryDatabase(image: Self.images.get()[version], at: Self.start).connect()
    case .postgreSQL:
      let laboratory = try TestServer.laboratory()
      let database = try laboratory.makeDatabase()
      self.laboratory = laboratory
      self.database = database
      connection = try database.connect()
      try migrate(to: version)
    }
  }

  deinit {
    connection.close()
    database?.drop()
  }

  /// The engines that tests can have here.
  package static var engines: [DatabaseEngineName] {
    TestServer.isAvailable ? DatabaseEngineName.allCases : [.sqlite]
  }

  /// Upwards.
  package func migrate(to version: Int) throws {
    try end(MigrationBehaviour().run(to: version, appliedBy: "test"), version)
  }

  package func rollBack(to version: Int) throws {
    try end(MigrationBehaviour().rollBack(to: version, appliedBy: "test"), version)
  }

  private func end(_ run: any MigrationRun, _ version: Int) throws {
    let end = run.perform(on: connection)
    guard case .ready(version, _) = end else { throw TestServer.Absence(reason: "\(end)") }
  }
}
