import Dispatch
import Synchronization
import TestEnvironment
import Testing

@testable import Chaos

@Suite("Shrinking of plans")
struct PlanShrinkerTests {
  /// Several threads, as the command line uses them.
  static let threads = Concurrency(width: 4) { count, body in
    DispatchQueue.concurrentPerform(iterations: count) { body($0) }
  }

  @Test(
    "of 200 faults those that matter are left, and nothing else",
    arguments: [[], [0], [199], [7, 8], [0, 100, 199], [3, 50, 51, 120, 198]])
  func minimalSubset(needed: [Int]) throws {
    let executor = ScriptedExecutor { plan, _ in
      Set(plan.faults.map(\.at)).isSuperset(of: needed.map { .milliseconds(1_300 * $0 + 250) }) ? "I-X" : nil
    }
    let plan = SamplePlans.plan(faults: 200, operations: 60)
    let result = try PlanShrinker().shrink(Trial(plan), with: executor)
    #expect(result.smallest.plan.faults.map(\.at) == needed.map { .milliseconds(1_300 * $0 + 250) })
    #expect(result.smallest.plan.operations.isEmpty)
    let isCutShort = result.isCutShort
    #expect(!isCutShort)
    // The time that a person waits: 20 ms a run.
    #expect(result.stepsTried <= 400)
    #expect(executor.runs == result.stepsTried)
  }

  @Test("the result is 1-minimal where a failure has several causes, and more is not always worse")
  func nonMonotone() throws {
    // Fails with 10 and 20 together, or with 30 unless 31 is there, and never with an odd number above 60 unless 5 is there.
    let fails: @Sendable (ChaosPlan) -> Bool = { plan in
      let left = Set(plan.numbers)
      if left.contains(where: { $0 > 60 && $0 % 2 == 1 }) && !left.contains(5) { return false }
      return left.isSuperset(of: [10, 20]) || (left.contains(30) && !left.contains(31))
    }
    let executor = ScriptedExecutor { plan, _ in fails(plan) ? "I-X" : nil }
    let plan = SamplePlans.plan(faults: 80)
    let shrunk = DeltaDebugging.minimize(plan.faults) { lists in
      lists.firstIndex { fails(plan.with(faults: $0)) }
    }
    #expect(fails(plan.with(faults: shrunk)))
    for index in shrunk.indices {
      var less = shrunk
      less.remove(at: index)
      #expect(!fails(plan.with(faults: less)), "without the \(index)-th of \(shrunk.count) it still fails")
    }
    let result = try PlanShrinker().shrink(Trial(plan), with: executor)
    #expect(result.smallest.plan.faults.count <= 2)
    #expect(fails(result.smallest.plan))
  }

  @Test("another failure on the way is not taken for the same one")
  func signature() throws {
    // Without fault 3 the run fails, too, but otherwise.
    let executor = ScriptedExecutor { plan, _ in
      plan.numbers.contains(3) && plan.numbers.contains(9) ? "I-X" : "I-Y"
    }
    let result = try PlanShrinker().shrink(Trial(SamplePlans.plan(faults: 20)), with: executor)
    #expect(result.smallest.plan.numbers == [3, 9])
    #expect(result.outcome.signature == "I-X")
  }

  @Test("the result and the number of steps do not depend on the number of threads", arguments: [0, 1, 2, 3])
  func threads(variant: Int) throws {
    let needed = [[1], [2, 17], [0, 8, 39], [5, 6, 7, 8]][variant]
    func shrink(_ concurrency: Concurrency, budget: Int) throws -> ShrinkResult {
      let executor = ScriptedExecutor { plan, _ in
        Set(plan.numbers).isSuperset(of: needed) && plan.operations.count >= variant ? "I-X" : nil
      }
      return try PlanShrinker(budget: budget, concurrency: concurrency)
        .shrink(Trial(SamplePlans.plan(faults: 40, operations: 10)), with: executor)
    }
    for budget in [30, 1_500] {
      let (one, many) = (try shrink(.none, budget: budget), try shrink(Self.threads, budget: budget))
      #expect(one.smallest == many.smallest)
      #expect(one.stepsTried == many.stepsTried)
      #expect(one.isCutShort == many.isCutShort)
    }
  }

  @Test("the budget is kept, and said to have ended", arguments: [2, 3, 10, 25])
  func budget(budget: Int) throws {
    let executor = ScriptedExecutor { plan, _ in Set(plan.numbers).isSuperset(of: [3, 70, 150]) ? "I-X" : nil }
    let result = try PlanShrinker(budget: budget).shrink(Trial(SamplePlans.plan(faults: 200)), with: executor)
    let isCutShort = result.isCutShort
    #expect(isCutShort)
    // A run that records decisions is made after the search.
    #expect(result.stepsTried <= budget + 2)
    #expect(Set(result.smallest.plan.numbers).isSuperset(of: [3, 70, 150]))
  }

  @Test("a search that is stopped keeps the smallest run so far", arguments: [3, 40])
  func stopped(after runs: Int) throws {
    let executor = ScriptedExecutor { plan, _ in Set(plan.numbers).isSuperset(of: [3, 70, 150]) ? "I-X" : nil }
    var shrinker = PlanShrinker()
    shrinker.isStopped = { executor.runs >= runs }
    let result = try shrinker.shrink(Trial(SamplePlans.plan(faults: 200)), with: executor)
    let isCutShort = result.isCutShort
    #expect(isCutShort)
    // A run that records decisions is made after the search.
    #expect(result.stepsTried <= runs + 2)
    #expect(Set(result.smallest.plan.numbers).isSuperset(of: [3, 70, 150]))
    #expect(runs == 3 || result.smallest.plan.faults.count < 200)
  }

  @Test("a run that is green, that fails otherwise or that does not repeat is refused")
  func refused() {
    let plan = SamplePlans.plan(faults: 3)
    #expect(throws: ShrinkError.green) {
      try PlanShrinker().shrink(Trial(plan), with: ScriptedExecutor { _, _ in nil })
    }
    #expect(throws: ShrinkError.otherFailure(wanted: "I-Y", found: "I-X")) {
      try PlanShrinker().shrink(Trial(plan), signature: "I-Y", with: ScriptedExecutor { _, _ in "I-X" })
    }
    let flaky = Flaky()
    #expect(throws: ShrinkError.notRepeatable(first: "I-X, 3/0", second: "green, 3/0")) {
      try PlanShrinker().shrink(Trial(plan), with: ScriptedExecutor { _, _ in flaky.next() ? "I-X" : nil })
    }
  }

  @Test("deployment, phases and parameters become smaller and rounder as far as the failure allows")
  func parameters() throws {
    let executor = ScriptedExecutor { plan, _ in
      let deployment = plan.deployment
      guard deployment.replicas >= 2, deployment.sessions >= 1, plan.phases.load >= .seconds(90) else { return nil }
      return plan.faults.contains { $0.at >= .seconds(31) && $0.lasts >= .seconds(3) } ? "I-X" : nil
    }
    var plan = SamplePlans.plan(faults: 60, operations: 5)
    plan.deployment.agents = [.init(instances: 3), .init(platform: .docker)]
    let smallest = try PlanShrinker().shrink(Trial(plan), with: executor).smallest.plan
    #expect(smallest.deployment.replicas == 2)
    #expect(smallest.deployment.sessions == 1)
    #expect(smallest.deployment.users == 1)
    #expect(smallest.deployment.probes == 0)
    #expect(smallest.deployment.agents == [.init(instances: 1)])
    #expect(smallest.phases.load == .seconds(90))
    #expect(smallest.faults.count == 1)
    let fault = try #require(smallest.faults.first)
    #expect(fault.at.components.attoseconds == 0 && fault.at >= .seconds(31))
    #expect(fault.lasts == .seconds(3))
    #expect(fault.what == .databaseRequest(replica: 0, number: 1, .crash))
  }

  @Test("faults and operations stay in the order of time")
  func order() throws {
    let executor = ScriptedExecutor { plan, _ in
      plan.faults.count >= 5 && plan.operations.count >= 4 ? "I-X" : nil
    }
    let smallest = try PlanShrinker().shrink(Trial(SamplePlans.plan(faults: 30, operations: 30)), with: executor)
      .smallest.plan
    #expect(smallest.faults.count == 5 && smallest.operations.count == 4)
    #expect(smallest == smallest.ordered)
  }
}

/// Says yes every other time.
private final class Flaky: Sendable {
  private let count = Mutex(0)

  func next() -> Bool {
    count.withLock {
      $0 += 1
      return $0 % 2 == 1
    }
  }
}
