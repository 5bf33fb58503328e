import TestEnvironment

/// I-ROUTE: the two route keys in Redis name the replica that holds the agent's live connection (C2).
final class RouteInvariant: Invariant {
  static let id = "I-ROUTE"
  static let statement =
    "While an agent's socket lives on a replica, both route keys name it: 35 s after registration or a lost key, 10 s "
    + "after Redis returns; no key names another for 60 s (300 s if the agent is nowhere); both keys or none."
  static let kinds: [ObservationKind] = [
    .route, .agentConnected, .agentDisconnected, .heartbeat, .processStarted, .processEnded, .processPaused,
    .processResumed, .replicaReady, .redisAvailable,
  ]

  /// What is owed for one agent.
  private struct Duty: Hashable {
    enum Part: Hashable {
      /// The keys must come to name the live connection.
      case right
      /// A right key was taken away: the connection must turn out to have ended.
      case kept
      /// One key without the other.
      case whole
      /// A key names a replica that does not host the agent.
      case stale
    }

    var agent: String
    var part: Part
  }

  private struct Trouble {
    /// The event that began it.
    var event: TimedObservation?
    var since: Duration
    var connection: AgentView.Connection?
    /// Only a heartbeat re-writes a key that was lost; registration and the return of Redis need none (C2).
    var needsBeat = false
    /// Reported already: once for each spell.
    var isReported = false
  }

  var docket = Docket()
  private var deadlines = Deadlines<Duty>()
  private var troubles: [Duty: Trouble] = [:]
  /// Agents whose deadline waits for a heartbeat, since only that re-writes a key that was lost.
  private var mute: Set<String> = []

  var nextDeadline: Duration? { deadlines.earliest }

  func observe(_ event: TimedObservation, in situation: Situation) {
    guard situation.context.topology.hasRedis, situation.context.sight.routes else { return }
    switch event.observation {
    case .route(let agent, _, let value):
      let view = situation.agent(agent)
      if value == nil { noteLoss(of: view, by: event, in: situation) }
      noteHalf(view, by: event, in: situation)
      judge(view, by: event, in: situation)
    case .heartbeat(let agent, _): noteBeat(situation.agent(agent), by: event, in: situation)
    case .agentConnected(let agent, _, _, _, _), .agentDisconnected(let agent, _, _, _):
      judge(situation.agent(agent), by: event, in: situation)
    case .redisAvailable(let available):
      for view in situation.agents.values {
        if available { judge(view, by: event, in: situation) } else { excuseAll(view) }
      }
    case .processStarted(let process), .processEnded(let process, _, _), .processPaused(let process),
      .processResumed(let process), .replicaReady(let process, _):
      for view in situation.agents(concernedBy: process) { judge(view, by: event, in: situation) }
    default: break
    }
  }

  // MARK: What is owed

  /// Sets, keeps or clears what is owed for one agent.
  private func judge(_ view: AgentView, by event: TimedObservation, in situation: Situation) {
    guard situation.isRedisAvailable else { return }
    judgeRight(view, by: event, in: situation)
    judgeStale(view, by: event, in: situation)
    let kept = Duty(agent: view.id, part: .kept)
    if let lost = troubles[kept]?.connection, deadlines[kept] != nil,
      view.live?.number != lost.number || view.live?.replica != lost.replica || !situation.isReady(lost.replica)
    {
      drop(kept)  // The connection ended as well: the key went with it.
    }
  }

  private func judgeRight(_ view: AgentView, by event: TimedObservation, in situation: Situation) {
    let duty = Duty(agent: view.id, part: .right)
    let timing = situation.timing
    guard let live = view.live, situation.isRunning(live.replica), !situation.isPaused(live.replica) else {
      if drop(duty) { docket.excused += 1 }
      return
    }
    if view.pod.text == live.replica, view.connected.text == "true" {
      if drop(duty) || isAnswer(event, view) { docket.checks += 1 }
      return
    }
    if let trouble = troubles[duty], trouble.connection?.event == live.event {
      if case .redisAvailable = event.observation {} else { return }
    }
    var due = max(live.since, event.time) + timing.routeRepair
    if case .redisAvailable = event.observation, let returned = situation.redisReturned {
      due = max(live.since + timing.routeRepair, returned + allowanceAfterReturn(in: situation))
    }
    let needsBeat = event.observation.kind != .redisAvailable && event != live.event
    troubles[duty] = Trouble(event: event, since: event.time, connection: live, needsBeat: needsBeat)
    mute.remove(view.id)
    deadlines.set(duty, due)
  }

  /// 10 s after Redis was away; 35 s where it came back empty (I-ROUTE names both).
  private func allowanceAfterReturn(in situation: Situation) -> Duration {
    let timing = situation.timing
    let wasEmptied = situation.faults.reversed().first { $0.touches(.redis) }.map { span in
      guard let fault = span.fault else { return span.name.lowercased().contains("empty") }
      if case .redisRestartEmpty = fault { return true }
      return false
    }
    return wasEmptied == true ? timing.routeRepair : timing.routeAfterReturn
  }

  /// Whether the event is one by which the right state of a route shows.
  private func isAnswer(_ event: TimedObservation, _ view: AgentView) -> Bool {
    if case .route(let agent, _, _) = event.observation { return agent == view.id }
    if case .redisAvailable = event.observation { return true }
    return false
  }

  private func judgeStale(_ view: AgentView, by event: TimedObservation, in situation: Situation) {
    let duty = Duty(agent: view.id, part: .stale)
    let timing = situation.timing
    guard let named = view.pod.text, !view.open.contains(where: { $0.replica == named }) else {
      if drop(duty) { docket.checks += 1 }
      return
    }
    if troubles[duty]?.isReported == true { return }
    let since = deadlines[duty] == nil ? event.time : troubles[duty]?.since ?? event.time
    troubles[duty] = Trouble(event: troubles[duty]?.event ?? event, since: since, connection: view.live)
    let returned = situation.redisReturned ?? .zero
    if let live = view.live {
      deadlines.set(duty, max(since, live.since, returned) + timing.routeStale)
    } else {
      deadlines.set(duty, max(since + timing.routeLife, returned + timing.routeAfterReturn) + timing.callDeadline)
    }
  }

  /// A key that was right has gone: while the socket lives nothing but Redis itself may take it.
  private func noteLoss(of view: AgentView, by event: TimedObservation, in situation: Situation) {
    let timing = situation.timing
    guard situation.isRedisAvailable, let live = view.live, situation.isReady(live.replica) else { return }
    let duty = Duty(agent: view.id, part: .kept)
    let wasRight = troubles[Duty(agent: view.id, part: .right)] == nil
    guard wasRight, deadlines[duty] == nil, live.since + timing.routeRepair <= event.time,
      event.time <= live.lastSign + timing.staleThreshold
    else { return }
    troubles[duty] = Trouble(event: event, since: event.time, connection: live)
    deadlines.set(duty, event.time + timing.callDeadline)
  }

  private func noteHalf(_ view: AgentView, by event: TimedObservation, in situation: Situation) {
    let duty = Duty(agent: view.id, part: .whole)
    guard situation.isRedisAvailable else { return }
    guard (view.pod.text == nil) != (view.connected.text == nil) else {
      drop(duty)
      docket.checks += 1
      return
    }
    guard troubles[duty] == nil else { return }
    troubles[duty] = Trouble(event: event, since: event.time, connection: view.live)
    // Both are written in one step. Where keys go, their expiry may be a moment apart.
    guard case .route(_, _, .some) = event.observation else {
      deadlines.set(duty, event.time + Self.moment)
      return
    }
    deadlines.set(duty, event.time)
  }

  private func noteBeat(_ view: AgentView, by event: TimedObservation, in situation: Situation) {
    guard mute.remove(view.id) != nil else { return }
    let duty = Duty(agent: view.id, part: .right)
    if troubles[duty] != nil { deadlines.set(duty, event.time + situation.timing.callDeadline) }
  }

  /// Redis is away: nothing can be written, so nothing is owed.
  private func excuseAll(_ view: AgentView) {
    for part in [Duty.Part.right, .kept, .whole, .stale] where drop(Duty(agent: view.id, part: part)) {
      docket.excused += 1
    }
  }

  /// Ends a duty; tells whether it was owed.
  @discardableResult
  private func drop(_ duty: Duty) -> Bool {
    if duty.part == .right { mute.remove(duty.agent) }
    let trouble = troubles.removeValue(forKey: duty)
    return deadlines.clear(duty) != nil && trouble?.isReported != true
  }

  // MARK: Judgement

  func expire(before time: Duration, in situation: Situation) {
    for (duty, due) in deadlines.expire(before: time) {
      guard let trouble = troubles[duty] else { continue }
      let view = situation.agent(duty.agent)
      switch duty.part {
      case .right: expireRight(duty, trouble, view, at: due, in: situation)
      case .kept: expireKept(duty, trouble, view, at: due, in: situation)
      case .whole: expireWhole(duty, trouble, view, at: due, in: situation)
      case .stale: expireStale(duty, trouble, view, at: due, in: situation)
      }
    }
  }

  private func expireRight(
    _ duty: Duty, _ trouble: Trouble, _ view: AgentView, at due: Duration, in situation: Situation
  ) {
    guard let live = view.live else { return }
    let timing = situation.timing
    if let later = pathExcuse(of: live.replica, at: due, in: situation) {
      docket.excused += 1
      deadlines.set(duty, later)
      return
    }
    let slow = situation.slowness(since: trouble.since)
    if trouble.since + timing.routeRepair + slow > due, slow > .zero {
      deadlines.set(duty, trouble.since + timing.routeRepair + slow)
      return
    }
    let isAlive =
      trouble.needsBeat ? (live.lastBeat ?? .zero) >= trouble.since : live.lastSign + timing.staleThreshold >= due
    guard isAlive else {
      docket.excused += 1
      mute.insert(view.id)
      return
    }
    troubles[duty]?.isReported = true
    troubles[Duty(agent: view.id, part: .stale)]?.isReported = true
    deadlines.clear(Duty(agent: view.id, part: .stale))
    violate(
      "right while the socket lives",
      "route of \(view.id) is wrong since \(trouble.since.text): pod \(view.pod.text ?? "(absent)"), connected "
        + "\(view.connected.text ?? "(absent)"), but connection \(live.number) lives on \(live.replica) since "
        + "\(live.since.text), its last sign of life at \(live.lastSign.text)",
      at: due, by: trouble.event, about: [.agent(view.id), .redis],
      excuses: [
        "Redis answers", "\(live.replica) runs and reaches Redis",
        trouble.needsBeat ? "a heartbeat came since the route went wrong" : "the agent is not mute",
      ], in: situation)
  }

  /// The replica cannot reach Redis: judged again 10 s after it can.
  private func pathExcuse(of replica: String, at due: Duration, in situation: Situation) -> Duration? {
    let allowance = situation.timing.routeAfterReturn
    var later: Duration?
    for span in situation.faults where span.isBetween(.replica(replica), .redis) {
      guard span.fault?.delay == nil else { continue }
      if let ended = span.ended {
        if ended + allowance > due { later = max(later ?? .zero, ended + allowance) }
      } else {
        later = max(later ?? .zero, due + allowance)
      }
    }
    return later
  }

  private func expireKept(
    _ duty: Duty, _ trouble: Trouble, _ view: AgentView, at due: Duration, in situation: Situation
  ) {
    drop(duty)
    guard let live = trouble.connection, let event = trouble.event else { return }
    if wasDisturbed(at: trouble.since, in: situation) {
      docket.excused += 1
      return
    }
    violate(
      "both keys stay while the socket lives",
      "a route key of \(view.id) was taken away at \(trouble.since.text) while connection \(live.number) lives on "
        + "\(live.replica) since \(live.since.text)",
      at: event.time, by: event, about: [.agent(view.id), .redis],
      excuses: [
        "Redis neither lost data nor evicted at \(trouble.since.text)",
        "the connection did not end within \(situation.timing.callDeadline.text)",
        "\(live.replica) is ready",
      ], in: situation)
  }

  private func expireWhole(
    _ duty: Duty, _ trouble: Trouble, _ view: AgentView, at due: Duration, in situation: Situation
  ) {
    if wasDisturbed(at: trouble.since, in: situation) {
      docket.excused += 1
      return
    }
    troubles[duty]?.isReported = true
    violate(
      "both keys or none",
      "\(view.id) has one route key without the other since \(trouble.since.text): pod "
        + "\(view.pod.text ?? "(absent)"), connected \(view.connected.text ?? "(absent)")",
      at: trouble.since, by: trouble.event, about: [.agent(view.id), .redis],
      excuses: ["Redis neither lost data nor evicted at \(trouble.since.text)"], in: situation)
  }

  private func expireStale(
    _ duty: Duty, _ trouble: Trouble, _ view: AgentView, at due: Duration, in situation: Situation
  ) {
    let elsewhere = view.live
    if let live = elsewhere {
      let later = situation.isPaused(live.replica) ? due + situation.timing.routeStale : nil
      if let later = later ?? pathExcuse(of: live.replica, at: due, in: situation) {
        docket.excused += 1
        deadlines.set(duty, later)
        return
      }
      // Only a heartbeat re-writes the keys.
      guard live.lastSign >= trouble.since || live.lastBeat != nil else {
        docket.excused += 1
        deadlines.set(duty, due + situation.timing.routeStale)
        return
      }
    }
    troubles[duty]?.isReported = true
    violate(
      "no key outlives its replica's connection",
      "agent:\(view.id):pod names \(view.pod.text ?? "(absent)"), which does not host the agent since "
        + "\(trouble.since.text); "
        + (elsewhere.map { "it is connected to \($0.replica) since \($0.since.text)" } ?? "it is connected nowhere"),
      at: due, by: trouble.event, about: [.agent(view.id), .redis],
      excuses: ["Redis answers"], in: situation)
  }

  /// What Redis did by itself at that moment: it came, went, lost or evicted keys.
  private func wasDisturbed(at time: Duration, in situation: Situation) -> Bool {
    if let returned = situation.redisReturned, (returned - Self.moment...returned + Self.moment).contains(time) {
      return true
    }
    return situation.faults.contains { span in
      switch span.fault {
      case .redisDown, .redisRestartEmpty, .redisFailOver, .redisEvict: break
      case nil where span.touches(.redis): break
      default: return false
      }
      return span.began <= time + Self.moment && (span.ended ?? time) >= time - Self.moment
    }
  }

  /// Two observations of one cause lie no farther apart.
  private static let moment: Duration = .seconds(1)

  func finish(at time: Duration, in situation: Situation) {
    docket.notJudged += deadlines.count
  }
}
