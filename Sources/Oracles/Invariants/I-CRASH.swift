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
      violate(
        "no process dies by itself", "\(process) died: \(reason)", at: event.time, by: event,
        about: [.process(process)] + (agent.map { [.agent($0)] } ?? []),
        excuses: ["no stop or kill was injected", "it is not a replica without POD_NAME"], in: situation)
    default: break
    }
  }
}
