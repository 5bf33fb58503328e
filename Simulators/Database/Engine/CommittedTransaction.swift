import StreamSpaceProtocol

/// What a transaction wrote, so that it can be repeated exactly on a copy: a log for standbys and for the restoring of a
/// past state.
package struct CommittedTransaction {
  /// When it committed, microseconds since 1970 on the clock of the database host.
  package let time: Int64
  let writes: [DatabaseEngine.Write]
}

extension DatabaseEngine {
  /// Does what another database has committed. Ids, sequences and times are those of the first time.
  package func replay(_ transaction: CommittedTransaction) throws(SQLError) {
    try park()
    defer { executor.functions.observed.removeAll(keepingCapacity: true) }
    try executor.beginTransaction()
    do throws(SQLError) {
      for write in transaction.writes {
        executor.functions.identifiers = write.identifiers
        executor.functions.sequences = write.sequences
        setClocks(now: write.now, clock: write.clock)
        _ = try perform(write.statement, executor.translate(write.statement), write.parameters)
      }
    } catch {
      try executor.rollbackTransaction()
      throw error
    }
    try executor.commitTransaction()
  }
}
