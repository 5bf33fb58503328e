import TestEnvironment

/// Carries one planned fault out, from its beginning to its end.
struct FaultActor {
  let plan: ChaosPlan
  let environment: any Environment
  let roles: RoleResolver
  let log: ChaosLog

  private var watch: ProcessWatch { roles.watch }

  /// `loadBegan`: since the start of the run. Nothing holds beyond the end of the load.
  func carryOut(_ index: Int, loadBegan: Duration) async throws {
    let fault = plan.faults[index]
    try await sleep(until: loadBegan + fault.at)
    let end = loadBegan + min(fault.at + fault.lasts, plan.phases.load)
    guard environment.now < loadBegan + plan.phases.load else {
      return log.change(index) { $0.impossible = "it was due after the load" }
    }
    do {
      try await perform(fault.what, index, until: end)
    } catch let nobody as RoleResolver.Nobody {
      log.change(index) { $0.impossible = nobody.reason }
    }
  }

  private func perform(_ fault: ChaosFault, _ index: Int, until end: Duration) async throws {
    switch fault {
    case .kill(let target, let death): try await strike(target, death.action, .start, index, until: end)
    case .pause(let target): try await strike(target, .pause, .resume, index, until: end)
    case .killAtStep(let agent, let command, let step, let death):
      let id = try roles.agent(agent)
      try await hold(
        .atStep(agent: id, command: command, step: step, death.action), index, until: end, impairing: [])
      try await startDead(environment.instances(of: id))
    case .databaseRequest(let replica, let number, let trouble):
      let component = try await roles.component(of: .replica(replica))
      guard case .replica(let name) = component else { return }
      if trouble == .crash, let objection = try await roles.objection(to: component) {
        return log.change(index) { $0.withheld = objection }
      }
      try await hold(
        .databaseRequest(replica: name, number: number, trouble), index, until: end,
        impairing: trouble == .crash ? [name] : [])
      try await startDead([name])
    case .skew(let target, let span):
      let component = try await roles.component(of: target)
      try await begin(.skew(component, by: span), index, until: nil)
      try await sleep(until: end)
      _ = try await environment.begin(.skew(component, by: .zero - span), for: nil)
    case .redisEvictRoute(let agent):
      guard plan.deployment.hasRedis else { throw RoleResolver.Nobody(reason: "there is no Redis") }
      let id = try roles.agent(agent)
      for key in ["agent:\(id):pod", "agent:\(id):connected"] {
        try await begin(.redisEvict(key: key), index, until: nil)
      }
    default: try await holdLasting(fault, index, until: end)
    }
  }

  // MARK: Faults of the environment

  private func holdLasting(_ fault: ChaosFault, _ index: Int, until end: Duration) async throws {
    let (resolved, hurt) = try await resolve(fault)
    for component in hurt {
      if let objection = try await roles.objection(to: component) {
        return log.change(index) { $0.withheld = objection }
      }
    }
    try await hold(resolved, index, until: end, impairing: hurt.flatMap(roles.processes))
  }

  /// The fault in the environment's terms, and the components that cannot do their work while it holds.
  private func resolve(_ fault: ChaosFault) async throws -> (Fault, hurt: [Component]) {
    switch fault {
    case .cut(let a, let b):
      let (a, b) = try await ends(a, b)
      return (.cut(a, b), hurt(a, b))
    case .cutOneWay(let a, let b):
      let (a, b) = try await ends(a, b)
      return (.cutOneWay(from: a, to: b), hurt(a, b))
    case .halfOpen(let a, let b):
      let (a, b) = try await ends(a, b)
      return (.halfOpen(gone: a, unaware: b), [])
    case .reset(let a, let b):
      let (a, b) = try await ends(a, b)
      return (.reset(a, b), hurt(a, b))
    case .slow(let a, let b, let span):
      let (a, b) = try await ends(a, b)
      return (.slow(a, b, by: span), [])
    case .drift(let target, let ppm): return (.drift(try await roles.component(of: target), ppm: ppm), [])
    case .kubernetes(let trouble):
      _ = try await roles.component(of: .kubernetes)
      return (.kubernetes(trouble), [])
    case .docker(let agent, let trouble): return (.docker(host: try roles.dockerHost(agent), trouble), [])
    case .loseAck(let agent): return (.loseAck(agent: try roles.agent(agent)), [])
    case .databaseDown: return (.databaseDown, [])
    case .databaseSlow(let span): return (.databaseSlow(by: span), [])
    case .dispatcherSlow(let span): return (.dispatcherSlow(by: span), [])
    case .redisDown, .redisRestartEmpty, .redisSlow, .redisLosePubSub: return (try redis(fault), [])
    case .kill, .pause, .killAtStep, .databaseRequest, .skew, .redisEvictRoute:
      throw RoleResolver.Nobody(reason: "\(fault.kind) is no lasting fault")
    }
  }

  private func redis(_ fault: ChaosFault) throws -> Fault {
    guard plan.deployment.hasRedis else { throw RoleResolver.Nobody(reason: "there is no Redis") }
    switch fault {
    case .redisDown: return .redisDown
    case .redisRestartEmpty: return .redisRestartEmpty
    case .redisSlow(let span): return .redisSlow(by: span)
    default: return .redisLosePubSub
    }
  }

  private func ends(_ a: ChaosTarget, _ b: ChaosTarget) async throws -> (Component, Component) {
    let ends = (try await roles.component(of: a), try await roles.component(of: b))
    guard ends.0 != ends.1 else { throw RoleResolver.Nobody(reason: "both ends were \(a.text)") }
    return ends
  }

  /// Who is out of work behind a link that is cut: of two replicas, or a replica and an agent, both go on.
  private func hurt(_ a: Component, _ b: Component) -> [Component] {
    let service: [Component] = [.redis, .database, .kubernetes, .controlPlane]
    return [(a, b), (b, a)].compactMap { end, other in
      guard service.contains(other) else { return nil }
      switch end {
      case .replica, .instance: return end
      default: return nil
      }
    }
  }

  private func begin(_ fault: Fault, _ index: Int, until end: Duration?) async throws {
    let first = environment.observations.count
    _ = try await environment.begin(fault, for: end.map { max($0 - environment.now, .zero) })
    for timed in environment.observations[first...] {
      guard case .faultBegan(let name, fault) = timed.observation else { continue }
      return log.change(index) { $0.begun.append((name, timed.time)) }
    }
    log.change(index) { $0.begun.append((fault.plainName, environment.now)) }
  }

  private func hold(_ fault: Fault, _ index: Int, until end: Duration, impairing processes: [String]) async throws {
    watch.impair(processes)
    defer { watch.relieve(processes) }
    try await begin(fault, index, until: end)
    try await sleep(until: end)
  }

  // MARK: Processes

  /// Does something to a component and undoes it when its time has come.
  private func strike(
    _ target: ChaosTarget, _ action: Action, _ undo: Action, _ index: Int, until end: Duration
  ) async throws {
    let component = try await roles.component(of: target)
    let processes = roles.processes(of: component)
    let alive = processes.filter { watch.isAlive($0, in: environment) && !watch.isImpaired($0) }
    guard processes.isEmpty || !alive.isEmpty else {
      throw RoleResolver.Nobody(reason: "\(target.text) was away already")
    }
    if let objection = try await roles.objection(to: component) {
      return log.change(index) { $0.withheld = objection }
    }
    watch.impair(alive)
    defer { watch.relieve(alive) }
    let struck = processes.isEmpty ? [component] : alive.map { roles.component(named: $0) }
    log.change(index) { $0.struck = struck.count }
    for one in struck { try await environment.control(one, action) }
    try await sleep(until: end)
    guard undo == .start, !processes.isEmpty else {
      // Who has died meanwhile does not go on.
      for one in struck where roles.processes(of: one).allSatisfy({ watch.isAlive($0, in: environment) }) {
        try await environment.control(one, undo)
      }
      return
    }
    try await startDead(alive)
  }

  private func startDead(_ processes: [String]) async throws {
    for process in processes where !watch.isAlive(process, in: environment) {
      try await environment.control(roles.component(named: process), .start)
    }
  }

  private func sleep(until time: Duration) async throws {
    let rest = time - environment.now
    if rest > .zero { try await environment.sleep(for: rest) }
  }
}

extension ChaosFault.Death {
  var action: Action {
    switch self {
    case .graceful: .stop
    case .crash: .crash
    case .silent: .vanish
    }
  }
}

extension Fault {
  /// For environments that tell no faults.
  fileprivate var plainName: String { "\(self)" }
}
