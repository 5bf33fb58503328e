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

  /// Without ledger: the statements of the base, and those of the shipped start-up list.
  static let base = -1
  static let startUpList = -2

  /// A database at a version, or without anything.
  init(at version: Int? = nil) throws {
    database = try Self.lock.withLock { try Self.make(version) }
    connection = try database.connect()
  }

  private static let lock = NSLock()
  /// What others are copied from, by version; behind `lock`, as the laboratory is for one thread at a time.
  nonisolated(unsafe) private static var templates: [Int: any LaboratoryDatabase] = [:]
  /// All that were made: the last reference to one drops it on the laboratory's connection, and no thread of a test may
  /// do that beside another. They go with the server.
  nonisolated(unsafe) private static var kept: [any LaboratoryDatabase] = []
  nonisolated(unsafe) private static var laboratory: PostgreSQLLaboratory?

  private static func make(_ version: Int?) throws -> any LaboratoryDatabase {
    let database = try copy(version)
    kept.append(database)
    return database
  }

  private static func copy(_ version: Int?) throws -> any LaboratoryDatabase {
    let laboratory = try laboratory ?? TestServer.laboratory()
    self.laboratory = laboratory
    guard let version else { return try laboratory.makeDatabase() }
    if let template = templates[version] { return try template.copy() }
    let template = try version > 0 ? make(version == 10 ? 9 : 0) : laboratory.makeDatabase()
    let connection = try template.connect()
    switch version {
    case base: for text in MigrationSet.contract.migrations[0].up.flatMap(\.statements) { try connection.execute(text) }
    case startUpList: for text in ShippedMigrations.startUpList { try connection.execute(text) }
    default: _ = MigrationBehaviour().run(to: version, appliedBy: "api-0").perform(on: connection)
    }
    connection.close()
    templates[version] = template
    return try template.copy()
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
