import TestEnvironment

/// Several faults that belong together: what uniform noise hardly ever makes (lesson L19).
struct Recipe {
  var faults: [PlannedFault] = []
  var operations: [PlannedOperation] = []

  /// Names by which reports tell of recipes.
  enum Name: String, CaseIterable {
    case isolatedLeader = "isolate the leader"
    case swizzle
    case rollingKills = "rolling kills"
    case inFlight = "crash during writes"
    case flapping = "flapping Redis"
    case commitUnknown = "commit unknown"
    case brownOut = "brown-out"
    case zombie = "zombie leader"
    case lateAnswers = "late answers"
    case clocksApart = "clocks apart"
  }

  static func draw(_ draw: SwarmDraw, _ deployment: ChaosDeployment, at time: Duration) -> Recipe {
    let kitchen = Kitchen(draw: draw, deployment: deployment, time: time)
    let possible = Name.allCases.filter { kitchen.fits($0) }
    return kitchen.make(draw.pick("recipe", possible))
  }
}

/// Makes recipes for a deployment and a moment.
private struct Kitchen {
  let draw: SwarmDraw
  let deployment: ChaosDeployment
  let time: Duration

  private var elected: [Int] { deployment.agents.indices.filter { deployment.agents[$0].instances > 1 } }

  func fits(_ name: Recipe.Name) -> Bool {
    switch name {
    case .isolatedLeader, .zombie, .clocksApart: !elected.isEmpty
    case .flapping: deployment.hasRedis
    case .rollingKills: deployment.replicas > 1
    case .swizzle: deployment.replicas > 1
    case .brownOut, .inFlight, .commitUnknown, .lateAnswers: true
    }
  }

  func make(_ name: Recipe.Name) -> Recipe {
    var recipe =
      switch name {
      case .isolatedLeader: isolatedLeader()
      case .swizzle: swizzle()
      case .rollingKills: rollingKills()
      case .inFlight: inFlight()
      case .flapping: flapping()
      case .commitUnknown: commitUnknown()
      case .brownOut: brownOut()
      case .zombie: zombie()
      case .lateAnswers: lateAnswers()
      case .clocksApart: clocksApart()
      }
    for index in recipe.faults.indices { recipe.faults[index].recipe = name.rawValue }
    return recipe
  }

  /// Cut off from its lock, from the control plane, or from both, for longer than the lock lives.
  private func isolatedLeader() -> Recipe {
    let agent = draw.pick("recipe.agent", elected)
    let leader = ChaosTarget.leader(agent: agent)
    let span = draw.span("recipe.span", 20...60)
    var ends: [ChaosTarget] = [.controlPlane]
    if deployment.agents[agent].platform == .kubernetes {
      ends = draw.pick("recipe.ends", [[.controlPlane], [.kubernetes], [.kubernetes, .controlPlane]])
    }
    return Recipe(
      faults: ends.map { PlannedFault(at: time, lasts: span, .cut(leader, $0)) },
      operations: [create(at: time + draw.span("recipe.lead", 0...20))])
  }

  /// Links are cut one after the other and healed in another order.
  private func swizzle() -> Recipe {
    var links: [(ChaosTarget, ChaosTarget)] = []
    // Each of these carries something every few seconds; between two replicas there may be nothing to cut.
    for replica in 0..<deployment.replicas {
      links.append((.replica(replica), .database))
      if deployment.hasRedis { links.append((.replica(replica), .redis)) }
    }
    for agent in deployment.agents.indices { links.append((.leader(agent: agent), .holder(agent: agent))) }
    var faults: [PlannedFault] = []
    let count = min(links.count, draw.number("recipe.count", 2...4))
    for index in 0..<count {
      let link = links.remove(at: draw.choose("recipe.link", links.count))
      let begin = time + .seconds(2 * index)
      let end = time + .seconds(10) + draw.span("recipe.span", 0...30)
      faults.append(PlannedFault(at: begin, lasts: end - begin, .cut(link.0, link.1)))
    }
    return Recipe(faults: faults)
  }

  private func rollingKills() -> Recipe {
    let death = draw.pick("recipe.death", ChaosFault.Death.allCases)
    let down = draw.span("recipe.down", 8...20)
    return Recipe(
      faults: (0..<deployment.replicas).map { index in
        PlannedFault(at: time + .seconds(25 * index), lasts: down, .kill(.replica(index), death))
      })
  }

  /// A process dies between two steps of work that a request has just asked for.
  private func inFlight() -> Recipe {
    let replica = draw.choose("recipe.replica", deployment.replicas)
    let agent = draw.choose("recipe.agent", deployment.agents.count)
    let isAgent = draw.chance("recipe.side", percent: 50)
    let fault: ChaosFault =
      isAgent
      ? .killAtStep(
        agent: agent, command: "start_session",
        draw.pick("recipe.step", [.received, .acknowledged, .workload, .ready]),
        draw.pick("recipe.death", ChaosFault.Death.allCases))
      : .databaseRequest(replica: replica, number: draw.number("recipe.request", 1...10), .crash)
    return Recipe(
      faults: [PlannedFault(at: time, lasts: draw.span("recipe.span", 15...35), fault)],
      operations: [create(at: time + .milliseconds(200), replica: isAgent ? nil : replica)])
  }

  private func flapping() -> Recipe {
    Recipe(
      faults: (0..<draw.number("recipe.count", 3...5)).map { index in
        PlannedFault(
          at: time + .seconds(10 * index), lasts: .seconds(5),
          index % 2 == 0 ? .redisDown : draw.pick("recipe.redis", [.redisDown, .redisRestartEmpty]))
      })
  }

  private func commitUnknown() -> Recipe {
    let replica = draw.choose("recipe.replica", deployment.replicas)
    let fault = ChaosFault.databaseRequest(
      replica: replica, number: draw.number("recipe.request", 1...10),
      .answerLost(done: draw.pick("recipe.done", [true, false, nil])))
    let verb: PlannedOperation.Verb = draw.chance("recipe.verb", percent: 60) ? .create : .stop(0)
    return Recipe(
      faults: [PlannedFault(at: time, lasts: .seconds(20), fault)],
      operations: [
        PlannedOperation(
          at: time + .milliseconds(200), user: draw.choose("recipe.user", deployment.users), verb, replica: replica)
      ])
  }

  private func brownOut() -> Recipe {
    let agent = draw.choose("recipe.agent", deployment.agents.count)
    let percent = draw.number("recipe.percent", 20...40)
    let span = draw.span("recipe.span", 30...60)
    let isDocker = deployment.agents[agent].platform == .docker
    var faults: [PlannedFault] = [
      PlannedFault(
        at: time, lasts: span,
        isDocker ? .docker(agent: agent, .errors(percent: percent)) : .kubernetes(.brownOut(percent: percent)))
    ]
    if !isDocker, draw.chance("recipe.slow", percent: 50) {
      faults.append(PlannedFault(at: time, lasts: span, .kubernetes(.slow(by: .seconds(2)))))
    }
    return Recipe(
      faults: faults,
      operations: [
        create(at: time + .seconds(5)),
        PlannedOperation(at: time + .seconds(12), user: draw.choose("recipe.user", deployment.users), .stop(0)),
      ])
  }

  /// It stands still while another takes the lead, and wakes with work in its hands.
  private func zombie() -> Recipe {
    let agent = draw.pick("recipe.agent", elected)
    return Recipe(
      faults: [PlannedFault(at: time, lasts: draw.span("recipe.span", 18...45), .pause(.leader(agent: agent)))],
      operations: [create(at: time - draw.span("recipe.lead", 0...5)), create(at: time + .seconds(1))])
  }

  /// The link is so slow that a command is sent again before its ack has come (C10): the answers to the repeat follow
  /// the result (HA-API-18, HA-LE-09).
  private func lateAnswers() -> Recipe {
    let agent = draw.choose("recipe.agent", deployment.agents.count)
    // There and back is more than the 10 s of C10, and the answer to a ping is never as old as the 25 s of C28.
    let delay = Duration.milliseconds(draw.number("recipe.delay", 5_100...6_500))
    let link = ChaosFault.slow(.leader(agent: agent), .holder(agent: agent), by: delay)
    let user = draw.choose("recipe.user", deployment.users)
    return Recipe(
      faults: [PlannedFault(at: time, lasts: draw.span("recipe.span", 30...60), link)],
      operations: (0..<2).map { index in
        PlannedOperation(
          at: time + .seconds(1 + index) + draw.span("recipe.lead", 0...5),
          user: (user + index) % max(deployment.users, 1), .stop(index))
      } + [create(at: time + .seconds(2))])
  }

  /// The leader's clock goes slow and a standby's fast, by no more than C28 allows for, while the leader cannot renew:
  /// cut off from its lock, or standing still for about as long as the lease lives (HA-LE-07, HA-LE-10).
  private func clocksApart() -> Recipe {
    let agent = draw.pick("recipe.agent", elected)
    let leader = ChaosTarget.leader(agent: agent)
    let rate = draw.number("recipe.rate", 60...100) * 1_000
    let strike = time + draw.span("recipe.lead", 1...10)
    let isCut = deployment.agents[agent].platform == .kubernetes && draw.chance("recipe.cut", percent: 60)
    let (what, span) =
      isCut
      ? (ChaosFault.cut(leader, .kubernetes), draw.span("recipe.span", 18...45))
      : (.pause(leader), draw.span("recipe.span", 10...18))
    let drift = strike - time + span + .seconds(10)
    return Recipe(
      faults: [
        PlannedFault(at: time, lasts: drift, .drift(leader, ppm: -rate)),
        PlannedFault(at: time, lasts: drift, .drift(.standby(agent: agent), ppm: rate)),
        PlannedFault(at: strike, lasts: span, what),
      ],
      operations: [create(at: strike - .seconds(1)), create(at: strike + .seconds(12))])
  }

  private func create(at time: Duration, replica: Int? = nil) -> PlannedOperation {
    PlannedOperation(
      at: max(.zero, time), user: draw.choose("recipe.user", deployment.users), .create, replica: replica)
  }
}
