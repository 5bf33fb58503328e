import Oracles
import StreamSpaceProtocol
import TestEnvironment

/// The result of a run as the JSON object of DESIGN §7. Its keys are stable.
enum SuiteJSON {
  static func document(_ suite: SuiteRun, wallNanoseconds: UInt64) -> JSONValue {
    let cases = suite.cases.map { testCase, runs -> JSONValue in
      let verdict = SuiteRun.verdict(of: runs)
      let simulated = runs.filter { $0.engine != .postgreSQL }
      var item = JSONObject()
      item["id"] = .string(testCase.id)
      item["scenario"] = .string(testCase.scenario.rawValue)
      item["title"] = .string(testCase.title)
      item["verdict"] = .string(verdict.rawValue)
      item["reason"] = .string(reason(of: runs, verdict))
      item["depth"] = .string(suite.depth.rawValue)
      item["seeds"] = .int(Int64(Set(runs.map(\.seed)).count))
      item["fingerprint"] = .string(SuiteRun.fingerprint(of: runs))
      item["checks"] = .int(Int64(runs.reduce(0) { $0 + $1.checks }))
      item["virtualSeconds"] = .int(simulated.reduce(Duration.zero) { $0 + $1.virtualTime }.components.seconds)
      if testCase.hasDatabaseHalf { item["engines"] = engines(runs) }
      return .object(item)
    }
    // A number where JSON can hold it, else text, as a range is.
    let seed: JSONValue =
      if suite.seeds.count == 1, let number = Int64(exactly: suite.seeds.lowerBound) {
        .int(number)
      } else if suite.seeds.count == 1 {
        .string(String(suite.seeds.lowerBound))
      } else {
        .string("\(suite.seeds.lowerBound)..\(suite.seeds.upperBound)")
      }
    var document = JSONObject()
    document["seed"] = seed
    document["profile"] = .string(suite.profile)
    document["environment"] = .string(suite.environment)
    if let server = suite.databaseServer { document["databaseServer"] = .string(server) }
    document["cases"] = .array(cases)
    document["summary"] = summary(suite)
    document["fingerprint"] = .string(suite.fingerprint)
    document["budgets"] = RunCosts(suite).map(budgets) ?? .null
    document["wallSeconds"] = .double(Double(wallNanoseconds / 1_000_000) / 1_000)
    return .object(document)
  }

  /// What the first seed cost (spec/06 §10.4); absent for campaigns.
  private static func budgets(_ costs: RunCosts) -> JSONValue {
    func figures(_ cost: RunCost) -> JSONValue {
      ["events": .int(Int64(cost.events)), "statements": .int(Int64(cost.statements))]
    }
    func judged(_ cost: RunCost, _ budget: RunCost) -> JSONValue {
      ["cost": figures(cost), "budget": figures(budget), "met": .bool(cost.isWithin(budget))]
    }
    let cases = costs.entries.map { entry -> JSONValue in
      [
        "id": .string(entry.testCase), "class": .string(entry.kind),
        "cost": figures(entry.cost), "budget": figures(entry.budget), "met": .bool(entry.isWithinBudget),
      ]
    }
    return [
      "median": judged(costs.medianCost, RunCosts.median), "total": judged(costs.sum, RunCosts.total),
      "cases": .array(cases), "warnings": .array(costs.warnings.map(JSONValue.string)),
      "met": .bool(costs.isWithinBudgets),
    ]
  }

  /// Of the first run with that verdict; a case that passed has none.
  private static func reason(of runs: [CaseRun], _ verdict: Verdict) -> String {
    verdict == .passed ? "" : runs.first { $0.verdict == verdict }?.reason ?? ""
  }

  /// The verdict on each database engine.
  private static func engines(_ runs: [CaseRun]) -> JSONValue {
    .array(
      DatabaseEngineName.allCases.compactMap { engine -> JSONValue? in
        let own = runs.filter { $0.engine == engine }
        guard !own.isEmpty else { return nil }
        let verdict = SuiteRun.verdict(of: own)
        return [
          "engine": .string(engine.rawValue), "verdict": .string(verdict.rawValue),
          "reason": .string(reason(of: own, verdict)),
        ]
      })
  }

  private static func summary(_ suite: SuiteRun) -> JSONValue {
    let verdicts = suite.cases.map { SuiteRun.verdict(of: $0.runs) }
    return [
      "passed": .int(Int64(verdicts.count { $0 == .passed })), "failed": .int(Int64(verdicts.count { $0 == .failed })),
      "skipped": .int(Int64(verdicts.count { $0 == .skipped })),
    ]
  }
}

/// The result of a run for a person.
enum SuiteText {
  static func print(_ suite: SuiteRun, wallNanoseconds: UInt64, folder: String) {
    for (testCase, runs) in suite.cases {
      let verdict = SuiteRun.verdict(of: runs)
      let mark =
        switch verdict {
        case .passed: "ok  "
        case .failed: "FAIL"
        case .skipped: "skip"
        }
      let simulated = runs.count { $0.engine != .postgreSQL }
      let notes = [simulated == 1 ? "" : "\(simulated) runs", engines(runs)].filter { !$0.isEmpty }
      Output.print(
        "\(mark) \(testCase.id.padded(to: 11)) \(testCase.title.padded(to: 58)) \(notes.joined(separator: ", "))")
      for run in runs where run.verdict == .failed {
        Output.print("     \(label(of: run))\(run.reason)")
        Output.print("     again: \(run.replayLine)")
      }
      if verdict == .skipped { Output.print("     \(runs[0].reason)") }
    }
    let verdicts = suite.cases.map { SuiteRun.verdict(of: $0.runs) }
    let seconds = wallNanoseconds / 1_000_000_000
    let tenths = wallNanoseconds / 100_000_000 % 10
    Output.print("")
    Output.print(
      "\(verdicts.count { $0 == .passed }) passed, \(verdicts.count { $0 == .failed }) failed, "
        + "\(verdicts.count { $0 == .skipped }) skipped   profile \(suite.profile)   fingerprint \(suite.fingerprint)   "
        + "\(seconds).\(tenths) s")
    for half in skippedHalves(suite) { Output.print(half) }
    if let costs = RunCosts(suite) { print(costs) }
    Output.print("reports in \(folder)/")
  }

  /// What one seed cost, and a line for each case that is above its budget.
  private static func print(_ costs: RunCosts) {
    Output.print(
      "one seed cost \(costs.sum.text), its median case \(costs.medianCost.text) "
        + "(budgets: \(RunCosts.total.text); \(RunCosts.median.text))")
    for warning in costs.warnings { Output.print("over budget: \(warning)") }
  }

  /// `SQLite passed, PostgreSQL skipped`; empty for a case without a database half.
  private static func engines(_ runs: [CaseRun]) -> String {
    DatabaseEngineName.allCases.compactMap { engine in
      SuiteRun.verdict(of: runs, on: engine).map { "\(engine.rawValue) \($0.rawValue)" }
    }.joined(separator: ", ")
  }

  /// What a red run was of, where its case had several.
  private static func label(of run: CaseRun) -> String {
    // The reason of a half that threw names its engine.
    let engine = run.engine == .postgreSQL && !run.reason.hasPrefix("PostgreSQL") ? "PostgreSQL" : ""
    let parts = [run.variant.name, engine].filter { !$0.isEmpty }
    return parts.isEmpty ? "" : "\(parts.joined(separator: ", ")): "
  }

  /// A line for each reason for which halves on PostgreSQL were skipped.
  private static func skippedHalves(_ suite: SuiteRun) -> [String] {
    let skipped = suite.runs.filter { $0.engine == .postgreSQL && $0.verdict == .skipped }
    return skipped.map(\.reason).uniqued.map { reason in
      let count = skipped.count { $0.reason == reason }
      return "\(count) \(count == 1 ? "half" : "halves") on PostgreSQL skipped: \(reason)"
    }
  }
}
