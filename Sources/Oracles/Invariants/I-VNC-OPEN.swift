import TestEnvironment

/// I-VNC-OPEN: a session that runs can be seen, from any replica and any number of times (C21, C22).
///
/// Judged is who asked for a session of his own (administrators: any) that was running, while nothing disturbed the way
/// to its desktop.
final class ViewerOpenInvariant: Invariant {
  static let id = "I-VNC-OPEN"
  static let statement =
    "A running session can be opened within 10 s of `running`, from any replica, any number of times; re-open within "
    + "5 s."
  static let kinds: [ObservationKind] = [.viewerAsked, .viewerAnswered, .viewerPicture, .viewerEnded]

  var docket = Docket()
  private var deadlines = Deadlines<Int>()

  var nextDeadline: Duration? { deadlines.earliest }

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .viewerAsked(let viewer, let id, let user):
      let session = situation.session(id)
      guard session.state == "running" else { return }
      guard session.user == user || situation.context.administrators.contains(user) else { return }
      let timing = situation.timing
      deadlines.set(viewer, max(session.stateSince + timing.firstPicture, event.time + timing.reopen))
    case .viewerAnswered(let viewer, _, let status, _):
      switch status {
      case 101: break
      // What is wrong with a token is not seen here; a session of another protocol has no WebSocket (spec/06 §4).
      case 200, 401, 403: deadlines.clear(viewer)
      default: hasFailed(viewer, at: event.time, in: situation)
      }
    case .viewerPicture(let viewer, _): if deadlines.clear(viewer) != nil { docket.checks += 1 }
    case .viewerEnded(let viewer, _, _, let byItself):
      if byItself { deadlines.clear(viewer) } else { hasFailed(viewer, at: event.time, in: situation) }
    default: break
    }
  }

  /// It will not get its picture any more: judged when what ended it can be known.
  private func hasFailed(_ viewer: Int, at time: Duration, in situation: Situation) {
    guard deadlines[viewer] != nil else { return }
    deadlines.set(viewer, time + situation.timing.causeSeen)
  }

  func expire(before time: Duration, in situation: Situation) {
    for (number, due) in deadlines.expire(before: time) {
      guard let viewer = situation.streams.viewers[number] else { continue }
      let session = situation.session(viewer.session)
      if situation.isTakenOver(viewer)
        || situation.disturbance(of: session, edge: viewer.edge, since: viewer.asked.time) != nil
      {
        docket.excused += 1
        continue
      }
      let later = due + situation.slowness(since: viewer.asked.time)
      if later > due, viewer.ended == nil {
        deadlines.set(number, later)
        continue
      }
      docket.checks += 1
      report(viewer, session, at: due, in: situation)
    }
  }

  private func report(_ viewer: ViewerView, _ session: SessionView, at due: Duration, in situation: Situation) {
    let state: String
    if let status = viewer.status, status != 101 {
      state = "was answered \(status) by \(viewer.edge ?? "?")"
    } else if let ended = viewer.ended {
      state = "was ended at \(ended.time.text) with \(viewer.closeCode.map(String.init) ?? "a reset")"
    } else {
      state = viewer.answered == nil ? "has no answer" : "has a WebSocket at \(viewer.edge ?? "?") and no picture"
    }
    violate(
      "a running session can be seen",
      "viewer \(viewer.number) of \(viewer.user), which asked for session \(session.id) at "
        + "\(viewer.asked.time.text), \(state), though the session runs since \(session.stateSince.text)",
      at: due, by: viewer.ended ?? viewer.answered ?? viewer.asked,
      about: [.session(session.id)] + (session.agent.map { [.agent($0)] } ?? []),
      excuses: [
        "the session and its workload were there all the while", "its agent was connected all the while",
        "edge and owner run and were not paused", "no fault lay on the way", "no other viewer took it over",
      ], in: situation)
  }

  func finish(at time: Duration, in situation: Situation) { docket.notJudged += deadlines.count }
}
