/// How a replica uses the database.
package struct DatabasePolicies: Sendable, Equatable {
  /// Where statements go that only read, outside transactions.
  package enum Reads: Sendable, Equatable {
    /// To the database itself: an answer shows every write that was acknowledged (C19).
    case primary
    /// To the standby, which lies behind (C-14).
    case standby
  }

  package var reads = Reads.primary

  package init() {}
}
