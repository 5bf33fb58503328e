/// How the engine behaves. The contract is the default; a defect is a change of one field.
package struct EngineBehaviour: Sendable {
  /// What the engine does with a write whose leader term is older than the newest it saw (C28, C-04).
  package enum Fencing: Sendable, Hashable {
    /// Refuses it: an authorisation plug-in on the label `agent-id`.
    case refusesOlderTerms
    /// Takes it: an engine without that plug-in.
    case none
  }

  package var fencing = Fencing.refusesOlderTerms
  package var latencies = EngineLatencies()

  package init() {}
}
