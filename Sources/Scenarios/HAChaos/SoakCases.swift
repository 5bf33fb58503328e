import TestEnvironment

extension HAChaos {
  static let soak = TestCase(
    "CHAOS-14", "Soak 24 h", in: scenario, source: "[+]", variants: [Variant("", .t3ha)],
    needs: ["replicas:3", "k8s-ha", "redis-control", "db-control", "api-kill", "agent-kill", "net-fault", "vnc"],
    checks: ["I-LEAK", "I-COUNT"], kills: ["B-27", "B-68", "C-18"],
    limits: "a plain run lasts one hour; observations older than 10 min are forgotten", limit: .seconds(100_000)
  ) { environment in
    environment.keepObservations(for: .seconds(600))
    let agent = environment.agents[0]
    _ = try await environment.awaitLeader(of: agent)
    let seeded = try await environment.seededSessions(30, on: agent)
    let start = environment.now
    let end = start + (environment.depth == .full ? .seconds(86_400) : .seconds(3_600))
    let soak = Soak(environment: environment, agent: agent, start: start, end: end)
    let results: [Soak.Outcome] = try await environment.concurrently(
      [
        { @Sendable in try await soak.turnOver(seeded) },
        { @Sendable in try await soak.disturb() },
      ]
        + seeded.suffix(10).map { session in { @Sendable in try await soak.watch(session) } })
    let total = results.reduce(Soak.Outcome()) { $0 + $1 }
    environment.judge(total.load, "creates and stops, one a minute", atLeastPermille: 950)
    environment.expect("faults", .reported, total.faults)
    environment.expect("viewers opened again", .reported, total.reopened)
    environment.expect(
      "viewers that stayed away longer than 60 s", equals: "none",
      total.lost.isEmpty ? "none" : total.lost.prefix(3).joined(separator: ", "))
    try await environment.expect("every replica is there, and the agent", within: .seconds(120)) {
      for replica in environment.replicas where !(try await environment.isReady(replica)) { return false }
      return try await environment.isBack(agent)
    }
    let most =
      try await environment.sql(
        "SELECT COUNT(*) AS n FROM agent_commands GROUP BY session_id ORDER BY 1 DESC LIMIT 1"
      ).first?["n"] ?? "0"
    // The user's own start and stop, and three by which the reconciler may drive it.
    environment.expect("most commands of one session", .atMost(.count(5)), Int(most ?? "0") ?? 0)
    for number in 1...7 { try await environment.endLoad(users: 1, firstUser: number) }
    try await environment.expect("everything has ended", within: .seconds(120), every: .seconds(1)) {
      try await environment.sql("SELECT id FROM sessions WHERE state NOT IN ('terminated', 'failed')").isEmpty
    }
  }
}

/// The load, the faults and the viewers of a soak.
struct Soak: Sendable {
  struct Outcome: Sendable {
    var load = LoadOutcome()
    var faults = 0
    var reopened = 0
    var lost: [String] = []

    static func + (first: Outcome, second: Outcome) -> Outcome {
      var sum = first
      sum.load = first.load + second.load
      sum.faults += second.faults
      sum.reopened += second.reopened
      sum.lost += second.lost
      return sum
    }
  }

  static let users = 7
  static let minute = Duration.seconds(60)
  /// Sessions that are kept.
  private static let sessions = 30
  /// One fault in ten minutes, by a draw each minute: the waits between two are those of a Poisson process in minutes.
  private static let faultShare = 10

  let environment: any Environment
  let agent: String
  let start: Duration
  let end: Duration

  // MARK: Load

  /// Each minute one session is stopped and another created in its place; those that viewers watch stay.
  func turnOver(_ seeded: [OwnedSession]) async throws -> Outcome {
    var outcome = Outcome()
    var living = Array(seeded.prefix(Self.sessions - 10))
    var round = 0
    let client = { (name: String) in environment.user(name) }
    while start + Self.minute * (round + 1) < end {
      round += 1
      try await environment.sleep(until: start + Self.minute * round)
      let asked = environment.now
      if round % 2 == 1, !living.isEmpty {
        let session = living.removeFirst()
        var answer = try await environment.withRetry { try await client(session.user).stop(session.name, at: nil) }
        if answer.status == 409 { answer.status = 202 }
        outcome.load.count(answer, "stop", at: asked)
      } else {
        // Whoever has the fewest: the quota of five bounds each.
        let counts = (1...Self.users).map { number in
          (environment.userName(number), living.count { $0.user == environment.userName(number) })
        }
        guard let owner = counts.min(by: { $0.1 < $1.1 })?.0 else { continue }
        let answer = try await environment.withRetry { try await client(owner).create(SessionRequest(), at: nil) }
        outcome.load.count(answer, "create", at: asked)
        if answer.isAccepted, let name = answer.session { living.append(OwnedSession(name: name, user: owner)) }
      }
    }
    return outcome
  }

  // MARK: Faults

  /// Faults until ten minutes before the end, of a kind and at a moment of the seed.
  func disturb() async throws -> Outcome {
    var outcome = Outcome()
    var round = 0
    while start + Self.minute * (round + 1) < end - .seconds(600) {
      round += 1
      try await environment.sleep(until: start + Self.minute * round)
      guard environment.choose("fault in minute \(round)", Self.faultShare) == 0 else { continue }
      try await environment.sleep(
        for: .milliseconds(environment.choose("moment of the fault in minute \(round)", 40_000)))
      outcome.faults += 1
      try await strike(environment.choose("kind of the fault in minute \(round)", 6), round)
    }
    return outcome
  }

  private func strike(_ kind: Int, _ round: Int) async throws {
    let environment = environment
    let struck = environment.now
    let replica = environment.replicas[environment.choose("replica in minute \(round)", environment.replicas.count)]
    let leader = try await environment.actingInstance(of: agent)
    switch kind {
    case 0:
      environment.markFault("crash", lane: replica, from: struck, to: struck + .seconds(20))
      try await environment.control(.replica(replica), .crash)
      try await environment.sleep(for: .seconds(20))
      try await environment.control(.replica(replica), .start)
    case 1:
      guard let leader else { return }
      environment.markFault("crash", lane: leader, from: struck, to: struck + .seconds(20))
      try await environment.control(.instance(leader), .crash)
      try await environment.sleep(for: .seconds(20))
      try await environment.control(.instance(leader), .start)
    case 2:
      environment.markFault("down, back empty", lane: "redis", from: struck, to: struck + .seconds(5))
      _ = try await environment.begin(.redisRestartEmpty, for: .seconds(5))
    case 3:
      environment.markFault("down", lane: "database", from: struck, to: struck + .seconds(5))
      _ = try await environment.begin(.databaseDown, for: .seconds(5))
    case 4:
      guard let leader, let holder = try await environment.holder(of: agent) else { return }
      environment.markFault("one-way cut", lane: leader, from: struck, to: struck + .seconds(40))
      _ = try await environment.begin(
        .cutOneWay(from: .replica(holder), to: .instance(leader)), for: .seconds(40))
    default:
      guard let leader, let holder = try await environment.holder(of: agent) else { return }
      environment.markFault("socket reset", lane: leader, from: struck)
      _ = try await environment.begin(.reset(.instance(leader), .replica(holder)), for: .milliseconds(10))
    }
  }

  // MARK: Viewers

  /// A probe viewer that moves the pointer each minute, and attaches again whenever it has lost its session.
  func watch(_ session: OwnedSession) async throws -> Outcome {
    var outcome = Outcome()
    var viewer: (any Viewer)?
    var awayFrom: Duration?
    var round = 0
    while start + Self.minute * (round + 1) < end {
      round += 1
      try await environment.sleep(
        until: start + Self.minute * round + .milliseconds(environment.choose("moment of \(session.name)", 20_000)))
      if let present = viewer, present.facts.isOpen, try await environment.touch(present) != nil { continue }
      if let present = viewer {
        if present.facts.isOpen { try await present.close(abruptly: true) }
        awayFrom = environment.now
        viewer = nil
      }
      while viewer == nil, environment.now < end {
        let again = try await environment.asked(session, .probe)
        if again.status == 101, try await again.waitForPicture(within: .seconds(10)) {
          viewer = again
          break
        }
        if again.facts.isOpen { try await again.close(abruptly: true) }
        if let since = awayFrom, environment.now - since > Self.minute {
          outcome.lost.append("\(session.name) at \(environment.now.secondsText): \(again.outcome)")
          awayFrom = environment.now
        }
        try await environment.sleep(for: .seconds(2))
      }
      if awayFrom != nil { outcome.reopened += 1 }
      awayFrom = nil
    }
    if let viewer, viewer.facts.isOpen { try await viewer.close(abruptly: false) }
    return outcome
  }
}
