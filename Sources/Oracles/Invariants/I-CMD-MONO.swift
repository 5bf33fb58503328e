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
    let view = situation.commands[command]
    let about =
      [Subject.command(command)] + (view.map { [.agent($0.agent)] } ?? [])
      + (view?.session.map { [.session($0)] } ?? [])
    let who =
      "command \(command)" + (view.map { " (\($0.action), session \($0.session ?? "-"), agent \($0.agent))" } ?? "")
    if from != to {
      switch (Self.rank(from), Self.rank(to)) {
      case (let a?, let b?) where a < b: break
      case (nil, _), (_, nil):
        violate(
          "known states", "\(who) went from \(from) to \(to)", at: event.time, by: event, about: about, in: situation)
      default:
        let rule = Self.rank(from) == 3 ? "final states are final" : "only forward"
        violate(rule, "\(who) went from \(from) to \(to)", at: event.time, by: event, about: about, in: situation)
      }
    }
    let stamps = [
      ("created_at", times.created), ("sent_at", times.sent), ("acknowledged_at", times.acknowledged),
      ("completed_at", times.completed),
    ].compactMap { name, time in time.map { (name: name, time: $0) } }
    for (earlier, later) in zip(stamps, stamps.dropFirst()) where earlier.time > later.time {
      violate(
        "stamps in order",
        "\(who): \(earlier.name) \(earlier.time.text) is later than \(later.name) \(later.time.text)", at: event.time,
        by: event, about: about, in: situation)
    }
  }
}
