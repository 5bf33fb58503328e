import Oracles
import Reporting
import Scenarios
import TestEnvironment
import Testing

/// The reports of the scenarios under the contract, from the default seed, byte for byte.
@Suite("Golden reports")
struct GoldenReportTests {
  @Test("the report of the default run of a scenario is the recorded one", arguments: Catalogue.scenarios)
  func reportIsGolden(_ scenario: ScenarioName) async throws {
    let runs = await ContractRuns.runs(CaseAndVariant.plain(of: scenario, seed: ContractRuns.seed))
    let suite = SuiteRun(
      runs: runs, seeds: 1...1, profile: "contract", environment: "simulated", depth: .plain,
      command: "./sim run --seed 1 --profile contract")
    let name = scenario.reportFile
    let report = try #require(ReportFiles.files(for: suite).first { $0.name == name })
    try Golden.check(String(decoding: report.bytes, as: UTF8.self), against: "reports/\(name)")
  }
}
