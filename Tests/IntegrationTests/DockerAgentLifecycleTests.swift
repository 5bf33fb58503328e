import Oracles
import Scenarios
import SimulatedEnvironment
import TestEnvironment
import Testing

/// Scenario 3 under the contract: what it promises beyond what ``ContractTests`` ask of all.
@Suite("Docker agent lifecycle")
struct DockerAgentLifecycleTests {
  /// What `./sim run docker-agent-lifecycle` runs.
  static let plain = CaseAndVariant.plain(of: .dockerAgentLifecycle, seed: ContractRuns.seed)
  /// Every loss of DOCK-08 and every moment of DOCK-10, of which a plain run does one.
  static let scanned = CaseAndVariant.all(of: .dockerAgentLifecycle).filter {
    $0.testCase.plainVariants == .oneBySeed
  }

  @Test("every loss of the connection and every moment of a crash ends well", arguments: scanned)
  func everyVariant(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    #expect(run.verdict == .passed, "\(run.reason)\nagain: \(run.replayLine)")
  }

  @Test("a case writes an inventory, and what is left at its end is declared", arguments: plain)
  func leavesWhatItDeclares(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    let rows = run.tables.filter { $0.table == "inventory" }
    let hadContainers = run.observations.contains {
      if case .workload(_, _, let object, _, _) = $0.observation { object.hasPrefix("container/") } else { false }
    }
    #expect(rows.contains { $0["object"] == .text("container") } == hadContainers)
    for row in rows {
      #expect(row["after"] == row["declared"], "left over: \(row)\nagain: \(run.replayLine)")
    }
  }

  @Test("the three back ends are compared by what was measured", arguments: ["file", "redis", "swarm"])
  func comparesBackEnds(_ backEnd: String) async {
    let runs = await ContractRuns.runs(
      Self.plain.filter { ["DOCK-13", "DOCK-14", "DOCK-15"].contains($0.testCase.id) })
    let rows = runs.flatMap(\.tables).filter { $0["back end"] == .text(backEnd) }
    let aspects = rows.filter { $0.table == "backend" }.compactMap { row -> String? in
      if case .text(let aspect) = row["aspect"] { aspect } else { nil }
    }
    #expect(Set(aspects).isSuperset(of: ["acquire", "renewals in 10 s", "fail-over crash"]))
    #expect(rows.contains { $0.table == "failover" && $0["kind"] == .text("crash") })
  }
}
