import TestEnvironment

/// I-VNC-IDLE: a viewer's connection ends for a cause, never by itself (C21, C24).
final class ViewerIdleInvariant: Invariant {
  static let id = "I-VNC-IDLE"
  static let statement =
    "An idle viewer connection stays up >= 5 min, in fact for as long as both ends live."
  static let kinds: [ObservationKind] = [.viewerEnded]

  var docket = Docket()
  private var deadlines = Deadlines<Int>()

  var nextDeadline: Duration? { deadlines.earliest }

  func observe(_ event: TimedObservation, in situation: Situation) {
    guard case .viewerEnded(let number, _, _, let byItself) = event.observation,
      let viewer = situation.streams.viewers[number], let picture = viewer.picture
    else { return }
    if byItself {
      // It lived as long as it wanted to.
      if event.time - picture >= situation.timing.idleViewer { docket.checks += 1 }
    } else {
      deadlines.set(number, event.time + situation.timing.causeSeen)
    }
  }

  func expire(before time: Duration, in situation: Situation) {
    for (number, due) in deadlines.expire(before: time) {
      guard let viewer = situation.streams.viewers[number], let ended = viewer.ended else { continue }
      if hasCause(viewer, ended, in: situation) {
        docket.excused += 1
        continue
      }
      docket.checks += 1
      violate(
        "a viewer stays as long as both ends live",
        "viewer \(number) of \(viewer.user) on session \(viewer.session), edge \(viewer.edge ?? "?"), was ended at "
          + "\(ended.time.text) with \(viewer.closeCode.map(String.init) ?? "a reset") after "
          + "\((ended.time - viewer.asked.time).text), though nothing happened to either end",
        at: due, by: ended, about: [.session(viewer.session)],
        excuses: [
          "no newer viewer", "it was not stalled (4003) or barred (4006)",
          "session, workload, agent and edge were there",
          "no fault lay on the way",
        ], in: situation)
    }
  }

  private func hasCause(_ viewer: ViewerView, _ ended: TimedObservation, in situation: Situation) -> Bool {
    if viewer.closeCode == 4003 || viewer.closeCode == 4006 { return true }
    if viewer.isSevered || situation.isTakenOver(viewer) { return true }
    // Silence is noticed after 10 s, other ends at once; both may be told up to 15 s after their cause.
    let start = max(viewer.answered?.time ?? .zero, ended.time - situation.timing.viewerTold)
    let session = situation.session(viewer.session)
    return situation.disturbance(of: session, edge: viewer.edge, since: start) != nil
  }

  func finish(at time: Duration, in situation: Situation) {
    docket.notJudged += deadlines.count
    for viewer in situation.streams.viewers.values where viewer.isOpen {
      if let picture = viewer.picture, time - picture >= situation.timing.idleViewer { docket.checks += 1 }
    }
  }
}
