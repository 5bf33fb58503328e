import TestEnvironment

/// I-VNC-BYTES: what arrives at one end of a viewer's connection is what was sent at the other, in order (C23).
final class ViewerBytesInvariant: Invariant {
  static let id = "I-VNC-BYTES"
  static let statement =
    "Bytes delivered at either end of a viewer connection equal a prefix of the bytes sent at the other end: same "
    + "order, no loss, duplicate or corruption."
  static let kinds: [ObservationKind] = [.streamBroken, .streamCompared]

  var docket = Docket()
  /// Viewers whose streams were compared to their end.
  private var compared: Set<Int> = []

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .streamCompared(let viewer, _, let toViewer, let toDesktop):
      compared.insert(viewer)
      docket.checks += (toViewer > 0 ? 1 : 0) + (toDesktop > 0 ? 1 : 0)
    case .streamBroken(let viewer, let session, let toViewer, let offset):
      docket.checks += 1
      let edge = situation.streams.viewers[viewer]?.edge ?? "?"
      violate(
        "delivered is a prefix of sent",
        "viewer \(viewer) of session \(session), edge \(edge): byte \(offset) "
          + (toViewer ? "from the desktop to the viewer" : "from the viewer to the desktop")
          + " is not the byte that was sent there",
        at: event.time, by: event, about: [.session(session)], in: situation)
    default: break
    }
  }

  func finish(at time: Duration, in situation: Situation) {
    // Streams are compared as they flow: those of a viewer that lives on have held so far.
    docket.checks += situation.streams.viewers.values.count {
      $0.isOpen && $0.picture != nil && !compared.contains($0.number)
    }
  }
}
