import Oracles
import Reporting
import Scenarios
import SimulatedEnvironment
import TestEnvironment
import Testing

/// Scenario 7 under the contract: what it promises beyond what ``ContractTests`` ask of all.
@Suite("Performance and load")
struct PerformanceLoadTests {
  /// What `./sim run performance-load` runs.
  static let plain = CaseAndVariant.plain(of: .performanceLoad, seed: ContractRuns.seed)

  private static func runs(_ id: String) async -> [CaseRun] {
    await ContractRuns.runs(plain.filter { $0.testCase.id == id })
  }

  private static func count(_ quantity: Quantity?) -> Int? {
    if case .count(let count)? = quantity { count } else { nil }
  }

  @Test("no replica ever has more than 25 connections to the database, and a burst uses them all")
  func usesThePool() async {
    let runs = await Self.runs("PERF-RES-02")
    let most = runs.flatMap(\.expectations).filter { $0.name == "burst: connections of a replica" }
    #expect(!most.isEmpty)
    #expect(most.allSatisfy { Self.count($0.measured) == 25 })
  }

  @Test("the resource model gives back what was measured of an idle deployment")
  func isCalibrated() async throws {
    let tables = await Self.runs("PERF-RES-01").flatMap(\.tables).filter { $0.table == "resources" }
    let idle = tables.filter { $0["load"] == .text("idle") }
    let replica = try #require(idle.first { $0["component"] == .text("API replica") })
    // 50m and 128 MiB (spec/06 §10.1).
    #expect((48...55).contains(Self.count(replica["CPU (m)"]) ?? 0))
    #expect((126...130).contains(Self.count(replica["memory (MiB)"]) ?? 0))
    let agent = try #require(idle.first { $0["component"] == .text("agent, leading") })
    #expect(Self.count(agent["CPU (m)"]) == 50)
    #expect((50...64).contains(Self.count(agent["memory (MiB)"]) ?? 0))
  }

  @Test("more sessions never use less of anything")
  func grows() async {
    let runs = await Self.runs("PERF-RES-01").filter(\.variant.name.isEmpty)
    let tables = runs.flatMap(\.tables).filter { $0.table == "resources" }
    for component in ["API replica", "agent, leading"] {
      let memory = tables.filter { $0["component"] == .text(component) }.compactMap { Self.count($0["memory (MiB)"]) }
      #expect(memory.count == 3)
      #expect(memory == memory.sorted())
    }
  }

  @Test("the ramp names its knee and the queue that makes it")
  func findsTheKnee() async throws {
    let rows = await Self.runs("PERF-LOAD-02").flatMap(\.tables).filter { $0.table == "saturation" }
    let open = try #require(rows.first { $0["ramp"] == .text("100 slots") })
    #expect(open["knee"] != .text("none"))
    #expect(open["queue"] != .text("-"))
    let full = try #require(rows.first { $0["ramp"] == .text("5 x 10 slots") })
    #expect(full["saturated at"] == .text("50 sessions: every slot taken"))
  }

  @Test("the report says that its numbers are a model's, and has every table")
  func report() async throws {
    let runs = await ContractRuns.runs(Self.plain)
    let suite = SuiteRun(
      runs: runs, seeds: 1...1, profile: "contract", environment: "simulated", depth: .plain, command: "./sim run")
    let files = ReportFiles.files(for: suite)
    let report = try #require(files.first { $0.name == ScenarioName.performanceLoad.reportFile })
    let text = String(decoding: report.bytes, as: UTF8.self)
    for title in [
      "### What these numbers are", "**Model results.**", "### Resource profile", "### Utilisation", "### Ramp",
      "### Knee and saturation", "### Drain rate", "### Hub latency", "### Sizes",
    ] {
      #expect(text.contains(title), "\(title) is missing")
    }
  }
}
