import TestEnvironment

/// I-AUTHN: an agent acts only for its own id with its own key (C7, spec/00 Enrolment).
final class AuthenticationInvariant: Invariant {
  static let id = "I-AUTHN"
  static let statement =
    "An agent acts only for its own id with its own key (bootstrap key only until the issued key's first use); keys "
    + "survive replica restart and fail-over; commands reach, and have effects through, the agent that the row names."
  static let kinds: [ObservationKind] = [
    .commandSent, .commandReceived, .commandExecuted, .workload, .platformWrite, .agentCall, .enrolment,
    .foreignReport,
  ]

  var docket = Docket()
  /// Agents whose issued key was used.
  private var usedKeys: Set<String> = []
  /// Refusals in a row of an agent that presented its own key.
  private var refusals: [String: Int] = [:]
  /// Whose each object of a session is.
  private var owners: [String: String] = [:]

  /// So many refusals of the right key in a row are no test of a wrong identity: the key is not known any more.
  private static let lostKey = 3

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .commandSent(let command, let agent, let replica, let connection, _):
      judge(command, agent, "was sent to \(agent) by \(replica), connection \(connection)", by: event, in: situation)
    case .commandReceived(let command, let agent, let instance):
      judge(command, agent, "was received by \(agent), instance \(instance)", by: event, in: situation)
    case .commandExecuted(let command, let agent, let instance, _, _):
      judge(command, agent, "was carried out by \(agent), instance \(instance)", by: event, in: situation)
    case .workload(let session, let agent, let object, let what, let command):
      noteOwner(agent, of: object, session, what)
      guard let command else { return }
      judge(
        command, agent, "had an effect through \(agent): \(object) of session \(session) \(what.rawValue)", by: event,
        in: situation)
    case .platformWrite(let agent, let instance, _, let object):
      judgeWrite(of: object, by: instance, of: agent, event, in: situation)
    case .agentCall(let agent, let replica, let call, let keyOwner, let isBootstrapKey, let status):
      judge(
        Call(
          agent: agent, replica: replica, call: call, keyOwner: keyOwner, isBootstrap: isBootstrapKey, status: status),
        by: event, in: situation)
    case .enrolment(let agent, .keyUsed): usedKeys.insert(agent)
    case .foreignReport(let agent, let session, let isAccepted):
      docket.checks += 1
      guard isAccepted else { return }
      violate(
        "an agent reports on its own sessions only",
        "a report of \(agent) on session \(session), which is not its own, was carried out at \(event.time.text)",
        at: event.time, by: event, about: [.agent(agent), .session(session)], in: situation)
    default: break
    }
  }

  // MARK: Objects

  private func noteOwner(_ agent: String, of object: String, _ session: String, _ what: WorkloadEvent) {
    if what == .deleted {
      owners[object] = nil
    } else if !PlatformObject.isShared(object) {
      owners[object] = owners[object] ?? agent
    }
  }

  /// An agent touches only its own objects (C27).
  private func judgeWrite(
    of object: String, by instance: String, of agent: String, _ event: TimedObservation, in situation: Situation
  ) {
    guard let owner = owners[object] else { return }
    docket.checks += 1
    guard owner != agent, docket.reported.insert("\(object) \(agent)").inserted else { return }
    violate(
      "an agent touches only its own objects",
      "\(instance) of \(agent) wrote \(object) at \(event.time.text), which belongs to \(owner)", at: event.time,
      by: event, about: [.agent(agent), .agent(owner)], in: situation)
  }

  // MARK: Keys

  private struct Call {
    var agent: String
    var replica: String
    var call: AgentCall
    var keyOwner: String?
    var isBootstrap: Bool
    var status: Int

    var isAccepted: Bool { status == 101 || (200..<300).contains(status) }
    var key: String { isBootstrap ? "the bootstrap key" : keyOwner.map { "the key of \($0)" } ?? "an unknown key" }
  }

  private func judge(_ call: Call, by event: TimedObservation, in situation: Situation) {
    docket.checks += 1
    let isOwn = call.keyOwner == call.agent && !call.isBootstrap
    if isOwn { noteOwnKey(call, by: event, in: situation) }
    guard call.isAccepted, let rule = objection(to: call, in: situation) else { return }
    violate(
      rule,
      "\(call.replica) answered \(call.status) to a \(call.call.rawValue) as \(call.agent) with \(call.key) at "
        + event.time.text,
      at: event.time, by: event, about: [.agent(call.agent), .process(call.replica)], in: situation)
  }

  /// Why the call should have been refused; nil: it is legal.
  private func objection(to call: Call, in situation: Situation) -> String? {
    let view = situation.agent(call.agent)
    if call.isBootstrap {
      if call.call == .connect { return "the bootstrap key opens no connection" }
      if usedKeys.contains(call.agent) { return "the bootstrap key ends with the issued key's first use" }
    } else if call.keyOwner != call.agent {
      return "a key belongs to one agent"
    }
    if view.enrolment?.step == .rejected { return "a rejected agent is refused" }
    let isPending = view.enrolment?.step == .registered
    return call.call == .connect && isPending ? "only approved agents connect" : nil
  }

  /// The right key is used, and goes on being known.
  private func noteOwnKey(_ call: Call, by event: TimedObservation, in situation: Situation) {
    if call.isAccepted {
      usedKeys.insert(call.agent)
      refusals[call.agent] = nil
      return
    }
    guard call.status == 401 || call.status == 403, usedKeys.contains(call.agent),
      situation.agent(call.agent).enrolment?.step != .rejected
    else { return }
    refusals[call.agent, default: 0] += 1
    guard refusals[call.agent] == Self.lostKey else { return }
    violate(
      "keys survive restart and fail-over",
      "\(call.replica) answered \(call.status) to a \(call.call.rawValue) of \(call.agent) with its own key at "
        + "\(event.time.text), the \(Self.lostKey)rd refusal in a row, though the key had been accepted",
      at: event.time, by: event, about: [.agent(call.agent), .process(call.replica)],
      excuses: ["the agent was not rejected", "no call of it was accepted between"], in: situation)
  }

  // MARK: Commands

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
