import TestEnvironment

/// I-MIG-IDEM: migrations that have run change nothing when they run again (C30).
final class MigrationRepeatInvariant: Invariant {
  static let id = "I-MIG-IDEM"
  static let statement = "Running the migration set k times == once."
  static let kinds: [ObservationKind] = [.migrationRepeated]

  var docket = Docket()

  func observe(_ event: TimedObservation, in situation: Situation) {
    guard case .migrationRepeated(let engine, let what, let times, let changes) = event.observation else { return }
    judge(changes, "a repetition changes nothing", by: event, in: situation) { count, list in
      "\(what), run \(times) times on \(engine.rawValue), changed \(count) things more than once: \(list)"
    }
  }
}
