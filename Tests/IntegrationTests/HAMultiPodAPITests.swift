import Oracles
import Scenarios
import SimulatedEnvironment
import TestEnvironment
import Testing

/// Scenario 1 under the contract: every case is green, and proves what it says it proves.
@Suite("HA multi-pod API")
struct HAMultiPodAPITests {
  /// What `./sim run ha-multi-pod-api` runs.
  static let plain = CaseAndVariant.plain(of: .haMultiPodAPI, seed: ContractRuns.seed)

  @Test("the scenario has the nineteen cases of its specification, each once")
  func catalogue() {
    let ids = HAMultiPodAPI.cases.map(\.id)
    let expected = (1...19).map { "HA-API-\($0 < 10 ? "0" : "")\($0)" }
    #expect(ids.sorted() == expected)
    for testCase in HAMultiPodAPI.cases {
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

  @Test("a case puts the invariants to the test that it names", arguments: HAMultiPodAPI.cases.map(\.id))
  func exercisesItsInvariants(_ id: String) async throws {
    let items = Self.plain.filter { $0.testCase.id == id }
    let testCase = try #require(items.first?.testCase)
    let runs = await ContractRuns.runs(items)
    let known = Judge.catalogue.map(\.id)
    for invariant in testCase.invariants {
      #expect(known.contains(invariant), "\(id) names \(invariant), which no judge knows")
      let checks = runs.flatMap(\.invariants).filter { $0.id == invariant }.reduce(0) { $0 + $1.checks }
      // A case may say that part of it waits for something that is not simulated yet.
      #expect(
        checks > 0 || testCase.limits.contains(invariant), "\(invariant) was not exercised, and the limits are silent")
    }
  }

  @Test("a case without a fault that it announces has no inert fault", arguments: plain)
  func hasNoInertFault(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    let inert = run.faults.filter { $0.touched == 0 }.map(\.name)
    #expect(inert.isEmpty, "these faults touched nothing: \(inert)\nagain: \(run.replayLine)")
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

  @Test("no plain case costs more than a heavy one may: 200 000 kernel events and 20 000 statements", arguments: plain)
  func isNoHeavyCase(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    #expect(run.kernelEvents <= 200_000)
    #expect(run.statements <= 20_000)
  }
}
