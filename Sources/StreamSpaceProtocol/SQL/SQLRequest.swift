/// What a client asks over one database connection. Requests of one connection are answered in order, one
/// `SQLResponse` each; a client may send the next before the answer to the last.
package enum SQLRequest: Sendable, Hashable {
  /// Opens a transaction (READ COMMITTED, as spec/02 §8.3).
  case begin
  /// Runs one statement: inside the open transaction, or committing by itself.
  case execute(SQLStatement, [SQLValue])
  case commit
  case rollback
  /// `pg_advisory_lock(key)`: waits until this connection holds the lock (C30). Locks are re-entrant and belong to
  /// the connection, not to its transaction; they go when the connection ends.
  case advisoryLock(Int64)
  /// `pg_try_advisory_lock(key)`: answers one boolean, column `pg_try_advisory_lock`.
  case tryAdvisoryLock(Int64)
  /// `pg_advisory_unlock(key)`: answers one boolean, false when this connection does not hold the lock.
  case advisoryUnlock(Int64)
  /// An empty round trip, what a pool sends to test a connection.
  case ping
}

extension SQLRequest {
  /// The name of the statement, or of the request: what traces and fault plans show.
  package var name: String {
    switch self {
    case .begin: "begin"
    case .execute(let statement, _): statement.name
    case .commit: "commit"
    case .rollback: "rollback"
    case .advisoryLock: "advisoryLock"
    case .tryAdvisoryLock: "tryAdvisoryLock"
    case .advisoryUnlock: "advisoryUnlock"
    case .ping: "ping"
    }
  }
}

/// The answer to one `SQLRequest`.
package enum SQLResponse: Sendable, Hashable {
  case result(SQLResult)
  case failure(SQLError)

  /// The result, or the error thrown.
  package func get() throws(SQLError) -> SQLResult {
    switch self {
    case .result(let result): return result
    case .failure(let error): throw error
    }
  }
}
