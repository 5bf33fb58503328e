import StreamSpaceProtocol

/// A stretch of a run: what to send until it is over.
protocol RunPhase {
  /// `answer`: to the request of the last `.send`; nil at the start and after a pause.
  mutating func next(_ answer: SQLResponse?) -> PhaseAction
}

enum PhaseAction: Sendable, Equatable {
  case send(SQLRequest)
  case pause(milliseconds: Int)
  case over
  case failed(place: String, SQLError)
}

/// How often and when a step is tried again whose locks were not to be had (spec/00, Migrations).
struct LockRetries: Sendable, Equatable {
  static let limit = 30
  static let pause = 1_000
  private(set) var used = 0

  /// Whether an error is worth another try, which is then counted.
  mutating func allows(_ error: SQLError) -> Bool {
    // 40P01: this transaction was chosen to end a deadlock.
    guard error.kind == .lockTimeout || error.sqlState == "40P01", used < Self.limit else { return false }
    used += 1
    return true
  }
}

/// Statements that runs send besides those of the steps.
enum RunStatement {
  /// A step that waits for a lock makes everybody wait behind it: 2 s at most (spec/00, Migrations).
  static let limitLockWaits = SQLStatement("limitLockWaits", "SET lock_timeout = '2s'", isPrepared: false)
  /// An index that is built CONCURRENTLY waits for the transactions of others, and blocks none of them meanwhile.
  static let waitForLocks = SQLStatement("waitForLocks", "SET lock_timeout = 0", isPrepared: false)
  /// With another zone, PostgreSQL would write every row anew when times get a zone.
  static let inUTC = SQLStatement("migrateInUTC", "SET TIME ZONE 'UTC'", isPrepared: false)

  /// A statement of a step; its name is its place, `migration 4.2/1`.
  static func step(_ place: String, _ text: String) -> SQLStatement {
    SQLStatement("migration \(place)", text, isPrepared: false)
  }
}
