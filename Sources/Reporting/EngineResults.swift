import Oracles
import TestEnvironment

/// The result table of a scenario whose cases run on two database engines: the verdicts side by side.
///
/// The column of SQLite has the whole simulated run, so what the deployment's half of a case measured stands there, too.
struct EngineResults {
  let cases: [(testCase: TestCase, runs: [CaseRun])]

  /// Whether any run of the cases has an engine.
  static func apply(to cases: [(testCase: TestCase, runs: [CaseRun])]) -> Bool {
    cases.contains { $0.runs.contains { $0.engine != nil } }
  }

  var table: String {
    Markdown.table(
      [
        "case and expectation", "target", "SQLite: measured", "verdict", "PostgreSQL: measured", "verdict",
        "worst seed",
      ],
      cases.flatMap { rows($0.testCase, $0.runs) })
  }

  private func rows(_ testCase: TestCase, _ runs: [CaseRun]) -> [[String]] {
    let simulated = runs.filter { $0.engine != .postgreSQL }
    let real = runs.filter { $0.engine == .postgreSQL }
    let title = [
      "**\(testCase.id)** \(testCase.title)", "", "", verdict(of: simulated), "", verdict(of: real),
      runs.first { $0.verdict == .failed }.map { String($0.seed) } ?? "",
    ]
    let left = ExpectationLine.lines(of: simulated)
    let right = ExpectationLine.lines(of: real)
    var order: [(name: String, target: String)] = []
    for line in left + right where !order.contains(where: { $0.name == line.name && $0.target == line.target }) {
      order.append((line.name, line.target))
    }
    return [title]
      + order.map { key in
        let first = left.first { $0.name == key.name && $0.target == key.target }
        let second = right.first { $0.name == key.name && $0.target == key.target }
        return [
          "— \(key.name)", key.target, first?.measured ?? "", first?.verdict ?? "", second?.measured ?? "",
          second?.verdict ?? "", first?.worstSeed ?? second?.worstSeed ?? "",
        ]
      }
  }

  private func verdict(of runs: [CaseRun]) -> String { runs.isEmpty ? "-" : SuiteRun.verdict(of: runs).rawValue }

  /// `SQLite: 15 passed, 0 failed, 0 skipped. PostgreSQL: …`: halves of cases by engine.
  var summary: String {
    let texts = DatabaseEngineName.allCases.map { engine in
      let verdicts = cases.compactMap { SuiteRun.verdict(of: $0.runs, on: engine) }
      let counts = [Verdict.passed, .failed, .skipped].map { wanted in
        "\(verdicts.count { $0 == wanted }) \(wanted.rawValue)"
      }
      return "\(engine.rawValue): \(counts.joined(separator: ", "))"
    }
    return "Database halves on \(texts.joined(separator: "; on "))."
  }

  /// A line for each reason for which halves on PostgreSQL did not run.
  static func limits(of runs: [CaseRun]) -> [String] {
    let skipped = runs.filter { $0.engine == .postgreSQL && $0.verdict == .skipped }
    var reasons: [String] = []
    for run in skipped where !reasons.contains(run.reason) { reasons.append(run.reason) }
    return reasons.map { reason in
      let ids = skipped.filter { $0.reason == reason }.map(\.testCase.id)
      return "- PostgreSQL halves of \(ids.joined(separator: ", ")): skipped, \(reason)"
    }
  }
}
