import StreamSpaceProtocol

/// The open transaction: what it has written, taken back for readers and repeated, and who may go on after it.
extension DatabaseEngine {
  func write(
    _ statement: SQLStatement, _ translation: Translation, _ parameters: [SQLValue], now: Int64, clock: Int64
  ) throws(SQLError) -> SQLResult {
    try apply()
    if writes.isEmpty {
      try executor.beginTransaction()
      isApplied = true
    }
    writes.append(written(statement, parameters, now: now, clock: clock))
    setClocks(now: now, clock: clock)
    exclusive.formUnion(translation.exclusive(in: executor.schema))
    return try perform(statement, translation, parameters)
  }

  /// Takes the writes of the open transaction back, so that a reader sees what is committed.
  func park() throws(SQLError) {
    guard isApplied else { return }
    try executor.rollbackTransaction()
    executor.functions.observed.removeAll(keepingCapacity: true)
    isApplied = false
  }

  /// Repeats the writes that were taken back. Nobody else has written meanwhile, and clocks, ids and sequences are
  /// those of the first time, so the result is the same.
  func apply() throws(SQLError) {
    guard !isApplied, !writes.isEmpty else { return }
    let functions = executor.functions
    let (identifiers, sequences) = (functions.identifiers, functions.sequences)
    defer {
      functions.identifiers = identifiers
      functions.sequences = sequences
    }
    try executor.beginTransaction()
    isApplied = true
    for write in writes {
      functions.identifiers = write.identifiers
      functions.sequences = write.sequences
      setClocks(now: write.now, clock: write.clock)
      _ = try perform(write.statement, executor.translate(write.statement), write.parameters)
    }
  }

  func commit(_ session: DatabaseSession, at now: Int64, _ effects: inout DatabaseEffects) -> SQLResponse {
    switch transactions[session] ?? .none {
    case .none: return .failure(.noTransaction)
    case .aborted:
      transactions[session] = nil
      return .failure(.commitOfAborted)
    case .open: break
    }
    guard writer == session else {
      endTransaction(of: session)
      return .result(SQLResult(rowCount: 0))
    }
    do throws(SQLError) {
      try apply()
      if isApplied { try executor.commitTransaction() }
      isApplied = false
      effects.changes += executor.functions.observed
      if !writes.isEmpty { onCommit?(CommittedTransaction(time: now, writes: writes)) }
      endTransaction(of: session)
      return .result(SQLResult(rowCount: 0))
    } catch {
      endTransaction(of: session)
      return .failure(error)
    }
  }

  /// After an error: everything is taken back and the lock is free, but the client has to say ROLLBACK.
  func abort(_ session: DatabaseSession) {
    endTransaction(of: session)
    transactions[session] = .aborted
  }

  /// Forgets the transaction of a session; what it wrote and did not commit is taken back.
  func endTransaction(of session: DatabaseSession) {
    transactions[session] = nil
    settings.endTransaction(of: session)
    guard writer == session else { return }
    // A failing one would mean that SQLite has rolled back already.
    if isApplied { try? executor.rollbackTransaction() }
    executor.functions.observed.removeAll(keepingCapacity: true)
    isApplied = false
    writes.removeAll(keepingCapacity: true)
    exclusive.removeAll()
    writer = nil
  }

  /// Lets those wait no longer who now can go on, in order.
  func grant(at now: Int64, _ effects: inout DatabaseEffects) {
    guard !isGranting else { return }
    isGranting = true
    defer { isGranting = false }
    var progresses = true
    while progresses, !queue.isEmpty {
      progresses = false
      let waiting = queue
      queue.removeAll()
      for next in waiting {
        let before = queue.count
        handle(next, at: now, &effects)
        if queue.count == before { progresses = true }
      }
    }
  }
}
