import Oracles
import TestEnvironment

extension CaseRun {
  /// What a smaller run must show to be the same failure: the invariant that was violated first, else the first
  /// expectation that was missed, else `run` for what broke the run itself; nil: it did not fail.
  public var signature: String? {
    guard verdict == .failed else { return nil }
    let first = invariants.flatMap { verdict in verdict.violations.map { (id: verdict.id, time: $0.time) } }
      .enumerated().min { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
    if let first { return first.element.id }
    return expectations.first { !$0.isMet }.map { "expectation \($0.name)" } ?? "run"
  }
}
