import Chaos
import Reporting
import TestEnvironment

/// What `shrink` leaves behind: the smaller replay file, the scenario in words, and for plans a test.
struct ShrunkFiles {
  let files: [ReportFile]
  let scenario: String

  init(_ failure: FailureOnDisk, _ result: ShrinkResult) {
    let stem = failure.stem.hasSuffix(".small") ? failure.stem : "\(failure.stem).small"
    switch failure.file {
    case .ofPlan(let original):
      let replay = original.shrunk(to: result)
      scenario = ScenarioText.of(replay)
      files = [
        ReportFile("\(stem).json", replay.text), ReportFile("\(stem).txt", scenario),
        ReportFile("\(stem).swift", TestSource.of(replay, name: TestSource.name(of: replay))),
      ]
    case .ofCase(let original):
      var replay = original
      replay.strategy = result.smallest.strategy
      replay.decisions = result.smallest.decisions
      replay.fingerprint = result.outcome.fingerprint
      replay.signature = result.outcome.signature
      replay.reason = result.outcome.violations.first?.message ?? original.reason
      scenario = Self.words(replay)
      files = [ReportFile("\(stem).json", replay.text), ReportFile("\(stem).txt", scenario)]
    }
  }

  private static func words(_ replay: ReplayFile) -> String {
    let lines =
      ["\(replay.caseID), seed \(replay.seed), under \(replay.profile): \(replay.reason)"]
      + ScenarioText.schedule(replay.strategy, replay.decisions)
    return lines.joined(separator: "\n") + "\n"
  }
}

extension ChaosReplay {
  /// The same failure with the smaller run.
  func shrunk(to result: ShrinkResult) -> ChaosReplay {
    var replay = self
    replay.trial = result.smallest
    replay.fingerprint = result.outcome.fingerprint
    replay.violation = result.outcome.violations.first.map { Violation(time: $0.time, message: $0.message) }
    replay.harness = HarnessVersion.current
    replay.reason = result.outcome.violations.first?.message ?? reason
    return replay
  }
}
