import TestEnvironment

/// I-COUNT: the number of viewers in the row is the number of viewers (C24).
final class CountInvariant: Invariant {
  static let id = "I-COUNT"
  static let statement = "active_connections equals open viewer connections when quiet."
  static let kinds: [ObservationKind] = [.activeConnections]

  var docket = Docket()

  func observe(_ event: TimedObservation, in situation: Situation) {
    guard case .activeConnections(let session, let count) = event.observation else { return }
    docket.checks += 1
    if count < 0 {
      violate(
        "never negative", "active_connections of session \(session) became \(count)", at: event.time, by: event,
        about: [.session(session)], in: situation)
    }
  }

  func judgeQuiet(at time: Duration, in situation: Situation) {
    for session in situation.sessions.values {
      guard let count = session.activeConnections else { continue }
      docket.checks += 1
      guard count != session.viewers.count, docket.reported.insert(session.id).inserted else { continue }
      violate(
        "equal when quiet",
        "active_connections of session \(session.id) is \(count), but \(session.viewers.count) viewers are attached"
          + (session.viewers.isEmpty ? "" : ": \(session.viewers.joined(separator: ", "))"),
        at: time, by: nil, about: [.session(session.id)], excuses: ["quiet for 60 s"], in: situation)
    }
  }
}
