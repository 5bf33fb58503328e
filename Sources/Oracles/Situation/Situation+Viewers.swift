import TestEnvironment

/// What the invariants about viewers ask: whether something in the deployment explains what befell one.
extension Situation {
  /// What disturbed the way between a viewer of `session` and its desktop at some moment of `from ... now`, or of the
  /// time that it takes to come right after; nil: nothing did. `edge`: the viewer's replica; nil: unknown, any counts.
  func disturbance(of session: SessionView, edge: String?, since from: Duration) -> String? {
    if session.state != "running" || session.stateSince > from { return "the session was not running all the while" }
    if let workload = session.objects.values.last(where: { $0.isWorkload && $0.lastTrouble ?? .zero >= from }) {
      return "\(workload.name) was not there all the while"
    }
    if let workload = session.workloads.first(where: { !$0.isReady }) { return "\(workload.name) is not ready" }
    return agentDisturbance(of: session, since: from) ?? routeDisturbance(of: session, since: from)
      ?? edgeDisturbance(edge, since: from) ?? storeDisturbance(since: from) ?? requestDisturbance(edge, since: from)
      ?? faultDisturbance(since: from)
  }

  /// Another replica finds the agent by its route. How long a lost one may be missing is the business of I-ROUTE.
  private func routeDisturbance(of session: SessionView, since from: Duration) -> String? {
    guard context.topology.hasRedis, context.sight.routes, let id = session.agent, let link = agent(id).live else {
      return nil
    }
    let (pod, connected) = (agent(id).pod, agent(id).connected)
    guard pod.text == link.replica, connected.text == "true", max(pod.since ?? now, connected.since ?? now) <= from
    else { return "the route of \(id) was not there all the while" }
    return nil
  }

  /// A request of the edge to the database met trouble: then a clean 5xx is due, and no picture (spec/06, CHAOS-05).
  private func requestDisturbance(_ edge: String?, since from: Duration) -> String? {
    let span = faults.first { span in
      guard case .databaseRequest(let replica, _, _) = span.fault else { return false }
      return (edge == nil || edge == replica) && span.overlaps(from: from, to: now)
    }
    return span.map { "fault: \($0.name)" }
  }

  /// What befell the agent of the session or its connection since `from`; nil: nothing.
  func agentDisturbance(of session: SessionView, since from: Duration) -> String? {
    guard let id = session.agent else { return "no agent has the session" }
    let view = agent(id)
    // Its route and row follow the connection within a moment.
    guard let link = view.live, let since = view.connectedSince, since + timing.freshness <= from else {
      return "\(id) was not connected all the while"
    }
    if let closed = view.lastClosed, closed.event.time >= from || link.since > from {
      return "a connection of \(id) ended"
    }
    if !isAgentUp(id) { return "\(id) is down" }
    if view.processes.contains(where: { process in
      processes[process].map { $0.isPaused || ($0.lastResumed.map { $0 >= from } ?? false) } ?? false
    }) {
      return "a process of \(id) was paused"
    }
    if wasPaused(link.replica, since: from) { return "\(link.replica), which holds \(id), was paused" }
    if context.agent(id)?.election != nil, !isServed(view) { return "nobody leads \(id)" }
    return nil
  }

  private func edgeDisturbance(_ edge: String?, since from: Duration) -> String? {
    let candidates = edge.map { [$0] } ?? context.replicas
    for replica in candidates {
      if !isReady(replica) { return "\(replica) is not ready" }
      if wasPaused(replica, since: from) { return "\(replica) was paused" }
      if let ended = processes[replica]?.lastEnded, ended >= from { return "\(replica) ended" }
      if wasMissed(replica, since: from) { return "\(replica) started" }
    }
    if spreadOfClocks >= timing.relayToken { return "the clocks of two replicas were a token's life apart" }
    return nil
  }

  /// How far faults have set the clocks of the replicas apart, which stay so: the token of a relay bears the edge's time
  /// and is judged by the owner's (C22).
  private var spreadOfClocks: Duration {
    let offsets = context.replicas.map { replica in
      faults.reduce(Duration.zero) { sum, span in
        guard case .skew(.replica(replica), let by)? = span.fault else { return sum }
        return sum + by
      }
    }
    guard let least = offsets.min(), let most = offsets.max() else { return .zero }
    return most - least
  }

  /// Whether a replica that runs now was away at `from`, and the balancer had to wait for it: 5 s for the answer of one
  /// that had vanished (spec/06 §0.1). From one that refuses it goes on at once to another, if there is one (C38).
  private func wasMissed(_ replica: String, since from: Duration) -> Bool {
    guard let process = processes[replica], let started = process.lastStarted, started >= from, started > .zero else {
      return false
    }
    return process.hasVanished || !context.replicas.contains { wasThere($0, since: from) }
  }

  /// Whether the balancer could send requests to this replica from `from` on.
  private func wasThere(_ replica: String, since from: Duration) -> Bool {
    guard isReady(replica), !wasPaused(replica, since: from) else { return false }
    return processes[replica]?.lastStarted.map { $0 == .zero || $0 + timing.balancerProbe <= from } ?? true
  }

  /// Database and Redis: without them nothing can be opened on another replica.
  private func storeDisturbance(since from: Duration) -> String? {
    // The first change is that it is there at all.
    let returned = databaseChanges.count > 1 ? databaseChanges.last : nil
    if !isDatabaseAvailable || returned.map({ $0 >= from - timing.callDeadline }) == true {
      return "the database was away"
    }
    guard context.topology.hasRedis else { return nil }
    if !isRedisAvailable || redisReturned.map({ $0 >= from - timing.routeRepair }) == true { return "Redis was away" }
    return nil
  }

  /// The end of the last time since `from` in which a replica could not reach the database, which is now while it lasts;
  /// nil: it could all the while.
  func databaseOutOfReach(of replica: String, since from: Duration) -> Duration? {
    if !isDatabaseAvailable { return now }
    var ends = faults.compactMap { span -> Duration? in
      guard span.isLasting, span.partsFromDatabase(replica), span.overlaps(from: from, to: now) else { return nil }
      return span.ended ?? now
    }
    // The first change is that it is there at all.
    if let returned = databaseChanges.dropFirst().last, returned >= from { ends.append(returned) }
    return ends.max()
  }

  /// A fault that lay on the way, or whose silence may still be felt.
  func faultDisturbance(since from: Duration) -> String? {
    let span = faults.first { span in
      if span.fault?.path != nil { return span.overlaps(from: from - timing.quiet, to: now) }
      switch span.fault {
      case .delayHeartbeat, .loseAck, .imagePull, .imagePullFailure, .imageUnknown, .skew, .drift, .dispatcherSlow,
        .unlinkLock, .serviceUpdate, .atStep, .workload, .databaseRequest, .usageQueryFails:
        return false
      default: return span.overlaps(from: from, to: now)
      }
    }
    return span.map { "fault: \($0.name)" }
  }

  /// A viewer of the same session came later than this one, or was on its way when this one asked: of two at once one
  /// remains (C24).
  func isTakenOver(_ viewer: ViewerView) -> Bool {
    let start = viewer.asked.time
    return streams.viewers(of: viewer.session).contains { other in
      guard other.number != viewer.number, other.status == 101 else { return false }
      if let ended = viewer.ended, other.asked.time > ended.time { return false }
      if other.asked.time > start { return true }
      return (other.picture.map { $0 > start } ?? true) && (other.ended.map { $0.time > start } ?? true)
    }
  }
}
