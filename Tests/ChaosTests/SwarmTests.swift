import TestEnvironment
import Testing

@testable import Chaos

@Suite("Drawn plans")
struct SwarmTests {
  private static func plan(_ seed: UInt64) -> ChaosPlan {
    let dice = Dice(seed)
    return ChaosPlan(swarm: seed) { _, count in dice.below(count) }
  }

  @Test("equal answers make equal plans, others make others")
  func repeatable() {
    #expect(Self.plan(5) == Self.plan(5))
    #expect(Self.plan(5) != Self.plan(6))
  }

  @Test("a plan has the size of spec/06 §10.4(3)", arguments: 1...50 as ClosedRange<UInt64>)
  func size(seed: UInt64) {
    let plan = Self.plan(seed)
    #expect(plan.phases.settle + plan.phases.load + plan.phases.heal == .seconds(600))
    #expect(plan.deployment.sessions == 6 && plan.deployment.probes == 3)
    #expect(plan.deployment.hasRedis || plan.deployment.replicas == 1)
    #expect(plan.faults.count <= 16)
    #expect(plan.operations.allSatisfy { $0.at >= .zero && $0.at < plan.phases.load + plan.phases.heal })
    #expect(plan.faults.allSatisfy { $0.at >= .zero && $0.at < plan.phases.load })
    #expect(plan.faults.map(\.at) == plan.faults.map(\.at).sorted())
    #expect(plan.operations.map(\.at) == plan.operations.map(\.at).sorted())
  }

  @Test("over many seeds every kind of deployment and every recipe comes up, and families are absent too")
  func variety() {
    let plans = (1...600).map { Self.plan($0) }
    #expect(Set(plans.map(\.deployment.replicas)) == [1, 2, 3, 4])
    #expect(Set(plans.filter { $0.deployment.replicas == 1 }.map(\.deployment.hasRedis)) == [true, false])
    #expect(Set(plans.flatMap(\.deployment.agents).map(\.platform)).count == 2)
    #expect(Set(plans.flatMap(\.deployment.agents).map(\.instances)).isSuperset(of: [1, 2, 3]))
    #expect(Set(plans.flatMap { $0.faults.map(\.recipe) }) == Set(Recipe.Name.allCases.map(\.rawValue) + [""]))
    #expect(plans.contains { $0.faults.isEmpty || !$0.faults.contains { $0.what.kind == "kill" } })
    let counts = plans.map(\.faults.count).sorted()
    #expect((3...8).contains(counts[counts.count / 2]))
  }
}
