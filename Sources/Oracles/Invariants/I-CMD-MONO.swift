import TestEnvironment

/// I-CMD-MONO: the status of a command only moves forward (C11).
final class CommandMonotonicInvariant: Invariant {
  static let id = "I-CMD-MONO"
  static let statement =
    "Command status moves only forward pending -> sent -> ack -> completed/failed (skips allowed), final states are "
    + "final, created_at <= sent_at <= acknowledged_at <= completed_at."
  static let kinds: [ObservationKind] = [.commandStatus]

  var docket = Docket()

  private static func rank(_ status: String) -> Int? {
    switch status {
    case "pending": 0
    case "sent": 1
    case "ack": 2
    case "completed", "failed": 3
    default: nil
    }
  }

  func observe(_ event: TimedObservation, in situation: Situation) {
    guard case .commandStatus(let command, let from, let to, let times) = event.observation else { return }
    docket.checks += 1
    if from != to, let rule = Self.broken(from: from, to: to) {
      report(command, rule, "went from \(from) to \(to)", by: event, in: situation)
    }
    let stamps = [
      ("created_at", times.created), ("sent_at", times.sent), ("acknowledged_at", times.acknowledged),
      ("completed_at", times.completed),
    ]
    var last: (name: String, time: Duration)?
    for case (let name, let time?) in stamps {
      if let last, last.time > time {
        let message = "has \(last.name) \(last.time.text), later than \(name) \(time.text)"
        report(command, "stamps in order", message, by: event, in: situation)
      }
      last = (name, time)
    }
  }

  /// The rule that the step breaks; nil: it is allowed.
  private static func broken(from: String, to: String) -> String? {
    guard let before = rank(from), let after = rank(to) else { return "known states" }
    if before < after { return nil }
    return before == 3 ? "final states are final" : "only forward"
  }

  private func report(
    _ command: String, _ rule: String, _ what: String, by event: TimedObservation, in situation: Situation
  ) {
    let view = situation.commands[command]
    let who = view.map { " (\($0.action), session \($0.session ?? "-"), agent \($0.agent))" } ?? ""
    let about =
      [Subject.command(command)] + (view.map { [.agent($0.agent)] } ?? [])
      + (view?.session.map { [.session($0)] } ?? [])
    violate(rule, "command \(command)\(who) \(what)", at: event.time, by: event, about: about, in: situation)
  }
}
