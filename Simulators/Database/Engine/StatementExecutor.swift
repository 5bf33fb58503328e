import StreamSpaceProtocol

/// Runs PostgreSQL statements on one SQLite database, with PostgreSQL's errors. It knows nothing of clients and locks.
final class StatementExecutor {
  let connection: SQLiteConnection
  let schema: DatabaseSchema
  private let errors: ErrorTranslator
  private let translations: TranslationCache
  private var prepared: [SQLStatement: PreparedStatement] = [:]
  private let begin: SQLiteStatement
  private let commit: SQLiteStatement
  private let rollback: SQLiteStatement
  private let beginRun: SQLiteStatement
  private let rollbackRun: SQLiteStatement

  var functions: DatabaseFunctions { connection.functions }

  init(connection: SQLiteConnection, schema: DatabaseSchema, translations: TranslationCache) throws(SQLiteError) {
    self.connection = connection
    self.schema = schema
    self.translations = translations
    errors = ErrorTranslator(schema: schema)
    begin = try connection.prepare("SAVEPOINT client")
    commit = try connection.prepare("RELEASE client")
    rollback = try connection.prepare("ROLLBACK TO client")
    beginRun = try connection.prepare("BEGIN")
    rollbackRun = try connection.prepare("ROLLBACK")
  }

  // MARK: - Runs

  /// Begins a run with ids and sequences of its own. All it writes is one transaction to SQLite, and what clients take
  /// for transactions are savepoints in it.
  func begin(with identifiers: SeededIdentifiers, _ sequences: [Int64]) throws(SQLiteError) {
    functions.begin(with: identifiers, sequences)
    _ = try beginRun.execute([])
  }

  /// Takes back everything since ``begin(with:_:)``; false if that fails.
  func restore() -> Bool { (try? rollbackRun.execute([])) != nil && !connection.isInTransaction }

  // MARK: - Statements

  /// Translated once per image, prepared once per database.
  func prepare(_ statement: SQLStatement) throws(SQLError) -> PreparedStatement {
    if let known = prepared[statement] { return known }
    let translation = try translations.translation(of: statement)
    let made: SQLiteStatement
    do {
      made = try connection.prepare(translation.sql)
    } catch {
      throw errors.translate(error, in: translation, refusal: nil)
    }
    let result = PreparedStatement(translation: translation, statement: made)
    prepared[statement] = result
    return result
  }

  func execute(_ prepared: PreparedStatement, _ parameters: [SQLValue]) throws(SQLError) -> SQLResult {
    let required = prepared.translation.parameterCount
    guard parameters.count == required else {
      throw .parameterCount(supplied: parameters.count, required: required)
    }
    functions.refusal = nil
    let identifiers = functions.identifiers
    let sequences = functions.sequences
    do {
      return try prepared.statement.execute(parameters)
    } catch {
      if error.isForeignKeyViolation {
        throw ForeignKeyDiagnosis(executor: self, prepared: prepared, parameters: parameters)
          .run(identifiers: identifiers, sequences: sequences)
      }
      throw errors.translate(error, in: prepared.translation, refusal: functions.refusal)
    }
  }

  func beginTransaction() throws(SQLError) { try control(begin) }
  func commitTransaction() throws(SQLError) { try control(commit) }
  func rollbackTransaction() throws(SQLError) {
    try control(rollback)
    // The savepoint outlives the way back to it.
    try control(commit)
  }

  private func control(_ statement: SQLiteStatement) throws(SQLError) {
    do {
      _ = try statement.execute([])
    } catch {
      throw SQLError(sqlState: "XX000", message: error.message, kind: .other)
    }
  }
}
