import TestEnvironment

/// I-MIG-DATA: rows survive migrations, roll-backs and deletions as declared (C30, spec/02 §8.2 and §9.1).
final class MigrationDataInvariant: Invariant {
  static let id = "I-MIG-DATA"
  static let statement =
    "No row lost or changed except as declared; roll-back followed by re-apply restores declared data."
  static let kinds: [ObservationKind] = [.contentsCompared]

  var docket = Docket()

  func observe(_ event: TimedObservation, in situation: Situation) {
    guard case .contentsCompared(let engine, let what, let table, let rows, let undeclared) = event.observation
    else { return }
    // An empty table has nothing to lose.
    guard rows > 0 || !undeclared.isEmpty else { return }
    judge(undeclared, "only what is declared is lost or changed", by: event, in: situation) { count, list in
      "\(what): \(table) with \(rows) rows on \(engine.rawValue), \(count) undeclared changes: \(list)"
    }
  }
}
