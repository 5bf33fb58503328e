import TestEnvironment

/// I-CRASH: no process dies except by injection.
final class CrashInvariant: Invariant {
  static let id = "I-CRASH"
  static let statement = "No process dies except by injection."
  static let kinds: [ObservationKind] = [.processStarted, .processEnded]

  var docket = Docket()

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .processStarted: docket.checks += 1  // From now on its death would be seen.
    case .processEnded(let process, let reason, let injected):
      docket.checks += 1
      guard !injected else { return }
      if process.isNameless(in: situation) {
        docket.excused += 1
        return
      }
      let agent = situation.agentID(ofProcess: process)
      if let agent, mayResign(situation.agent(agent), at: event.time, in: situation) {
        docket.excused += 1
        return
      }
      violate(
        "no process dies by itself", "\(process) died: \(reason)", at: event.time, by: event,
        about: [.process(process)] + (agent.map { [.agent($0)] } ?? []),
        excuses: [
          "no stop or kill was injected", "it is not a replica without POD_NAME",
          "not an agent that was rejected, refused or forbidden its work",
        ], in: situation)
    default: break
    }
  }

  /// Whether the agent has a reason to end by itself: rejected by the administrator (spec/00, Enrolment), of a version
  /// that is refused (C33), on a volume that is not shared (C29), or forbidden its work by the cluster (HA-LE-17).
  private func mayResign(_ view: AgentView, at time: Duration, in situation: Situation) -> Bool {
    let agent = situation.context.agent(view.id)
    if view.enrolment?.step == .rejected || agent?.version == .shipped { return true }
    if case .file(shared: false) = agent?.election { return true }
    return situation.hadFault(from: time - situation.timing.settled, to: time) { span in
      if case .kubernetes(.forbidden) = span.fault { return true }
      return false
    }
  }
}
