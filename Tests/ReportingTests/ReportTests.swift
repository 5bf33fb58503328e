import Oracles
import TestEnvironment
import Testing

@testable import Reporting

@Suite("Scenario report")
struct ReportTests {
  private func report(_ runs: [CaseRun]) throws -> String {
    let name = ScenarioName.haMultiPodAPI.reportFile
    let file = try #require(ReportFiles.files(for: SampleRuns.suite(runs)).first { $0.name == name })
    return String(decoding: file.bytes, as: UTF8.self)
  }

  @Test("it has the ten parts of the specification, in order")
  func parts() throws {
    let headings = try report([SampleRuns.eventful()]).split(separator: "\n").filter { $0.hasPrefix("## ") }
    #expect(
      headings == [
        "## 1. Summary", "## 2. Environment", "## 3. Results", "## 4. Time-lines", "## 5. Invariants", "## 6. Failures",
        "## 7. Metrics", "## 8. Mutation score", "## 9. Limits", "## 10. Run it again",
      ])
  }

  @Test("a green run says so, a red one names the failure first")
  func verdict() throws {
    let green = try report([SampleRuns.eventful()])
    #expect(green.contains("Verdict: **green**"))
    #expect(green.contains("## 6. Failures\n\nNone.\n"))
    let red = try report([SampleRuns.eventful(verdict: .failed)])
    #expect(red.contains("Verdict: **red**"))
    #expect(red.contains("- HA-API-77 is red from seed 1: I-ROUTE: the route names api-1"))
  }

  @Test("an invariant without a check is not exercised, and not a pass")
  func invariants() throws {
    var run = SampleRuns.eventful()
    run.invariants = [
      InvariantVerdict(id: "I-FRESH", statement: "Reads are fresh.", checks: 0),
      InvariantVerdict(id: "I-COUNT", statement: "Counts are right.", checks: 4), SampleRuns.broken("I-ROUTE"),
    ]
    let text = try report([run, run])
    #expect(text.contains("| I-FRESH | Reads are fresh. | 0 | 0 | not exercised |"))
    #expect(text.contains("| I-COUNT | Counts are right. | 8 | 0 | holds |"))
    #expect(text.contains("| I-ROUTE | A route names the holder. | 10 | 2 | violated |"))
  }

  @Test("a fault that touched nothing is a finding")
  func inertFault() throws {
    var run = SampleRuns.eventful()
    run.faults = [FaultSummary(name: "cut(a,b)", start: .zero, end: nil, touched: 0)]
    #expect(try report([run]).contains("- HA-API-77: the fault cut(a,b) touched nothing"))
  }

  @Test("limits of cases and skipped cases are told, with their reason")
  func limits() throws {
    let limited = SampleRuns.run(SampleRuns.testCase("HA-API-78", limits: "without viewers"))
    let skipped = SampleRuns.run(SampleRuns.testCase("HA-API-79"), verdict: .skipped, reason: "needs vnc")
    let text = try report([limited, skipped])
    #expect(text.contains("- HA-API-78: without viewers"))
    #expect(text.contains("- HA-API-79: needs vnc"))
    #expect(text.contains("1 passed, 0 failed, 1 skipped"))
  }

  @Test("it ends with the command that repeats it")
  func command() throws {
    #expect(
      try report([SampleRuns.eventful()]).hasSuffix(
        "## 10. Run it again\n\n    ./sim run HA-API-77 --seed 1 --profile contract\n"))
  }

  @Test("the same suite gives the same files, in the same order")
  func isDeterministic() {
    let suite = SampleRuns.suite([SampleRuns.eventful(verdict: .failed), SampleRuns.run(seed: 2)])
    let files = ReportFiles.files(for: suite)
    #expect(files == ReportFiles.files(for: suite))
    #expect(
      files.map(\.name) == [
        "INTEGRATION_TEST_HA_MULTI_POD_API.md", "figures/HA-API-77.svg", "junit.xml", "failures/HA-API-77-1.json",
      ])
  }
}

@Suite("Failure analysis")
struct FailureAnalysisTests {
  private func red() -> CaseRun {
    var run = SampleRuns.eventful(verdict: .failed)
    run.variant.name = "T2, offset 350 ms"
    run.expectations = [
      SampleRuns.within("served again", .seconds(5), measured: .seconds(12), at: .seconds(40)),
      SampleRuns.count("lost", 0, measured: 0),
    ]
    run.invariants = [SampleRuns.broken("I-ROUTE")]
    return run
  }

  @Test("it tells what was missed, what broke first and why, which faults held, and how to repeat it")
  func text() {
    #expect(
      FailureAnalysis(run: red()).text == """
        ### HA-API-77 T2, offset 350 ms, seed 1, profile contract

        I-ROUTE: the route names api-1

        - expected “served again” ≤ 5000 ms, measured 12.0 s at 40.000 s
        - **I-ROUTE** broken at 12.345 s: the route names api-1
          - 10.000 s #3 api-1 not ready
          - 12.345 s #7 redis agent:k8s-a1:pod = api-1
        - faults: crash(api-1) from 10.000 s to 30.000 s, 3 effects

        Suspected: one of B-01, B-02 (the defects this case is there to catch). Severity: P1.

            ./sim replay --case HA-API-77 --variant 'T2, offset 350 ms' --seed 1 --profile contract

        """)
  }

  @Test("severity is P0 for safety, P1 for liveness, P2 for a missed target alone")
  func severity() {
    var run = red()
    run.invariants = [SampleRuns.broken("I-CMD-ONCE"), SampleRuns.broken("I-ROUTE")]
    #expect(FailureAnalysis(run: run).text.contains("Severity: P0."))
    run.invariants = []
    #expect(FailureAnalysis(run: run).text.contains("Severity: P2."))
  }

  @Test("of many violations three are told, the rest counted")
  func manyViolations() {
    var run = red()
    var verdict = SampleRuns.broken("I-ROUTE")
    verdict.violations = Array(repeating: verdict.violations[0], count: 5)
    verdict.violationCount = 12
    run.invariants = [verdict]
    let lines = FailureAnalysis(run: run).text.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("- **I-ROUTE** broken") } == 3)
    #expect(lines.contains("- I-ROUTE: 9 more"))
  }

  @Test("a case without assigned defects has no suspect")
  func noSuspect() {
    let run = SampleRuns.run(SampleRuns.testCase(kills: []), verdict: .failed, reason: "premise not met")
    #expect(FailureAnalysis(run: run).text.contains("Suspected: unknown. Severity: P2."))
  }
}
