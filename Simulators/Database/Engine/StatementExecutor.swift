import StreamSpaceProtocol

/// Grows with everything that is written, also with what is taken back.
struct ContentState: Equatable {
  let generation: Int
  let rowsChanged: Int64
  let sequences: [Int64]
}

/// Runs PostgreSQL statements on one SQLite database, with PostgreSQL's errors. It knows nothing of clients and locks.
final class StatementExecutor {
  let connection: SQLiteConnection
  private(set) var schema: DatabaseSchema
  /// Which of its tables SQLite has.
  var physical: PhysicalTables
  /// Whether changed rows are reported (``DatabaseChange``).
  var isObserved: Bool
  /// Grows with every change of the schema or of what SQLite has of it: what was prepared before is of no use then.
  var generation = 0 {
    didSet { prepared.removeAll(keepingCapacity: true) }
  }
  /// Texts of tables that were exchanged so far.
  var exchanges = 0
  private let translations: TranslationCache
  private var prepared: [SQLStatement: PreparedStatement] = [:]
  /// The last one: a server looks at each request several times before it performs it.
  private var translated: (statement: SQLStatement, translation: Translation)?
  private let begin: SQLiteStatement
  private let commit: SQLiteStatement
  private let rollback: SQLiteStatement
  private let beginRun: SQLiteStatement
  private let rollbackRun: SQLiteStatement
  /// The state at the beginning of the run, and at that of the open transaction.
  private var runState: State
  private var transactionState: State
  private var isKept = false

  /// What a roll-back must bring back besides SQLite's own content.
  private struct State {
    var schema: DatabaseSchema
    var physical: PhysicalTables
    var generation: Int
    var exchanges: Int
  }

  var functions: DatabaseFunctions { connection.functions }

  init(
    connection: SQLiteConnection, schema: DatabaseSchema, physical: PhysicalTables, isObserved: Bool,
    translations: TranslationCache
  ) throws(SQLiteError) {
    self.connection = connection
    self.schema = schema
    self.physical = physical
    self.isObserved = isObserved
    self.translations = translations
    runState = State(schema: schema, physical: physical, generation: 0, exchanges: 0)
    transactionState = runState
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
    runState = state
    _ = try beginRun.execute([])
  }

  /// Takes back everything since ``begin(with:_:)``; false if that fails.
  func restore() -> Bool {
    guard !isKept, (try? rollbackRun.execute([])) != nil else { return false }
    restore(runState)
    return !connection.isInTransaction
  }

  /// Makes what the run has written part of the database; it is then no copy of its image any more.
  func keepRun() throws(SQLiteError) {
    try connection.run("COMMIT")
    isKept = true
    _ = try beginRun.execute([])
  }

  /// By what it is told whether anything was written meanwhile.
  var contentState: ContentState {
    ContentState(generation: generation, rowsChanged: connection.totalChanges, sequences: functions.sequences)
  }

  private var state: State { State(schema: schema, physical: physical, generation: generation, exchanges: exchanges) }

  private func restore(_ state: State) {
    guard generation != state.generation else { return }
    schema = state.schema
    physical = state.physical
    generation += 1
    // SQLite notices that a roll-back takes back its own DDL, but not that it takes back an exchanged text: it would go on
    // with the tables it knew. A failure would show in the next statement.
    guard exchanges != state.exchanges else { return }
    try? connection.run("PRAGMA writable_schema = RESET")
  }

  // MARK: - Statements

  func translate(_ statement: SQLStatement) throws(SQLError) -> Translation {
    if let translated, translated.statement === statement { return translated.translation }
    let translation = try translations.translation(of: statement)
    translated = (statement, translation)
    return translation
  }

  /// Translated once per image, prepared once per database and schema.
  func prepare(_ statement: SQLStatement) throws(SQLError) -> PreparedStatement {
    if let known = prepared[statement] { return known }
    guard case .statement(let translation) = try translations.translation(of: statement) else {
      throw .unsupported("DDL here")
    }
    let result = PreparedStatement(translation: translation, statement: try prepare(translation))
    if statement.isPrepared { prepared[statement] = result }
    return result
  }

  private func prepare(_ translation: TranslatedStatement) throws(SQLError) -> SQLiteStatement {
    while true {
      switch attempt(translation) {
      case .success(let statement): return statement
      case .failure(let error):
        // A table of the schema is made when the first statement names it.
        guard let name = error.missingTable, let table = schema.table(name), !physical.made.contains(name) else {
          throw errors.translate(error, in: translation, refusal: nil)
        }
        try makeNow(table)
      }
    }
  }

  private func attempt(_ translation: TranslatedStatement) -> Result<SQLiteStatement, SQLiteError> {
    do {
      try refresh()
      return .success(try connection.prepare(translation.sql))
    } catch {
      return .failure(error)
    }
  }

  private func makeNow(_ table: TableDefinition) throws(SQLError) {
    do {
      try make(table)
    } catch {
      throw SQLError(sqlState: "XX000", message: error.message, kind: .other)
    }
  }

  private var errors: ErrorTranslator { ErrorTranslator(schema: schema) }

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

  /// Carries DDL out, all of it or nothing.
  func execute(_ definition: DefinitionStatement) throws(SQLError) -> SQLResult {
    let before = state
    try control("SAVEPOINT definition")
    do throws(SQLError) {
      if case .alterTable(let name, _, let actions) = definition, schema.table(name) != nil {
        for action in actions {
          var editor = SchemaEditor(schema)
          try editor.perform(action, on: name)
          try take(editor)
        }
      } else {
        var editor = SchemaEditor(schema)
        try editor.perform(definition)
        try take(editor)
      }
      try control("RELEASE definition")
    } catch {
      try control("ROLLBACK TO definition")
      try control("RELEASE definition")
      restore(before)
      throw error
    }
    return SQLResult(rowCount: 0)
  }

  private func take(_ editor: SchemaEditor) throws(SQLError) {
    guard editor.schema != schema || !editor.changes.isEmpty else { return }
    functions.reserve(sequences: editor.schema.sequenceCount, from: schema.sequenceCount)
    schema = editor.schema
    generation += 1
    for change in editor.changes { try carryOut(change) }
  }

  /// The schema before the open transaction.
  var schemaBeforeTransaction: DatabaseSchema { transactionState.schema }

  func beginTransaction() throws(SQLError) {
    transactionState = state
    try control(begin)
  }

  func commitTransaction() throws(SQLError) { try control(commit) }

  func rollbackTransaction() throws(SQLError) {
    try control(rollback)
    // The savepoint outlives the way back to it.
    try control(commit)
    restore(transactionState)
  }

  private func control(_ text: String) throws(SQLError) {
    do {
      try connection.run(text)
    } catch {
      throw SQLError(sqlState: "XX000", message: error.message, kind: .other)
    }
  }

  private func control(_ statement: SQLiteStatement) throws(SQLError) {
    do {
      _ = try statement.execute([])
    } catch {
      throw SQLError(sqlState: "XX000", message: error.message, kind: .other)
    }
  }
}
