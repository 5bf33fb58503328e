/// How many bytes a request or answer takes in PostgreSQL's protocol 3.0, text format: what the simulated network
/// charges for it. Statements count as prepared on the connection: their text does not travel again.
extension SQLRequest {
  package var wireSize: Int {
    switch self {
    case .begin: Self.query(5)
    case .commit: Self.query(6)
    case .rollback: Self.query(8)
    case .ping: Self.query(1)
    case .advisoryLock: Self.query(44)
    case .tryAdvisoryLock: Self.query(48)
    case .advisoryUnlock: Self.query(46)
    case .execute(let statement, let parameters):
      // Bind (portal, statement, formats, values, result formats), Execute, Sync.
      5 + 1 + statement.name.utf8.count + 1 + 2 + 2 + parameters.reduce(0) { $0 + 4 + $1.wireSize } + 2 + 10 + 5
    }
  }

  /// A simple query with a text of so many bytes.
  private static func query(_ text: Int) -> Int { 5 + text + 1 }
}

extension SQLResponse {
  package var wireSize: Int {
    switch self {
    case .result(let result):
      // RowDescription and DataRow messages, CommandComplete, ReadyForQuery.
      (result.columns.names.isEmpty ? 0 : 7 + result.columns.names.reduce(0) { $0 + $1.utf8.count + 19 })
        + result.rows.reduce(0) { $0 + 7 + $1.values.reduce(0) { $0 + 4 + $1.wireSize } } + 14 + 6
    case .failure(let error): 5 + 8 + 7 + error.message.utf8.count + 2 + 1 + 6
    }
  }
}

extension SQLValue {
  /// Length of the text form; NULL has none.
  package var wireSize: Int {
    switch self {
    case .null: 0
    case .integer(let value): String(value).utf8.count
    case .text(let text): text.utf8.count
    case .boolean: 1
    case .bytes(let bytes): 2 + 2 * bytes.count
    case .timestamp: 26
    }
  }
}
