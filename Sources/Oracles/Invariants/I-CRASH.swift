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
      if reason.contains("is not permitted"), situation.isElectionForbidden(at: event.time) {
        docket.excused += 1
        return
      }
      violate(
        "no process dies by itself", "\(process) died: \(reason)", at: event.time, by: event,
        about: [.process(process)] + (agent.map { [.agent($0)] } ?? []),
        excuses: [
          "no stop or kill was injected", "it is not a replica without POD_NAME",
          "it is not an agent that says at its start that it may not touch its lease",
        ], in: situation)
    default: break
    }
  }
}

extension Situation {
  /// Whether a fault forbids the leases of the elections now: then an agent ends at its start with that reason.
  fileprivate func isElectionForbidden(at time: Duration) -> Bool {
    hadFault(from: time, to: time) { span in
      if case .kubernetes(.forbidden(_, "leases")) = span.fault { true } else { false }
    }
  }
}
