import TestEnvironment

/// Observations as one line of text.
enum ObservationText {
  static func of(_ observation: Observation) -> String { String(describing: observation) }
}
