import SimulationRuntime
import StreamSpaceProtocol

/// Carries the election of a Docker agent out: reads and writes the record, keeps the timers, ends authority in time
/// (C28, C29). It never asks which back end it has.
///
/// All spans are measured on the clock that steps of the calendar do not move.
final class LockElector {
  /// In whose name a platform write may be made.
  enum WriteAuthority: Equatable {
    /// It must not be made.
    case none
    /// Without a term (C-04, B-39).
    case unfenced
    case term(Int64)
  }

  private unowned let incarnation: Incarnation
  private let backend: any LockBackend
  private var election: LockElection
  private let behaviour: LockElectionBehaviour
  private let nonces: DecisionStream
  private var roundTimer = EventToken.none
  private var authorityTimer = EventToken.none
  private var linkTimer = EventToken.none
  /// Counts rounds, so that an answer of an old one is known as such.
  private var generation = 0
  private var roundBegan = Instant.start
  private var conflictsInRound = 0
  private var isStopped = false
  private var hasLed = false
  /// The control plane took the term of this leadership.
  private var isAccepted = false

  /// This replica may act from now on.
  var led: (Int64) -> Void = { _ in }
  /// Its term changed while it leads.
  var termRaised: (Int64) -> Void = { _ in }
  /// It must not act any more.
  var ended: (Int64, String) -> Void = { _, _ in }
  /// It will not compete again in this life: its lock is not the one that the others use, or can never be used. Follows
  /// ``ended`` where it led.
  var refused: (String) -> Void = { _ in }
  /// Clock of ``Incarnation/now``, when the control plane was last heard of in this term.
  var lastContact: () -> Instant? = { nil }
  /// Clock of ``Incarnation/now``, since when there is no connection to the control plane; nil while there is one.
  var disconnectedSince: () -> Instant? = { nil }

  /// A leader that heard nothing for so long yields (C28).
  static let silenceLimit = TimeSpan.seconds(25)
  /// A leader without a connection for so long yields (C28).
  static let linkLimit = TimeSpan.seconds(30)
  /// Shortest wait between two rounds: a call that took long is followed at once, but not in a circle.
  static let shortestWait = TimeSpan.milliseconds(250)
  /// Times a leader looks again within one round after its write met another record.
  static let conflictLimit = 3

  /// What a terminating process may take to free the lock.
  static let releaseLimit = TimeSpan.seconds(2)

  private static let releasing = EventLabel("docker-agent.election.release")
  private static let round = EventLabel("docker-agent.election.round")
  private static let authority = EventLabel("docker-agent.election.authority")
  private static let link = EventLabel("docker-agent.election.link")

  /// `instanceID` is unique among the replicas that live at one time; it holds no blanks.
  convenience init(
    _ incarnation: Incarnation, store: LockStore, agentID: String, instanceID: String,
    behaviour: LockElectionBehaviour = LockElectionBehaviour()
  ) {
    let backend = store.backend(incarnation, agentID: agentID, instanceID: instanceID, behaviour: behaviour)
    self.init(incarnation, backend: backend, identity: instanceID, behaviour: behaviour)
  }

  /// As above, for a back end that stands.
  init(
    _ incarnation: Incarnation, backend: any LockBackend, identity: String,
    behaviour: LockElectionBehaviour = LockElectionBehaviour()
  ) {
    self.incarnation = incarnation
    self.backend = backend
    self.behaviour = behaviour
    election = LockElection(
      identity: identity, behaviour: behaviour, agesRecords: backend.agesRecords, keepsWrites: backend.keepsWrites)
    nonces = incarnation.decisions.stream("docker-agent.election.nonce")
  }

  /// The term in which this replica may act now; nil when it may not. Cheap: asked before each act.
  var authorisedTerm: Int64? {
    guard let leadership = election.leadership, election.hasAuthority(at: now), backend.permits(leadership.record)
    else { return nil }
    return leadership.record.term
  }

  /// What a platform write may carry now; asked in the same step as the write (C28).
  var writeAuthority: WriteAuthority {
    guard let term = authorisedTerm else { return behaviour.handlersAtLoss == .runOn ? .unfenced : .none }
    return behaviour.platformWrites == .fenced ? .term(term) : .unfenced
  }

  var isLeading: Bool { election.leadership != nil }

  /// Begins to compete. The shipped agent waits one tick first (B-51).
  func start() {
    if behaviour.renewal == .onceWithoutRetry {
      planRound(after: LockElection.retryPeriod)
    } else {
      beginRound()
    }
  }

  /// No further round. What the operating system holds is freed; the record stays.
  func stop() {
    halt()
    backend.letGo()
    backend.close()
  }

  private func halt() {
    isStopped = true
    generation += 1
    for timer in [roundTimer, authorityTimer, linkTimer] { incarnation.cancel(timer) }
  }

  // MARK: Rounds

  private var now: Instant { incarnation.monotonicNow }

  private var stamp: LockElection.Stamp {
    LockElection.Stamp(
      calendar: Timestamp(
        nanosecondsSince1970: Epoch.unixSeconds * 1_000_000_000 + incarnation.now.nanoseconds
      ).inSeconds,
      nonce: Int64(incarnation.decisions.choose(nonces, 1 << 40)))
  }

  private func beginRound() {
    guard !isStopped else { return }
    generation += 1
    roundBegan = now
    conflictsInRound = 0
    carryOut(election.begin(at: now, stamp), generation)
  }

  private func carryOut(_ step: LockElection.Step, _ round: Int) {
    switch step {
    case .read: read(round)
    case .write(let write): self.write(write, round)
    case .wait(let time): planNext(noLaterThan: time)
    case .lost(let reason): lose(reason)
    }
  }

  private func read(_ round: Int) {
    backend.read { [weak self] outcome in
      guard let self, !self.isStopped, self.generation == round else { return }
      switch outcome {
      case .found(let reading):
        self.carryOut(self.election.found(reading, at: self.now, self.stamp), round)
      case .unusable(let reason): self.refuse(reason)
      case .failed(let reason): self.failed(reason)
      }
    }
  }

  private func write(_ write: LockWrite, _ round: Int) {
    let sentAt = now
    backend.write(write) { [weak self] outcome, life in
      guard let self, !self.isStopped, self.generation == round else { return }
      switch outcome {
      case .stored: self.stored(write, life, sentAt: sentAt)
      case .conflict: self.conflicted(round)
      case .deposed(let reason): self.lose(reason)
      case .failed(let reason): self.failed(reason)
      }
    }
  }

  private func stored(_ write: LockWrite, _ life: Int, sentAt: Instant) {
    let change = election.stored(write, life: life, sentAt: sentAt, now: now)
    if change == .tooLate, isLeading { return lose(LockElection.expired) }
    armAuthorityTimer()
    planNext(noLaterThan: nil)
    switch change {
    case .none, .tooLate: break
    case .raised(let term):
      termRaised(term)
    case .began(let term):
      hasLed = true
      isAccepted = false
      led(term)
      armLinkTimer()
    }
  }

  private func conflicted(_ round: Int) {
    conflictsInRound += 1
    _ = election.writeFailed(isConflict: true)
    if isLeading, conflictsInRound <= Self.conflictLimit { return read(round) }
    planNext(noLaterThan: nil)
  }

  private func failed(_ reason: String) {
    if election.writeFailed(isConflict: false) { return lose(reason) }
    planNext(noLaterThan: nil)
  }

  private var period: TimeSpan {
    behaviour.renewal == .onceWithoutRetry && hasLed ? LockElection.shippedPeriod : LockElection.retryPeriod
  }

  private func planNext(noLaterThan limit: Instant?) {
    // The shipped agent looks at its ticks only.
    let early = behaviour.renewal == .patient ? limit : nil
    let due = min(roundBegan + period, early ?? .distantFuture)
    planRound(after: max(due - now, Self.shortestWait))
  }

  private func planRound(after wait: TimeSpan) {
    incarnation.cancel(roundTimer)
    roundTimer = incarnation.after(wait, Self.round) { [weak self] in self?.beginRound() }
  }

  // MARK: Authority

  private func armAuthorityTimer() {
    incarnation.cancel(authorityTimer)
    guard let end = election.authorityEnd else { return }
    authorityTimer = incarnation.after(end - now, Self.authority) { [weak self] in
      guard let self, self.isLeading else { return }
      // A clock that was made slower meanwhile has not got there yet.
      if self.election.hasAuthority(at: self.now) { return self.armAuthorityTimer() }
      self.lose(LockElection.expired)
    }
  }

  /// The leadership is over; this replica competes again at once.
  private func lose(_ reason: String) {
    guard let term = election.leadership?.record.term else { return planNext(noLaterThan: nil) }
    finish(term, reason)
    backend.letGo()
    if behaviour.afterLoss == .retires { stop() } else { planNext(noLaterThan: nil) }
  }

  private func finish(_ term: Int64, _ reason: String) {
    election.end()
    generation += 1
    incarnation.cancel(authorityTimer)
    incarnation.cancel(linkTimer)
    ended(term, reason)
  }

  // MARK: The control plane

  private func armLinkTimer() {
    guard behaviour.withoutControlPlane == .yields, let limit = yieldTime else { return }
    incarnation.cancel(linkTimer)
    linkTimer = incarnation.after(limit - incarnation.now, Self.link) { [weak self] in
      guard let self, self.isLeading, let limit = self.yieldTime else { return }
      guard self.incarnation.now >= limit else { return self.armLinkTimer() }
      self.yield("the control plane was not heard of")
    }
  }

  /// When this leader yields if nothing changes: 25 s after the last answer to a ping, 30 s after the loss of the connection.
  private var yieldTime: Instant? {
    if let since = disconnectedSince() { return since + Self.linkLimit }
    return lastContact().map { $0 + Self.silenceLimit }
  }

  /// Gives the leadership up and frees the lock. The others get a turn before this replica tries again: it is the one that
  /// does not reach the control plane.
  func yield(_ reason: String) {
    guard let term = election.leadership?.record.term else { return }
    let release = election.released(stamp)
    finish(term, reason)
    guard behaviour.afterLoss == .retires else {
      send(release) {}
      return planRound(after: LockElection.retryPeriod * 2)
    }
    halt()
    send(release) { [backend] in backend.close() }
  }

  /// Frees the lock, for a process that ends. `done` is called once in any case, after ``releaseLimit`` at the latest.
  func release(_ done: @escaping () -> Void) {
    let release = election.released(stamp)
    election.end()
    halt()
    var isDone = false
    let finish = { [backend] in
      guard !isDone else { return }
      isDone = true
      backend.close()
      done()
    }
    incarnation.after(Self.releaseLimit, Self.releasing, finish)
    send(release, finish)
  }

  private func send(_ release: LockWrite?, _ done: @escaping () -> Void) {
    guard let release else {
      backend.letGo()
      return done()
    }
    let end = { [backend] in
      backend.letGo()
      done()
    }
    backend.write(release) { [weak self] outcome, _ in
      guard case .conflict = outcome, let self else { return end() }
      // A renewal was on its way when the leadership ended, and took the place of the record that was to be freed.
      self.backend.read { [weak self] outcome in
        guard let self, case .found(let reading) = outcome,
          let again = self.election.released(instead: release, of: reading)
        else { return end() }
        self.backend.write(again) { _, _ in end() }
      }
    }
  }

  /// The control plane took this leadership's term: tell this at every connect.
  func meetAcceptance() { isAccepted = true }

  /// The control plane knows a newer term: raise this one above it if the lock is certainly valid, else yield. An
  /// answer about a term that this replica has passed already asks for nothing.
  func meetStaleTerm(_ current: Int64) {
    if let term = election.leadership?.record.term, current < term { return }
    // After this term was accepted, only a holder of another lock can have brought a newer one.
    if isAccepted, meetOtherHolder("the control plane knows term \(current) of another lock") { return }
    guard let write = election.raised(above: current, at: now, stamp) else {
      return yield("the control plane knows a newer term")
    }
    generation += 1
    incarnation.cancel(roundTimer)
    roundBegan = now
    self.write(write, generation)
  }

  /// The control plane gave this agent's id to another instance, or refused it as being in use, while this replica
  /// leads. Returns whether this replica gives up for good.
  @discardableResult
  func meetOtherHolder(_ reason: String) -> Bool {
    guard behaviour.unsharedVolume == .refused, backend.mayBeUnshared, let term = authorisedTerm else { return false }
    let text = "the lock is not shared by all replicas: \(reason)"
    let release = election.released(stamp)
    finish(term, text)
    halt()
    send(release) { [backend] in backend.close() }
    refused(text)
    return true
  }

  /// The store can never serve this process.
  private func refuse(_ reason: String) {
    if let term = election.leadership?.record.term { finish(term, reason) }
    stop()
    refused(reason)
  }
}
