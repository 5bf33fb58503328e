#if Live
  import LiveEnvironment
  import Oracles
  import StreamSpaceProtocol
  import TestEnvironment

  /// A rehearsal as a JSON object; its keys are those of `./sim run --json`, and are stable.
  enum RehearsalDocument {
    static func document(
      _ suite: SuiteRun, _ items: [RehearsalPlan.Item], wallNanoseconds: UInt64
    ) -> JSONValue {
      let cases = suite.runs.map { run -> JSONValue in
        [
          "id": .string(run.testCase.id), "scenario": .string(run.testCase.scenario.rawValue),
          "title": .string(run.testCase.title), "variant": .string(run.variant.name),
          "verdict": .string(run.verdict.rawValue), "reason": .string(run.reason),
          "depth": .string(run.depth.rawValue), "seeds": .int(1), "checks": .int(Int64(run.checks)),
          "seconds": .double(Double(seconds(run.virtualTime)) ?? 0),
        ]
      }
      return [
        "seed": .int(Int64(clamping: suite.seeds.lowerBound)), "profile": .string(suite.profile),
        "environment": .string(suite.environment), "cases": .array(cases),
        "summary": [
          "passed": .int(Int64(suite.runs.count { $0.verdict == .passed })),
          "failed": .int(Int64(suite.runs.count { $0.verdict == .failed })),
          "skipped": .int(Int64(suite.runs.count { $0.verdict == .skipped })),
        ],
        "wallSeconds": .double(Double(wallNanoseconds / 1_000_000) / 1_000),
      ]
    }

    static func plan(_ items: [RehearsalPlan.Item]) -> JSONValue {
      [
        "cases": .array(
          items.map { item in
            [
              "id": .string(item.id), "runs": .bool(item.reason == nil), "reason": .string(item.reason ?? ""),
              "seconds": item.expected.map { .double(Double(seconds($0)) ?? 0) } ?? .null,
            ]
          })
      ]
    }

    /// With one decimal.
    static func seconds(_ duration: Duration) -> String {
      let (seconds, attoseconds) = duration.components
      return "\(seconds).\(attoseconds / 100_000_000_000_000_000)"
    }
  }
#endif
