import TestEnvironment

/// I-CMD-ORDER: the commands of a session take effect in the order in which they were created (C10).
final class CommandOrderInvariant: Invariant {
  static let id = "I-CMD-ORDER"
  static let statement = "Commands of one session take effect in creation order."
  static let kinds: [ObservationKind] = [.commandExecuted]

  var docket = Docket()

  func observe(_ event: TimedObservation, in situation: Situation) {
    guard case .commandExecuted(let command, let agent, let instance, _, let session) = event.observation,
      let view = situation.commands[command], view.firstExecution?.sequence == event.sequence
    else { return }  // A repeat of what was carried out before: I-CMD-ONCE.
    docket.checks += 1
    let overtaken = situation.session(session).commands.first {
      $0.number > view.number && ($0.firstExecution.map { $0.sequence < event.sequence } ?? false)
    }
    guard let later = overtaken, let overtaking = later.firstExecution else { return }
    violate(
      "in creation order",
      "command \(command) (\(view.action), created at \(view.inserted.time.text)) of session \(session) was carried "
        + "out at \(event.time.text) by \(agent) (instance \(instance)), after command \(later.id) (\(later.action), "
        + "created at \(later.inserted.time.text)), which was carried out at \(overtaking.time.text)",
      at: event.time, by: event, about: [.session(session), .command(command), .command(later.id)],
      excuses: ["it is not the repeat of an earlier execution"], in: situation)
  }
}
