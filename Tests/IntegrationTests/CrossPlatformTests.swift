import Oracles
import Scenarios
import SimulatedEnvironment
import TestEnvironment
import Testing

/// Scenario 8 under the contract: every case is green, and proves what it says it proves.
@Suite("Cross platform")
struct CrossPlatformTests {
  /// What `./sim run cross-platform` runs.
  static let plain = CaseAndVariant.plain(of: .crossPlatform, seed: ContractRuns.seed)

  @Test("the scenario has the fourteen cases of its specification, each once and in order")
  func catalogue() {
    #expect(CrossPlatform.cases.map(\.id) == (1...14).map { "XP-\($0 < 10 ? "0" : "")\($0)" })
    for testCase in CrossPlatform.cases {
      let names = testCase.variants.map(\.name)
      #expect(!names.isEmpty && Set(names).count == names.count, "\(testCase.id) has variants of one name")
    }
  }

  @Test("a case is green from seed 1", arguments: plain)
  func isGreen(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    #expect(run.verdict == .passed, "\(run.reason)\nagain: \(run.replayLine)")
    #expect(!run.expectations.isEmpty, "a case without expectations asserts nothing")
    #expect(run.checks > run.expectations.count, "no invariant was checked")
  }

  @Test("a case puts the invariants to the test that it names", arguments: CrossPlatform.cases.map(\.id))
  func exercisesItsInvariants(_ id: String) async throws {
    let items = Self.plain.filter { $0.testCase.id == id }
    let testCase = try #require(items.first?.testCase)
    let runs = await ContractRuns.runs(items)
    let known = Judge.catalogue.map(\.id)
    for invariant in testCase.invariants {
      #expect(known.contains(invariant), "\(id) names \(invariant), which no judge knows")
      let checks = runs.flatMap(\.invariants).filter { $0.id == invariant }.reduce(0) { $0 + $1.checks }
      #expect(checks > 0, "\(invariant) was not exercised")
    }
  }

  @Test("a case without a fault that it announces has no inert fault", arguments: plain)
  func hasNoInertFault(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    let inert = run.faults.filter { $0.touched == 0 }.map(\.name)
    #expect(inert.isEmpty, "these faults touched nothing: \(inert)\nagain: \(run.replayLine)")
  }

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

  /// spec/06 §10.4. Each variant that a plain run does counts.
  @Test("the median plain case costs at most 5 000 kernel events and 300 statements")
  func staysWithinItsBudget() async {
    let runs = await ContractRuns.runs(Self.plain)
    let events = runs.map(\.kernelEvents).sorted()
    let statements = runs.map(\.statements).sorted()
    #expect(events[events.count / 2] <= 5_000, "events: \(events)")
    #expect(statements[statements.count / 2] <= 300, "statements: \(statements)")
  }

  @Test("no plain case costs more than a heavy one may: 200 000 events, 20 000 statements", arguments: plain)
  func isNoHeavyCase(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    #expect(run.kernelEvents <= 200_000)
    #expect(run.statements <= 20_000)
  }
}
