import TestEnvironment
import Testing

@testable import Chaos

@Suite("Explanations of failures")
struct FailureExplainerTests {
  /// Fails with faults 3 and 5 and a stop; once 100 s have passed it fails for certain, before that in half of the runs.
  private let executor = ScriptedExecutor { plan, options in
    guard plan.numbers.contains(3), plan.numbers.contains(5) else { return nil }
    guard plan.operations.contains(where: { $0.verb == .stop(0) }) else { return "I-Y" }
    if let reseed = options.reseed, reseed.at < .seconds(100) { return reseed.seed % 2 == 0 ? "I-X" : nil }
    return "I-X"
  }

  private var plan: ChaosPlan {
    var plan = SamplePlans.plan(faults: 8, operations: 3)
    plan.operations.append(PlannedOperation(at: .seconds(5), user: 0, .stop(0)))
    return plan
  }

  @Test("the ablation tells which faults and operations the failure needs, and what happens without them")
  func ablation() throws {
    let explanation = try FailureExplainer(points: 1, suffixes: 1).explain(Trial(plan), with: executor)
    #expect(explanation.ablations.count == 12)
    let needed = explanation.ablations.filter(\.matters)
    #expect(needed.count == 3)
    #expect(needed.map(\.signature) == [nil, nil, "I-Y"])
    #expect(needed.last?.what == "user 0 stops session 0 at 5 s")
  }

  @Test("the curve rises where the failure was decided, and ends at certainty")
  func curve() throws {
    let explanation = try FailureExplainer(points: 12, suffixes: 40).explain(Trial(plan), with: executor)
    let points = explanation.curve.points
    #expect(points.count == 12)
    // The violation is at 300 s: a point each 25 s.
    for point in points {
      #expect(point.runs == 40)
      if point.time >= .seconds(100) {
        #expect(point.failures == 40)
      } else {
        #expect((8...32).contains(point.failures))
      }
    }
    #expect(explanation.curve.steepest?.to.time == .seconds(100))
    #expect(explanation.lines.contains { $0.contains("It was decided between 75") })
  }

  @Test("the number of runs is kept and told", arguments: [3, 10, 20, 100, 1_000])
  func budget(budget: Int) throws {
    let executor = ScriptedExecutor { plan, _ in plan.numbers.contains(3) ? "I-X" : nil }
    let explanation = try FailureExplainer(budget: budget).explain(Trial(plan), with: executor)
    #expect(executor.runs == explanation.runs)
    #expect(executor.runs <= budget)
  }

  @Test("it does not depend on the number of threads")
  func threads() throws {
    let one = try FailureExplainer().explain(Trial(plan), with: executor)
    let many = try FailureExplainer(concurrency: PlanShrinkerTests.threads).explain(Trial(plan), with: executor)
    #expect(one.ablations == many.ablations && one.curve == many.curve && one.runs == many.runs)
  }

  @Test("what comes after the point is redrawn, what came before is not", arguments: [1, 2, 3] as [UInt64])
  func redraw(seed: UInt64) {
    let plan = SamplePlans.plan(faults: 100, operations: 50)
    let time = plan.phases.settle + .seconds(60)
    let redrawn = plan.redrawn(after: time, seed: seed)
    let before = plan.faults.filter { $0.at <= .seconds(60) }
    #expect(Array(redrawn.faults.prefix(before.count)) == before)
    #expect(redrawn.faults.dropFirst(before.count).allSatisfy { $0.at > .seconds(60) && $0.at <= plan.phases.load })
    #expect(redrawn.numbers.sorted() == plan.numbers)
    #expect(redrawn.faults != plan.faults)
    #expect(redrawn.operations == plan.operations)
    #expect(redrawn == plan.redrawn(after: time, seed: seed))
    #expect(redrawn != plan.redrawn(after: time, seed: seed + 10))
    #expect(redrawn == redrawn.ordered)
  }

  @Test("a green run has nothing to explain")
  func green() {
    #expect(throws: ShrinkError.green) {
      try FailureExplainer().explain(Trial(plan), with: ScriptedExecutor { _, _ in nil })
    }
  }
}

@Suite("Causal chains")
struct CausalChainTests {
  private func event(
    _ number: Int, _ cause: Int?, _ process: String, _ kind: String, note: Bool = false, details: String = ""
  ) -> CausalEvent {
    CausalEvent(
      number: number, cause: cause, time: .seconds(number), process: process, life: 1, kind: kind, details: details,
      isNote: note)
  }

  @Test("the chain leads from the violation back to its beginning, over processes, with what was noted on the way")
  func chain() {
    let events = [
      event(0, nil, "api-1", "boot"), event(1, 0, "api-1", "timer"), event(2, nil, "other", "boot"),
      event(3, 1, "agent-1", "network.delivery"), event(4, 3, "agent-1", "agent.got", note: true, details: "command=7"),
      event(5, 2, "other", "noise"), event(6, 3, "api-2", "network.delivery"),
      event(7, 6, "api-2", "hub.lost", note: true), event(8, 5, "other", "late", note: true),
    ]
    let chain = CausalChain(to: .seconds(7), in: events)
    #expect(chain.steps.map(\.kind) == ["boot", "timer", "network.delivery", "network.delivery"])
    #expect(chain.steps.map(\.process) == ["api-1#1", "api-1#1", "agent-1#1", "api-2#1"])
    #expect(chain.steps.map(\.notes) == [[], [], ["agent.got command=7"], ["hub.lost"]])
    #expect(chain.lines.count == 6)
  }

  @Test("the ticks of a timer are one step, and a long chain is cut at its beginning")
  func ticks() {
    var events = [event(0, nil, "api-1", "boot")]
    for number in 1...50 { events.append(event(number, number - 1, "api-1", "tick")) }
    let chain = CausalChain(to: .seconds(50), in: events)
    #expect(chain.steps.map(\.kind) == ["boot", "tick"])
    #expect(chain.steps[1].repetitions == 49)
    #expect(chain.steps[1].time == .seconds(50))
    for number in 51...200 { events.append(event(number, number - 1, "api-1", "step-\(number)")) }
    let long = CausalChain(to: .seconds(200), in: events)
    #expect(long.steps.count == CausalChain.longest)
    #expect(long.steps.last?.kind == "step-200")
  }

  @Test("of several notes of one time the chain leads to the one that the violation is about")
  func rivals() {
    var events = [event(0, nil, "api-1", "boot"), event(1, nil, "api-2", "boot")]
    for (process, cause) in [("api-1", 0), ("api-2", 1), ("other", 0)] {
      var note = event(events.count, cause, process, "hub.routed", note: true, details: "agent=k8s-c1")
      note.time = .seconds(9)
      events.append(note)
    }
    #expect(
      CausalChain(to: .seconds(9), about: "k8s-c1 is routed by api-2", in: events).steps.last?.process == "api-2#1")
    #expect(
      CausalChain(to: .seconds(9), about: "k8s-c1 is routed by api-1", in: events).steps.last?.process == "api-1#1")
  }

  @Test("no events, no chain")
  func none() { #expect(CausalChain(to: .seconds(7), in: []).steps.isEmpty) }
}
