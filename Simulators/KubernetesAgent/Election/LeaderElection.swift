import SimulationRuntime
import StreamSpaceProtocol

/// The algorithm of spec/04 §4.3 with the repairs of C28: who may act, judged by this replica's own clock. Pure: it is
/// told what was read and written, and says what to do next.
struct LeaderElection {
  /// `leaseDurationSeconds` of the lease.
  static let leaseDuration = TimeSpan.seconds(15)
  /// Between two renewals, and the shortest wait between two tries of a candidate.
  static let retryPeriod = TimeSpan.seconds(2)
  /// The longest wait between two tries of a candidate: the period times 2.2.
  static let longestRetry = TimeSpan.milliseconds(4_400)
  /// How much longer a leader waits that gave the lease up because it cannot reach the control plane: every standby
  /// tries once before it, so that one that can reach it comes first.
  static let yieldCourtesy = TimeSpan.milliseconds(4_500)

  /// A leadership that lasts.
  struct Leadership: Equatable {
    /// Lease transitions as this replica wrote them.
    var term: Int64
    var spec: Lease.Spec
    var version: Int64
    /// Own clock, when the last acknowledged write was sent.
    var renewedAt: Instant
    /// The version is not known: a write was refused or its answer is missing.
    var mustRead = false
  }

  /// What to do next.
  enum Step: Equatable {
    case read
    case create(Lease.Spec)
    case write(Lease.Spec, version: Int64)
    /// Nothing in this round.
    case wait
    /// The leadership is over.
    case lost(String)
  }

  let identity: String
  let behaviour: ElectionBehaviour
  private(set) var leadership: Leadership?
  /// The record last seen, and when it was first seen so.
  private var observed: (spec: Lease.Spec, at: Instant)?
  /// The next write takes the record from whoever holds it: after a conflict, with ``ElectionBehaviour/LeaseWrites/lastWriterWins``.
  private var overwrites = false
  /// The highest term ever seen: a record made anew does not fall behind it.
  private var highestTerm: Int64 = -1

  init(identity: String, behaviour: ElectionBehaviour) {
    self.identity = identity
    self.behaviour = behaviour
  }

  /// When authority ends unless it is renewed; nil for a candidate.
  var authorityEnd: Instant? { leadership.map { $0.renewedAt + behaviour.authority } }

  /// Whether this replica may act at `now` on its own clock.
  func hasAuthority(at now: Instant) -> Bool { authorityEnd.map { now < $0 } ?? false }

  // MARK: A round

  /// The first step of a round. `calendar` is the time to write into the record.
  ///
  /// Who was held up beyond its authority renews nothing: it may not act any more, and a renewal would only keep the lease
  /// from those who may.
  func begin(at now: Instant, calendar: Timestamp) -> Step {
    guard let leadership else { return .read }
    guard hasAuthority(at: now) else { return .lost(Self.expired) }
    guard !leadership.mustRead else { return .read }
    return .write(renewed(leadership.spec, calendar), version: leadership.version)
  }

  /// The lease was read; nil when there is none.
  mutating func found(_ lease: Lease?, at now: Instant, calendar: Timestamp) -> Step {
    guard let lease else {
      if leadership != nil { return .lost(Self.taken) }
      return .create(record(transitions: highestTerm + 1, calendar))
    }
    observe(lease.spec, at: now)
    if var leadership {
      guard lease.spec.holder == identity, lease.spec.transitions == leadership.term else {
        if behaviour.leaseWrites == .lastWriterWins {
          return .write(renewed(leadership.spec, calendar), version: lease.metadata.resourceVersion)
        }
        return .lost(Self.taken)
      }
      guard hasAuthority(at: now) else { return .lost(Self.expired) }
      // A write took effect whose answer was lost.
      leadership.spec = lease.spec
      leadership.version = lease.metadata.resourceVersion
      leadership.mustRead = false
      self.leadership = leadership
      return .write(renewed(lease.spec, calendar), version: leadership.version)
    }
    guard isFree(lease.spec, at: now, calendar: calendar) || overwrites else { return .wait }
    return .write(
      record(transitions: lease.spec.transitions + 1, calendar), version: lease.metadata.resourceVersion)
  }

  /// A write of this replica is stored. Returns the term when it begins a leadership or changes its term.
  mutating func stored(_ lease: Lease, sentAt: Instant, now: Instant) -> Int64? {
    observe(lease.spec, at: now)
    overwrites = false
    let before = leadership?.term
    leadership = Leadership(
      term: lease.spec.transitions, spec: lease.spec, version: lease.metadata.resourceVersion, renewedAt: sentAt)
    return before == lease.spec.transitions ? nil : lease.spec.transitions
  }

  /// A write was refused, or nothing is known of it.
  mutating func writeFailed() {
    leadership?.mustRead = true
    overwrites = behaviour.leaseWrites == .lastWriterWins
  }

  /// The record that raises the term (spec/00, answer to `Stale leader term`); nil without certain authority.
  func raised(above term: Int64, at now: Instant, calendar: Timestamp) -> Step? {
    guard let leadership, !leadership.mustRead, hasAuthority(at: now) else { return nil }
    var spec = renewed(leadership.spec, calendar)
    spec.transitions = max(term, leadership.term) + 1
    return .write(spec, version: leadership.version)
  }

  /// The leadership ends, for whatever reason.
  mutating func end() { leadership = nil }

  /// What frees the lease for others at once; nil for a candidate.
  func release(calendar: Timestamp) -> Release? {
    guard let leadership else { return nil }
    var spec = leadership.spec
    spec.holder = ""
    spec.durationSeconds = 1
    spec.renewTime = calendar
    spec.acquireTime = calendar
    return Release(
      holder: identity, term: leadership.term, spec: spec, version: leadership.mustRead ? nil : leadership.version)
  }

  /// A release under way. A renewal that was still on its way may have changed the version: then the record is read
  /// and freed if it still names the leaver and its term.
  struct Release: Equatable {
    let holder: String
    let term: Int64
    let spec: Lease.Spec
    /// Nil: not known, read first.
    var version: Int64?

    /// Whether `spec` is the record to be freed.
    func concerns(_ spec: Lease.Spec) -> Bool { spec.holder == holder && spec.transitions == term }
  }

  // MARK: Records

  static let expired = "the lease could not be renewed in time"
  private static let taken = "another replica holds the lease"

  private mutating func observe(_ spec: Lease.Spec, at now: Instant) {
    highestTerm = max(highestTerm, spec.transitions)
    if observed?.spec != spec { observed = (spec, now) }
  }

  /// Whether a candidate may take the lease.
  private func isFree(_ spec: Lease.Spec, at now: Instant, calendar: Timestamp) -> Bool {
    // One's own record from an earlier life or term: nobody else acts on it, and the new term fences what is left.
    if spec.holder.isEmpty || spec.holder == identity { return true }
    let duration = TimeSpan.seconds(spec.durationSeconds)
    switch behaviour.leaseExpiry {
    case .ownObservation:
      guard let observed else { return false }
      return now - observed.at > duration
    case .remoteTime:
      return calendar > spec.renewTime.adding(nanoseconds: duration.nanoseconds)
    }
  }

  private func record(transitions: Int64, _ calendar: Timestamp) -> Lease.Spec {
    Lease.Spec(
      holder: identity, durationSeconds: Self.leaseDuration.nanoseconds / 1_000_000_000, acquireTime: calendar,
      renewTime: calendar, transitions: transitions)
  }

  private func renewed(_ spec: Lease.Spec, _ calendar: Timestamp) -> Lease.Spec {
    var spec = spec
    spec.holder = identity
    spec.durationSeconds = Self.leaseDuration.nanoseconds / 1_000_000_000
    spec.renewTime = calendar
    return spec
  }
}
