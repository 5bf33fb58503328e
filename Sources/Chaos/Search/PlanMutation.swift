import TestEnvironment

/// Small changes of a plan. Whatever it does, a plan comes out: faults and operations are independent of each other.
package struct PlanMutation {
  /// Where new faults and operations come from: their figures stay those that a swarm draws.
  private let donor: ChaosPlan
  private var chance: SearchDraw

  static let mostFaults = 16
  static let mostOperations = 80

  package init(donor: ChaosPlan, chance: SearchDraw) {
    self.donor = donor
    self.chance = chance
  }

  /// The plan with one to four changes.
  package mutating func change(_ plan: ChaosPlan) -> ChaosPlan {
    var plan = plan
    for _ in 0...chance.below(4) { step(&plan) }
    return PlanFitting.fitted(plan, faults: Self.mostFaults, operations: Self.mostOperations)
  }

  private mutating func step(_ plan: inout ChaosPlan) {
    switch chance.below(12) {
    case 0: if let fault = pick(donor.faults) { plan.faults.append(fault) }
    case 1: if plan.faults.count > 1 { plan.faults.remove(at: chance.below(plan.faults.count)) }
    case 2: changeFault(&plan) { fault, mutation in fault.at = mutation.moved(fault.at) }
    case 3:
      if var fault = pick(plan.faults) {
        fault.at = anyTime(plan)
        plan.faults.append(fault)
      }
    case 4:
      changeFault(&plan) { fault, mutation in
        fault.lasts = mutation.chance.oneIn(2) ? fault.lasts / 2 : fault.lasts * 2
      }
    case 5: changeFault(&plan) { fault, mutation in fault.what = mutation.redirected(fault.what) }
    // Faults bite where something is under way (lesson L15).
    case 6:
      if let operation = pick(plan.operations) {
        changeFault(&plan) { fault, mutation in fault.at = operation.at + mutation.shortTime() }
      }
    case 7:
      if let other = pick(plan.faults) {
        changeFault(&plan) { fault, mutation in fault.at = other.at + mutation.shortTime() }
      }
    case 8: if let operation = pick(donor.operations) { plan.operations.append(operation) }
    case 9: if plan.operations.count > 1 { plan.operations.remove(at: chance.below(plan.operations.count)) }
    case 10:
      if var operation = pick(plan.operations) {
        operation.at = anyTime(plan)
        plan.operations.append(operation)
      }
    default: cross(&plan)
    }
  }

  /// Its own faults up to a moment, the donor's from then on.
  private mutating func cross(_ plan: inout ChaosPlan) {
    let moment = anyTime(plan)
    plan.faults = plan.faults.filter { $0.at < moment } + donor.faults.filter { $0.at >= moment }
  }

  private mutating func changeFault(
    _ plan: inout ChaosPlan, _ change: (inout PlannedFault, inout PlanMutation) -> Void
  ) {
    guard !plan.faults.isEmpty else { return }
    change(&plan.faults[chance.below(plan.faults.count)], &self)
  }

  private mutating func pick<Element>(_ elements: [Element]) -> Element? {
    elements.isEmpty ? nil : elements[chance.below(elements.count)]
  }

  private mutating func anyTime(_ plan: ChaosPlan) -> Duration {
    .milliseconds(chance.below(Int(plan.phases.load.components.seconds) * 1_000))
  }

  /// Up to two seconds: what an operation takes, and the time in which two faults meet.
  private mutating func shortTime() -> Duration { .milliseconds(chance.below(2_000)) }

  /// Up to thirty seconds earlier or later.
  private mutating func moved(_ time: Duration) -> Duration { time + .milliseconds(chance.below(60_001) - 30_000) }

  /// The same kind of fault on another target, or another death.
  private mutating func redirected(_ fault: ChaosFault) -> ChaosFault {
    switch fault {
    case .kill(let target, let death):
      return chance.oneIn(2)
        ? .kill(redirected(target), death)
        : .kill(target, ChaosFault.Death.allCases[chance.below(ChaosFault.Death.allCases.count)])
    case .pause(let target): return .pause(redirected(target))
    case .cut(let first, let second): return .cut(redirected(first), second)
    case .cutOneWay(let from, let to): return chance.oneIn(2) ? .cutOneWay(from: to, to: from) : .cut(from, to)
    case .halfOpen(let gone, let unaware): return .halfOpen(gone: unaware, unaware: gone)
    case .reset(let first, let second): return .reset(redirected(first), second)
    case .redisEvictRoute: return .redisEvictRoute(agent: chance.below(8))
    case .databaseRequest(_, let number, let trouble):
      return .databaseRequest(replica: chance.below(8), number: chance.below(number + 4) + 1, trouble)
    case .loseAck: return .loseAck(agent: chance.below(8))
    case .killAtStep(let agent, let command, _, let death):
      let steps = WorkStep.allCases
      return .killAtStep(agent: agent, command: command, steps[chance.below(steps.count)], death)
    default: return fault
    }
  }

  /// Another target that can break in the same way.
  private mutating func redirected(_ target: ChaosTarget) -> ChaosTarget {
    switch target {
    case .replica, .holder: chance.oneIn(2) ? .replica(chance.below(8)) : .holder(agent: chance.below(8))
    case .instance, .leader, .standby:
      chance.oneIn(2) ? .leader(agent: chance.below(8)) : .standby(agent: chance.below(8))
    case .agent: .agent(chance.below(8))
    case .redis, .database, .kubernetes, .docker, .controlPlane: target
    }
  }
}
