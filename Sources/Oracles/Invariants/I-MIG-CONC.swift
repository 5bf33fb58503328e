import TestEnvironment

/// I-MIG-CONC: replicas that migrate together come up all, with the schema that one alone would have made (C30).
final class MigrationConcurrencyInvariant: Invariant {
  static let id = "I-MIG-CONC"
  static let statement = "n replicas migrating together all start, and the result equals the serial one."
  static let kinds: [ObservationKind] = [.migrationsTogether]

  var docket = Docket()

  func observe(_ event: TimedObservation, in situation: Situation) {
    guard case .migrationsTogether(let engine, let what, let runners, let problems) = event.observation else { return }
    judge(problems, "all start, as one alone", by: event, in: situation) { _, list in
      "\(runners) runners together on \(engine.rawValue), \(what): \(list)"
    }
  }
}
