import TestEnvironment

/// Puts what was put together from several plans into the bounds of one deployment and its phases.
enum PlanFitting {
  /// Times inside the load, targets that exist, in order of time; what is too many goes, the latest first.
  static func fitted(_ plan: ChaosPlan, faults: Int, operations: Int) -> ChaosPlan {
    var plan = plan
    let deployment = plan.deployment
    let last = plan.phases.load - .seconds(1)
    func inside(_ time: Duration) -> Duration { min(max(time, .zero), max(last, .zero)) }
    plan.faults = ordered(plan.faults) { $0.at }.prefix(faults).map { fault in
      var fault = fault
      fault.at = inside(fault.at)
      fault.lasts = min(max(fault.lasts, .zero), plan.phases.load - fault.at)
      fault.what = fitted(fault.what, deployment)
      return fault
    }
    plan.operations = ordered(plan.operations) { $0.at }.prefix(operations).map { operation in
      var operation = operation
      operation.at = inside(operation.at)
      operation.user %= max(deployment.users, 1)
      operation.replica = operation.replica.map { $0 % max(deployment.replicas, 1) }
      return operation
    }
    return plan
  }

  /// By time; what falls together keeps its order.
  private static func ordered<Element>(_ elements: [Element], _ time: (Element) -> Duration) -> [Element] {
    elements.enumerated().sorted { (time($0.element), $0.offset) < (time($1.element), $1.offset) }.map(\.element)
  }

  private static func fitted(_ fault: ChaosFault, _ deployment: ChaosDeployment) -> ChaosFault {
    func fit(_ target: ChaosTarget) -> ChaosTarget { fitted(target, deployment) }
    func agent(_ index: Int) -> Int { index % max(deployment.agents.count, 1) }
    return switch fault {
    case .kill(let target, let death): .kill(fit(target), death)
    case .pause(let target): .pause(fit(target))
    case .cut(let first, let second): .cut(fit(first), fit(second))
    case .cutOneWay(let from, let to): .cutOneWay(from: fit(from), to: fit(to))
    case .halfOpen(let gone, let unaware): .halfOpen(gone: fit(gone), unaware: fit(unaware))
    case .reset(let first, let second): .reset(fit(first), fit(second))
    case .slow(let first, let second, let by): .slow(fit(first), fit(second), by: by)
    case .redisEvictRoute(let index): .redisEvictRoute(agent: agent(index))
    case .databaseRequest(let replica, let number, let trouble):
      .databaseRequest(replica: replica % max(deployment.replicas, 1), number: number, trouble)
    case .docker(let index, let trouble): .docker(agent: agent(index), trouble)
    case .skew(let target, let by): .skew(fit(target), by: by)
    case .drift(let target, let ppm): .drift(fit(target), ppm: ppm)
    case .loseAck(let index): .loseAck(agent: agent(index))
    case .killAtStep(let index, let command, let step, let death):
      .killAtStep(agent: agent(index), command: command, step, death)
    case .redisDown, .redisRestartEmpty, .redisSlow, .redisLosePubSub, .databaseDown, .databaseSlow, .dispatcherSlow,
      .kubernetes:
      fault
    }
  }

  private static func fitted(_ target: ChaosTarget, _ deployment: ChaosDeployment) -> ChaosTarget {
    func agent(_ index: Int) -> Int { index % max(deployment.agents.count, 1) }
    return switch target {
    case .replica(let index): .replica(index % max(deployment.replicas, 1))
    case .holder(let index): .holder(agent: agent(index))
    case .agent(let index): .agent(agent(index))
    case .instance(let index, let number):
      .instance(
        agent: agent(index),
        number % max(deployment.agents.isEmpty ? 1 : deployment.agents[agent(index)].instances, 1))
    case .leader(let index): .leader(agent: agent(index))
    case .standby(let index): .standby(agent: agent(index))
    case .docker(let index): .docker(agent: agent(index))
    case .redis, .database, .kubernetes, .controlPlane: target
    }
  }
}
