import TestEnvironment

/// I-SESS-SURVIVE: faults of control plane, Redis and agents do not touch the workload of a running session, and the
/// idle sweep does not touch one that is viewed (C18, spec/06 §0.2: survival includes a working viewer).
final class SessionSurviveInvariant: Invariant {
  static let id = "I-SESS-SURVIVE"
  static let statement =
    "Control-plane, Redis and agent faults never stop or restart a running session's workload."
  static let kinds: [ObservationKind] = [.workload, .sessionState, .requestAnswered]

  var docket = Docket()
  /// Sessions that were put to sleep while they were viewed, until a request explains it.
  private var asleep = Deadlines<String>()
  private var sleeps: [String: TimedObservation] = [:]

  var nextDeadline: Duration? { asleep.earliest }

  /// Workloads that run, with the number of disturbances when they became ready.
  private var running = Table<String, (session: String, since: Int?)>()

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .sessionState(let id, "running", "hibernating", _):
      guard situation.session(id).activeConnections ?? 0 > 0 else { return }
      sleeps[id] = event
      asleep.set(id, event.time + situation.timing.viewerTold)
    case .requestAnswered(let record):
      // A hibernate by a user wins over viewers.
      guard record.method.uppercased() != "GET", let id = SessionRequestKind(record).session, let sleep = sleeps[id],
        record.started <= sleep.time
      else { return }
      if asleep.clear(id) != nil { docket.checks += 1 }
    default: observeWorkload(event, in: situation)
    }
  }

  func expire(before time: Duration, in situation: Situation) {
    for (id, due) in asleep.expire(before: time) {
      docket.checks += 1
      violate(
        "the idle sweep leaves a viewed session alone",
        "session \(id) was hibernated at \((sleeps[id]?.time ?? due).text) while active_connections was above 0, and no "
          + "request asked for it",
        at: sleeps[id]?.time ?? due, by: sleeps[id], about: [.session(id)],
        excuses: ["no request about the session was under way"], in: situation)
    }
  }

  private func observeWorkload(_ event: TimedObservation, in situation: Situation) {
    guard case .workload(let id, let agent, let object, let what, let command) = event.observation else { return }
    let session = situation.session(id)
    guard let workload = session.objects[object], workload.isWorkload else { return }
    let key = "\(id) \(object)"
    let before = running[key]?.since
    switch what {
    case .ready: running.update(key, or: (id, nil)) { $0.since = $0.since ?? situation.disturbances.count }
    case .created, .scaledUp: break
    case .notReady, .scaledToZero, .deleted, .failed:
      running.update(key, or: (id, nil)) { $0.since = nil }
      guard let before else { return }
      docket.checks += 1
      judge(session, agent, object, what, command, since: before, by: event, in: situation)
    }
  }

  private func judge(
    _ session: SessionView, _ agent: String, _ object: String, _ what: WorkloadEvent, _ command: String?, since: Int,
    by event: TimedObservation, in situation: Situation
  ) {
    // A start or wake that fails takes its workload down again; what belongs to a final session must go.
    guard session.state == "running", !hasReason(session) else { return }
    if situation.hadFault(from: event.time - situation.timing.settled, to: event.time, { $0.isOfPlatform }) {
      docket.excused += 1
      return
    }
    violate(
      "only a stop or hibernate ends a workload",
      "\(object) of session \(session.id) (user \(session.user), running) on \(agent): \(what.rawValue)"
        + (command.map { " by command \($0)" } ?? " by itself")
        + ", though no stop or hibernate of this session was asked for; disturbances since it became ready: "
        + "\(situation.disturbances.count - since)",
      at: event.time, by: event, about: [.session(session.id), .agent(agent)],
      excuses: ["no stop, no hibernate since the last wake", "the session was running", "no fault of the platform"],
      in: situation)
  }

  /// A stop, or a hibernate that no wake followed.
  private func hasReason(_ session: SessionView) -> Bool {
    if session.commands.contains(where: { $0.action == .stop }) { return true }
    let lastWake = session.commands.last { $0.action == .wake }?.number ?? -1
    return session.commands.contains { $0.action == .hibernate && $0.number > lastWake }
  }

  func finish(at time: Duration, in situation: Situation) {
    // Each workload that outlived a disturbance is a check passed.
    for (_, since) in running.values {
      if let since, since < situation.disturbances.count { docket.checks += 1 }
    }
  }
}
