import Oracles
import TestEnvironment

/// Everything a run leaves behind, as values: nothing here touches a file, a clock or the order of a dictionary, so the
/// same run gives the same bytes.
public enum ReportFiles {
  /// The Markdown report of each scenario with its figures, an index if there are several, `junit.xml`, and one replay
  /// file per failed run.
  public static func files(for suite: SuiteRun) -> [ReportFile] {
    var files: [ReportFile] = []
    let index = RunIndex(suite: suite)
    if index.scenarios.count > 1 {
      files = [ReportFile("index.md", index.markdown), ReportFile("index.json", index.json)]
    }
    for scenario in ScenarioName.allCases {
      let cases = suite.cases.filter { $0.testCase.scenario == scenario }
      guard !cases.isEmpty else { continue }
      files.append(ReportFile(scenario.reportFile, ScenarioReport(suite: suite, scenario: scenario, cases: cases).text))
      files += figures(of: scenario, cases)
    }
    files.append(ReportFile("junit.xml", JUnitReport.text(suite)))
    // What failed on a server is repeated by its command, not by a file.
    for run in suite.runs where run.verdict == .failed && run.engine != .postgreSQL {
      let replay = ReplayFile(run)
      files.append(ReportFile("failures/\(replay.fileName)", replay.text))
    }
    return files
  }

  private static func figures(
    of scenario: ScenarioName, _ cases: [(testCase: TestCase, runs: [CaseRun])]
  ) -> [ReportFile] {
    var files: [ReportFile] = []
    for (testCase, runs) in cases {
      if let run = SwimLaneFigure.representative(of: runs) {
        files.append(ReportFile(SwimLaneFigure.fileName(testCase), SwimLaneFigure(run: run).svg))
      }
      if let run = StripChart.representative(of: runs) {
        files.append(ReportFile(StripChart.fileName(testCase), StripChart(run: run).svg))
      }
      if let run = LifeLineFigure.representative(of: runs) {
        files.append(ReportFile(LifeLineFigure.fileName(testCase), LifeLineFigure(run: run).svg))
      }
    }
    if let svg = FailOverFigure(runs: cases.flatMap(\.runs)).svg {
      files.append(ReportFile(FailOverFigure.fileName(scenario), svg))
    }
    let runs = cases.flatMap(\.runs)
    if scenario == .vncStreaming {
      for platform in LatencyFigure.platforms {
        guard let svg = LatencyFigure(runs: runs, platform: platform).svg else { continue }
        files.append(ReportFile(LatencyFigure.fileName(platform), svg))
      }
    }
    if scenario == .multiUserConcurrent, let svg = StartTimeFigure(runs: runs).svg {
      files.append(ReportFile(StartTimeFigure.fileName, svg))
    }
    if scenario == .databaseMigrations, let svg = LockTimeFigure(runs: runs).svg {
      files.append(ReportFile(LockTimeFigure.fileName, svg))
    }
    if scenario == .performanceLoad {
      if let svg = ThroughputFigure(runs: runs).svg { files.append(ReportFile(ThroughputFigure.fileName, svg)) }
      if let svg = StartPhasesFigure(runs: runs).svg { files.append(ReportFile(StartPhasesFigure.fileName, svg)) }
    }
    if scenario == .haChaos, let svg = FaultCalendarFigure(cases: cases).svg {
      files.append(ReportFile(FaultCalendarFigure.fileName, svg))
    }
    files += Screenshots(runs: runs).pictures.map { ReportFile($0.file, bytes: $0.png) }
    return files
  }
}
