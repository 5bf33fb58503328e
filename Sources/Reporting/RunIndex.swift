import Oracles
import StreamSpaceProtocol
import TestEnvironment

/// All scenario reports of a run on one page, as Markdown and as JSON.
struct RunIndex {
  let suite: SuiteRun

  /// A scenario of the run.
  private struct Entry {
    var scenario: ScenarioName
    var cases: Int
    var passed: Int
    var failed: Int
    var skipped: Int
    var checks: Int
    /// The expectation closest to its limit, or missed: percent of the target used.
    var worst: (used: Int64, text: String)?

    var verdict: String { failed > 0 ? "red" : passed > 0 ? "green" : "skipped" }
  }

  /// Scenarios that ran, in their order.
  var scenarios: [ScenarioName] { entries.map(\.scenario) }

  private var entries: [Entry] {
    let cases = suite.cases
    return ScenarioName.allCases.compactMap { scenario in
      let own = cases.filter { $0.testCase.scenario == scenario }
      guard !own.isEmpty else { return nil }
      let verdicts = own.map { SuiteRun.verdict(of: $0.runs) }
      let runs = own.flatMap(\.runs)
      return Entry(
        scenario: scenario, cases: own.count, passed: verdicts.count { $0 == .passed },
        failed: verdicts.count { $0 == .failed }, skipped: verdicts.count { $0 == .skipped },
        checks: runs.reduce(0) { $0 + $1.checks }, worst: Self.worst(of: runs))
    }
  }

  private static func worst(of runs: [CaseRun]) -> (used: Int64, text: String)? {
    var worst: (used: Int64, text: String)?
    for run in runs {
      for expectation in run.expectations {
        guard case .atMost(.duration(let limit)) = expectation.target, case .duration(let took) = expectation.measured,
          limit > .zero
        else { continue }
        let used = took.nanoseconds * 100 / limit.nanoseconds
        guard used > worst?.used ?? -1 else { continue }
        worst = (
          used,
          "\(run.testCase.id) “\(expectation.name)”: \(DurationText.short(took)) of \(DurationText.short(limit))"
        )
      }
    }
    return worst
  }

  var markdown: String {
    let rows = entries.map { entry in
      [
        "[\(entry.scenario.rawValue)](\(entry.scenario.reportFile))", entry.verdict, "\(entry.cases)",
        "\(entry.passed)", "\(entry.failed)", "\(entry.skipped)", "\(entry.checks)",
        entry.worst.map { "\($0.text) (\($0.used) %)" } ?? "-",
      ]
    }
    let red = suite.runs.filter { $0.verdict == .failed }.map { run in
      "- \(run.testCase.id)\(run.variant.name.isEmpty ? "" : " (\(run.variant.name))"), seed \(run.seed): \(run.reason)"
    }
    return """
      # Integration tests

      \(suite.runs.count) runs, profile `\(suite.profile)`, \(suite.environment), depth \(suite.depth.rawValue), trace \
      hash \(suite.fingerprint).

      \(Markdown.table(
        ["scenario", "verdict", "cases", "passed", "failed", "skipped", "checks", "worst target"], rows))
      \(budgets)\(red.isEmpty ? "Nothing failed." : "Failed:\n\n" + red.joined(separator: "\n"))

          \(suite.command)

      """
  }

  /// What one seed cost, for plain runs (spec/06 §10.4); with a blank line behind it.
  private var budgets: String {
    guard let costs = RunCosts(suite) else { return "" }
    func row(_ what: String, _ cost: RunCost, _ budget: RunCost) -> [String] {
      [
        what, "\(cost.events)", "\(budget.events)", "\(cost.statements)", "\(budget.statements)",
        cost.isWithin(budget) ? "yes" : "no",
      ]
    }
    let rows =
      [
        row("all cases, one seed", costs.sum, RunCosts.total), row("median case", costs.medianCost, RunCosts.median),
      ]
      + costs.dearest(5).map { row("\($0.testCase)\($0.kind == "ordinary" ? "" : ", " + $0.kind)", $0.cost, $0.budget) }
    return Markdown.table(["cost of a plain run", "events", "at most", "statements", "at most", "within"], rows) + "\n"
  }

  var json: String {
    let scenarios = entries.map { entry -> JSONValue in
      [
        "name": .string(entry.scenario.rawValue), "report": .string(entry.scenario.reportFile),
        "verdict": .string(entry.verdict), "cases": .int(Int64(entry.cases)), "passed": .int(Int64(entry.passed)),
        "failed": .int(Int64(entry.failed)), "skipped": .int(Int64(entry.skipped)),
        "checks": .int(Int64(entry.checks)), "worstTarget": entry.worst.map { .string($0.text) } ?? .null,
        "worstPercent": entry.worst.map { .int($0.used) } ?? .null,
      ]
    }
    let document: JSONValue = [
      "profile": .string(suite.profile), "environment": .string(suite.environment),
      "depth": .string(suite.depth.rawValue), "seeds": .string("\(suite.seeds.lowerBound)..\(suite.seeds.upperBound)"),
      "fingerprint": .string(suite.fingerprint), "command": .string(suite.command), "budgets": budgetsJSON,
      "scenarios": .array(scenarios),
    ]
    return String(decoding: JSONWriter.bytes(of: document), as: UTF8.self) + "\n"
  }

  private var budgetsJSON: JSONValue {
    guard let costs = RunCosts(suite) else { return .null }
    return [
      "events": .int(Int64(costs.sum.events)), "statements": .int(Int64(costs.sum.statements)),
      "medianEvents": .int(Int64(costs.medianCost.events)),
      "medianStatements": .int(Int64(costs.medianCost.statements)),
      "warnings": .array(costs.warnings.map(JSONValue.string)),
    ]
  }
}
