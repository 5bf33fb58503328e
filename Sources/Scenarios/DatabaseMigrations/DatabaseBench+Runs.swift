import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

extension DatabaseBench {
  /// Every migration of the contract.
  var contract: MigrationSet { .contract }
  /// The version that a fresh install ends at.
  var newest: Int { contract.newest }

  // MARK: What a case writes down

  func expect(_ name: String, _ target: Target, _ measured: Int) {
    record.add(Expectation(name: name, target: target, measured: .count(measured), time: .zero))
  }

  func expect(_ name: String, equals wanted: String, _ measured: String) {
    record.add(Expectation(name: name, target: .equal(.text(wanted)), measured: .text(measured), time: .zero))
  }

  func expect(_ name: String, _ target: Target, _ measured: Duration) {
    record.add(Expectation(name: name, target: target, measured: .duration(measured), time: .zero))
  }

  // MARK: Databases and runs

  /// Opens a connection for `body` and closes it: nobody else may be there when a database is copied.
  @discardableResult
  func look<Result>(
    _ database: any LaboratoryDatabase, _ body: (any SQLConnection) throws -> Result
  ) throws -> Result {
    let connection = try database.connect()
    defer { connection.close() }
    return try body(connection)
  }

  /// Carries a run of the policies under test out.
  func migrate(_ database: any LaboratoryDatabase, to version: Int, by runner: String = "pod-1") throws -> MigrationEnd
  {
    try look(database) { connection in
      migrations.run(to: version, appliedBy: runner).perform(on: connection)
    }
  }

  /// Takes back what stands above `version`.
  func rollBack(_ database: any LaboratoryDatabase, to version: Int) throws -> MigrationEnd {
    try look(database) { connection in
      migrations.rollBack(to: version, appliedBy: "pod-1").perform(on: connection)
    }
  }

  /// A run that must bring the database to `version`: whatever else it does is a breach of I-SCHEMA, and nothing can be
  /// tested on its database.
  ///
  /// - Returns: the versions it applied.
  /// - Throws: ``CaseFailure`` when it does not.
  @discardableResult
  func reach(
    _ version: Int, of database: any LaboratoryDatabase, by runner: String = "pod-1"
  ) throws -> [Int] {
    let end = try migrate(database, to: version, by: runner)
    if case .ready(version, let applied) = end { return applied }
    tell(
      .schemaCompared(
        engine: engine, what: "of a plain run", with: "version \(version)", differences: ["the run \(end.text)"]))
    throw CaseFailure("the run to version \(version) \(end.text)")
  }

  /// A new database, migrated from nothing to `version`.
  func database(at version: Int) throws -> any LaboratoryDatabase {
    let database = try laboratory.makeDatabase()
    try reach(version, of: database)
    return database
  }

  /// Schema, ledger and, if wanted, contents of a database.
  func picture(of database: any LaboratoryDatabase, contents: Bool = false) throws -> DatabasePicture {
    try look(database) { try DatabasePicture($0, contents: contents) }
  }

  func catalogue(of database: any LaboratoryDatabase) throws -> SQLCatalogue {
    try look(database) { try SQLCatalogue($0.execute(SQLCatalogue.query)) }
  }

  /// Tells I-SCHEMA and the report how two schemas compare.
  func compare(_ what: String, _ schema: SQLCatalogue, with other: String, _ wanted: SQLCatalogue) {
    let differences = schema.differences(from: wanted)
    tell(.schemaCompared(engine: engine, what: what, with: other, differences: differences))
    record.add(
      .schemaDifferences(
        engine, what, with: other, tables: schema.tables.count,
        columns: schema.tables.values.reduce(0) { $0 + $1.columns.count }, differences: differences.count))
  }
}

extension MigrationEnd {
  /// How a run ended, in words that continue a sentence.
  var text: String {
    switch self {
    case .ready(let version, let applied):
      applied.isEmpty
        ? "found version \(version) complete"
        : "is ready at version \(version) and applied \(applied.map(String.init).joined(separator: ", "))"
    case .refused(let reason): "was refused: \(reason)"
    case .failed(let place, let error): "failed at \(place): \(error)"
    }
  }

  /// Whether the schema stands at `version`.
  func isReady(at version: Int) -> Bool { if case .ready(version, _) = self { true } else { false } }

  /// The one line that tells why a run did not get there; nil: it did.
  var reason: String? {
    switch self {
    case .ready: nil
    case .refused(let reason): reason
    case .failed(_, let error): error.description
    }
  }
}
