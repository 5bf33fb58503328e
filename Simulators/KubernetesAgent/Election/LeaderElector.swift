import SimulationRuntime
import StreamSpaceProtocol

/// Carries the election out: reads and writes the lease, keeps the timers, ends authority in time (C28).
final class LeaderElector {
  private let incarnation: Incarnation
  private let client: KubernetesClient
  private let reference: ObjectReference
  private var election: LeaderElection
  private let behaviour: ElectionBehaviour
  private let jitter: DecisionStream
  private var roundTimer = EventToken.none
  private var authorityTimer = EventToken.none
  private var linkTimer = EventToken.none
  /// Counts rounds, so that an answer of an old one is known as such.
  private var generation = 0
  private var isStopped = false
  /// Own clock, when the present leadership began.
  private var ledSince: Instant?
  /// The lease was read or written once: a later refusal is a fault that may pass.
  private var wasPermitted = false

  /// This replica may act from now on.
  var led: (Int64) -> Void = { _ in }
  /// Its term changed while it leads.
  var termRaised: (Int64) -> Void = { _ in }
  /// It must not act any more.
  var ended: (Int64, String) -> Void = { _, _ in }
  /// Monotonic clock, when the control plane was last heard of in this term.
  var lastContact: () -> Instant? = { nil }
  /// The cluster forbids the lease to a replica that never could touch it: it is set up wrongly.
  var forbidden: (String) -> Void = { _ in }
  /// Whether a connection to the control plane stands, and since when there is none.
  var disconnectedSince: () -> Instant? = { nil }

  /// Limit of one call for the lease: three fit into the authority that is left after a renewal.
  private static let callLimit = TimeSpan.seconds(4)
  /// How often a release is tried when the record changes under it.
  private static let releaseAttempts = 5
  /// A leader that heard nothing for so long yields (C28).
  static let silenceLimit = TimeSpan.seconds(25)
  /// A leader without a connection for so long yields (C28).
  static let linkLimit = TimeSpan.seconds(30)

  private static let round = EventLabel("agent.election.round")
  private static let authority = EventLabel("agent.election.authority")
  private static let link = EventLabel("agent.election.link")

  init(
    _ incarnation: Incarnation, client: KubernetesClient, configuration: AgentConfiguration,
    behaviour: ElectionBehaviour
  ) {
    self.incarnation = incarnation
    self.client = client
    self.behaviour = behaviour
    reference = ObjectReference(
      .lease, namespace: configuration.namespace, name: Lease.agentLeaseName(configuration.agentID))
    election = LeaderElection(identity: configuration.instanceID, behaviour: behaviour)
    jitter = incarnation.decisions.stream("agent.election.jitter")
  }

  /// The term in which this replica may act now; nil when it may not.
  var authorisedTerm: Int64? {
    election.hasAuthority(at: incarnation.monotonicNow) ? election.leadership?.term : nil
  }

  /// The term of the last leadership, also when it is over; nil before the first.
  private(set) var lastTerm: Int64?

  var isLeading: Bool { election.leadership != nil }

  func start() { beginRound() }

  /// No further round.
  func stop() {
    isStopped = true
    generation += 1
    for timer in [roundTimer, authorityTimer, linkTimer] { incarnation.cancel(timer) }
  }

  // MARK: Rounds

  private var calendar: Timestamp { Timestamp(at: incarnation.now).inMicroseconds }

  private func beginRound() {
    guard !isStopped else { return }
    generation += 1
    carryOut(election.begin(at: incarnation.monotonicNow, calendar: calendar), generation)
  }

  private func carryOut(_ step: LeaderElection.Step, _ round: Int) {
    switch step {
    case .read:
      call(.get(reference), round) { elector, answer in
        switch answer {
        case .object(.lease(let lease)): elector.take(lease, round)
        case .refused(let failure) where failure.reason == .notFound: elector.take(nil, round)
        default: elector.planNext()
        }
      }
    case .create(let spec): write(.create(lease(spec, version: 0)), round)
    case .write(let spec, let version): write(.update(lease(spec, version: version)), round)
    case .wait: planNext()
    case .lost(let reason): lose(reason)
    }
  }

  private func take(_ lease: Lease?, _ round: Int) {
    carryOut(election.found(lease, at: incarnation.monotonicNow, calendar: calendar), round)
  }

  private func write(_ operation: KubernetesRequest.Operation, _ round: Int) {
    let sentAt = incarnation.monotonicNow
    call(operation, round) { elector, answer in
      guard case .object(.lease(let lease)) = answer else {
        if answer.reason == .conflict, elector.behaviour.leaseWrites == .conflictCountsAsDone,
          case .update(.lease(let wished)) = operation
        {
          return elector.stored(wished, sentAt: sentAt)
        }
        elector.election.writeFailed()
        return elector.planNext()
      }
      elector.stored(lease, sentAt: sentAt)
    }
  }

  private func stored(_ lease: Lease, sentAt: Instant) {
    let wasLeading = isLeading
    let newTerm = election.stored(lease, sentAt: sentAt, now: incarnation.monotonicNow)
    armAuthorityTimer()
    planNext()
    guard let newTerm else { return }
    lastTerm = newTerm
    if wasLeading {
      termRaised(newTerm)
    } else {
      ledSince = sentAt
      led(newTerm)
      armLinkTimer()
    }
  }

  /// A leader tries every 2 s, a candidate after 2.0 to 4.4 s (spec/04 §4.3), and `courtesy` later.
  private func planNext(courtesy: TimeSpan = .zero) {
    let wait =
      isLeading
      ? LeaderElection.retryPeriod
      : incarnation.decisions.draw(jitter, from: LeaderElection.retryPeriod, to: LeaderElection.longestRetry)
    incarnation.cancel(roundTimer)
    roundTimer = incarnation.after(courtesy + wait, Self.round) { [weak self] in self?.beginRound() }
  }

  private func lease(_ spec: Lease.Spec, version: Int64) -> KubernetesObject {
    var metadata = ObjectMetadata(name: reference.name, namespace: reference.namespace)
    metadata.resourceVersion = version
    return .lease(Lease(metadata: metadata, spec: spec))
  }

  private func call(
    _ operation: KubernetesRequest.Operation, _ round: Int,
    _ completion: @escaping (LeaderElector, PlatformWork.Answer) -> Void
  ) {
    client.send(operation, limit: Self.callLimit, isFenced: false) { [weak self] outcome in
      guard let self, !self.isStopped, self.generation == round else { return }
      let answer = PlatformWork.Answer(outcome)
      if case .refused(let failure) = answer, failure.reason == .forbidden, !self.wasPermitted {
        self.stop()
        return self.forbidden(failure.message)
      }
      if case .object = answer { self.wasPermitted = true }
      completion(self, answer)
    }
  }

  // MARK: Authority

  private func armAuthorityTimer() {
    incarnation.cancel(authorityTimer)
    guard let end = election.authorityEnd else { return }
    authorityTimer = incarnation.after(end - incarnation.monotonicNow, Self.authority) { [weak self] in
      guard let self, self.isLeading, !self.election.hasAuthority(at: self.incarnation.monotonicNow) else { return }
      self.lose(LeaderElection.expired)
    }
  }

  /// The leadership is over; this replica competes again at once.
  private func lose(_ reason: String) {
    guard let term = election.leadership?.term else { return planNext() }
    election.end()
    generation += 1
    incarnation.cancel(authorityTimer)
    incarnation.cancel(linkTimer)
    ended(term, reason)
    if behaviour.afterLoss == .retires { stop() } else { planNext() }
  }

  // MARK: The control plane

  private func armLinkTimer() {
    guard behaviour.withoutControlPlane == .yields, let limit = yieldTime else { return }
    incarnation.cancel(linkTimer)
    linkTimer = incarnation.after(limit - incarnation.monotonicNow, Self.link) { [weak self] in
      guard let self, self.isLeading, let limit = self.yieldTime else { return }
      guard self.incarnation.monotonicNow >= limit else { return self.armLinkTimer() }
      self.yield("the control plane was not heard of")
    }
  }

  /// When this leader yields if nothing changes: 25 s after the last answer to a ping, 30 s after the loss of the connection.
  private var yieldTime: Instant? {
    if let since = disconnectedSince() { return since + Self.linkLimit }
    return lastContact().map { $0 + Self.silenceLimit } ?? ledSince.map { $0 + Self.linkLimit }
  }

  /// Gives the leadership up and frees the lease.
  func yield(_ reason: String) {
    guard let term = election.leadership?.term else { return }
    let release = election.release(calendar: calendar)
    election.end()
    generation += 1
    incarnation.cancel(authorityTimer)
    incarnation.cancel(linkTimer)
    ended(term, reason)
    if behaviour.afterLoss == .retires {
      stop()
    } else {
      planNext(courtesy: LeaderElection.yieldCourtesy)
    }
    send(release) {}
  }

  /// Frees the lease, for a process that ends. `completion` is called in any case.
  func release(_ completion: @escaping () -> Void) {
    let release = election.release(calendar: calendar)
    election.end()
    stop()
    send(release, completion)
  }

  private func send(_ release: LeaderElection.Release?, attempt: Int = 1, _ completion: @escaping () -> Void) {
    guard let release else { return completion() }
    guard let version = release.version else { return reread(release, attempt, completion) }
    client.send(
      .update(lease(release.spec, version: version)), limit: AgentTiming.shutdownLimit, isFenced: false
    ) { [weak self] outcome in
      guard let self, case .answered(.failure(let failure)) = outcome, failure.reason == .conflict,
        attempt < Self.releaseAttempts
      else { return completion() }
      self.reread(release, attempt, completion)
    }
  }

  /// Frees the record as it stands now, if it is still that of the leaver.
  private func reread(_ release: LeaderElection.Release, _ attempt: Int, _ completion: @escaping () -> Void) {
    client.send(.get(reference), limit: AgentTiming.shutdownLimit, isFenced: false) { [weak self] outcome in
      guard let self, case .answered(.object(_, .lease(let lease))) = outcome, release.concerns(lease.spec) else {
        return completion()
      }
      var next = release
      next.version = lease.metadata.resourceVersion
      self.send(next, attempt: attempt + 1, completion)
    }
  }

  /// The control plane knows a newer term: raise this one above it if the lock is certainly valid, else yield. An
  /// answer about a term that this replica has passed already asks for nothing.
  func meetStaleTerm(_ current: Int64) {
    if let term = election.leadership?.term, current < term { return }
    guard let step = election.raised(above: current, at: incarnation.monotonicNow, calendar: calendar) else {
      return yield("the control plane knows a newer term")
    }
    generation += 1
    incarnation.cancel(roundTimer)
    carryOut(step, generation)
  }
}

extension PlatformWork.Answer {
  init(_ outcome: KubernetesOutcome) {
    switch outcome {
    case .notLeader: self = .unreachable("not the leader")
    case .unreachable(let text): self = .unreachable(text)
    case .answered(.failure(let failure)): self = .refused(failure)
    case .answered(.object(_, let object)): self = .object(object)
    case .answered(.list(let objects, _)): self = .list(objects)
    case .answered(.deleted), .answered(.deleting): self = .deleted
    }
  }
}

extension Timestamp {
  /// The calendar time a clock shows.
  init(at instant: Instant) {
    self.init(nanosecondsSince1970: Epoch.unixSeconds * 1_000_000_000 + instant.nanoseconds)
  }
}
