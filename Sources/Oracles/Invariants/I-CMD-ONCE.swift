import TestEnvironment

/// I-CMD-ONCE: the platform effect of a command happens at most once, whatever is sent again (C10, C27).
///
/// An agent process never carries one command out twice. One that was restarted has forgotten and may begin it again, and
/// so may one that lost its leadership, which stops its handlers (C28), and leads anew; then the effect itself decides:
/// nothing is made a second time, and nothing that a later command undid comes back.
final class CommandOnceInvariant: Invariant {
  static let id = "I-CMD-ONCE"
  static let statement = "For one command_id the platform side effect happens at most once, whatever is re-sent."
  static let kinds: [ObservationKind] = [.commandExecuted, .workload]

  private struct Execution {
    /// Process, incarnation, and the term under which it leads.
    var actor: String
    var event: TimedObservation
  }

  private struct Effect: Hashable {
    var command: String
    var session: String
    var object: String
    var kind: WorkloadEvent
  }

  private struct Mark {
    var event: TimedObservation
    /// The process that carried the command out then.
    var actor: String?
    /// What undid it: the event and its command; nil: it still stands.
    var undone: (event: TimedObservation, command: String?)?
  }

  var docket = Docket()
  private var executions: [String: Execution] = [:]
  private var marks: [Effect: Mark] = [:]
  /// Commands that had an effect on an object, so that an opposite event can find what it undoes.
  private var effects: [String: [Effect]] = [:]

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .commandExecuted(let command, let agent, let instance, let action, let session):
      let incarnation = situation.processes[instance] ?? situation.processes[agent]
      let term = situation.agents[agent]?.election.leaders.first { $0.instance == instance }?.term
      let actor = "\(instance)#\(incarnation?.incarnation ?? 0)" + (term.map { " of term \($0)" } ?? "")
      let execution = Execution(actor: actor, event: event)
      docket.checks += 1
      if let first = executions.updateValue(execution, forKey: command) {
        judge(command, first, execution, agent: agent, what: "\(action) of session \(session)", in: situation)
      }
    case .workload(let session, _, let object, let what, let command):
      if what == .created { judgeTwins(of: object, session, by: event, in: situation) }
      judge(what, of: object, session: session, command: command, by: event, in: situation)
    default: break
    }
  }

  private func judge(
    _ command: String, _ first: Execution, _ second: Execution, agent: String, what: String, in situation: Situation
  ) {
    guard first.actor == second.actor else {
      docket.excused += 1
      return
    }
    violate(
      "an agent carries a command out once",
      "command \(command) (\(what)) was carried out at \(first.event.time.text) and again at "
        + "\(second.event.time.text) by the same process \(second.actor) of \(agent)",
      at: second.event.time, by: second.event, about: [.command(command), .agent(agent)],
      excuses: ["the process was not restarted between"], in: situation)
  }

  private func judge(
    _ what: WorkloadEvent, of object: String, session: String, command: String?, by event: TimedObservation,
    in situation: Situation
  ) {
    if let opposite = Self.opposite(of: what) { undo(opposite, of: object, session, by: event, command: command) }
    guard let command, Self.opposite(of: what) != nil else { return }
    let effect = Effect(command: command, session: session, object: object, kind: what)
    let mark = Mark(event: event, actor: executions[command]?.actor, undone: nil)
    guard let earlier = marks.updateValue(mark, forKey: effect) else {
      effects["\(session) \(object)", default: []].append(effect)
      if what == .created { docket.checks += 1 }
      return
    }
    docket.checks += 1
    guard let undone = earlier.undone else {
      if what == .created { report(effect, earlier, mark, "without having been removed", in: situation) }
      return
    }
    // The platform by itself, or the same command cleaning up after itself (C27).
    guard let undoing = undone.command, undoing != command else { return }
    let wasRestarted = earlier.actor != mark.actor
    if wasRestarted, situation.commands[command]?.isFinal == false {
      docket.excused += 1  // Both were sent again to an agent that had forgotten; the later one will come again too.
      return
    }
    report(effect, earlier, mark, "after command \(undoing) undid it at \(undone.event.time.text)", in: situation)
  }

  /// A command makes one workload: a second one beside it, under another name, was not adopted (C27).
  private func judgeTwins(of object: String, _ id: String, by event: TimedObservation, in situation: Situation) {
    let session = situation.session(id)
    guard let made = session.objects[object], made.isWorkload, let maker = made.maker,
      let twin = session.workloads.first(where: { $0.name != object && $0.maker == maker })
    else { return }
    violate(
      "one workload for one command",
      "command \(maker) made \(object) of session \(id) at \(event.time.text), beside \(twin.name), which it had made "
        + "already", at: event.time, by: event, about: [.command(maker), .session(id)],
      excuses: ["\(twin.name) still exists"], in: situation)
  }

  private static func opposite(of event: WorkloadEvent) -> WorkloadEvent? {
    switch event {
    case .created: .deleted
    case .deleted: .created
    case .scaledToZero: .scaledUp
    case .scaledUp: .scaledToZero
    case .ready, .notReady, .failed: nil
    }
  }

  private func undo(
    _ kind: WorkloadEvent, of object: String, _ session: String, by event: TimedObservation, command: String?
  ) {
    for effect in effects["\(session) \(object)"] ?? [] where effect.kind == kind && marks[effect]?.undone == nil {
      marks[effect]?.undone = (event, command)
    }
  }

  private func report(_ effect: Effect, _ first: Mark, _ second: Mark, _ how: String, in situation: Situation) {
    let status = situation.commands[effect.command]?.status ?? "unknown"
    violate(
      "one effect for one command",
      "command \(effect.command) (status \(status)) had its effect twice: \(effect.object) of session "
        + "\(effect.session) \(effect.kind.rawValue) at \(first.event.time.text) and again at "
        + "\(second.event.time.text), \(how)",
      at: second.event.time, by: second.event, about: [.command(effect.command), .session(effect.session)],
      excuses: ["the platform did not remove it by itself", "not an unfinished command of a restarted agent"],
      in: situation)
  }
}
