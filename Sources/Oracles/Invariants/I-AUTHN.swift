import TestEnvironment

/// I-AUTHN: an agent acts only for its own id (C7). Keys are tested by the cases about enrolment.
final class AuthenticationInvariant: Invariant {
  static let id = "I-AUTHN"
  static let statement =
    "An agent acts only for its own id with its own key: commands reach, and have effects through, the agent that the "
    + "row names."
  static let kinds: [ObservationKind] = [.commandSent, .commandReceived, .commandExecuted, .workload]

  var docket = Docket()

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .commandSent(let command, let agent, let replica, let connection, _):
      judge(command, agent, "was sent to \(agent) by \(replica), connection \(connection)", by: event, in: situation)
    case .commandReceived(let command, let agent, let instance):
      judge(command, agent, "was received by \(agent), instance \(instance)", by: event, in: situation)
    case .commandExecuted(let command, let agent, let instance, _, _):
      judge(command, agent, "was carried out by \(agent), instance \(instance)", by: event, in: situation)
    case .workload(let session, let agent, let object, let what, let command?):
      judge(
        command, agent, "had an effect through \(agent): \(object) of session \(session) \(what.rawValue)", by: event,
        in: situation)
    default: break
    }
  }

  private func judge(
    _ command: String, _ agent: String, _ what: String, by event: TimedObservation, in situation: Situation
  ) {
    guard let view = situation.commands[command] else { return }
    docket.checks += 1
    guard view.agent != agent, docket.reported.insert("\(command) \(agent)").inserted else { return }
    violate(
      "only the agent that the row names",
      "command \(command) (\(view.action) of session \(view.session ?? "-")) is for agent \(view.agent), but \(what)",
      at: event.time, by: event, about: [.command(command), .agent(agent), .agent(view.agent)], in: situation)
  }
}
