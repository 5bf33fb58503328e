import Oracles
import TestEnvironment

extension ChaosViolation {
  /// What the judge found of the invariant.
  package init(_ violation: Violation, of invariant: String) {
    self.init(
      invariant: invariant, time: violation.time, message: violation.message, chain: violation.chain.map(\.line))
    event = violation.firstEvent?.time
  }
}

extension ChaosOutcome {
  /// Takes over what a judged run of the engine's case found. `problems`: what broke the run itself.
  public mutating func take(_ run: CaseRun, problems: [String], log: ChaosLog) {
    violations = run.invariants.flatMap { verdict in
      verdict.violations.map { ChaosViolation($0, of: verdict.id) }
    }
    .enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    self.problems = problems
    var touched: [String: [(start: Duration, count: Int)]] = [:]
    for fault in run.faults { touched[fault.name, default: []].append((fault.start, fault.touched)) }
    faults = log.effects(of: plan) { name, time in touched[name]?.first { $0.start == time }?.count ?? 0 }
    fingerprint = run.fingerprint
    kernelEvents = run.kernelEvents
    statements = run.statements
    virtualTime = run.virtualTime
    let reading = RunReading(run.observations)
    obligations = reading.obligations
    coverage = reading.coverage
  }
}
