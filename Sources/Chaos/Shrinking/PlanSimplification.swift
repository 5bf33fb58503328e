import TestEnvironment

extension ChaosPlan {
  /// In the order of time; what falls together keeps its order.
  var ordered: ChaosPlan {
    var plan = self
    plan.operations = operations.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
      .map(\.element)
    plan.faults = faults.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
    return plan
  }

  func with(faults: [PlannedFault]) -> ChaosPlan {
    var plan = self
    plan.faults = faults
    return plan
  }

  func with(operations: [PlannedOperation]) -> ChaosPlan {
    var plan = self
    plan.operations = operations
    return plan
  }

  /// The same plan on one thing less of the deployment, or with a shorter part, the boldest first.
  var smallerSettings: [ChaosPlan] {
    var smaller: [ChaosPlan] = []
    func add(_ change: (inout ChaosPlan) -> Void) {
      var plan = self
      change(&plan)
      if plan != self, plan.deployment.isPossible { smaller.append(plan) }
    }
    if deployment.agents.count > 1 {
      add { $0.deployment.agents.removeLast($0.deployment.agents.count - 1) }
      add { $0.deployment.agents.removeLast() }
      add { $0.deployment.agents.removeFirst() }
    }
    for count in deployment.sessions.smaller(than: 0) { add { $0.deployment.sessions = count } }
    for count in deployment.probes.smaller(than: 0) { add { $0.deployment.probes = count } }
    for count in deployment.users.smaller(than: 1) { add { $0.deployment.users = count } }
    for count in deployment.replicas.smaller(than: 1) { add { $0.deployment.replicas = count } }
    for index in deployment.agents.indices {
      for count in deployment.agents[index].instances.smaller(than: 1) {
        add { $0.deployment.agents[index].instances = count }
      }
    }
    add { $0.deployment.cacheEnabled = false }
    for span in phases.load.shorterPhase(atLeast: end) { add { $0.phases.load = span } }
    for span in phases.heal.shorterPhase(atLeast: .seconds(10)) { add { $0.phases.heal = span } }
    for span in phases.settle.shorterPhase(atLeast: .seconds(5)) { add { $0.phases.settle = span } }
    return smaller
  }

  /// When the last thing of the plan begins, since the load began.
  private var end: Duration { max(operations.map(\.at).max() ?? .zero, faults.map(\.at).max() ?? .zero) }
}

extension ChaosDeployment {
  /// A user has at most five sessions (C15), and several replicas find each other through Redis.
  fileprivate var isPossible: Bool { sessions <= users * 5 && (hasRedis || replicas == 1) }
}

extension Int {
  /// Fewer than this and not fewer than `floor`, the fewest first.
  fileprivate func smaller(than floor: Int) -> [Int] { Descent.candidates(from: self, to: floor) }
}

extension Duration {
  /// Shorter spans in whole tens of seconds, the shortest first; none below `floor`.
  fileprivate func shorterPhase(atLeast floor: Duration) -> [Duration] {
    let lowest = max((floor.components.seconds + 9) / 10, 1)
    return Descent.candidates(from: Int(components.seconds / 10), to: Int(lowest)).map { .seconds($0 * 10) }
  }
}
