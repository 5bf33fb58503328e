import StreamSpaceProtocol

/// One index: in a transaction with its row in the ledger, or CONCURRENTLY where the table is large.
struct IndexPhase: RunPhase {
  /// Rows above which a table counts as large (spec/00, Migrations).
  static let largeTable = 100_000

  private enum State {
    case start, counting, inTransaction
    case unlimited, dropping, building, limited, recording
    /// Building failed for want of a lock.
    case paused
  }

  private let place: String
  private let statement: String
  private let table: String
  private let index: String
  private let record: SQLRequest
  /// What is left of a build that broke off must go first: IF NOT EXISTS takes it for an index.
  private var isInvalid: Bool
  private var state = State.start
  private var transaction: AtomicPhase
  private var retries = LockRetries()

  init(place: String, _ statement: String, table: String, isInvalid: Bool, index: String, record: SQLRequest) {
    self.place = place
    self.statement = statement
    self.table = table
    self.index = index
    self.record = record
    self.isInvalid = isInvalid
    var requests = [SQLRequest.execute(RunStatement.step("\(place)/1", statement), []), record]
    if isInvalid {
      requests.insert(.execute(RunStatement.step("\(place)/drop", "DROP INDEX IF EXISTS \(index)"), []), at: 0)
    }
    transaction = AtomicPhase(place: place, requests)
  }

  mutating func next(_ answer: SQLResponse?) -> PhaseAction {
    if state == .inTransaction { return transaction.next(answer) }
    if case .failure(let error)? = answer { return failed(error) }
    switch state {
    case .start:
      // Not COUNT(*): a table of a million rows need not be read to the end.
      return send(.counting, "rows", "SELECT 1 AS large FROM \(table) LIMIT 1 OFFSET \(Self.largeTable)")
    case .counting:
      guard case .result(let result)? = answer, result.firstRow != nil else {
        state = .inTransaction
        return transaction.next(nil)
      }
      state = .unlimited
      return .send(.execute(RunStatement.waitForLocks, []))
    case .unlimited, .paused:
      guard isInvalid else { return build() }
      return send(.dropping, "drop", "DROP INDEX CONCURRENTLY IF EXISTS \(index)")
    case .dropping: return build()
    case .building:
      state = .limited
      return .send(.execute(RunStatement.limitLockWaits, []))
    case .limited:
      state = .recording
      return .send(record)
    case .recording, .inTransaction: return .over
    }
  }

  private mutating func build() -> PhaseAction {
    let prefix = statement.hasPrefix("CREATE UNIQUE") ? "CREATE UNIQUE INDEX" : "CREATE INDEX"
    return send(.building, "1", "\(prefix) CONCURRENTLY\(statement.dropFirst(prefix.count))")
  }

  private mutating func send(_ next: State, _ name: String, _ text: String) -> PhaseAction {
    state = next
    return .send(.execute(RunStatement.step("\(place)/\(name)", text), []))
  }

  private mutating func failed(_ error: SQLError) -> PhaseAction {
    guard state == .building || state == .dropping, retries.allows(error) else {
      return .failed(place: "\(place)/1", error)
    }
    isInvalid = true
    state = .paused
    return .pause(milliseconds: LockRetries.pause)
  }
}
