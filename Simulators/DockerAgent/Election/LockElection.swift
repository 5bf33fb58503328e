import SimulationRuntime
import StreamSpaceProtocol

/// Who may act, judged by this replica's own clock (C28, C29). Pure: it is told what was read and written, and says what to
/// do next.
///
/// One rule keeps two leaders apart in every back end: a candidate takes the lock only by replacing the very record that it
/// has seen unchanged for 15 s of its own clock (or a released one, or one whose writer is known to have ended), and a
/// leader acts for 12 s of its own clock after the sending of a write that was acknowledged. Where there is no record,
/// a candidate writes one in nobody's name and watches that: so the rule needs no exception for a lost one.
struct LockElection {
  /// How long a record must not change before it may be taken over (C29).
  static let lease = TimeSpan.seconds(15)
  /// Between two tries of a candidate, and between two renewals (C29).
  static let retryPeriod = TimeSpan.seconds(2)
  /// Between two renewals of the shipped agent, and its tick after its first win (B-51).
  static let shippedPeriod = TimeSpan.seconds(10)

  /// A leadership that lasts.
  struct Leadership: Equatable {
    /// The record as last acknowledged.
    var record: LockRecord
    /// Own clock, when the last acknowledged write was sent.
    var renewedAt: Instant
    /// What is stored is not known: a write was refused or its answer is missing.
    var mustRead = false
  }

  /// What to do next.
  enum Step: Equatable {
    case read
    case write(LockWrite)
    /// Nothing in this round; worth another look at that time, if it is known.
    case wait(until: Instant?)
    /// The leadership is over.
    case lost(String)
  }

  private struct Watch {
    var text: String?
    var life: Int
    /// Own clock, when it was first seen so in this life of the store.
    var since: Instant
    /// It was seen to come, after something else in the same life: it is no old record that came back.
    var isFresh: Bool
  }

  /// What a stored write changed.
  enum Change: Equatable {
    case none
    case began(term: Int64)
    case raised(term: Int64)
    /// The acknowledgement came after the authority it would have given.
    case tooLate
  }

  let identity: String
  let behaviour: LockElectionBehaviour
  let agesRecords: Bool
  let keepsWrites: Bool
  private(set) var leadership: Leadership?
  /// What the store held when last looked at, in which of its lives, and since when.
  private var watched: Watch?
  /// The highest term ever seen: a record made anew does not fall behind it.
  private(set) var highestTerm: Int64 = 0

  /// `agesRecords` and `keepsWrites` as the back end has them.
  init(identity: String, behaviour: LockElectionBehaviour, agesRecords: Bool = true, keepsWrites: Bool = true) {
    self.identity = identity
    self.behaviour = behaviour
    self.agesRecords = agesRecords
    self.keepsWrites = keepsWrites
  }

  // MARK: Authority

  /// When authority ends unless it is renewed; nil for a candidate, and where the policy sets no end.
  var authorityEnd: Instant? {
    guard let leadership, case .limited(let span) = behaviour.authority else { return nil }
    return leadership.renewedAt + span
  }

  /// Whether this replica may act at `now` on its own clock.
  func hasAuthority(at now: Instant) -> Bool {
    guard leadership != nil else { return false }
    return authorityEnd.map { now < $0 } ?? true
  }

  // MARK: A round

  /// What a writer brings to a record: its calendar, and a number that no other record begins with.
  struct Stamp: Equatable {
    var calendar: Timestamp
    var nonce: Int64
  }

  /// The first step of a round.
  func begin(at now: Instant, _ stamp: Stamp) -> Step {
    guard let leadership else { return .read }
    guard hasAuthority(at: now) else { return .lost(Self.expired) }
    guard !leadership.mustRead else { return .read }
    return .write(LockWrite(record: renewed(leadership.record, stamp), over: expecting(leadership.record.text)))
  }

  /// The store was read.
  mutating func found(_ reading: LockReading, at now: Instant, _ stamp: Stamp) -> Step {
    watch(reading.text, reading.storeLife, now)
    highestTerm = max(highestTerm, reading.storedTerm, reading.record?.term ?? 0)
    return leadership == nil ? candidacy(reading, now, stamp) : confirmation(reading, now, stamp)
  }

  /// A leader looks whether it still is one.
  private mutating func confirmation(_ reading: LockReading, _ now: Instant, _ stamp: Stamp) -> Step {
    guard var leadership else { return .read }
    guard hasAuthority(at: now) else { return .lost(Self.expired) }
    let over: LockExpectation = reading.text.map(expecting) ?? .absent
    if let record = reading.record {
      if record.holder == .replica(identity), record.term == leadership.record.term {
        // A write took effect whose answer was lost, or the store fell back to an older record of this leadership.
        leadership.record.counter = max(leadership.record.counter, record.counter)
        leadership.mustRead = false
        self.leadership = leadership
      } else if !isReplaceable(record, by: leadership.record) {
        return .lost("another replica holds the lock")
      }
    }
    return .write(LockWrite(record: renewed(leadership.record, stamp), over: over))
  }

  /// Whether a leader with authority may put its record in the place of `other`: nobody acts on what it replaces. An older
  /// term comes back when a store loses writes.
  private func isReplaceable(_ other: LockRecord, by mine: LockRecord) -> Bool {
    if behaviour.recordWrites == .lastWriterWins { return true }
    switch other.holder {
    case .unknown: return other.term <= mine.term
    case .replica, .released: return other.term < mine.term
    }
  }

  private func candidacy(_ reading: LockReading, _ now: Instant, _ stamp: Stamp) -> Step {
    guard let text = reading.text else {
      if behaviour.lostRecord == .isFree || !agesRecords { return take(.absent, reading, stamp) }
      let record = LockRecord(
        holder: .unknown, term: highestTerm, counter: stamp.nonce, writtenAt: stamp.calendar)
      return .write(LockWrite(record: record, over: .absent, inLife: reading.storeLife))
    }
    if isFree(reading, now, stamp) { return take(expecting(text), reading, stamp) }
    let hasAge = agesRecords && behaviour.recordAge == .ownObservation
    return .wait(until: hasAge ? watched.map { $0.since + Self.lease } : nil)
  }

  private func isFree(_ reading: LockReading, _ now: Instant, _ stamp: Stamp) -> Bool {
    guard agesRecords else { return reading.isHolderGone }
    switch reading.record?.holder {
    case .released where keepsWrites || watched?.isFresh == true: return true
    case .replica where reading.isHolderGone: return true
    default: break
    }
    if behaviour.recordAge == .remoteTime, let record = reading.record {
      return stamp.calendar > record.writtenAt.adding(nanoseconds: Self.lease.nanoseconds)
    }
    guard let watched else { return false }
    return now - watched.since >= Self.lease
  }

  private func take(_ over: LockExpectation, _ reading: LockReading, _ stamp: Stamp) -> Step {
    let record = LockRecord(
      holder: .replica(identity), term: highestTerm + 1, counter: stamp.nonce, writtenAt: stamp.calendar)
    let blind = behaviour.recordWrites == .lastWriterWins
    return .write(LockWrite(record: record, over: blind ? .anything : over, inLife: blind ? nil : reading.storeLife))
  }

  /// A write is stored.
  mutating func stored(_ write: LockWrite, life: Int, sentAt: Instant, now: Instant) -> Change {
    watch(write.record.text, life, now)
    highestTerm = max(highestTerm, write.record.term)
    guard write.record.holder == .replica(identity) else { return .none }
    let before = leadership?.record.term
    leadership = Leadership(record: write.record, renewedAt: sentAt)
    guard hasAuthority(at: now) else {
      if before == nil { leadership = nil }
      return .tooLate
    }
    guard let before else { return .began(term: write.record.term) }
    return before == write.record.term ? .none : .raised(term: write.record.term)
  }

  /// A write was refused, or nothing is known of it. Returns whether the policy takes that for a loss.
  mutating func writeFailed(isConflict: Bool) -> Bool {
    guard leadership != nil else { return false }
    leadership?.mustRead = true
    if isConflict { return false }
    return behaviour.renewal == .onceWithoutRetry || behaviour.authority == .untilNextTick
  }

  /// The write that raises the term (spec/00, answer to `Stale leader term`); nil without certain authority.
  func raised(above term: Int64, at now: Instant, _ stamp: Stamp) -> LockWrite? {
    guard let leadership, !leadership.mustRead, hasAuthority(at: now) else { return nil }
    var record = renewed(leadership.record, stamp)
    record.term = max(term, highestTerm) + 1
    return LockWrite(record: record, over: expecting(leadership.record.text))
  }

  /// The leadership ends, for whatever reason.
  mutating func end() { leadership = nil }

  /// The write that frees the lock for others at once; nil when this replica does not hold it for certain.
  func released(_ stamp: Stamp) -> LockWrite? {
    guard let leadership, !leadership.mustRead else { return nil }
    var record = renewed(leadership.record, stamp)
    record.holder = .released
    return LockWrite(record: record, over: expecting(leadership.record.text))
  }

  /// The write that frees the lock where a renewal of the same leadership stands; nil when something else stands there.
  func released(instead write: LockWrite, of reading: LockReading) -> LockWrite? {
    guard let text = reading.text, let found = reading.record, found.holder == .replica(identity),
      found.term == write.record.term
    else { return nil }
    var record = write.record
    record.counter = found.counter + 1
    return LockWrite(record: record, over: expecting(text))
  }

  // MARK: Records

  static let expired = "the lock could not be renewed in time"

  private mutating func watch(_ text: String?, _ life: Int, _ now: Instant) {
    let isSameLife = watched?.life == life
    if isSameLife, watched?.text == text { return }
    watched = Watch(text: text, life: life, since: now, isFresh: isSameLife)
  }

  private func expecting(_ text: String) -> LockExpectation {
    behaviour.recordWrites == .lastWriterWins ? .anything : .text(text)
  }

  private func renewed(_ record: LockRecord, _ stamp: Stamp) -> LockRecord {
    var record = record
    record.holder = .replica(identity)
    record.counter += 1
    record.writtenAt = stamp.calendar
    return record
  }
}
