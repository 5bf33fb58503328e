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
      // No attachment survives a connection: the next registration sets the count to 0.
      if let agent = session.agent, situation.agent(agent).live == nil {
        docket.excused += 1
        continue
      }
      docket.checks += 1
      let viewers = openViewers(of: session, in: situation)
      guard count != viewers.count, docket.reported.insert(session.id).inserted else { continue }
      violate(
        "equal when quiet",
        "active_connections of session \(session.id) is \(count), but \(viewers.count) viewers are attached"
          + (viewers.isEmpty ? "" : ": \(viewers.joined(separator: ", "))"),
        at: time, by: nil, about: [.session(session.id)], excuses: ["quiet for 60 s", "its agent is connected"],
        in: situation)
    }
  }

  /// As the viewers themselves see it; where none was seen, as the owners do.
  private func openViewers(of session: SessionView, in situation: Situation) -> [String] {
    guard !situation.streams.viewers(of: session.id).isEmpty else { return session.attachments.map(\.id) }
    return situation.streams.open(of: session.id).map { "viewer \($0.number)" }
  }
}
