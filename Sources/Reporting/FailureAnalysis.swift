import Oracles
import TestEnvironment

/// What is known of a red run: the first thing that broke, with its causal chain (spec/06 §0.3, part 6).
struct FailureAnalysis {
  let run: CaseRun

  var text: String {
    var lines = [
      "### \(subject), seed \(run.seed), profile \(run.profile)\n", "\(run.reason)\n",
    ]
    for expectation in run.expectations where !expectation.isMet {
      lines.append(
        "- expected “\(expectation.name)” \(DurationText.of(expectation.target)), measured \(DurationText.of(expectation.measured)) at \(expectation.time.secondsText)"
      )
    }
    for invariant in run.invariants {
      for violation in invariant.violations.prefix(3) {
        lines.append("- **\(invariant.id)** broken at \(violation.time.secondsText): \(violation.message)")
        for event in violation.chain.prefix(12) {
          lines.append("  - \(event.line)")
        }
      }
      if invariant.violationCount > 3 { lines.append("- \(invariant.id): \(invariant.violationCount - 3) more") }
    }
    let faults = run.faults.map { fault in
      let end = fault.end.map(\.secondsText) ?? "the end"
      return "\(fault.name) from \(fault.start.secondsText) to \(end), \(fault.touched) effects"
    }
    if !faults.isEmpty { lines.append("- faults: \(faults.joined(separator: "; "))") }
    lines.append("\nSuspected: \(suspects.isEmpty ? "unknown" : suspects). Severity: \(severity).\n")
    lines.append("    \(run.replayLine)\n")
    return lines.joined(separator: "\n")
  }

  /// Case and variant, and the engine of a run on a server.
  private var subject: String {
    "\(run.testCase.id) \(run.variant.name)" + (run.engine == .postgreSQL ? ", PostgreSQL" : "")
  }

  private var broken: [String] { run.invariants.filter { !$0.violations.isEmpty }.map(\.id) }

  /// The defects that this case is there to catch.
  private var suspects: String {
    guard !run.testCase.kills.isEmpty else { return "" }
    return "one of \(run.testCase.kills.joined(separator: ", ")) (the defects this case is there to catch)"
  }

  /// P0: data or safety, P1: liveness, P2: a missed target.
  private var severity: String {
    let safety = [
      "I-CRASH", "I-CMD-ONCE", "I-ACCEPT", "I-SESS-SURVIVE", "I-AUTHN", "I-TENANT", "I-QUOTA", "I-LEADER-ONE",
      "I-MIG-DATA",
    ]
    if broken.contains(where: safety.contains) { return "P0" }
    return broken.isEmpty ? "P2" : "P1"
  }
}
