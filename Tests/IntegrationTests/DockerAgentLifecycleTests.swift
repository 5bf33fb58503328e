import Oracles
import Scenarios
import SimulatedEnvironment
import TestEnvironment
import Testing

/// Scenario 3 under the contract: every case is green, and proves what it says it proves.
@Suite("Docker agent lifecycle")
struct DockerAgentLifecycleTests {
  /// What `./sim run docker-agent-lifecycle` runs.
  static let plain = CaseAndVariant.plain(of: .dockerAgentLifecycle, seed: ContractRuns.seed)
  /// Every loss of DOCK-08 and every moment of DOCK-10, of which a plain run does one.
  static let scanned = CaseAndVariant.all(of: .dockerAgentLifecycle).filter {
    $0.testCase.plainVariants == .oneBySeed
  }

  @Test("the scenario has the eighteen cases of its specification, each once")
  func catalogue() {
    let ids = DockerAgentLifecycle.cases.map(\.id)
    #expect(ids == (1...18).map { "DOCK-\($0 < 10 ? "0" : "")\($0)" })
    for testCase in DockerAgentLifecycle.cases {
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

  @Test("every loss of the connection and every moment of a crash ends well", arguments: scanned)
  func everyVariant(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    #expect(run.verdict == .passed, "\(run.reason)\nagain: \(run.replayLine)")
  }

  @Test("a case puts the invariants to the test that it names", arguments: DockerAgentLifecycle.cases.map(\.id))
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

  @Test("a case without a fault that it announces has no inert fault", arguments: plain + scanned)
  func hasNoInertFault(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    let inert = run.faults.filter { $0.touched == 0 }.map(\.name)
    #expect(inert.isEmpty, "these faults touched nothing: \(inert)\nagain: \(run.replayLine)")
  }

  @Test("a case with a fault marks it on its time-line", arguments: plain)
  func marksItsFaults(_ item: CaseAndVariant) async {
    let run = await ContractRuns.run(item)
    let isDisturbed =
      !run.faults.isEmpty
      || run.observations.contains { if case .processEnded = $0.observation { true } else { false } }
    #expect(!isDisturbed || run.marks.contains { $0.kind == .fault })
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
