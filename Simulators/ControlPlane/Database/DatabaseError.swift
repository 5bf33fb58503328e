import StreamSpaceProtocol

/// Why a call of the database client failed.
package enum DatabaseError: Error, Sendable, Hashable {
  /// The database answered an error, or the connection broke (``SQLError/Kind``).
  case sql(SQLError)
  /// No answer within the call's deadline (C4): whether the statement ran, nobody knows.
  case deadline
  /// No connection of the pool became free in time: 503 `Server busy` (C35).
  case busy
  /// Nobody listens, or the dial got no answer.
  case unreachable
  /// A row did not hold what its reader expects.
  case row(SQLRowError)

  /// The violated constraint, where the error names one.
  package var constraint: String? {
    if case .sql(let error) = self { error.constraint } else { nil }
  }
}

extension DatabaseError: CustomStringConvertible {
  /// As lib/pq and Go word it: what ends up in `message` and `details` of answers (spec/02 §3).
  package var description: String {
    switch self {
    case .sql(let error): error.description
    case .deadline: "context deadline exceeded"
    case .busy: "server busy: no database connection became free"
    case .unreachable: "dial tcp: connect: connection refused"
    case .row(let error): error.description
    }
  }
}
