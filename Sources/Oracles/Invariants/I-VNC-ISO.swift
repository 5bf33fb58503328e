import TestEnvironment

/// I-VNC-ISO: a viewer sees its own session only, and only who may see a session gets a WebSocket (C16, C21).
final class ViewerIsolationInvariant: Invariant {
  static let id = "I-VNC-ISO"
  static let statement =
    "No byte of session A reaches a viewer of session B, and only authorised users reach A."
  static let kinds: [ObservationKind] = [.viewerAnswered, .streamLeaked, .streamCompared]

  var docket = Docket()

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .streamCompared(_, _, let toViewer, _): docket.checks += toViewer > 0 ? 1 : 0
    case .streamLeaked(let viewer, let session, let origin):
      docket.checks += 1
      violate(
        "no byte of another session",
        "a byte that the desktop of session \(origin) sent has reached viewer \(viewer) of session \(session)",
        at: event.time, by: event, about: [.session(session), .session(origin)], in: situation)
    case .viewerAnswered(let viewer, let id, let status, let edge):
      judge(viewer, id, status, edge, by: event, in: situation)
    default: break
    }
  }

  private func judge(
    _ number: Int, _ id: String, _ status: Int?, _ edge: String?, by event: TimedObservation, in situation: Situation
  ) {
    guard let viewer = situation.streams.viewers[number], let session = situation.sessions[id],
      session.inserted != nil, session.user != viewer.user
    else { return }
    docket.checks += 1
    guard status == 101, !situation.context.administrators.contains(viewer.user) else { return }
    violate(
      "only authorised users reach a session",
      "viewer \(number) of \(viewer.user) was given a WebSocket by \(edge ?? "?"), but session \(id) belongs to "
        + session.user,
      at: event.time, by: event, about: [.session(id), .user(viewer.user)],
      excuses: ["\(viewer.user) is no administrator"], in: situation)
  }

  func finish(at time: Duration, in situation: Situation) {
    docket.checks += situation.streams.viewers.values.count { $0.isOpen && $0.picture != nil }
  }
}
