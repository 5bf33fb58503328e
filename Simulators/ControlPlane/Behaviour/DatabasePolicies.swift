/// How a replica uses the database.
package struct DatabasePolicies: Sendable, Equatable {
  /// Where statements go that only read, outside transactions.
  package enum Reads: Sendable, Equatable {
    /// To the database itself: an answer shows every write that was acknowledged (C19).
    case primary
    /// To the standby, which lies behind (C-14).
    case standby
  }

  /// How long the pool keeps a connection.
  package enum ConnectionLifetime: Sendable, Equatable {
    /// As long as it is one of the five that may lie idle (spec/01 §8.1).
    case idleLimit
    /// 0.3 ms in all and 0.06 ms idle, minutes that were written as bare numbers: no connection lives to see a second
    /// request.
    case nanoseconds
  }

  package var reads = Reads.primary
  package var connectionLifetime = ConnectionLifetime.idleLimit

  package init() {}
}
