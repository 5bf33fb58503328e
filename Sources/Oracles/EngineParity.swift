import TestEnvironment

/// Whether the same cases end in the same way on both database engines (DBM-17).
public enum EngineParity {
  /// The case that has the judgement on its PostgreSQL half.
  public static let caseID = "DBM-17"

  /// Adds a row for each case that ran on both engines to that half, and fails it where the verdicts differ. Without that
  /// half, or before a server, nothing is done. A verdict on SQLite is that of the whole run, the deployment's half included.
  public static func judge(_ runs: inout [CaseRun]) {
    guard
      let place = runs.firstIndex(where: {
        $0.testCase.id == caseID && $0.engine == .postgreSQL && $0.verdict != .skipped
      })
    else { return }
    var differing: [String] = []
    for run in runs where run.engine == .postgreSQL && run.verdict != .skipped && run.testCase.id != caseID {
      let own = runs.filter { $0.testCase.id == run.testCase.id && $0.seed == run.seed }
      guard let other = SuiteRun.verdict(of: own, on: .sqlite), other != .skipped else { continue }
      for (engine, verdict) in [(DatabaseEngineName.sqlite, other), (.postgreSQL, run.verdict)] {
        runs[place].tables.append(.dialectParity(run.testCase.id, engine, verdict: verdict.rawValue))
      }
      if other != run.verdict {
        differing.append("\(run.testCase.id) (SQLite \(other.rawValue), PostgreSQL \(run.verdict.rawValue))")
      }
    }
    let expectation = Expectation(
      name: "cases whose verdicts differ between the engines", target: .equal(.count(0)),
      measured: .count(differing.count), time: runs[place].virtualTime)
    runs[place].expectations.append(expectation)
    guard !differing.isEmpty else { return }
    runs[place].verdict = .failed
    let reason = "verdicts differ between the engines: \(differing.joined(separator: ", "))"
    runs[place].reason = runs[place].reason.isEmpty ? reason : "\(runs[place].reason); \(reason)"
  }
}
