import TestEnvironment

/// The faults of a drawn plan: three to eight, or recipes of several, each in a slot of its own with time to recover
/// before the next, sometimes two at once.
struct SwarmFaults {
  let draw: SwarmDraw
  let deployment: ChaosDeployment
  let phases: ChaosPlan.Phases

  struct Drawn {
    var faults: [PlannedFault] = []
    /// What users do so that the faults strike work in flight (lesson L15).
    var operations: [PlannedOperation] = []
  }

  private static let families = FaultFamily.allCases

  func drawn() -> Drawn {
    let enabled = Self.families.filter { $0.fits(deployment) && draw.chance("family \($0.rawValue)", percent: 60) }
    let weights = enabled.map { ($0, weight: $0.weight) }
    var drawn = Drawn()
    let wanted = draw.number("faults.count", 3...8)
    let first = Duration.seconds(10)
    let slot = (phases.load - first - .seconds(20)) / wanted
    for index in 0..<wanted where drawn.faults.count < wanted {
      let time = first + slot * index + draw.span("faults.shift", 0...max(1, Int(slot.components.seconds) / 2))
      guard let family = draw.weighted("faults.family", weights) else { break }
      add(family, at: time, to: &drawn)
      // Two at once: what combined failures are about (spec/06 §5).
      if draw.chance("faults.together", percent: 20), let other = draw.weighted("faults.family", weights) {
        add(other, at: time + draw.span("faults.lag", 0...4), to: &drawn)
      }
    }
    return drawn
  }

  private func add(_ family: FaultFamily, at time: Duration, to drawn: inout Drawn) {
    if family == .recipe {
      let recipe = Recipe.draw(draw, deployment, at: time)
      drawn.faults += recipe.faults
      drawn.operations += recipe.operations
      return
    }
    let fault = fault(family, at: time)
    drawn.faults.append(fault)
    guard let verb = bait(for: fault.what) else { return }
    // What waits for the next work gets some; what lasts falls into it: a start takes 6.5 s in the median.
    let waits = fault.what.awaitsWork
    let moment = waits ? time + .milliseconds(100) : max(.zero, time - draw.span("bait.lead", 0...6))
    let user = draw.choose("bait.user", deployment.users)
    drawn.operations.append(PlannedOperation(at: moment, user: user, verb, replica: target(of: fault)))
    // Of several agents the next session may go to another.
    guard waits, deployment.agents.count > 1 else { return }
    drawn.operations.append(
      PlannedOperation(
        at: moment + .seconds(1), user: (user + 1) % deployment.users, verb, replica: target(of: fault)))
  }

  /// An operation under way when the fault strikes.
  private func bait(for fault: ChaosFault) -> PlannedOperation.Verb? {
    if case .killAtStep = fault { return .create }
    guard fault.awaitsWork || draw.chance("bait", percent: 35) else { return nil }
    return draw.chance("bait.start", percent: 60) ? .create : .stop(0)
  }

  /// The replica whose requests a fault is for.
  private func target(of fault: PlannedFault) -> Int? {
    if case .databaseRequest(let replica, _, _) = fault.what { replica } else { nil }
  }

  // MARK: Single faults

  private func fault(_ family: FaultFamily, at time: Duration) -> PlannedFault {
    func lasting(_ range: ClosedRange<Int>, _ what: ChaosFault) -> PlannedFault {
      PlannedFault(at: time, lasts: draw.span("faults.span", range), what)
    }
    let agent = draw.choose("faults.agent", deployment.agents.count)
    let replica = draw.choose("faults.replica", deployment.replicas)
    let death = draw.pick("faults.death", ChaosFault.Death.allCases)
    switch family {
    case .replicaKill, .recipe:
      return lasting(5...35, .kill(draw.pick("faults.holder", [.holder(agent: agent), .replica(replica)]), death))
    case .agentKill:
      let isElected = deployment.agents[agent].instances > 1
      let targets: [ChaosTarget] =
        isElected
        ? [.leader(agent: agent), .leader(agent: agent), .standby(agent: agent), .agent(agent)] : [.agent(agent)]
      return lasting(5...35, .kill(draw.pick("faults.role", targets), death))
    case .pause:
      return lasting(2...40, .pause(draw.pick("faults.paused", [.leader(agent: agent), .holder(agent: agent)])))
    case .agentCut:
      return lasting(
        5...60, cut(.leader(agent: agent), draw.pick("faults.end", [.controlPlane, .holder(agent: agent)])))
    case .dataCut:
      let ends: [ChaosTarget] = deployment.hasRedis ? [.redis, .database] : [.database]
      return lasting(3...30, cut(.replica(replica), draw.pick("faults.data", ends)))
    case .platformCut:
      return lasting(5...40, cut(.leader(agent: kubernetesAgent(agent)), .kubernetes))
    case .halfOpen:
      let isAgentGone = draw.chance("faults.gone", percent: 50)
      let (a, b): (ChaosTarget, ChaosTarget) = (.leader(agent: agent), .holder(agent: agent))
      return lasting(10...60, .halfOpen(gone: isAgentGone ? a : b, unaware: isAgentGone ? b : a))
    case .reset: return lasting(0...2, .reset(.leader(agent: agent), .holder(agent: agent)))
    case .slow:
      return lasting(
        10...60,
        .slow(.leader(agent: agent), .holder(agent: agent), by: .milliseconds(draw.number("faults.delay", 50...3_000))))
    case .redis: return redis(at: time, agent)
    case .database: return database(at: time)
    case .platform: return platform(at: time, agent)
    case .clock:
      // Relay tokens live 60 s from the clock of the edge (spec/00, Relay): beyond that replicas refuse each other.
      let seconds = draw.pick("faults.skew", [-45, -30, -3, 3, 30, 45])
      return lasting(30...120, .skew(.replica(replica), by: .seconds(seconds)))
    case .lostAck: return lasting(30...30, .loseAck(agent: agent))
    case .step:
      let steps: [WorkStep] =
        deployment.agents[agent].platform == .kubernetes
        ? [.received, .acknowledged, .workload, .service, .ready, .status]
        : [.received, .acknowledged, .workload, .started, .ready, .status]
      return lasting(
        15...40, .killAtStep(agent: agent, command: "start_session", draw.pick("faults.step", steps), death))
    case .statement:
      let troubles: [DatabaseTrouble] = [.answerLost(done: nil), .error(sqlState: "40001"), .crash]
      return lasting(
        20...20,
        .databaseRequest(
          replica: replica, number: draw.number("faults.request", 1...8), draw.pick("faults.trouble", troubles)))
    }
  }

  private func cut(_ a: ChaosTarget, _ b: ChaosTarget) -> ChaosFault {
    switch draw.choose("faults.direction", 4) {
    case 0: .cutOneWay(from: a, to: b)
    case 1: .cutOneWay(from: b, to: a)
    default: .cut(a, b)
    }
  }

  private func kubernetesAgent(_ agent: Int) -> Int {
    deployment.agents[agent].platform == .kubernetes
      ? agent : deployment.agents.firstIndex { $0.platform == .kubernetes } ?? agent
  }

  private func redis(at time: Duration, _ agent: Int) -> PlannedFault {
    let kinds: [(ChaosFault, ClosedRange<Int>)] = [
      (.redisDown, 3...60), (.redisRestartEmpty, 1...6), (.redisEvictRoute(agent: agent), 0...0),
      (.redisSlow(by: .milliseconds(draw.number("faults.delay", 100...2_000))), 5...40), (.redisLosePubSub, 3...30),
    ]
    let (what, range) = draw.pick("faults.redis", kinds)
    return PlannedFault(at: time, lasts: draw.span("faults.span", range), what)
  }

  private func database(at time: Duration) -> PlannedFault {
    let kinds: [(ChaosFault, ClosedRange<Int>)] = [
      (.databaseDown, 2...30), (.databaseSlow(by: .milliseconds(draw.number("faults.delay", 200...2_000))), 5...40),
      (.dispatcherSlow(by: .milliseconds(draw.number("faults.delay", 200...2_000))), 10...60),
    ]
    let (what, range) = draw.pick("faults.database", kinds)
    return PlannedFault(at: time, lasts: draw.span("faults.span", range), what)
  }

  private func platform(at time: Duration, _ agent: Int) -> PlannedFault {
    let delay = Duration.milliseconds(draw.number("faults.delay", 200...2_000))
    let percent = draw.number("faults.percent", 20...40)
    let span = draw.span("faults.span", 15...60)
    guard deployment.agents[agent].platform == .kubernetes else {
      let troubles: [DockerTrouble] = [
        .down, .restart, .slow(by: delay), .answersLost(percent: percent), .errors(percent: percent),
      ]
      return PlannedFault(at: time, lasts: span, .docker(agent: agent, draw.pick("faults.docker", troubles)))
    }
    let troubles: [KubernetesTrouble] = [
      .down, .refusing, .throttled, .conflicts(resource: "leases", percent: percent), .slow(by: delay),
      .answersLost(percent: percent), .brownOut(percent: percent), .staleReads(by: .seconds(5)),
    ]
    return PlannedFault(at: time, lasts: span, .kubernetes(draw.pick("faults.kubernetes", troubles)))
  }
}

extension ChaosFault {
  /// It touches nothing unless something is asked for while it holds.
  fileprivate var awaitsWork: Bool {
    switch self {
    case .killAtStep, .loseAck, .databaseRequest, .dispatcherSlow, .redisLosePubSub, .docker, .kubernetes: true
    default: false
    }
  }
}
