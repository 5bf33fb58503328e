import Oracles
import TestEnvironment
import Testing

@testable import Reporting

@Suite("Tables that cases write")
struct TableTests {
  private func run(_ entries: [TableEntry], seed: UInt64 = 1, id: String = "XP-01") -> CaseRun {
    var run = SampleRuns.run(SampleRuns.testCase(id, scenario: .crossPlatform), seed: seed)
    run.tables = entries
    return run
  }

  @Test("rows are kept in order, with their columns in order")
  func record() {
    let record = CaseRecord()
    record.add(TableEntry(table: "own", row: ["b": .count(1), "a": .text("x")]))
    record.add(TableEntry.backend("redis", "acquire", .duration(.seconds(2))))
    #expect(record.tables.map(\.table) == ["own", "backend"])
    #expect(record.tables[0].cells.map(\.column) == ["b", "a"])
    #expect(record.tables[1]["value"] == .duration(.seconds(2)))
    #expect(record.tables[1]["nothing"] == nil)
  }

  @Test("rows with the same texts are one line: durations as p50 and max, counts as range")
  func merging() throws {
    let rows = [1, 2, 9].map { number in
      TableEntry(
        table: "own", row: ["what": .text("x"), "time": .duration(.seconds(number)), "count": .count(number)])
    }
    let other = TableEntry(table: "own", row: ["what": .text("y"), "time": .text("-"), "count": .count(4)])
    let lines = TableLines("own", of: [run([rows[0], other]), run([rows[1]], seed: 2), run([rows[2]], seed: 3)])
    #expect(lines.columns == ["what", "time", "count"])
    #expect(
      lines.markdown == """
        | case | what | time | count | n |
        |---|---|---|---|---|
        | XP-01 | x | 2000 ms / 9000 ms | 1 … 9 | 3 |
        | XP-01 | y | - | 4 | 1 |

        """)
  }

  @Test("lines of different cases are kept apart, a missing column is empty")
  func perCase() {
    let a = TableEntry(table: "own", row: ["what": .text("x")])
    let b = TableEntry(table: "own", row: ["more": .count(1)])
    let lines = TableLines("own", of: [run([a]), run([a, b], id: "XP-02")])
    #expect(lines.lines.map(\.caseID) == ["XP-01", "XP-02", "XP-02"])
    #expect(lines.markdown.contains("| XP-02 |  | 1 | 1 |"))
  }

  @Test("known tables come first and in their order, whatever was written first; unknown ones as they are")
  func order() {
    let text = ExtraTables(runs: [
      run([
        TableEntry(table: "own | table", row: ["a": .count(1)]),
        .versions(controlPlane: "shipped", agent: .contract, platform: .docker, outcome: "works", without: "tunnels"),
        .overlap(kind: "pause", first: "1", second: "2", overlap: .zero, gap: .seconds(3)),
      ])
    ]).text
    let headings = text.split(separator: "\n").filter { $0.hasPrefix("### ") }
    #expect(headings == ["### Overlap by case", "### Version skew", "### Table “own | table”"])
    #expect(text.contains("| XP-01 | shipped | contract | docker | works | tunnels | 1 |"))
  }

  @Test("back ends stand side by side, aspects in their order, what is missing is a dash")
  func backEnds() {
    let text = ExtraTables(runs: [
      run([
        .backend("redis", "loss", .text("written again")), .backend("redis", "acquire", .duration(.seconds(15))),
        .backend("file", "acquire", .duration(.seconds(16))), .backend("file", "odd", .count(1)),
      ])
    ]).text
    #expect(
      text.contains(
        """
        | aspect | file | redis |
        |---|---|---|
        | acquire | 16.0 s | 15.0 s |
        | loss | - | written again |
        | odd | 1 | - |
        """))
  }

  @Test("fail-over times are judged by the worst, each back end by its own target")
  func failOver() {
    func row(_ backEnd: String, _ kind: LeaderLoss, _ acting: Duration) -> String {
      ExtraTables(runs: [
        run([
          .failover(backEnd: backEnd, kind: kind, lock: .seconds(1), acting: .seconds(1)),
          .failover(backEnd: backEnd, kind: kind, lock: .seconds(2), acting: acting),
        ])
      ]).text
    }
    #expect(row("lease", .crash, .seconds(25)).contains("| ≤ 25.0 s | met | 2 |"))
    #expect(row("lease", .crash, .milliseconds(25_001)).contains("| **missed** | 2 |"))
    #expect(row("file", .crash, .milliseconds(5_001)).contains("| ≤ 5000 ms | **missed** | 2 |"))
    #expect(row("redis", .graceful, .seconds(10)).contains("| ≤ 10.0 s | met | 2 |"))
  }

  @Test("elections are told per hour, over all runs", arguments: [(3_600, "2.0"), (5_400, "1.3"), (0, "-")])
  func elections(seconds: Int, rate: String) {
    let entry = TableEntry.elections("24 h", count: 1, in: .seconds(seconds) / 2)
    let text = ExtraTables(runs: [run([entry]), run([entry], seed: 2)]).text
    #expect(text.contains("| XP-01 | 24 h | 2 | \(rate) | 2 |"))
  }

  @Test("parity says whether the platforms agree, times excepted")
  func parity() {
    let text = ExtraTables(runs: [
      run([
        .parity("answer", .kubernetes, .count(202)), .parity("answer", .docker, .count(202)),
        .parity("states", .kubernetes, .text("pending, running")), .parity("states", .docker, .text("pending")),
        .parity("start", .kubernetes, .duration(.seconds(6))), .parity("start", .docker, .duration(.seconds(3))),
        .parity("wake", .docker, .count(1)),
      ])
    ]).text
    for line in [
      "| what | docker | kubernetes | equal |", "| answer | 202 | 202 | yes |",
      "| states | pending | pending, running | **no** |", "| start | 3000 ms | 6000 ms |  |",
      "| wake | 1 | - | one only |",
    ] { #expect(text.contains(line), "\(line)") }
  }

  @Test("conformance has one line per message and direction, and the platforms side by side")
  func conformance() {
    func entry(_ platform: Topology.Agent.Platform, sent: Bool, accepted: Bool) -> TableEntry {
      .conformance(
        message: "ack", direction: "to API", platform: platform, sent: sent, accepted: accepted, meaning: "received")
    }
    let text = ExtraTables(runs: [
      run([entry(.kubernetes, sent: true, accepted: true), entry(.docker, sent: true, accepted: false)])
    ]).text
    #expect(text.contains("| message | direction | docker: sent | accepted | kubernetes: sent | accepted | meaning |"))
    #expect(text.contains("| ack | to API | yes | no | yes | yes | received |"))
  }

  @Test("gaps are ordered by severity")
  func gaps() throws {
    let text = ExtraTables(runs: [
      run([
        .gap("tunnel", platform: .docker, severity: .p2, whatHappens: "error"),
        .gap("start", platform: .docker, severity: .p0, whatHappens: "lost"),
      ])
    ]).text
    let first = try #require(text.range(of: "| P0 | docker | start | lost | XP-01 |"))
    let second = try #require(text.range(of: "| P2 | docker | tunnel | error | XP-01 |"))
    #expect(first.lowerBound < second.lowerBound)
  }

  @Test("without rows there is no text")
  func empty() { #expect(ExtraTables(runs: [SampleRuns.eventful()]).text.isEmpty) }
}

@Suite("Calibration")
struct CalibrationTests {
  private func table(_ quantity: Calibration, _ values: [Duration]) -> String? {
    let record = CaseRecord()
    for value in values { record.sample(quantity, value) }
    var run = SampleRuns.run()
    run.samples = record.samples
    return CalibrationTable(runs: [run]).text
  }

  @Test(
    "the median is checked at its bounds", arguments: [(5_000, true), (8_000, true), (4_999, false), (8_001, false)])
  func median(milliseconds: Int64, agrees: Bool) {
    let text = table(.sessionStart, [.milliseconds(milliseconds)])
    #expect(text?.contains(agrees ? "| agrees |" : "| **differs** |") == true)
  }

  @Test("for a crash every value counts")
  func everyValue() {
    #expect(table(.crashLeaderChange, [.seconds(17), .seconds(18), .seconds(24)])?.contains("| agrees |") == true)
    #expect(
      table(.crashLeaderChange, [.seconds(17), .seconds(18), .milliseconds(24_001)])?.contains("differs") == true)
    #expect(
      table(.crashLeaderChange, [.milliseconds(12_999), .seconds(18), .seconds(19)])?.contains("differs") == true)
  }

  @Test("what has no prescribed bound is reported beside the measured value")
  func reported() {
    #expect(
      table(.firstHeartbeat, [.seconds(30)])?.contains(
        "| first heartbeat after connect | 1 | 30.0 s / 30.0 s / 30.0 s / 30.0 s | 30 s |  | reported |") == true)
  }

  @Test("without samples there is no table, and its samples are in no other")
  func elsewhere() throws {
    #expect(table(.stop, []) == nil)
    var run = SampleRuns.run()
    run.samples = [(Calibration.stop.rawValue, [.seconds(1)]), ("other", [.seconds(1)])]
    let file = try #require(
      ReportFiles.files(for: SampleRuns.suite([run])).first { $0.name.hasPrefix("INTEGRATION_TEST") })
    let text = String(decoding: file.bytes, as: UTF8.self)
    #expect(text.contains("HA-API-77: other"))
    #expect(!text.contains("HA-API-77: calibration"))
    #expect(text.contains("### Calibration of the latency model"))
  }
}
