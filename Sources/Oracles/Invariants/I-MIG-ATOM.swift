import TestEnvironment

/// I-MIG-ATOM: wherever a run of migrations is broken off, the next one completes it (C30).
final class MigrationAtomicInvariant: Invariant {
  static let id = "I-MIG-ATOM"
  static let statement =
    "A crash at any statement leaves a state from which restart completes; never a half-state that blocks start."
  static let kinds: [ObservationKind] = [.migrationInterrupted]

  var docket = Docket()

  func observe(_ event: TimedObservation, in situation: Situation) {
    guard case .migrationInterrupted(let engine, let point, let problems) = event.observation else { return }
    judge(problems, "a restart completes", by: event, in: situation) { _, list in
      "broken off at \(point) on \(engine.rawValue): \(list)"
    }
  }
}
