import StreamSpaceProtocol

/// Requests in one transaction: a step's statements and its row in the ledger.
struct AtomicPhase: RunPhase {
  private enum State: Equatable {
    case start
    case began
    /// So many requests were sent.
    case sent(Int)
    case committing
    /// A request failed and the transaction is being rolled back.
    case failing(SQLError, after: Int)
    case paused
  }

  /// `version.step`, for the place of a failure.
  private let place: String
  private let requests: [SQLRequest]
  private var state = State.start
  private var retries = LockRetries()

  init(place: String, _ requests: [SQLRequest]) {
    self.place = place
    self.requests = requests
  }

  mutating func next(_ answer: SQLResponse?) -> PhaseAction {
    if case .failing(let error, let count) = state { return rolledBack(error, count) }
    if case .failure(let error)? = answer { return failed(error) }
    switch state {
    case .start, .paused:
      state = .began
      return .send(.begin)
    case .began: return send(0)
    case .sent(let count): return send(count)
    case .committing, .failing: return .over
    }
  }

  private mutating func send(_ count: Int) -> PhaseAction {
    guard count < requests.count else {
      state = .committing
      return .send(.commit)
    }
    state = .sent(count + 1)
    return .send(requests[count])
  }

  private mutating func failed(_ error: SQLError) -> PhaseAction {
    let count: Int
    switch state {
    case .sent(let sent): count = sent
    case .committing: count = requests.count
    default: count = 0
    }
    guard !error.endsConnection, state != .committing, state != .began else { return rolledBack(error, count) }
    state = .failing(error, after: count)
    return .send(.rollback)
  }

  private mutating func rolledBack(_ error: SQLError, _ count: Int) -> PhaseAction {
    guard retries.allows(error) else { return .failed(place: "\(place)/\(max(count, 1))", error) }
    state = .paused
    return .pause(milliseconds: LockRetries.pause)
  }
}
