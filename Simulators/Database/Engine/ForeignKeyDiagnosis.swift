import StreamSpaceProtocol

/// Finds out which foreign key a statement violated, by running it again with the keys deferred and asking for the
/// rows without parent. Everything it does is rolled back.
struct ForeignKeyDiagnosis {
  let executor: StatementExecutor
  let prepared: PreparedStatement
  let parameters: [SQLValue]

  /// `identifiers` and `sequences` are those before the failed attempt: the repetition must draw the same values,
  /// and what the attempt drew stays drawn.
  func run(identifiers: SeededIdentifiers, sequences: [Int64]) -> SQLError {
    let functions = executor.functions
    let (drawnIdentifiers, drawnSequences, observed) = (
      functions.identifiers, functions.sequences, functions.observed
    )
    functions.identifiers = identifiers
    functions.sequences = sequences
    defer {
      functions.identifiers = drawnIdentifiers
      functions.sequences = drawnSequences
      functions.observed = observed
    }
    do {
      return try violated() ?? Self.unknown
    } catch {
      return Self.unknown
    }
  }

  private static let unknown = SQLError(
    sqlState: "23503", message: "foreign key violated",
    kind: .foreignKeyViolation(constraint: "", referencing: true))

  private func violated() throws(SQLiteError) -> SQLError? {
    let connection = executor.connection
    try connection.run("SAVEPOINT diagnosis")
    try connection.run("PRAGMA defer_foreign_keys = ON")
    let outcome = Result { () throws(SQLiteError) in
      _ = try prepared.statement.execute(parameters)
      return try orphans()
    }
    try connection.run("ROLLBACK TO diagnosis")
    try connection.run("PRAGMA defer_foreign_keys = OFF")
    try connection.run("RELEASE diagnosis")
    return try outcome.get()
  }

  /// The violated key; when there are several, the one on the first column.
  private func orphans() throws(SQLiteError) -> SQLError? {
    let check = try executor.connection.prepare("PRAGMA foreign_key_check").execute([])
    var best: (position: Int, error: SQLError)?
    for row in check.rows {
      guard case .text(let child) = row.values[0], case .text(let parent) = row.values[2],
        case .integer(let number) = row.values[3], let table = executor.schema.table(child),
        let column = try column(of: child, key: number),
        let key = table.foreignKeys.first(where: { $0.key.columns.first == column && $0.key.table == parent }),
        let position = table.columns.firstIndex(where: { $0.name == column })
      else { continue }
      if let best, best.position <= position { continue }
      best = (position, error(child: child, parent: parent, constraint: key.name))
    }
    return best?.error
  }

  private func column(of table: String, key: Int64) throws(SQLiteError) -> String? {
    let list = try executor.connection.prepare("PRAGMA foreign_key_list([\(table)])").execute([])
    for row in list.rows where row.values[0] == .integer(key) {
      if case .text(let column) = row.values[3] { return column }
    }
    return nil
  }

  private func error(child: String, parent: String, constraint: String) -> SQLError {
    let translation = prepared.translation
    let writesChild = translation.table == child && translation.kind != .delete
    return writesChild
      ? .missingParent(table: child, constraint: constraint)
      : .stillReferenced(table: parent, constraint: constraint, child: child)
  }
}
