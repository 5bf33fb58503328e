import Oracles
import Scenarios
import SimulatedEnvironment
import TestEnvironment
import Testing

/// Scenario 8 under the contract: what it promises beyond what ``ContractTests`` ask of all.
@Suite("Cross platform")
struct CrossPlatformTests {
  /// What `./sim run cross-platform` runs.
  static let plain = CaseAndVariant.plain(of: .crossPlatform, seed: ContractRuns.seed)

  @Test(
    "both platforms answer a request alike, go through the same states and hold to the same limits",
    arguments: ["XP-01", "XP-04", "XP-05", "XP-12"])
  func platformsAgree(_ id: String) async throws {
    let entries = await ContractRuns.runs(Self.plain.filter { $0.testCase.id == id }).flatMap(\.tables)
      .filter { $0.table == "parity" }
    func values(_ platform: Topology.Agent.Platform) -> [String: Quantity] {
      var values: [String: Quantity] = [:]
      for entry in entries where entry["platform"] == .text(platform.rawValue) {
        guard case .text(let what)? = entry["what"], let value = entry["value"] else { continue }
        // How long something takes differs.
        if case .duration = value { continue }
        values[what] = value
      }
      return values
    }
    let kubernetes = values(.kubernetes)
    #expect(kubernetes.count > 3)
    #expect(kubernetes == values(.docker))
  }

  @Test("the table of fail-over has each back end and each kind of loss")
  func failOverTable() async throws {
    let items = CaseAndVariant.all(of: .crossPlatform).filter { $0.testCase.id == "XP-08" }
    let entries = await ContractRuns.runs(items).flatMap(\.tables).filter { $0.table == "failover" }
    for backEnd in ["lease", "file", "redis", "swarm"] {
      for kind in LeaderLoss.allCases {
        let rows = entries.filter { $0["back end"] == .text(backEnd) && $0["kind"] == .text(kind.rawValue) }
        #expect(rows.count == 1, "\(backEnd), \(kind.rawValue)")
      }
    }
  }
}
