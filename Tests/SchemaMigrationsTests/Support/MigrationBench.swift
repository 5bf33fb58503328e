import DatabaseTestSupport
import Foundation
import PostgreSQL
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment
import Testing

/// A throw-away PostgreSQL database with what tests of migrations do to it.
final class MigrationBench {
  let database: any LaboratoryDatabase
  let connection: any SQLConnection
  private let laboratory: PostgreSQLLaboratory?

  init() throws {
    let laboratory = try TestServer.laboratory()
    self.laboratory = laboratory
    database = try laboratory.makeDatabase()
    connection = try database.connect()
  }

  deinit { connection.close() }

  var catalogue: SQLCatalogue { get throws { try SQLCatalogue(connection.execute(SQLCatalogue.query)) } }
  var ledger: MigrationLedger { get throws { try MigrationLedger(connection.execute(MigrationLedger.read)) } }

  /// Runs upwards; pauses are not waited for.
  @discardableResult
  func run(_ behaviour: MigrationBehaviour = MigrationBehaviour(), to version: Int = 10) -> MigrationEnd {
    behaviour.run(to: version, appliedBy: "api-0").perform(on: connection, pause: Self.pause)
  }

  @discardableResult
  func rollBack(_ behaviour: MigrationBehaviour = MigrationBehaviour(), to version: Int) -> MigrationEnd {
    behaviour.rollBack(to: version, appliedBy: "api-0").perform(on: connection, pause: Self.pause)
  }

  /// Runs statements as psql does: each by itself, going on after errors. Answers the messages of the errors.
  @discardableResult
  func psql(_ statements: [String]) -> [String] {
    statements.compactMap { text in
      guard case .failure(let error) = connection.answer(.execute(SQLStatement("psql", text, isPrepared: false), []))
      else { return nil }
      return error.message
    }
  }

  private static func pause(_ milliseconds: Int) { Thread.sleep(forTimeInterval: Double(milliseconds) / 1_000) }

  /// The first value of the first row, as its description.
  func value(_ query: String) throws -> String {
    try connection.execute(query).firstRow?.values.first?.description ?? "no row"
  }
}
