/// A connection to a database that answers before it returns: SQLite in this process, or a PostgreSQL server.
///
/// The control plane of a simulation does not use it: its requests travel the simulated network. Migrations, data
/// generators and the database half of scenario 9 do, so that the same code works on both engines.
package protocol SQLConnection: AnyObject {
  /// Performs one request. A lost connection answers `SQLError.connectionLost`, from then on every request does.
  func answer(_ request: SQLRequest) -> SQLResponse
  /// Performs the requests in order and answers each; after a failure outside a transaction the rest are still done.
  /// PostgreSQL gets them in one pipeline, without a round trip each.
  func answer(_ requests: [SQLRequest]) -> [SQLResponse]
  /// Loads rows in one go, as COPY does, and answers how many.
  func load(_ rows: some Sequence<[SQLValue]>, into table: String, columns: [String]) throws(SQLError) -> Int
  /// Prepares a statement without running it, and says what is wrong with it against the present schema; nil: nothing.
  /// A transaction that is open may be aborted by it.
  func problem(preparing statement: SQLStatement) -> SQLError?
  /// Whether no row was ever put into a table, as far as can be told without asking for its rows; false: unknown.
  func hasNeverHeldRows(_ table: String) -> Bool
  /// Ends the connection: its transaction is rolled back, its locks are free.
  func close()
}

extension SQLConnection {
  package func answer(_ requests: [SQLRequest]) -> [SQLResponse] { requests.map(answer) }

  package func hasNeverHeldRows(_ table: String) -> Bool { false }

  package func problem(preparing statement: SQLStatement) -> SQLError? {
    let preparation = SQLStatement("prepare", "PREPARE preparation AS \(statement.text)", isPrepared: false)
    if case .failure(let error) = answer(.execute(preparation, [])) { return error }
    _ = answer(.execute(SQLStatement("deallocate", "DEALLOCATE preparation", isPrepared: false), []))
    return nil
  }

  /// Runs one statement, in the open transaction or committing by itself.
  @discardableResult
  package func execute(_ statement: SQLStatement, _ parameters: [SQLValue] = []) throws(SQLError) -> SQLResult {
    try answer(.execute(statement, parameters)).get()
  }

  /// Runs one statement that is not worth preparing.
  @discardableResult
  package func execute(_ text: String, _ parameters: [SQLValue] = []) throws(SQLError) -> SQLResult {
    try execute(SQLStatement("once", text, isPrepared: false), parameters)
  }

  /// Runs `body` in a transaction: commits what it did, or rolls back and throws what it threw.
  package func transaction<Result>(_ body: () throws(SQLError) -> Result) throws(SQLError) -> Result {
    _ = try answer(.begin).get()
    let result: Result
    do throws(SQLError) {
      result = try body()
    } catch {
      _ = answer(.rollback)
      throw error
    }
    _ = try answer(.commit).get()
    return result
  }
}
