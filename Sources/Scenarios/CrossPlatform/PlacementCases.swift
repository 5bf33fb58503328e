import TestEnvironment

extension CrossPlatform {
  /// Which agent gets which session.
  static let placementCases: [TestCase] = [mixedPlacement, balance, loadBalancing]

  static let mixedPlacement = TestCase(
    "XP-02", "Mixed placement", in: .crossPlatform, source: "[P multi-platform claim]", live: true,
    variants: [Variant("", .tx)], needs: ["replicas:3", "k8s", "docker", "agents:5", "users"],
    checks: ["I-CAP", "I-QUOTA"], kills: ["A-38", "B-77"]
  ) { environment in
    try await environment.awaitAgents()
    var sessions: [(session: OwnedSession, platform: Platform)] = []
    for index in 0..<20 {
      let platform: Platform = index % 2 == 0 ? .kubernetes : .docker
      let session = try await environment.created(
        SessionRequest(platform: platform.rawValue), by: environment.owner(ofSession: index))
      sessions.append((session, platform))
    }
    let made = sessions.map(\.session)
    try await environment.expect("all running", within: .seconds(90), every: .milliseconds(500)) {
      try await environment.count(made, in: "running") == made.count
    }
    let topology = environment.variant.topology
    var wrong = 0
    for (session, platform) in sessions {
      let agent = try await environment.sessionRow(session.name)?.agent
      if topology.agents.first(where: { $0.id == agent })?.platform != platform { wrong += 1 }
    }
    environment.expect("sessions on the wrong platform", .equal(.count(0)), wrong)
    // The quota counts both platforms: u01 has five sessions, two or three on each.
    for platform in [Platform.kubernetes, .docker] {
      let answer = try await environment.user("u01").create(SessionRequest(platform: platform.rawValue), at: nil)
      environment.expect("sixth session, \(platform.rawValue)", .equal(.count(403)), answer.status ?? 0)
    }
    // So does its memory: two of 4096Mi on one platform each are the 8192Mi of a user (C15).
    for platform in [Platform.kubernetes, .docker] {
      _ = try await environment.created(SessionRequest(memory: "4096Mi", platform: platform.rawValue), by: "u05")
    }
    for platform in [Platform.kubernetes, .docker] {
      let answer = try await environment.user("u05").create(
        SessionRequest(memory: "1Gi", platform: platform.rawValue), at: nil)
      environment.expect("memory beyond the quota, \(platform.rawValue)", .equal(.count(403)), answer.status ?? 0)
    }
    for agent in topology.agents {
      var count = 0
      for session in made where try await environment.sessionRow(session.name)?.agent == agent.id { count += 1 }
      environment.record.add(.placement("XP-02, 10 for each platform", agent, count))
    }
  }

  static let balance = TestCase(
    "XP-10", "Balance", in: .crossPlatform, source: "[P old plan 2.2, 2.1]", live: true,
    variants: [
      Variant("15 creates, T3m", .t3m, parameter: 15),
      Variant(
        "60 creates, one agent small",
        Topology.t3m.with {
          $0.users = 12
          $0.agents = [20, 40, 5].enumerated().map { Topology.Agent("k8s-a\($0 + 1)", maxSessions: $1) }
        }, parameter: 60),
      Variant(
        "15 creates, Docker",
        Topology.tx.with { $0.defaultPlatform = .docker }, parameter: 15),
    ], plain: .inTurn, needs: ["replicas:3", "agents:3", "users"], checks: ["I-CAP"], kills: ["B-71"]
  ) { environment in
    try await environment.awaitAgents()
    let count = Int(environment.variant.parameter)
    let topology = environment.variant.topology
    let wanted = topology.agents.filter { $0.platform == topology.defaultPlatform }
    var sessions: [OwnedSession] = []
    for index in 0..<count {
      sessions.append(try await environment.created(SessionRequest(), by: environment.owner(ofSession: index)))
    }
    try await environment.expect("all running", within: .seconds(180), every: .seconds(1)) {
      try await environment.count(sessions, in: "running") == sessions.count
    }
    let spread = try await environment.distribution(of: sessions)
    for agent in wanted {
      environment.expect(
        "sessions on \(agent.id) of \(agent.maxSessions)", .atMost(.count(agent.maxSessions)), spread[agent.id] ?? 0)
    }
    for agent in wanted {
      environment.record.add(.placement("XP-10, \(environment.variant.name)", agent, spread[agent.id] ?? 0))
    }
    let free = wanted.filter { (spread[$0.id] ?? 0) < $0.maxSessions }.map { spread[$0.id] ?? 0 }
    environment.expect("spread among agents with room", .atMost(.count(2)), (free.max() ?? 0) - (free.min() ?? 0))
    guard count == 15 else { return }
    // An agent that is not there gets nothing while another is.
    let absent = wanted[0].id
    environment.markFault("crash", lane: absent, from: environment.now)
    try await environment.control(.agent(absent), .crash)
    try await environment.require("the row is offline", within: .seconds(60), every: .milliseconds(500)) {
      try await environment.agentRow(absent)?.status == "offline"
    }
    var more: [OwnedSession] = []
    for index in 15..<20 {
      more.append(try await environment.created(SessionRequest(), by: environment.owner(ofSession: index)))
    }
    environment.expect(
      "sessions for the absent agent", .equal(.count(0)), try await environment.distribution(of: more)[absent] ?? 0)
    try await environment.control(.agent(absent), .start)
    try await environment.require("those run too", within: .seconds(60), every: .milliseconds(500)) {
      try await environment.count(more, in: "running") == more.count
    }
  }

  static let loadBalancing = TestCase(
    "XP-14", "Load balancing done right", in: .crossPlatform, source: "[P+ Test 3.4]", live: true,
    variants: [
      Variant(
        "",
        Topology.t1.with {
          $0.name = "T1, three agents"
          $0.agents = (1...3).map { Topology.Agent("k8s-a\($0)", maxSessions: 20) }
        })
    ], needs: ["replicas:1", "agents:3", "users"], checks: ["I-CAP"], kills: []
  ) { environment in
    try await environment.awaitAgents()
    let bodies = (0..<15).map { index in
      { @Sendable () async throws -> OwnedSession in
        try await environment.created(SessionRequest(), by: environment.owner(ofSession: index))
      }
    }
    let sessions = try await environment.concurrently(bodies)
    try await environment.expect("15 running", within: .seconds(90), every: .milliseconds(500)) {
      try await environment.count(sessions, in: "running") == 15
    }
    let spread = try await environment.distribution(of: sessions)
    for agent in environment.agents {
      environment.expect("sessions of \(agent)", .between(.count(3), .count(7)), spread[agent] ?? 0)
    }
    for agent in environment.variant.topology.agents {
      environment.record.add(.placement("XP-14, 15 creates at once", agent, spread[agent.id] ?? 0))
    }
  }
}

extension Environment {
  /// Sessions by the agent of their row.
  func distribution(of sessions: [OwnedSession]) async throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for session in sessions { counts[try await sessionRow(session.name)?.agent ?? "none", default: 0] += 1 }
    return counts
  }
}

extension TableEntry {
  /// How many of the sessions of a case an agent got, by the agent of their rows.
  fileprivate static func placement(_ what: String, _ agent: Topology.Agent, _ sessions: Int) -> TableEntry {
    TableEntry(
      table: "placement",
      row: [
        "what": .text(what), "agent": .text(agent.id), "platform": .text(agent.platform.rawValue),
        "room": .text("\(agent.maxSessions)"), "sessions": .count(sessions),
      ])
  }
}
