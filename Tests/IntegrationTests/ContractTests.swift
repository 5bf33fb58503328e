import Oracles
import Scenarios
import SimulatedEnvironment
import TestEnvironment
import Testing

/// What holds for every scenario under the contract: each case is green, and proves what it says it proves.
@Suite("Scenarios under the contract")
struct ContractTests {
  /// What `./sim run` runs.
  static let plain = Catalogue.scenarios.flatMap { CaseAndVariant.plain(of: $0, seed: ContractRuns.seed) }
  /// All of it that the simulation can do.
  static let possible = plain
  /// Ids of the specification: their beginnings, and how many there are of each (spec/06).
  private static let series: [ScenarioName: [(prefix: String, count: Int)]] = [
    .haMultiPodAPI: [("HA-API", 19)], .haKubernetesAgentLeaderElection: [("HA-LE", 17)],
    .dockerAgentLifecycle: [("DOCK", 18)], .vncStreaming: [("VNC-D", 7), ("VNC-K", 17)], .crossPlatform: [("XP", 14)],
    .databaseMigrations: [("DBM", 17)], .haChaos: [("CHAOS", 16)],
    .multiUserConcurrent: [("MU", 16)], .performanceLoad: [("PERF-LOAD", 6), ("PERF-RES", 5), ("PERF-THR", 5)],
  ]

  @Test("a scenario has the cases of its specification, each once", arguments: Catalogue.scenarios)
  func catalogue(_ scenario: ScenarioName) throws {
    let series = try #require(Self.series[scenario])
    let cases = Catalogue.cases.filter { $0.scenario == scenario }
    let wanted = series.flatMap { prefix, count in (1...count).map { "\(prefix)-\($0 < 10 ? "0" : "")\($0)" } }
    #expect(cases.map(\.id).sorted() == wanted)
    for testCase in cases {
      let names = testCase.variants.map(\.name)
      #expect(!names.isEmpty && Set(names).count == names.count, "\(testCase.id) has variants of one name")
    }
  }

  @Test("a case is green from seed 1", arguments: possible)
  func isGreen(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    #expect(run.verdict == .passed, "\(run.reason)\nagain: \(run.replayLine)")
    #expect(!run.expectations.isEmpty, "a case without expectations asserts nothing")
    #expect(run.checks > run.expectations.count, "no invariant was checked")
  }

  @Test("a case puts the invariants to the test that it names", arguments: Set(possible.map(\.testCase.id)).sorted())
  func exercisesItsInvariants(_ id: String) async throws {
    let items = Self.possible.filter { $0.testCase.id == id }
    let testCase = try #require(items.first?.testCase)
    let runs = await ContractRuns.runs(items)
    let known = Judge.catalogue.map(\.id)
    for invariant in testCase.invariants {
      #expect(known.contains(invariant), "\(id) names \(invariant), which no judge knows")
      let checks = runs.flatMap(\.invariants).filter { $0.id == invariant }.reduce(0) { $0 + $1.checks }
      // A case of scenario 1 may say that part of it waits for something that is not simulated yet.
      let waits = testCase.scenario == .haMultiPodAPI && testCase.limits.contains(invariant)
      #expect(checks > 0 || waits, "\(invariant) was not exercised, and the limits are silent")
    }
  }

  @Test(
    "a case without a fault that it announces has no inert fault",
    arguments: possible + DockerAgentLifecycleTests.scanned)
  func hasNoInertFault(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    let inert = run.faults.filter { $0.touched == 0 }.map(\.name)
    #expect(inert.isEmpty, "these faults touched nothing: \(inert)\nagain: \(run.replayLine)")
  }

  @Test(
    "a case with a fault marks it on its time-line",
    arguments: possible.filter {
      [.haKubernetesAgentLeaderElection, .dockerAgentLifecycle, .vncStreaming, .haChaos].contains($0.testCase.scenario)
    })
  func marksItsFaults(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    let isDisturbed =
      !run.faults.isEmpty
      || run.observations.contains { if case .processEnded = $0.observation { true } else { false } }
    #expect(!isDisturbed || run.marks.contains { $0.kind == .fault })
  }

  /// spec/06 §10.4. Each variant that a plain run does counts.
  @Test("the median plain case costs at most 5 000 kernel events and 300 statements")
  func staysWithinItsBudget() async {
    let runs = await ContractRuns.runs(Self.possible)
    let light = runs.filter { !RunCosts.heavyCases.contains($0.testCase.id) }
    let events = light.map(\.kernelEvents).sorted()
    let statements = light.map(\.statements).sorted()
    #expect(events[events.count / 2] <= RunCosts.median.events, "events: \(events)")
    #expect(statements[statements.count / 2] <= RunCosts.median.statements, "statements: \(statements)")
  }

  @Test("a plain case stays within the budget of its own", arguments: possible)
  func staysWithinItsOwnBudget(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    let cost = RunCost(events: run.kernelEvents, statements: run.statements)
    let budget = RunCosts.budget(of: item.testCase.id)
    #expect(cost.isWithin(budget), "\(cost.text), and it may cost \(budget.text)")
  }

  @Test(
    "no plain case costs more than a heavy one may: 200 000 kernel events and 20 000 statements", arguments: possible)
  func isNoHeavyCase(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    #expect(run.kernelEvents <= 200_000)
    #expect(run.statements <= 20_000)
  }
}
