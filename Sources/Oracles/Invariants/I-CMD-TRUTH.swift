import TestEnvironment

/// I-CMD-TRUTH: a status says what happened (C10, C11, C13).
final class CommandTruthInvariant: Invariant {
  static let id = "I-CMD-TRUTH"
  static let statement =
    "completed implies the effect exists; failed implies no remaining effect; sent implies some live agent connection "
    + "accepted the bytes."
  static let kinds: [ObservationKind] = [.commandStatus, .commandSent, .workload]

  private struct Duty: Hashable {
    enum Part: Hashable { case sent, effect }
    var command: String
    var part: Part
  }

  var docket = Docket()
  private var deadlines = Deadlines<Duty>()
  private var statusEvents: [Duty: TimedObservation] = [:]

  var nextDeadline: Duration? { deadlines.earliest }

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .commandStatus(let command, _, "sent", _):
      guard let view = situation.commands[command] else { return }
      if view.sent != nil {
        docket.checks += 1
      } else {
        // The bytes may be told of at the same instant, never later.
        arm(Duty(command: command, part: .sent), event, due: event.time)
      }
    case .commandSent(let command, _, _, _, _):
      if deadlines.clear(Duty(command: command, part: .sent)) != nil { docket.checks += 1 }
    case .commandStatus(let command, _, "completed", _):
      guard let view = situation.commands[command], situation.context.sight.platform else { return }
      noteCompleted(view, by: event, in: situation)
    case .workload(let session, _, _, _, _):
      for view in situation.session(session).commands {
        let duty = Duty(command: view.id, part: .effect)
        if deadlines[duty] != nil, hasEffect(view, in: situation) {
          deadlines.clear(duty)
          docket.checks += 1
        }
      }
    default: break
    }
  }

  private func arm(_ duty: Duty, _ event: TimedObservation, due: Duration) {
    statusEvents[duty] = event
    deadlines.set(duty, due)
  }

  // MARK: completed

  private func noteCompleted(_ view: CommandView, by event: TimedObservation, in situation: Situation) {
    guard view.session != nil, view.action != .other else { return }
    if hasEffect(view, in: situation) {
      docket.checks += 1
      return
    }
    switch view.action {
    case .stop, .hibernate:
      // What is taken down has time to go.
      arm(Duty(command: view.id, part: .effect), event, due: event.time + situation.timing.cleanUp)
    case .start, .wake: arm(Duty(command: view.id, part: .effect), event, due: event.time)
    case .other: break
    }
  }

  /// Whether the effect of the command stands, or stood since the command was made.
  private func hasEffect(_ view: CommandView, in situation: Situation) -> Bool {
    guard let id = view.session else { return true }
    let session = situation.session(id)
    let workloads = session.objects.values.filter(\.isWorkload)
    switch view.action {
    case .start: return workloads.contains { $0.wasEverReady }
    case .wake:
      return workloads.contains { $0.isReady || !$0.hasZeroInstances && $0.lastEvent.time >= view.inserted.time }
    case .stop: return session.remains.isEmpty
    case .hibernate:
      // A later wake or stop may have followed already.
      let isFollowed = session.commands.contains { $0.number > view.number && $0.firstExecution != nil }
      return isFollowed || !workloads.contains { $0.exists && $0.isReady }
    case .other: return true
    }
  }

  func expire(before time: Duration, in situation: Situation) {
    for (duty, due) in deadlines.expire(before: time) {
      guard let view = situation.commands[duty.command], let event = statusEvents[duty] else { continue }
      docket.checks += 1
      switch duty.part {
      case .sent: reportSent(view, by: event, in: situation)
      case .effect: reportEffect(view, by: event, at: due, in: situation)
      }
    }
  }

  private func name(_ view: CommandView) -> String {
    "command \(view.id) (\(view.action) of session \(view.session ?? "-") for agent \(view.agent))"
  }

  private func subjects(_ view: CommandView) -> [Subject] {
    [.command(view.id), .agent(view.agent)] + (view.session.map { [.session($0)] } ?? [])
  }

  private func reportSent(_ view: CommandView, by event: TimedObservation, in situation: Situation) {
    let agent = situation.agent(view.agent)
    violate(
      "sent means that a live connection took the bytes",
      "\(name(view)) became sent at \(event.time.text), but no connection had accepted it; its agent is "
        + (agent.live.map { "connected to \($0.replica)" } ?? "not connected"),
      at: event.time, by: event, about: subjects(view), excuses: ["no frame was accepted at the same instant"],
      in: situation)
  }

  private func reportEffect(_ view: CommandView, by event: TimedObservation, at due: Duration, in situation: Situation)
  {
    let session = situation.session(view.session ?? "")
    let seen =
      session.objects.values.map {
        "\($0.name) \($0.exists ? $0.isReady ? "ready" : $0.hasZeroInstances ? "at zero" : "not ready" : "gone")"
      }
    violate(
      "completed means that the effect exists",
      "\(name(view)) became completed at \(event.time.text), but by \(due.text) the platform shows: "
        + (seen.isEmpty ? "nothing" : seen.joined(separator: ", ")),
      at: due, by: event, about: subjects(view),
      excuses: ["no later command of the session explains it", "what is taken down had 30 s to go"], in: situation)
  }

  // MARK: failed

  func judgeQuiet(at time: Duration, in situation: Situation) {
    guard situation.context.sight.platform else { return }
    for view in situation.commands.values where view.status == "failed" && view.action == .start {
      guard let id = view.session else { continue }
      let session = situation.session(id)
      // What a stop that failed has left is tried again (C14): no remains of the start alone.
      let isBeingEnded = session.state == "terminating" && time - session.stateSince <= situation.timing.givenUp
      guard situation.canSettle(session, at: time), !isBeingEnded else {
        docket.excused += 1
        continue
      }
      docket.checks += 1
      let remains = session.remains.filter { $0.maker == nil || $0.maker == view.id }
      // Another start of the session may have succeeded.
      let isReplaced = session.commands.contains { $0.number > view.number && $0.action == .start }
      guard !remains.isEmpty, !isReplaced, docket.reported.insert(view.id).inserted else { continue }
      violate(
        "failed means that nothing remains",
        "\(name(view)) failed at \(view.statusEvent.time.text), but \(remains.map(\.name).joined(separator: ", ")) "
          + "remain when quiet", at: time, by: remains.first?.lastEvent, about: subjects(view),
        excuses: situation.settledReasons(session), in: situation)
    }
  }

  func finish(at time: Duration, in situation: Situation) {
    docket.notJudged += deadlines.count
  }
}
