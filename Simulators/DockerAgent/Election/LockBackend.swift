/// Where a lock record is kept: a register that is read, and written only over what was read. All that differs between
/// file, Redis and swarm is behind this; who may act is decided by ``LockElection``.
protocol LockBackend: AnyObject {
  /// Whether a record that does not change for 15 s may be taken over (false: B-52).
  var agesRecords: Bool { get }

  /// Whether what was acknowledged stays. A Redis that fails over may show an older record again, also a released one.
  var keepsWrites: Bool { get }

  /// Whether replicas may unknowingly use different stores: a volume can be private to a host or container.
  var mayBeUnshared: Bool { get }

  /// Reads the record.
  func read(_ completion: @escaping (LockReadOutcome) -> Void)

  /// Writes a record if the store still holds what `write` expects.
  /// `completion` is told the life of the store too, see ``LockReading/storeLife``.
  func write(_ write: LockWrite, _ completion: @escaping (_ outcome: LockWriteOutcome, _ storeLife: Int) -> Void)

  /// Whether nothing speaks against acting on `record`, as far as can be told without waiting: the file back end
  /// compares inode and record, the others know only what their last call said.
  func permits(_ record: LockRecord) -> Bool

  /// The leadership is over, and the record stays as it is: frees what the operating system holds for it.
  func letGo()

  /// No further call follows.
  func close()
}

/// What the store holds.
struct LockReading: Equatable {
  /// The record as stored; nil when there is none.
  var text: String?
  /// The highest term that the store keeps beside the record (Redis, key `:term`); 0 when it keeps none.
  var storedTerm: Int64 = 0
  /// The operating system vouches that whoever wrote the record has ended: its lock on the file is free.
  var isHolderGone = false
  /// Changes whenever the store may have lost acknowledged writes (Redis: with every connection): what was seen before
  /// proves nothing then.
  var storeLife = 0

  /// Nil as well when the text is no record.
  var record: LockRecord? { text.flatMap { LockRecord(text: $0) } }
}

/// What a write expects to find.
enum LockExpectation: Equatable {
  case absent
  case text(String)
  /// Whatever is there (C-01).
  case anything
}

/// A record to be stored.
struct LockWrite: Equatable {
  var record: LockRecord
  var over: LockExpectation
  /// Only while the store lives the life in which it was read; nil for a leader, whose authority does not rest on reading.
  var inLife: Int?
}

enum LockReadOutcome: Equatable {
  case found(LockReading)
  /// This process can never use the lock; the text says why.
  case unusable(String)
  /// Nothing is known; the text says why.
  case failed(String)
}

enum LockWriteOutcome: Equatable {
  case stored
  /// The store holds something else than expected.
  case conflict
  /// The store refused, and the policy takes that for the loss of the lock (B-54).
  case deposed(String)
  /// Nothing is known: the write may have happened or not.
  case failed(String)
}
