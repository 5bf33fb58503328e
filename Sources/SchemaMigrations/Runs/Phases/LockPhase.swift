import StreamSpaceProtocol

/// Gets the lock of the one runner, and prepares the connection.
///
/// It asks and asks again instead of waiting in the server: a waiting statement is a running transaction, and the
/// holder's `CREATE INDEX CONCURRENTLY` would wait for its end.
struct LockPhase: RunPhase {
  /// Time between two questions. The length is ours.
  static let pause = 200

  private enum State { case start, unlocked, asked, paused, prepared, zoned }
  private var state: State

  /// `takesLock`: false where everybody may run beside others (B-80).
  init(takesLock: Bool) { state = takesLock ? .start : .unlocked }

  mutating func next(_ answer: SQLResponse?) -> PhaseAction {
    if case .failure(let error)? = answer { return .failed(place: "lock", error) }
    switch state {
    case .start, .paused:
      state = .asked
      return .send(.tryAdvisoryLock(MigrationLedger.lockNumber))
    case .asked:
      guard case .result(let result)? = answer, Self.isTrue(result) else {
        state = .paused
        return .pause(milliseconds: Self.pause)
      }
      return prepare()
    case .unlocked: return prepare()
    case .prepared:
      state = .zoned
      return .send(.execute(RunStatement.inUTC, []))
    case .zoned: return .over
    }
  }

  private mutating func prepare() -> PhaseAction {
    state = .prepared
    return .send(.execute(RunStatement.limitLockWaits, []))
  }

  private static func isTrue(_ result: SQLResult) -> Bool {
    switch result.firstRow?.values.first {
    case .boolean(true), .integer(1): true
    default: false
    }
  }
}
