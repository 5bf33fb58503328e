import TestEnvironment

/// I-SESS-TRUTH: when quiet, the state of a session says what its platform has (C13, C14).
final class SessionTruthInvariant: Invariant {
  static let id = "I-SESS-TRUTH"
  static let statement =
    "When quiet: running <=> exactly one ready workload; hibernated <=> a workload definition with zero instances; "
    + "terminated/failed <=> no workload, service, tunnel."
  static let kinds: [ObservationKind] = []

  var docket = Docket()

  func judgeQuiet(at time: Duration, in situation: Situation) {
    guard situation.context.sight.platform, situation.context.sight.rows else { return }
    for session in situation.sessions.values where session.state != nil { judge(session, at: time, in: situation) }
  }

  private func judge(_ session: SessionView, at time: Duration, in situation: Situation) {
    guard situation.canSettle(session, at: time) else {
      docket.excused += 1
      return
    }
    docket.checks += 1
    guard let fault = lie(of: session, at: time, in: situation), docket.reported.insert(session.id).inserted else {
      return
    }
    let objects = session.objects.values.filter(\.exists).map {
      "\($0.name) \($0.isReady ? "ready" : $0.hasZeroInstances ? "at zero" : "not ready")"
    }
    let seen = objects + situation.streams.tunnels(of: session.id).map { "tunnel \($0.number)" }
    violate(
      fault,
      "session \(session.id) (user \(session.user), agent \(session.agent ?? "-")) is \(session.state ?? "gone") since "
        + "\(session.stateSince.text), but the platform has: "
        + (seen.isEmpty ? "nothing" : seen.joined(separator: ", ")),
      at: time, by: lastEvent(of: session), about: [.session(session.id)] + session.commands.map { .command($0.id) },
      excuses: situation.settledReasons(session), in: situation)
  }

  /// The half of the statement that does not hold; nil: all is true.
  private func lie(of session: SessionView, at time: Duration, in situation: Situation) -> String? {
    let workloads = session.workloads
    let ready = workloads.filter(\.isReady)
    switch session.state {
    case "running": return ready.count == 1 ? nil : "running <=> exactly one ready workload"
    case "hibernated":
      // A stopped container is its own definition: it has zero instances (C29).
      let isAsleep =
        !workloads.isEmpty && workloads.allSatisfy { ($0.hasZeroInstances || $0.isContainer) && !$0.isReady }
      return isAsleep ? nil : "hibernated <=> a workload definition with zero instances"
    case "terminated", "failed":
      let hasTunnel = !situation.streams.tunnels(of: session.id).isEmpty
      return session.remains.isEmpty && !hasTunnel ? nil : "terminated/failed <=> nothing remains"
    case "terminating":
      // A stop that failed leaves the session to the reconciler, which gives up after ten minutes (C13, C14).
      let last = session.commands.last { $0.action == .stop }
      let timing = situation.timing
      let isWaiting = time - session.stateSince < timing.givenUp + timing.reconcilerTick * 2
      if last?.status == "failed", isWaiting { return nil }
      return "terminating ends when its stop has ended"
    case "pending", "hibernating", "waking":
      // None of its commands is open: with the command the state should have moved (C13).
      return "\(session.state ?? "") ends when its command has ended"
    default: return nil
    }
  }

  private func lastEvent(of session: SessionView) -> TimedObservation? {
    (session.objects.values.map(\.lastEvent) + session.commands.map(\.statusEvent)).max { $0.sequence < $1.sequence }
      ?? session.inserted
  }
}
