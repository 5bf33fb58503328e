import TestEnvironment

/// I-SESS-LEGAL: a session moves only along the edges of the state diagram (C13).
final class SessionLegalInvariant: Invariant {
  static let id = "I-SESS-LEGAL"
  static let statement =
    "sessions.state moves only along its edges: pending -> running, failed; running -> hibernating, failed; "
    + "hibernating -> hibernated, running; hibernated -> waking; waking -> running, hibernated, failed; every non-final "
    + "state -> terminating -> terminated."
  static let kinds: [ObservationKind] = [.sessionState]

  var docket = Docket()

  /// Whether the edge is drawn in spec/05 §1.
  static func isLegal(from: String, to: String) -> Bool {
    switch (from, to) {
    case ("pending", "running"), ("pending", "failed"), ("running", "hibernating"), ("running", "failed"),
      ("hibernating", "hibernated"), ("hibernating", "running"), ("hibernated", "waking"), ("waking", "running"),
      ("waking", "hibernated"), ("waking", "failed"), ("terminating", "terminated"):
      true
    case ("pending", "terminating"), ("running", "terminating"), ("hibernating", "terminating"),
      ("hibernated", "terminating"), ("waking", "terminating"):
      true
    default: false
    }
  }

  func observe(_ event: TimedObservation, in situation: Situation) {
    guard case .sessionState(let id, let from, let to, let agent) = event.observation, from != to else { return }
    docket.checks += 1
    guard !Self.isLegal(from: from, to: to) else { return }
    let session = situation.session(id)
    let last = session.commands.last
    violate(
      SessionView.isFinal(from) ? "final states are never left" : "only along the edges",
      "session \(id) (user \(session.user), agent \(agent ?? session.agent ?? "-")) went from \(from) to \(to); its last "
        + "command: " + (last.map { "\($0.id) (\($0.action)), \($0.status)" } ?? "none"),
      at: event.time, by: event, about: [.session(id)] + session.commands.suffix(2).map { .command($0.id) },
      in: situation)
  }
}
