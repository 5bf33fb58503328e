import Oracles
import StreamSpaceProtocol
import TestEnvironment

/// The result of a run as the JSON object of DESIGN §7. Its keys are stable.
enum SuiteJSON {
  static func document(_ suite: SuiteRun, wallNanoseconds: UInt64) -> JSONValue {
    let cases = suite.cases.map { testCase, runs -> JSONValue in
      let failure = runs.first { $0.verdict == .failed } ?? runs.first { $0.verdict == .skipped }
      let verdict = SuiteRun.verdict(of: runs)
      return [
        "id": .string(testCase.id), "scenario": .string(testCase.scenario.rawValue),
        "title": .string(testCase.title), "verdict": .string(verdict.rawValue),
        "reason": .string(verdict == .passed ? "" : failure?.reason ?? ""), "depth": .string(suite.depth.rawValue),
        "seeds": .int(Int64(Set(runs.map(\.seed)).count)), "fingerprint": .string(SuiteRun.fingerprint(of: runs)),
        "checks": .int(Int64(runs.reduce(0) { $0 + $1.checks })),
        "virtualSeconds": .int(runs.reduce(Duration.zero) { $0 + $1.virtualTime }.components.seconds),
      ]
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
    return [
      "seed": seed, "profile": .string(suite.profile), "environment": .string(suite.environment),
      "cases": .array(cases), "summary": summary(suite), "fingerprint": .string(suite.fingerprint),
      "wallSeconds": .double(Double(wallNanoseconds / 1_000_000) / 1_000),
    ]
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
      Output.print(
        "\(mark) \(testCase.id.padded(to: 11)) \(testCase.title.padded(to: 58)) \(runs.count == 1 ? "" : "\(runs.count) runs")"
      )
      for run in runs where run.verdict == .failed {
        Output.print("     \(run.variant.name.isEmpty ? "" : "\(run.variant.name): ")\(run.reason)")
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
    Output.print("reports in \(folder)/")
  }
}
