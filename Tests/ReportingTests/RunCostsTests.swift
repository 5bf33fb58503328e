import Oracles
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import Reporting

@Suite("What runs cost")
struct RunCostsTests {
  private func run(_ id: String, _ events: Int, _ statements: Int, variant: String = "", seed: UInt64 = 1) -> CaseRun {
    var run = SampleRuns.run(SampleRuns.testCase(id), variant: Variant(variant, .t2), seed: seed)
    run.kernelEvents = events
    run.statements = statements
    return run
  }

  private func costs(_ runs: [CaseRun]) throws -> RunCosts { try #require(RunCosts(SampleRuns.suite(runs))) }

  @Test("each case is judged by its class, and the one above it is named")
  func classes() throws {
    let costs = try costs([
      run("HA-API-01", 50_000, 3_000), run("HA-API-02", 50_001, 1), run("HA-API-03", 1, 3_001),
      run("DBM-06", 200_000, 20_000), run("VNC-K-02", 1, 20_001),
    ])
    #expect(costs.entries.map(\.isWithinBudget) == [true, false, false, true, false])
    #expect(
      costs.warnings == [
        "HA-API-02 costs 50 001 events and 1 statements; a case may cost 50 000 events and 3 000 statements",
        "HA-API-03 costs 1 events and 3 001 statements; a case may cost 50 000 events and 3 000 statements",
        "VNC-K-02 costs 1 events and 20 001 statements; a case of the heavy ten may cost 200 000 events and 20 000 statements",
      ])
  }

  @Test("a case counts with its dearest variant, the sum with all, and later seeds not at all")
  func variants() throws {
    let costs = try costs([
      run("HA-API-01", 10, 5, variant: "a"), run("HA-API-01", 7, 9, variant: "b"), run("HA-API-01", 99, 99, seed: 2),
    ])
    #expect(costs.entries.map(\.cost) == [RunCost(events: 10, statements: 9)])
    #expect(costs.sum == RunCost(events: 17, statements: 14))
  }

  @Test("the sum and the median have bounds of their own; the median of a few cases says nothing")
  func totals() throws {
    let few = (1...13).map { run("HA-API-\($0)", 5_001, 301) }
    #expect(try costs(few).warnings.isEmpty)
    #expect(
      try costs(few + [run("HA-API-14", 1, 1)]).warnings == [
        "the median case costs 5 001 events and 301 statements; it may cost 5 000 events and 300 statements"
      ])
    let many = (1...51).map { run("HA-API-\($0)", 50_000, 1) }
    #expect(try costs(many).warnings.contains { $0.hasPrefix("all cases cost 2 550 000 events") })
  }

  @Test("campaigns, servers and skipped cases have no budget")
  func exceptions() {
    var suite = SampleRuns.suite([run("HA-API-01", 1, 1)])
    suite.depth = .full
    #expect(RunCosts(suite) == nil)
    var server = run("DBM-01", 1, 1)
    server.engine = .postgreSQL
    var skipped = run("DBM-02", 1, 1)
    skipped.verdict = .skipped
    #expect(RunCosts(SampleRuns.suite([server, skipped])) == nil)
  }

  @Test("the index has a row for all cases, the median and the dearest")
  func index() {
    let suite = SampleRuns.suite([run("HA-API-01", 60_000, 10), run("DBM-06", 20, 10)])
    let text = RunIndex(suite: suite).markdown
    #expect(text.contains("| all cases, one seed | 60020 | 2500000 | 20 | 150000 | yes |"))
    #expect(text.contains("| HA-API-01 | 60000 | 50000 | 10 | 3000 | no |\n| DBM-06, heavy | 20 | 200000 |"))
    #expect(RunIndex(suite: suite).json.contains("\"budgets\":{\"events\":60020,\"statements\":20,"))
  }
}
