import TestEnvironment

/// I-SCHEMA: whatever way a database has come to its version, it has the schema that the control plane's SQL needs
/// (C30).
final class SchemaInvariant: Invariant {
  static let id = "I-SCHEMA"
  static let statement =
    "Fresh install == upgrade from every supported base == schema used by the SQL text the API sends."
  static let kinds: [ObservationKind] = [.schemaCompared, .statementPrepared]

  var docket = Docket()

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .schemaCompared(let engine, let what, let other, let differences):
      judge(differences, "equal schemas", by: event, in: situation) { count, list in
        "the schema \(what) differs from \(other) on \(engine.rawValue) in \(count) places: \(list)"
      }
    case .statementPrepared(let engine, let statement, let version, let problem):
      judge(problem.map { [$0] } ?? [], "every statement prepares", by: event, in: situation) { _, list in
        "\(statement) against version \(version) on \(engine.rawValue): \(list)"
      }
    default: break
    }
  }
}

extension Invariant {
  /// Counts a check of the schema or its migrations, and reports what was found wrong, the first few in words.
  func judge(
    _ problems: [String], _ rule: String, by event: TimedObservation, in situation: Situation,
    message: (_ count: Int, _ list: String) -> String
  ) {
    docket.checks += 1
    guard !problems.isEmpty else { return }
    let shown = problems.prefix(5).joined(separator: "; ") + (problems.count > 5 ? "; …" : "")
    violate(rule, message(problems.count, shown), at: event.time, by: event, about: [], in: situation)
  }
}
