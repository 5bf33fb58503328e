import TestEnvironment

/// Reads what was observed since its last look, each observation once: long loads do not go over everything again.
struct ObservationCursor: Sendable {
  private var next: Int

  /// Begins with what is observed from now on.
  init(_ environment: any Environment) {
    next = (environment.observations.last?.sequence ?? -1) + 1
  }

  /// Hands each new observation to `body`, in order.
  mutating func read(_ environment: any Environment, _ body: (TimedObservation) -> Void) {
    let observations = environment.observations
    guard let first = observations.first?.sequence else { return }
    for timed in observations[max(0, next - first)...] { body(timed) }
    next = first + observations.count
  }
}
