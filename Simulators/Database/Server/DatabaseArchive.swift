import StreamSpaceProtocol

/// A base copy and every transaction since: any instant between them can be restored, so nothing that was committed is
/// lost by it (a recovery point objective of 0).
struct DatabaseArchive {
  let base: DatabaseImage
  /// When the copy was taken, microseconds since 1970.
  let since: Int64
  /// In the order of their commits.
  var transactions: [CommittedTransaction] = []

  init(base: DatabaseImage, since: Int64) {
    self.base = base
    self.since = since
  }

  /// A database as it was after the last commit at or before `instant`.
  ///
  /// - Throws: 22023 for an instant before the base copy.
  func engine(
    at instant: Int64, identifierSeed: UInt64, locking: TransactionLocking
  ) throws(SQLError) -> DatabaseEngine {
    guard instant >= since else {
      throw SQLError(
        sqlState: "22023", message: "recovery target is before the beginning of the backup", kind: .other)
    }
    let engine = try DatabaseEngine(image: base, identifierSeed: identifierSeed, locking: locking)
    let fresh = engine.executor.functions.identifiers
    for transaction in transactions where transaction.time <= instant { try engine.replay(transaction) }
    // A restored server draws ids of its own: those of the lost transactions do not come again.
    engine.executor.functions.identifiers = fresh
    return engine
  }
}
