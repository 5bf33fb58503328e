import Oracles
import TestEnvironment
import Testing

@testable import Reporting

/// Every character that XML writes in another way or forbids, and what Markdown would take for a cell's end.
private let hostile = "a < b & c > \"d\" | ]]> \u{0}\u{1}\u{FFFE} ü"

@Suite("Elections in a report")
struct ElectionReportTests {
  @Test("facts: who held, led, was paused and down, and when")
  func facts() throws {
    let fact = try #require(ElectionFacts.all(of: SampleRuns.elected()).first)
    typealias Span = ElectionFacts.Span
    #expect(fact.instances == [1, 2, 3].map(SampleRuns.process))
    #expect(
      fact.led == [
        Span(instance: SampleRuns.process(1), term: 1, start: .seconds(1), end: .seconds(40)),
        Span(instance: SampleRuns.process(2), term: 2, start: .seconds(36), end: .seconds(100)),
      ])
    #expect(fact.held.map(\.end) == [.seconds(36), .seconds(100)])
    #expect(fact.paused.map(\.start) == [.seconds(20)])
    #expect(fact.down.map(\.start) == [.seconds(60)])
    #expect(fact.authority.map(\.end) == [.seconds(20), .seconds(100)])
    #expect(fact.longestGap == .seconds(16))
    #expect(fact.changes == 1)
    #expect(ElectionFacts.all(of: SampleRuns.eventful()).isEmpty)
  }

  @Test("a paused leader overlaps with nobody, from its waking on it does", arguments: [0, 1, 250])
  func overlap(milliseconds: Int64) throws {
    let overlap = Duration.milliseconds(milliseconds)
    let fact = try #require(ElectionFacts.all(of: SampleRuns.elected(overlap: overlap)).first)
    #expect(fact.overlap(SampleRuns.process(1), SampleRuns.process(2)) == overlap)
    #expect(fact.overlap(SampleRuns.process(2), SampleRuns.process(1)) == overlap)
    #expect(fact.overlap(SampleRuns.process(1), SampleRuns.process(3)) == .zero)
  }

  @Test("a raised term is the same leadership; a leader that dies leads no longer")
  func terms() throws {
    var run = SampleRuns.elected()
    run.observations = [
      (1, Observation.leadership(agent: "a", instance: "p", term: 1, isLeading: true, reason: "")),
      (2, .leadership(agent: "a", instance: "p", term: 3, isLeading: true, reason: "")),
      (3, .processEnded(process: "p", reason: "killed", injected: true)),
    ].enumerated().map {
      TimedObservation(time: .seconds($0.element.0), sequence: $0.offset, observation: $0.element.1)
    }
    let fact = try #require(ElectionFacts.all(of: run).first)
    #expect(fact.changes == 0)
    #expect(fact.led.map(\.end) == [.seconds(2), .seconds(3)])
  }

  @Test("the matrix shows the worst of all runs, gaps and changes per hour")
  func matrix() throws {
    let runs = [SampleRuns.elected(), SampleRuns.elected(seed: 2, overlap: .milliseconds(7))]
    let text = try #require(ElectionTables(cases: [(runs[0].testCase, runs)]).text)
    #expect(
      text.contains("| case | runs | 1 and 2 | 1 and 3 | 2 and 3 | longest gap | changes | per hour |"))
    #expect(text.contains("| HA-LE-09 | 2 | 7 ms | 0 ms | 0 ms | 16.0 s | 2 | 36.0 |"))
  }

  @Test("replicas with a lock each are not elected, so the matrix leaves them out")
  func unshared() throws {
    var run = SampleRuns.elected(overlap: .milliseconds(7))
    run.variant.topology.agents[0].election = .file(shared: false)
    #expect(ElectionTables(cases: [(run.testCase, [run])]).text == nil)
    let text = try #require(ElectionTables(cases: [(run.testCase, [run, SampleRuns.elected()])]).text)
    #expect(text.contains("| HA-LE-09 | 1 | 0 ms |"))
  }

  @Test("the comparison of back ends in scenario 3 takes in what XP-08 measured")
  func comparison() throws {
    var docker = SampleRuns.contained()
    docker.tables = [.backend("redis", "acquire", .duration(.seconds(15)))]
    var cross = SampleRuns.run(SampleRuns.testCase("XP-08", scenario: .crossPlatform))
    cross.tables = [
      .backend("lease", "acquire", .duration(.seconds(1))),
      .gap("x", platform: .docker, severity: .p1, whatHappens: "y"),
    ]
    let files = ReportFiles.files(for: SampleRuns.suite([docker, cross]))
    let file = try #require(files.first { $0.name.contains("DOCKER") })
    let text = String(decoding: file.bytes, as: UTF8.self)
    #expect(text.contains("| aspect | lease | redis |"))
    #expect(!text.contains("### Gaps"))
  }

  @Test("fail-over times are told by kind, judged by the worst")
  func kinds() throws {
    var run = SampleRuns.run()
    run.samples = [
      (LeaderLoss.crash.sampleName, [.seconds(18), .seconds(24)]), (LeaderLoss.graceful.sampleName, [.seconds(16)]),
    ]
    let text = try #require(ElectionTables(cases: [(run.testCase, [run])]).text)
    #expect(text.contains("| graceful | 1 | 16.0 s | 16.0 s | 16.0 s | ≤ 15.0 s | **missed** |"))
    #expect(text.contains("| crash | 2 | 18.0 s | 24.0 s | 24.0 s | ≤ 25.0 s | met |"))
    #expect(ElectionTables(cases: [(run.testCase, [SampleRuns.eventful()])]).text == nil)
  }

  @Test("the strip chart is well formed whatever texts go into it, a row per process", arguments: ["cut", hostile])
  func stripChart(text: String) throws {
    let elements = try #require(XMLReader.read(StripChart(run: SampleRuns.elected(text: text)).svg))
    let labels = elements.filter { $0.name == "text" && $0.attributes["x"] == "8" }.map(\.text)
    #expect(labels == ["faults"] + [1, 2, 3].map(SampleRuns.process))
    #expect(elements.contains { $0.name == "text" && $0.text == "term 1" })
    #expect(elements.contains { $0.name == "text" && $0.text.hasPrefix(text.prefix(1)) && $0.attributes["x"] != "8" })
    #expect(elements.contains { $0.name == "title" && $0.text.contains("is refused") })
    for element in elements where element.name == "rect" && element.attributes["fill-opacity"] != nil {
      let x = try #require(element.attributes["x"].flatMap(Int.init))
      let width = try #require(element.attributes["width"].flatMap(Int.init))
      #expect(x >= TimeChart.Size.left && x + width <= TimeChart.Size.width)
    }
  }

  @Test("a failed run is drawn first, else the one with most changes; a run without election never")
  func representative() {
    let quiet = SampleRuns.eventful()
    let green = SampleRuns.elected(seed: 2)
    let red = SampleRuns.elected(seed: 3, verdict: .failed)
    #expect(StripChart.representative(of: [quiet]) == nil)
    #expect(StripChart.representative(of: [quiet, green, SampleRuns.elected(seed: 4)])?.seed == 2)
    #expect(StripChart.representative(of: [green, red])?.seed == 3)
  }

  @Test("the distribution of fail-over times is well formed, a line per kind, steps that end at all of them")
  func distribution() throws {
    var run = SampleRuns.run()
    #expect(FailOverFigure(runs: [run]).svg == nil)
    run.samples = [
      (LeaderLoss.pause.sampleName, [.seconds(22)]), (LeaderLoss.crash.sampleName, [.seconds(18), .seconds(70)]),
      ("other", [.seconds(1)]),
    ]
    let svg = try #require(FailOverFigure(runs: [run]).svg)
    let lines = try #require(XMLReader.read(svg)).filter { $0.name == "polyline" }
    #expect(lines.count == 2)
    #expect(lines.allSatisfy { $0.attributes["points"]?.hasSuffix("570,34") == true })
    #expect(svg.contains("crash, n = 2") && svg.contains("pause, n = 1"))
    run.samples = [(LeaderLoss.crash.sampleName, [.seconds(20), .seconds(10)])]
    let steps = try #require(FailOverFigure(runs: [run]).svg.flatMap(XMLReader.read)).first { $0.name == "polyline" }
    #expect(steps?.attributes["points"] == "50,300 223,300 223,167 396,167 396,34 570,34")
  }

  @Test("life-lines are well formed whatever texts go into them, a row per container", arguments: ["s<3>", hostile])
  func lifeLines(text: String) throws {
    let run = SampleRuns.contained(text)
    let elements = try #require(XMLReader.read(LifeLineFigure(run: run).svg))
    let labels = elements.filter { $0.name == "text" && $0.attributes["x"] == "8" }.map(\.text)
    #expect(labels.prefix(3) == ["faults", "s1", "s2"])
    #expect(labels.count == 4)
    #expect(elements.contains { $0.name == "title" && $0.text == "9.000 s deleted by cmd-1" })
    #expect(LifeLineFigure.representative(of: [SampleRuns.eventful()]) == nil)
  }

  @Test("the inventory counts what was put in place, the most at once, and what is left")
  func inventory() throws {
    let run = SampleRuns.contained()
    let text = try #require(InventoryTable(cases: [(run.testCase, [run])]).text)
    #expect(text.contains("| DOCK-03 | container | 1 | 2 | 2 |"))
    #expect(text.contains("| DOCK-03 | volume | 1 | 1 | 1 |"))
    #expect(InventoryTable(cases: [(run.testCase, [SampleRuns.run()])]).text == nil)
  }

  @Test("the report of scenario 2 holds chart, matrix and constants; files come in one order")
  func report() throws {
    var run = SampleRuns.elected()
    run.samples = [(LeaderLoss.pause.sampleName, [.seconds(17)])]
    let files = ReportFiles.files(for: SampleRuns.suite([run]))
    #expect(
      files.map(\.name) == [
        "INTEGRATION_TEST_HA_K8S_AGENT_LEADER_ELECTION.md", "figures/HA-LE-09-lease.svg",
        "figures/ha-k8s-agent-leader-election-fail-over.svg", "junit.xml",
      ])
    #expect(files == ReportFiles.files(for: SampleRuns.suite([run])))
    let text = String(decoding: files[0].bytes, as: UTF8.self)
    #expect(text.contains("k8s-prod-cluster (100, 3 processes, lease)"))
    #expect(text.contains("Election: lease of 15 s"))
    #expect(text.contains("![HA-LE-09, who leads](figures/HA-LE-09-lease.svg)"))
    #expect(text.contains("### Overlap matrix") && text.contains("### Fail-over by kind of loss"))
  }
}

@Suite("Index of a run")
struct RunIndexTests {
  private var suite: SuiteRun {
    var slow = SampleRuns.elected("HA-LE-02")
    slow.expectations = [
      SampleRuns.within("leader", .seconds(15), measured: .seconds(12)),
      SampleRuns.within("other", .seconds(15), measured: .seconds(3)),
    ]
    var red = SampleRuns.contained()
    red.verdict = .failed
    red.reason = "I-NO-ORPHAN: left | over"
    return SampleRuns.suite([red, slow, SampleRuns.elected("HA-LE-03", verdict: .skipped)])
  }

  @Test("it lists the scenarios in their order, with verdicts, checks and the worst target")
  func markdown() throws {
    let files = ReportFiles.files(for: suite)
    #expect(files.prefix(2).map(\.name) == ["index.md", "index.json"])
    let text = String(decoding: files[0].bytes, as: UTF8.self)
    #expect(
      text.contains(
        """
        | [ha-k8s-agent-leader-election](INTEGRATION_TEST_HA_K8S_AGENT_LEADER_ELECTION.md) | green | 2 | 1 | 0 | 1 | 2 | HA-LE-02 “leader”: 12.0 s of 15.0 s (80 %) |
        | [docker-agent-lifecycle](INTEGRATION_TEST_DOCKER_AGENT_LIFECYCLE.md) | red | 1 | 0 | 1 | 0 | 0 | - |
        """))
    #expect(text.contains("- DOCK-03, seed 1: I-NO-ORPHAN: left | over"))
  }

  @Test("the same as JSON")
  func json() {
    let text = RunIndex(suite: suite).json
    #expect(text.hasPrefix("{\"profile\":\"contract\","))
    #expect(text.contains("\"name\":\"docker-agent-lifecycle\""))
    #expect(text.contains("\"worstPercent\":80"))
    #expect(text.contains("\"worstTarget\":null"))
  }

  @Test("a run of one scenario needs none")
  func single() {
    #expect(!ReportFiles.files(for: SampleRuns.suite([SampleRuns.elected()])).contains { $0.name.hasPrefix("index") })
  }
}
