import TestEnvironment

/// I-LEADER-LIVE: as long as some process of an agent can, one leads and is connected (C28, C29).
///
/// The clock runs while nobody leads, or the new leader is not yet connected, and the way of some healthy process to
/// lock and control plane is free. It stands still otherwise and begins anew when the way is free again.
final class LeaderLiveInvariant: Invariant {
  static let id = "I-LEADER-LIVE"
  static let statement =
    "With >= 1 healthy replica and a lease store and control plane it can reach, some replica is connected and "
    + "executing within 25 s (15 lease + 2..4.4 retry with jitter + connect) of any leader loss."
  static let kinds: [ObservationKind] = [
    .processStarted, .processEnded, .processPaused, .processResumed, .replicaReady, .redisAvailable, .databaseAvailable,
    .agentConnected, .agentDisconnected, .leadership, .agentLink, .agentRetry, .enrolment, .faultBegan, .faultEnded,
  ]

  /// A time in which an agent is not served.
  private struct Gap {
    /// From when it counts: the loss, or when the way became free.
    var since: Duration
    var event: TimedObservation
    /// The leader of before still leads, without a connection.
    var keepsLeader: String?
    var isFree = false
    /// Since when no candidate has reached a replica; nil: one can.
    var offlineSince: Duration?
    /// What the back-off of candidates may add after an outage of the control plane (spec/06 §0.2, reconnection).
    var reconnect: Duration?
  }

  /// A leader's attempt to connect that is under way or to come.
  private struct Attempt {
    var start: Duration
    /// The one before it may have met a replica that could take no agent.
    var followsMisroute = false
  }

  var docket = Docket()
  private var deadlines = Deadlines<String>()
  private var attempts: [String: Attempt] = [:]
  private var gaps: [String: Gap] = [:]
  private var wasServed: Set<String> = []
  /// When something last happened to the replicas, which costs whoever connects then another try.
  private var replicaTrouble: Duration?

  var nextDeadline: Duration? { deadlines.earliest }

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .processEnded(let process, _, _), .processPaused(let process):
      if situation.isReplica(process) {
        replicaTrouble = event.time
      } else {
        noteLoss(of: process, by: event, in: situation)
      }
    case .leadership(let agent, _, _, true, _), .agentLink(let agent, _, _):
      attempts[agent] = Attempt(start: event.time)
    case .agentRetry(let agent, let instance, _, let wait):
      guard situation.agent(agent).election.leads(instance) else { break }
      let start = attempts[agent]?.start ?? event.time
      attempts[agent] = Attempt(
        start: event.time + min(wait, situation.timing.longestBackOff),
        followsMisroute: situation.misroutes(from: start, to: event.time))
    default: break
    }
    for view in situation.elected { judge(view, by: event, in: situation) }
  }

  /// The one who was about to serve is lost too: another loss.
  private func noteLoss(of process: String, by event: TimedObservation, in situation: Situation) {
    guard let id = situation.agentID(ofProcess: process), gaps[id] != nil else { return }
    let election = situation.agent(id).election
    let didLead = election.former[process]?.ended == event.time || election.leads(process)
    guard didLead || election.lock?.holder == process else { return }
    restart(id, by: event)
  }

  private func restart(_ agent: String, by event: TimedObservation) {
    if deadlines.clear(agent) != nil { docket.excused += 1 }
    gaps[agent]?.since = event.time
    gaps[agent]?.event = event
    gaps[agent]?.keepsLeader = nil
    gaps[agent]?.isFree = false
  }

  private func judge(_ view: AgentView, by event: TimedObservation, in situation: Situation) {
    let leader = situation.leader(of: view)
    let isServed = situation.isServed(view)
    if isServed { wasServed.insert(view.id) }
    // A leader that is cut off from its lock will lose it: the others' clock runs already.
    if isServed, leader.map({ situation.reachesLock($0.instance, of: view) }) == true {
      if gaps.removeValue(forKey: view.id) != nil, deadlines.clear(view.id) != nil { docket.checks += 1 }
      return
    }
    if gaps[view.id] == nil {
      gaps[view.id] = Gap(since: event.time, event: event, keepsLeader: isServed ? nil : leader?.instance)
    }
    if let kept = gaps[view.id]?.keepsLeader, leader?.instance != kept { restart(view.id, by: event) }
    follow(view, leader, by: event, in: situation)
  }

  /// Starts, stops or leaves alone the clock of a gap.
  private func follow(
    _ view: AgentView, _ leader: ElectionView.Leader?, by event: TimedObservation, in situation: Situation
  ) {
    guard var gap = gaps[view.id] else { return }
    defer { gaps[view.id] = gap }
    let candidates = situation.candidates(of: view)
    let able = view.processes.filter { situation.isAble($0) }
    let isOffline =
      situation.serviceSince == nil
      || !able.isEmpty && !able.contains { situation.reachesControlPlane($0, of: view) }
    if !isOffline, let since = gap.offlineSince, since < event.time {
      let timing = situation.timing
      gap.reconnect = event.time - since >= timing.longOutage ? timing.reconnectAfterOutage : timing.reconnect
    }
    gap.offlineSince = isOffline ? gap.offlineSince ?? event.time : nil
    // A leader whose own way is cut has its time to yield (I-LEADER-WORK); then the others' begins.
    let isYielding = leader.map { !situation.reachesControlPlane($0.instance, of: view) } ?? false
    let isFree = !candidates.isEmpty && !isYielding && !situation.isEnrolling(view)
    if !isFree {
      if deadlines.clear(view.id) != nil { docket.excused += 1 }
    } else if !gap.isFree {
      gap.since = event.time
      deadlines.set(view.id, event.time + bound(gap, view, in: situation))
    }
    gap.isFree = isFree
  }

  private func bound(_ gap: Gap, _ view: AgentView, in situation: Situation) -> Duration {
    let timing = situation.timing
    if gap.keepsLeader != nil { return timing.leaderLink * 2 }
    let isCold = !wasServed.contains(view.id) && view.election.lock == nil
    let isDocker = situation.context.agent(view.id)?.platform == .docker
    let plain = isCold && isDocker ? timing.firstDockerLeader : timing.leaderLoss
    let isNew = situation.context.agent(view.id)?.isEnrolled == false && view.registrations == 0
    let wait = max(plain, gap.reconnect ?? .zero, isNew ? timing.enrolmentPoll : .zero)
    return situation.stretched(wait, for: view.id)
  }

  func expire(before time: Duration, in situation: Situation) {
    for (agent, due) in deadlines.expire(before: time) {
      guard let gap = gaps[agent] else { continue }
      let view = situation.agent(agent)
      var later = gap.since + bound(gap, view, in: situation) + situation.slowness(since: gap.since)
      if !situation.isRedisAvailable || situation.redisReturned.map({ $0 >= gap.since }) == true {
        later += situation.timing.callDeadline * 2
      }
      if let trouble = replicaTrouble, trouble >= gap.since - situation.timing.leaderLink {
        later = max(later, trouble + situation.timing.reconnectAfterOutage)
      }
      if let changed = situation.databaseChanges.last, changed >= gap.since {
        later = max(later, changed + situation.timing.reconnectAfterOutage)
      }
      if let attempt = attempts[agent] {
        later = max(later, end(of: attempt, at: due, in: situation))
      }
      if later > due {
        docket.excused += 1
        deadlines.set(agent, later)
        continue
      }
      docket.checks += 1
      report(gap, view, at: due, in: situation)
    }
  }

  /// Until when the leader may be at its attempt. An attempt that meets a replica which can take no agent fails, and a
  /// failed attempt is tried again (C26).
  private func end(of attempt: Attempt, at due: Duration, in situation: Situation) -> Duration {
    if situation.misroutes(from: attempt.start, to: max(due, attempt.start)) {
      return attempt.start + situation.timing.attemptLimit
    }
    return attempt.followsMisroute ? attempt.start + situation.timing.connect : .zero
  }

  private func report(_ gap: Gap, _ view: AgentView, at due: Duration, in situation: Situation) {
    let candidates = situation.candidates(of: view)
    let state: String
    if let leader = situation.leader(of: view) {
      state = "\(leader.instance) leads in term \(leader.term) without a connection"
    } else {
      state = "nobody leads"
    }
    violate(
      "some replica leads and is connected",
      "\(view.id) is not served at \(due.text), \((due - gap.since).text) after "
        + "\(gap.event.time == gap.since ? "its leader was lost" : "the way was free again"): \(state), though "
        + "\(candidates.joined(separator: ", ")) can reach lock and control plane; the lock names "
        + (view.election.lock?.holder ?? "nobody"),
      at: due, by: gap.event, about: [.agent(view.id)] + candidates.map { .process($0) },
      excuses: [
        "a replica was ready and the database answered since \((situation.serviceSince ?? .zero).text)",
        "no fault lay between a healthy process and lock or control plane", "the agent is approved",
      ], in: situation)
  }

  func finish(at time: Duration, in situation: Situation) { docket.notJudged += deadlines.count }
}
