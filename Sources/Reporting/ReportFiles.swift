import Oracles
import TestEnvironment

/// Everything a run leaves behind, as values: nothing here touches a file, a clock or the order of a dictionary, so the
/// same run gives the same bytes.
public enum ReportFiles {
  /// The Markdown report of each scenario with its figures, `junit.xml`, and one replay file per failed run.
  public static func files(for suite: SuiteRun) -> [ReportFile] {
    var files: [ReportFile] = []
    for scenario in ScenarioName.allCases {
      let cases = suite.cases.filter { $0.testCase.scenario == scenario }
      guard !cases.isEmpty else { continue }
      files.append(ReportFile(scenario.reportFile, ScenarioReport(suite: suite, scenario: scenario, cases: cases).text))
      for (testCase, runs) in cases {
        guard let run = SwimLaneFigure.representative(of: runs) else { continue }
        files.append(ReportFile(SwimLaneFigure.fileName(testCase), SwimLaneFigure(run: run).svg))
      }
    }
    files.append(ReportFile("junit.xml", JUnitReport.text(suite)))
    for run in suite.runs where run.verdict == .failed {
      let replay = ReplayFile(run)
      files.append(ReportFile("failures/\(replay.fileName)", replay.text))
    }
    return files
  }
}
