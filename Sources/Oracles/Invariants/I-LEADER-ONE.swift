import TestEnvironment

/// I-LEADER-ONE: at most one process of an agent acts (C28).
///
/// To act is to begin work on a command or to write to the platform with effect; to receive, or to be refused by the
/// fence, is not. A paused process acts from its next step. Acts are put in order by their terms: without an election
/// by the registrations of the processes, the newest of which is current.
final class LeaderOneInvariant: Invariant {
  static let id = "I-LEADER-ONE"
  static let statement =
    "At any instant at most one replica per agent id executes commands or mutates the platform (in-flight handlers "
    + "included; a write refused by the fence does not count, a hung replica counts from its next step)."
  static let kinds: [ObservationKind] = [
    .commandExecuted, .platformWrite, .platformWriteRefused, .leadership, .processResumed, .agentConnected,
  ]

  /// The one who acted last for an agent.
  private struct Actor {
    var instance: String
    /// Term of its lock, or number of its registration where there is no election.
    var term: Int64
    var event: TimedObservation
  }

  /// Two that seem to lead at once: a resumed process has a moment to find out that its time is over.
  private struct Overlap: Hashable {
    var agent: String
    var instance: String
  }

  var docket = Docket()
  private var actors: [String: Actor] = [:]
  /// Number of the last registration of each process of an agent without election.
  private var registrations: [String: Int64] = [:]
  private var registered: Int64 = 0
  private var overlaps = Deadlines<Overlap>()

  /// A write that was sent while the process led may take effect so much later: no single call to a platform takes
  /// longer where nothing slows it (spec/06 §10.3, object deletion at p99.9).
  private static let inFlight: Duration = .seconds(6)
  /// The overdue timers of a resumed process run at once.
  private static let awakening: Duration = .milliseconds(100)
  /// Replicas whose lock files are not the same cannot know of each other before the control plane has told one of
  /// them (C29): until then they may think that they lead, though only one acts.
  private static let recognition: Duration = .seconds(60)

  var nextDeadline: Duration? { overlaps.earliest }

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .commandExecuted(let command, let agent, let instance, let action, let session):
      judge(
        instance, of: agent, nil, "begins command \(command) (\(action) of session \(session))", isCommand: true,
        by: event, in: situation)
    case .platformWrite(let agent, let instance, let term, let object):
      judge(instance, of: agent, term, "writes \(object)", isCommand: false, by: event, in: situation)
    case .platformWriteRefused: docket.checks += 1  // The fence was put to the test and held.
    case .leadership(let agent, let instance, _, let isLeading, _):
      // A term that is raised ends nothing where each replica has a lock of its own.
      if !isLeading || !hasLockOfItsOwn(agent, in: situation) {
        overlaps.clear(Overlap(agent: agent, instance: instance))
      }
      if isLeading { judgeOthers(than: instance, situation.agent(agent), by: event, in: situation) }
    case .processResumed(let process):
      guard let id = situation.agentID(ofProcess: process) else { return }
      let election = situation.agent(id).election
      if election.leads(process), election.leaders.contains(where: { $0.instance != process }) {
        overlaps.set(Overlap(agent: id, instance: process), event.time + Self.awakening)
      }
    case .agentConnected(let agent, _, _, _, let instance):
      guard !isElected(agent, in: situation) else { return }
      registered += 1
      registrations["\(agent) \(instance)"] = registered
    default: break
    }
  }

  private func isElected(_ agent: String, in situation: Situation) -> Bool {
    situation.context.agent(agent)?.election != nil || situation.agent(agent).election.lock != nil
      || !situation.agent(agent).election.leaders.isEmpty
  }

  /// The platform keeps the lock itself, so it knows a newer term from the moment it is taken.
  private func isFencedByLock(_ agent: String, in situation: Situation) -> Bool {
    situation.context.agent(agent)?.election == .lease
  }

  /// Whether each replica of the agent locks a file that no other sees (DOCK-13).
  private func hasLockOfItsOwn(_ agent: String, in situation: Situation) -> Bool {
    situation.context.agent(agent)?.election == .file(shared: false)
  }

  // MARK: Who may act

  /// A process begins to lead: nobody else leads who could act now.
  private func judgeOthers(
    than instance: String, _ view: AgentView, by event: TimedObservation, in situation: Situation
  ) {
    docket.checks += 1
    for other in view.election.leaders where other.instance != instance && situation.isAble(other.instance) {
      // A process that was resumed at this very moment has not taken its next step.
      let woke = situation.processes[other.instance]?.lastResumed
      if let woke, event.time - woke <= Self.awakening {
        overlaps.set(Overlap(agent: view.id, instance: other.instance), woke + Self.awakening)
        continue
      }
      if hasLockOfItsOwn(view.id, in: situation) {
        let overlap = Overlap(agent: view.id, instance: other.instance)
        if overlaps[overlap] == nil { overlaps.set(overlap, event.time + Self.recognition) }
        continue
      }
      reportTwo(view, older: other, at: event.time, by: event, in: situation)
    }
  }

  func expire(before time: Duration, in situation: Situation) {
    for (overlap, due) in overlaps.expire(before: time) {
      let view = situation.agent(overlap.agent)
      guard let older = view.election.leaders.first(where: { $0.instance == overlap.instance }),
        situation.isAble(overlap.instance), view.election.leaders.contains(where: { $0 != older })
      else { continue }
      docket.checks += 1
      reportTwo(view, older: older, at: due, by: older.event, in: situation)
    }
  }

  private func reportTwo(
    _ view: AgentView, older: ElectionView.Leader, at time: Duration, by event: TimedObservation,
    in situation: Situation
  ) {
    let names = view.election.leaders.map { "\($0.instance) (term \($0.term), since \($0.event.time.text))" }
    violate(
      "at most one may act", "at \(time.text) \(names.joined(separator: " and ")) lead \(view.id) at once", at: time,
      by: event, about: [.agent(view.id), .process(older.instance)],
      excuses: ["neither is paused", "both run", "none was resumed within \(Self.awakening.text)"], in: situation)
  }

  // MARK: Acts

  private func judge(
    _ instance: String, of agent: String, _ written: Int64?, _ what: String, isCommand: Bool,
    by event: TimedObservation, in situation: Situation
  ) {
    let view = situation.agent(agent)
    guard isElected(agent, in: situation) else {
      guard view.processes.count > 1 || (situation.context.agent(agent)?.replicas ?? 1) > 1 else { return }
      docket.checks += 1
      let term = registrations["\(agent) \(instance)"] ?? 0
      _ = follows(Actor(instance: instance, term: term, event: event), view, what, in: situation)
      return
    }
    docket.checks += 1
    let present = view.election.leaders.first { $0.instance == instance }
    let former = view.election.former[instance]
    let term = written ?? present?.term ?? former?.leader.term ?? -1
    guard follows(Actor(instance: instance, term: term, event: event), view, what, in: situation) else { return }
    // A newer leader has the lock: whoever still thinks to lead has been paused or has a wrong clock.
    // Where each has a lock of its own, terms mean nothing until one acts.
    let isOvertaken =
      !hasLockOfItsOwn(agent, in: situation)
      && (isCommand || isFencedByLock(agent, in: situation))
      && view.election.leaders.contains { $0.instance != instance && $0.term > term }
    if present != nil, !isOvertaken { return }
    if present == nil, mayStillLand(former, isCommand: isCommand, by: event, view, in: situation) {
      docket.excused += 1
    } else {
      reportNoLeader(instance, view, what, by: event, in: situation)
    }
  }

  /// A write that was on its way when the leadership ended, while nobody else leads by the same store. Where the
  /// platform does not keep the lock it learns of a new term by its first write; the order of acts tells the rest.
  private func mayStillLand(
    _ former: (leader: ElectionView.Leader, ended: Duration)?, isCommand: Bool, by event: TimedObservation,
    _ view: AgentView, in situation: Situation
  ) -> Bool {
    guard !isCommand, let former else { return false }
    if isFencedByLock(view.id, in: situation), view.election.leaders.contains(where: { $0.term > former.leader.term }) {
      return false
    }
    let slow = situation.hadFault(from: former.ended - Self.inFlight, to: event.time) { span in
      span.isOfPlatform || span.fault?.path != nil && span.touches(.agent(view.id))
    }
    if slow { return true }
    // What a resumed process does, it does now.
    let woke = situation.processes[former.leader.instance]?.lastResumed
    return event.time - former.ended <= Self.inFlight && woke.map { $0 < former.ended } ?? true
  }

  private func reportNoLeader(
    _ instance: String, _ view: AgentView, _ what: String, by event: TimedObservation, in situation: Situation
  ) {
    let leaders = view.election.leaders.map { "\($0.instance) leads in term \($0.term)" }
    let present = view.election.leaders.first { $0.instance == instance }
    let past =
      present.map { "it goes by its term \($0.term), which is over" }
      ?? view.election.former[instance].map { "its term \($0.leader.term) ended at \($0.ended.text)" }
    violate(
      "only the leader acts",
      "\(instance) of \(view.id) \(what) at \(event.time.text) without leading (\(past ?? "it never led")); "
        + (leaders.isEmpty ? "nobody leads" : leaders.joined(separator: ", ")),
      at: event.time, by: event, about: [.agent(view.id), .process(instance)],
      excuses: ["not a write that was on its way when its leadership ended"], in: situation)
  }

  /// Acts of one term follow those of every older one: none of an older term comes after one of a newer. Reports it
  /// otherwise.
  private func follows(_ actor: Actor, _ view: AgentView, _ what: String, in situation: Situation) -> Bool {
    guard let last = actors[view.id] else {
      actors[view.id] = actor
      return true
    }
    if actor.term > last.term || actor.instance == last.instance {
      if actor.term >= last.term { actors[view.id] = actor }
      return true
    }
    let elected = isElected(view.id, in: situation)
    let order = elected ? "in term \(actor.term)" : "by its registration \(actor.term)"
    let newer = elected ? "term \(last.term)" : "the newer registration \(last.term)"
    violate(
      actor.term == last.term ? "a term belongs to one leader" : "an older term acts no more",
      "\(actor.instance) of \(view.id) \(what) at \(actor.event.time.text) \(order), after \(last.instance) acted in "
        + "\(newer) at \(last.event.time.text)",
      at: actor.event.time, by: actor.event,
      about: [.agent(view.id), .process(actor.instance), .process(last.instance)],
      excuses: ["the platform did not refuse it"], in: situation)
    return false
  }

  func finish(at time: Duration, in situation: Situation) { docket.notJudged += overlaps.count }
}
