import Oracles
import Reporting
import TestEnvironment
import Testing

/// The report of scenario 1 under the contract, from the default seed, byte for byte.
@Suite("Golden report")
struct GoldenReportTests {
  @Test("the report of the default run is the recorded one")
  func reportIsGolden() async throws {
    let runs = await ContractRuns.runs(HAMultiPodAPITests.plain)
    let suite = SuiteRun(
      runs: runs, seeds: 1...1, profile: "contract", environment: "simulated", depth: .plain,
      command: "./sim run --seed 1 --profile contract")
    let name = ScenarioName.haMultiPodAPI.reportFile
    let report = try #require(ReportFiles.files(for: suite).first { $0.name == name })
    try Golden.check(String(decoding: report.bytes, as: UTF8.self), against: "reports/\(name)")
  }
}
