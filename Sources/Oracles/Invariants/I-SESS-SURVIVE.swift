import TestEnvironment

/// I-SESS-SURVIVE: faults of control plane, Redis and agents do not touch the workload of a running session.
final class SessionSurviveInvariant: Invariant {
  static let id = "I-SESS-SURVIVE"
  static let statement =
    "Control-plane, Redis and agent faults never stop or restart a running session's workload."
  static let kinds: [ObservationKind] = [.workload]

  var docket = Docket()
  /// Workloads that run, with the number of disturbances when they became ready.
  private var running = Table<String, (session: String, since: Int?)>()

  func observe(_ event: TimedObservation, in situation: Situation) {
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
