import Oracles
import Scenarios
import SimulatedEnvironment
import TestEnvironment
import Testing

/// Scenario 6 under the contract: what it promises beyond what ``ContractTests`` ask of all.
@Suite("Many users")
struct MultiUserConcurrentTests {
  /// What `./sim run multi-user-concurrent` runs.
  static let plain = CaseAndVariant.plain(of: .multiUserConcurrent, seed: ContractRuns.seed)

  private static func entries(_ table: String, of ids: [String]) async -> [TableEntry] {
    await ContractRuns.runs(plain.filter { ids.contains($0.testCase.id) }).flatMap(\.tables).filter {
      $0.table == table
    }
  }

  @Test("the isolation matrix has every relation, and only administrators of the organisation are let in")
  func isolation() async {
    let entries = await Self.entries("isolation", of: ["MU-03", "MU-04"])
    for relation in TenantRelation.allCases {
      let own = entries.filter { $0["actor"] == .text(relation.rawValue) }
      #expect(!own.isEmpty, "\(relation.rawValue)")
      for entry in own where relation != .ownAdministrator {
        #expect(entry["let in"] == .count(0), "\(entry)")
      }
    }
  }

  @Test("every user who asked for sessions is in the table of users, and none has more than the quota allows")
  func users() async {
    let entries = await Self.entries("users", of: ["MU-01", "MU-02", "MU-06", "MU-07", "MU-08", "MU-10"])
    #expect(entries.count >= 15)
    for entry in entries {
      guard case .text(let quota)? = entry["quota"], case .count(let most)? = entry["most sessions"],
        let limit = quota.split(separator: " ").first.flatMap({ Int($0) })
      else {
        Issue.record("\(entry)")
        continue
      }
      #expect(most <= limit, "\(entry)")
    }
  }

  @Test(
    "ended sessions leave nothing of what was made for them", arguments: ["MU-01", "MU-02", "MU-10", "MU-11", "MU-16"])
  func orphans(_ id: String) async {
    let entries = await Self.entries("orphans", of: [id])
    #expect(!entries.isEmpty)
    for entry in entries { #expect(entry["left"] == .count(0), "\(entry)") }
  }

  @Test("start times beside others are sampled for five and for fifteen at once")
  func startTimes() async {
    let samples = await ContractRuns.runs(Self.plain).flatMap(\.samples)
    for count in [5, 15] {
      let values = samples.filter { $0.name == TableEntry.startSample(atOnce: count) }.flatMap(\.values)
      #expect(values.count >= count)
    }
  }

  @Test("only video for fifteen viewers is a heavy run")
  func cost() async {
    // 200 sessions have a budget of their own.
    for item in Self.plain where item.testCase.id != "MU-13" {
      let run = await ContractRuns.run(item)
      let isHeavy = item.testCase.id == "MU-09"
      #expect(run.kernelEvents <= (isHeavy ? 200_000 : 20_000), "\(item.testDescription): \(run.kernelEvents) events")
      #expect(run.statements <= (isHeavy ? 20_000 : 4_000), "\(item.testDescription): \(run.statements) statements")
    }
  }
}
