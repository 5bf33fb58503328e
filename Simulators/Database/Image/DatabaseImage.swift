import StreamSpaceProtocol

/// A prepared database: schema, seed rows and whatever a topology adds. Made once, copied for every run.
package struct DatabaseImage: Sendable {
  package let schema: DatabaseSchema
  /// The bytes of a SQLite database file.
  package let bytes: [UInt8]
  /// The tables in it.
  let physical: PhysicalTables
  /// The last value of each sequence.
  let sequences: [Int64]
  let translations: TranslationCache
  /// Whether changed rows are reported.
  private let isObserved: Bool
  private let copies = OpenDatabases()

  /// A database without tables.
  ///
  /// - Parameters:
  ///   - translations: Shared with other databases.
  ///   - isObserved: Whether its changes are reported, and those of the images made of it: a deployment wants them, a
  ///     laboratory does not.
  package static func empty(
    translations: TranslationCache = .shared, isObserved: Bool = false
  ) -> DatabaseImage {
    DatabaseImage(
      schema: DatabaseSchema(), bytes: [], physical: PhysicalTables(), sequences: [], translations: translations,
      isObserved: isObserved)
  }

  private init(
    schema: DatabaseSchema, bytes: [UInt8], physical: PhysicalTables, sequences: [Int64],
    translations: TranslationCache, isObserved: Bool
  ) {
    self.schema = schema
    self.bytes = bytes
    self.physical = physical
    self.sequences = sequences
    self.translations = translations
    self.isObserved = isObserved
  }

  /// What a database holds now; its writes of before cannot be taken back any more.
  init(contentOf executor: StatementExecutor, translations: TranslationCache) throws(SQLiteError) {
    try executor.keepRun()
    self.init(
      schema: executor.schema, bytes: try executor.connection.serialize(), physical: executor.physical,
      sequences: executor.functions.sequences, translations: translations, isObserved: executor.isObserved)
  }

  /// Makes an image by running migrations on an empty database.
  ///
  /// - Parameters:
  ///   - schema: What makes its schema and the rows of a first start.
  ///   - now: The time of its making, microseconds since 1970: `created_at` of every row.
  ///   - identifierSeed: Seed of `gen_random_uuid()` while it is made.
  ///   - rows: Further statements, run in order in one transaction.
  /// - Throws: `SQLError`, of the first statement that failed.
  package init(
    schema: InitialSchema, at now: Int64, identifierSeed: UInt64 = 1, rows: [(SQLStatement, [SQLValue])] = []
  ) throws(SQLError) {
    let database = try MemoryDatabase(image: .empty(), at: now, clockStep: 0)
    database.engine.executor.functions.identifiers = SeededIdentifiers(seed: identifierSeed, for: .image)
    let connection = database.connect()
    try schema.make(on: connection)
    if !rows.isEmpty {
      try connection.transaction { () throws(SQLError) in
        for (statement, parameters) in rows { try connection.execute(statement, parameters) }
      }
    }
    connection.close()
    let image = try database.engine.deployableImage()
    self.init(
      schema: image.schema, bytes: image.bytes, physical: image.physical, sequences: image.sequences,
      translations: image.translations, isObserved: image.isObserved)
  }

  /// A database with the content of the image, ready for statements. Whoever opens it closes it.
  func open(identifierSeed: UInt64) throws(SQLError) -> StatementExecutor {
    let identifiers = SeededIdentifiers(seed: identifierSeed, for: .run)
    do {
      let executor = try copies.take() ?? makeCopy()
      try executor.begin(with: identifiers, sequences)
      return executor
    } catch {
      throw SQLError(sqlState: "XX000", message: "\(error)", kind: .other)
    }
  }

  /// Takes back a database that ``open(identifierSeed:)`` gave: the next run gets it as new.
  func close(_ executor: StatementExecutor) { copies.giveBack(executor) }

  private func makeCopy() throws(SQLiteError) -> StatementExecutor {
    let functions = DatabaseFunctions(identifiers: SeededIdentifiers(seed: 0, for: .run), sequences: sequences)
    let connection = try SQLiteConnection(functions: functions)
    try connection.deserialize(bytes)
    try connection.configure()
    try connection.run("PRAGMA journal_mode = MEMORY")
    return try StatementExecutor(
      connection: connection, schema: schema, physical: physical, isObserved: isObserved, translations: translations)
  }
}
