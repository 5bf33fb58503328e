import Oracles
import Scenarios
import SimulatedEnvironment
import TestEnvironment
import Testing

/// Scenario 2 under the contract: every case is green, and proves what it says it proves.
@Suite("HA Kubernetes agent leader election")
struct HAKubernetesAgentLeaderElectionTests {
  /// What `./sim run ha-k8s-agent-leader-election` runs.
  static let plain = CaseAndVariant.plain(of: .haKubernetesAgentLeaderElection, seed: ContractRuns.seed)
  /// All of it that the simulation can do.
  static let possible = plain.filter { $0.testCase.id != "HA-LE-14" }
  /// Every moment and way in which HA-LE-06 loses a leader.
  static let boundaries = CaseAndVariant.all(of: .haKubernetesAgentLeaderElection).filter {
    $0.testCase.id == "HA-LE-06"
  }

  @Test("the scenario has the seventeen cases of its specification, each once")
  func catalogue() {
    let ids = HAKubernetesAgentLeaderElection.cases.map(\.id)
    #expect(ids == (1...17).map { "HA-LE-\($0 < 10 ? "0" : "")\($0)" })
    for testCase in HAKubernetesAgentLeaderElection.cases {
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

  @Test("a case that needs viewers is skipped and says so")
  func isSkipped() async throws {
    for item in Self.plain where item.testCase.id == "HA-LE-14" {
      let run = await ContractRuns.run(item)
      #expect(run.verdict == .skipped)
      #expect(run.reason == "needs: vnc (viewers come with VNC streaming)")
      #expect(run.kernelEvents == 0)
    }
  }

  @Test("a case that says what it leaves out for want of viewers runs", arguments: ["HA-LE-02", "HA-API-05"])
  func runsWithinItsLimits(_ id: String) async throws {
    let testCase = try #require(Catalogue.cases.first { $0.id == id })
    #expect(testCase.capabilities.contains("vnc") && !testCase.limits.isEmpty)
    let run = await ContractRuns.run(CaseAndVariant(testCase: testCase, variant: testCase.variants[0]))
    #expect(run.verdict == .passed)
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
      #expect(checks > 0, "\(invariant) was not exercised")
    }
  }

  @Test("a leader that is lost at any boundary of a start leaves one workload or none", arguments: boundaries)
  func everyBoundary(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    #expect(run.verdict == .passed, "\(run.reason)\nagain: \(run.replayLine)")
  }

  /// The other side of the largest safe rate that HA-LE-10 prints: 15/10 is unsafe for some moments, 15/7.5 for all.
  @Test("clocks more than a quarter apart give two leaders, and without fencing both write", arguments: [50, 100])
  func largerRates(_ percent: Int) throws {
    let testCase = HAKubernetesAgentLeaderElection.rateBeyondTheContract(percent: percent)
    let profile = try Profile("contract+C-04")
    let broken = (1...12).count { (seed: UInt64) in
      let run = CaseRunner.run(
        CaseRequest(testCase: testCase, variant: testCase.variants[0], seed: seed, profile: profile))
      return run.invariants.contains { $0.id == "I-LEADER-ONE" && $0.violationCount > 0 }
    }
    #expect(percent == 50 ? broken > 0 : broken == 12, "\(broken) of 12 seeds")
  }

  @Test("a case without a fault that it announces has no inert fault", arguments: possible)
  func hasNoInertFault(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    let inert = run.faults.filter { $0.touched == 0 }.map(\.name)
    #expect(inert.isEmpty, "these faults touched nothing: \(inert)\nagain: \(run.replayLine)")
  }

  @Test("a case with a fault marks it on its time-line", arguments: possible)
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
    let events = runs.map(\.kernelEvents).sorted()
    let statements = runs.map(\.statements).sorted()
    #expect(events[events.count / 2] <= 5_000, "events: \(events)")
    #expect(statements[statements.count / 2] <= 300, "statements: \(statements)")
  }

  @Test("no plain case costs more than a heavy one may: 200 000 events, 20 000 statements", arguments: possible)
  func isNoHeavyCase(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    #expect(run.kernelEvents <= 200_000)
    #expect(run.statements <= 20_000)
  }
}
