import StreamSpaceProtocol

/// A client connection as the engine knows it.
package struct DatabaseSession: Hashable, Sendable {
  package let number: Int

  package init(_ number: Int) { self.number = number }
}

/// What a request brought about: answers, to whom, in order; and the row changes of transactions that committed.
package struct DatabaseEffects: Sendable {
  package struct Answer: Sendable, Hashable {
    package let session: DatabaseSession
    package let response: SQLResponse
    /// Microseconds that the statement keeps the server busy before it can answer; its locks are held meanwhile, until
    /// `release(_:at:)`.
    package var work: Int64 = 0
  }

  package var answers: [Answer] = []
  package var changes: [DatabaseChange] = []

  package init() {}

  /// The answer to one session, if it is among them.
  package func answer(to session: DatabaseSession) -> SQLResponse? {
    answers.first { $0.session == session }?.response
  }
}

/// When a transaction begins to exclude other writers.
package enum TransactionLocking: Sendable, Hashable {
  /// At BEGIN: transactions run one after the other.
  case atBegin
  /// At its first write or SELECT ... FOR UPDATE, as in PostgreSQL, where whoever only reads locks nothing: two
  /// transactions may then read the same state before either writes.
  case atFirstWrite
}

/// The database without network and time: requests in, answers out.
///
/// One transaction at a time may have written; statements of others that write or lock wait for its end, first come
/// first served. Plain reads never wait: they see what is committed, for which an open transaction is taken back
/// and repeated when its client goes on. What PostgreSQL locks row by row is thus one lock (docs/database-differences.md).
///
/// A session has at most one request under way; the caller sees to that.
package final class DatabaseEngine {
  enum Transaction {
    case none
    /// Open since `start`, microseconds since 1970: what `now()` shows.
    case open(start: Int64)
    /// After an error: only COMMIT and ROLLBACK are heard, and both roll back.
    case aborted
  }

  struct Waiting {
    let session: DatabaseSession
    let request: SQLRequest
    /// The client is gone; the statement runs all the same.
    var isAbandoned = false
  }

  /// A write of the open transaction, with the state its functions drew from, so that it can be repeated exactly.
  struct Write {
    let statement: SQLStatement
    let parameters: [SQLValue]
    let identifiers: SeededIdentifiers
    let sequences: [Int64]
    let now: Int64
    let clock: Int64
  }

  let image: DatabaseImage
  let executor: StatementExecutor
  private let locking: TransactionLocking
  var transactions: [DatabaseSession: Transaction] = [:]
  /// The session whose transaction excludes other writers.
  var writer: DatabaseSession?
  var writes: [Write] = []
  /// Whether the writes of the open transaction stand in the SQLite database, or were taken back for a reader.
  var isApplied = false
  var queue: [Waiting] = []
  /// Tables that the DDL of the open transaction keeps readers from.
  var exclusive: Set<String> = []
  var settings = SessionSettings()
  /// Told of every transaction that commits, with what repeats it exactly.
  package var onCommit: ((CommittedTransaction) -> Void)?
  /// Whether a statement that commits by itself and takes long keeps its lock until ``release(_:at:)``.
  package var holdsForWork = false
  /// Names that a session's statement found free when it began.
  var freeNames: [DatabaseSession: String] = [:]
  /// Sessions of a role that may only read.
  private var readOnlySessions: Set<DatabaseSession> = []
  private var locks = AdvisoryLocks()
  /// Whether `grant` is at work: what ends meanwhile is seen by its loop.
  var isGranting = false

  /// - Throws: `SQLError` when SQLite cannot open the copy of the image.
  package init(
    image: DatabaseImage, identifierSeed: UInt64, locking: TransactionLocking = .atBegin
  ) throws(SQLError) {
    self.image = image
    executor = try image.open(identifierSeed: identifierSeed)
    self.locking = locking
  }

  deinit { image.close(executor) }

  /// The schema as the statements so far have left it; that of the open transaction while its writes are in place.
  package var schema: DatabaseSchema { executor.schema }

  /// Requests that wait for the transaction of another session.
  package var waitingCount: Int { queue.count }

  /// Whether a session has a transaction open, also an aborted one.
  package func isInTransaction(_ session: DatabaseSession) -> Bool {
    if case .none = transactions[session] ?? .none { return false }
    return true
  }

  /// Lets a session only read from now on: 25006 for everything else.
  package func makeReadOnly(_ session: DatabaseSession) { readOnlySessions.insert(session) }

  /// How long a statement of a session waits for a lock, by SET lock_timeout; nil without one.
  package func lockTimeout(of session: DatabaseSession) -> Int? { settings.lockTimeout(of: session) }

  // MARK: - Requests

  /// Takes one request of `session` at the time `now` (microseconds since 1970, the clock of the database host).
  /// Without an answer to `session` among the effects the request waits, and is answered by a later call.
  package func submit(_ request: SQLRequest, from session: DatabaseSession, at now: Int64) -> DatabaseEffects {
    var effects = DatabaseEffects()
    handle(Waiting(session: session, request: request), at: now, &effects)
    return effects
  }

  /// The client is gone: its transaction is rolled back, its locks go to whoever waits for them.
  ///
  /// With `finishingStatement` a single statement of its that waits is run when its turn comes, as PostgreSQL does
  /// when nobody cancels it: it learns of the loss only when it answers.
  package func disconnect(
    _ session: DatabaseSession, at now: Int64, finishingStatement: Bool = true
  ) -> DatabaseEffects {
    var effects = DatabaseEffects()
    if let position = queue.firstIndex(where: { $0.session == session }) {
      if finishingStatement, case .execute = queue[position].request, !isInTransaction(session) {
        queue[position].isAbandoned = true
      } else {
        queue.remove(at: position)
      }
    }
    endTransaction(of: session)
    transactions[session] = nil
    settings.forget(session)
    freeNames[session] = nil
    readOnlySessions.remove(session)
    for granted in locks.release(allOf: session) { answerLock(granted, &effects) }
    grant(at: now, &effects)
    return effects
  }

  /// Every client is gone at once: the server crashed. What was committed stays.
  package func disconnectAll() {
    queue.removeAll()
    if let writer { endTransaction(of: writer) }
    transactions.removeAll()
    settings = SessionSettings()
    freeNames.removeAll()
    readOnlySessions.removeAll()
    locks = AdvisoryLocks()
  }

  /// The work of a statement is over: the lock that it held for it is free.
  package func release(_ session: DatabaseSession, at now: Int64) -> DatabaseEffects {
    var effects = DatabaseEffects()
    guard writer == session, !isInTransaction(session) else { return effects }
    writer = nil
    grant(at: now, &effects)
    return effects
  }

  /// Gives up a waiting request, answering it with `error`; nothing happens when the session does not wait.
  package func cancel(_ session: DatabaseSession, with error: SQLError, at now: Int64) -> DatabaseEffects {
    var effects = DatabaseEffects()
    if let position = queue.firstIndex(where: { $0.session == session && !$0.isAbandoned }) {
      queue.remove(at: position)
    } else if !locks.stopWaiting(session) {
      return effects
    }
    if isInTransaction(session) { abort(session) }
    effects.answers.append(.init(session: session, response: .failure(error)))
    grant(at: now, &effects)
    return effects
  }

  /// Answers a request with an error without doing it, as a failing server does: COMMIT and ROLLBACK end the
  /// transaction, any other aborts it.
  package func fail(
    _ request: SQLRequest, of session: DatabaseSession, with error: SQLError, at now: Int64
  ) -> DatabaseEffects {
    var effects = DatabaseEffects()
    if isInTransaction(session) {
      switch request {
      case .commit, .rollback: endTransaction(of: session)
      default: abort(session)
      }
    }
    answer(session, .failure(error), &effects)
    grant(at: now, &effects)
    return effects
  }

  /// Whether a request would commit something: COMMIT of a transaction, or a write outside one.
  package func commits(_ request: SQLRequest, of session: DatabaseSession) -> Bool {
    switch request {
    case .commit: return isInTransaction(session)
    case .execute(let statement, _):
      guard !isInTransaction(session), let translation = try? executor.translate(statement) else { return false }
      return !translation.isRead
    default: return false
    }
  }

  // MARK: - One request

  func handle(_ waiting: Waiting, at now: Int64, _ effects: inout DatabaseEffects) {
    let session = waiting.session
    switch waiting.request {
    case .begin: begin(waiting, at: now, &effects)
    case .execute(let statement, let parameters): execute(waiting, statement, parameters, at: now, &effects)
    case .commit:
      let response = commit(session, at: now, &effects)
      answer(session, response, &effects)
      grant(at: now, &effects)
    case .rollback:
      guard isInTransaction(session) else { return answer(session, .failure(.noTransaction), &effects) }
      endTransaction(of: session)
      answer(session, .result(SQLResult(rowCount: 0)), &effects)
      grant(at: now, &effects)
    case .advisoryLock(let key):
      if locks.acquire(key, for: session) { answerLock(session, &effects) } else { locks.wait(for: key, session) }
    case .tryAdvisoryLock(let key):
      let granted = locks.acquire(key, for: session)
      answer(session, .result(SQLResult(row: ["pg_try_advisory_lock": .boolean(granted)])), &effects)
    case .advisoryUnlock(let key):
      let outcome = locks.release(key, of: session)
      answer(session, .result(SQLResult(row: ["pg_advisory_unlock": .boolean(outcome.wasHeld)])), &effects)
      if let next = outcome.next { answerLock(next, &effects) }
    case .ping: answer(session, .result(SQLResult(rowCount: 0)), &effects)
    }
  }

  private func begin(_ waiting: Waiting, at now: Int64, _ effects: inout DatabaseEffects) {
    let session = waiting.session
    guard !isInTransaction(session) else { return answer(session, .failure(.nestedTransaction), &effects) }
    if locking == .atBegin {
      guard writer == nil else { return queue.append(waiting) }
      writer = session
    }
    transactions[session] = .open(start: now)
    answer(session, .result(SQLResult(rowCount: 0)), &effects)
  }

  private func execute(
    _ waiting: Waiting, _ statement: SQLStatement, _ parameters: [SQLValue], at now: Int64,
    _ effects: inout DatabaseEffects
  ) {
    let session = waiting.session
    let transaction = transactions[session] ?? .none
    if case .aborted = transaction { return answer(session, .failure(.transactionAborted), &effects) }
    do throws(SQLError) {
      let translation = try executor.translate(statement)
      try refuse(translation, of: session, in: transaction)
      let freeName = freeNames.removeValue(forKey: session)
      if case .definition(.set(let setting, let isLocal)) = translation {
        settings.set(setting, isLocal: isLocal, of: session, inTransaction: isInTransaction(session))
        return answer(session, .result(SQLResult(rowCount: 0)), &effects)
      }
      if !translation.isPlainRead, writer != session {
        guard writer == nil else {
          freeNames[session] = freeName
          return queue.append(waiting)
        }
        if case .open = transaction { writer = session }
      }
      if translation.isPlainRead, writer != session, isBlocked(translation) { return queue.append(waiting) }
      if let freeName, !translation.isRead { try refuseCollision(on: freeName, translation) }
      let result: SQLResult
      switch transaction {
      case .open(let start) where writer == session && !translation.isRead:
        result = try write(statement, translation, parameters, now: start, clock: now)
      case .open(let start):
        result = try read(statement, translation, parameters, seesWrites: writer == session, now: start, clock: now)
      default:
        result = try autocommit(statement, translation, parameters, at: now, &effects)
      }
      let work = translation.isRead ? 0 : Self.work(rows: result.rowCount)
      if work > 0, case .none = transaction, holdsForWork { writer = session }
      if !waiting.isAbandoned { answer(session, .result(result), work: work, &effects) }
    } catch {
      if case .open = transaction { abort(session) }
      if !waiting.isAbandoned { answer(session, .failure(error), &effects) }
      grant(at: now, &effects)
    }
  }

  /// What cannot stand where it is sent, whatever the schema.
  private func refuse(
    _ translation: Translation, of session: DatabaseSession, in transaction: Transaction
  ) throws(SQLError) {
    if readOnlySessions.contains(session), let name = translation.writingCommand { throw .readOnly(name) }
    switch (translation, transaction) {
    case (.definition(.createIndex(let request)), .open) where request.isConcurrent:
      throw .insideTransaction("CREATE INDEX CONCURRENTLY")
    case (.definition(.dropIndexes(_, _, concurrently: true)), .open):
      throw .insideTransaction("DROP INDEX CONCURRENTLY")
    case (.definition(.lock), .none):
      throw SQLError(
        sqlState: "25P01", message: "LOCK TABLE can only be used in transaction blocks", kind: .transactionState)
    default: break
    }
  }

  /// Whether a table that a read names is locked by the DDL of an open transaction, or of a statement that came before.
  private func isBlocked(_ translation: Translation) -> Bool {
    guard !exclusive.isEmpty || !queue.isEmpty, case .statement(let statement) = translation else { return false }
    if statement.names.contains(where: exclusive.contains) { return true }
    for waiting in queue {
      guard case .execute(let ahead, _) = waiting.request, let translation = try? executor.translate(ahead) else {
        continue
      }
      if !translation.exclusive(in: schema).isDisjoint(with: statement.names) { return true }
    }
    return false
  }

  private func autocommit(
    _ statement: SQLStatement, _ translation: Translation, _ parameters: [SQLValue], at now: Int64,
    _ effects: inout DatabaseEffects
  ) throws(SQLError) -> SQLResult {
    if translation.isRead {
      return try read(statement, translation, parameters, seesWrites: false, now: now, clock: now)
    }
    setClocks(now: now, clock: now)
    defer { executor.functions.observed.removeAll(keepingCapacity: true) }
    let write = written(statement, parameters, now: now, clock: now)
    let result = try perform(statement, translation, parameters)
    effects.changes += executor.functions.observed
    onCommit?(CommittedTransaction(time: now, writes: [write]))
    return result
  }

  /// A write as it is about to be done.
  func written(_ statement: SQLStatement, _ parameters: [SQLValue], now: Int64, clock: Int64) -> Write {
    Write(
      statement: statement, parameters: parameters, identifiers: executor.functions.identifiers,
      sequences: executor.functions.sequences, now: now, clock: clock)
  }

  func perform(
    _ statement: SQLStatement, _ translation: Translation, _ parameters: [SQLValue]
  ) throws(SQLError) -> SQLResult {
    switch translation {
    case .statement: return try executor.execute(executor.prepare(statement), parameters)
    case .definition(let definition): return try executor.execute(definition)
    case .catalogue: return CatalogueAnswer.answer(for: executor.schema)
    }
  }

  private func read(
    _ statement: SQLStatement, _ translation: Translation, _ parameters: [SQLValue], seesWrites: Bool, now: Int64,
    clock: Int64
  ) throws(SQLError) -> SQLResult {
    if seesWrites { try apply() } else { try park() }
    setClocks(now: now, clock: clock)
    return try perform(statement, translation, parameters)
  }

  func setClocks(now: Int64, clock: Int64) {
    executor.functions.now = now
    executor.functions.clock = clock
  }

  private func answer(
    _ session: DatabaseSession, _ response: SQLResponse, work: Int64 = 0, _ effects: inout DatabaseEffects
  ) {
    effects.answers.append(.init(session: session, response: response, work: work))
  }

  private func answerLock(_ session: DatabaseSession, _ effects: inout DatabaseEffects) {
    answer(session, .result(SQLResult(row: ["pg_advisory_lock": .text("")])), &effects)
  }
}
