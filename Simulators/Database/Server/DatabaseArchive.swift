import SimulationRuntime
import StreamSpaceProtocol

/// A base backup and the log of what was committed since: what a database is restored from (DBM-16).
final class DatabaseArchive {
  private let base: DatabaseImage
  /// When the backup was taken, microseconds since 1970.
  let began: Int64
  private var log: [CommittedTransaction] = []

  init(_ base: DatabaseImage, at began: Int64) {
    self.base = base
    self.began = began
  }

  func add(_ transaction: CommittedTransaction) { log.append(transaction) }

  /// A database as it stood at `instant`, and when the last of its transactions committed. What came later is forgotten.
  func restore(
    to instant: Int64, identifierSeed: UInt64, locking: TransactionLocking
  ) throws(SQLError) -> (engine: DatabaseEngine, last: Int64) {
    log.removeAll { $0.time > instant }
    let engine = try DatabaseEngine(image: base, identifierSeed: identifierSeed, locking: locking)
    for transaction in log { try engine.replay(transaction) }
    return (engine, log.last?.time ?? began)
  }
}

extension SimulatedDatabase {
  /// Takes a base backup of what is committed, and keeps the log from here on.
  package func backUp() throws(SQLError) {
    store.archive = DatabaseArchive(try store.engine.copy(), at: now)
  }

  /// Stops the server, brings its content to what it was at `instant` (microseconds since 1970), and starts it again.
  ///
  /// - Returns: When the last transaction of that content committed.
  /// - Throws: `SQLError` without a backup of before `instant`, or when the log cannot be carried out.
  package func restore(to instant: Int64) throws(SQLError) -> Int64 {
    guard let archive = store.archive, archive.began <= instant else {
      throw SQLError(sqlState: "55000", message: "there is no backup of before that time", kind: .other)
    }
    process.crash()
    let last = try store.replaceEngine { (seed, locking) throws(SQLError) in
      try archive.restore(to: instant, identifierSeed: seed, locking: locking)
    }
    process.start()
    return last
  }
}
