import TestEnvironment

extension CrossPlatform {
  /// Old beside new, and clocks of the whole world.
  static let versionAndTimeCases: [TestCase] = [versionSkew, timeZones]

  // MARK: XP-07

  private static let pairs: [(controlPlane: Topology.Agent.Version, agent: Topology.Agent.Version, Platform)] = [
    (.contract, .contract, .kubernetes), (.contract, .shipped, .kubernetes), (.shipped, .contract, .kubernetes),
    (.shipped, .shipped, .kubernetes), (.contract, .contract, .docker), (.contract, .shipped, .docker),
    (.shipped, .contract, .docker), (.shipped, .shipped, .docker),
  ]

  static let versionSkew = TestCase(
    "XP-07", "Version skew", in: .crossPlatform, source: "[P ADR-003 protocol_version]",
    variants: pairs.enumerated().map { index, pair in
      let topology = pair.2 == .docker ? Topology.td : Topology.t2
      return Variant(
        "\(pair.controlPlane.rawValue) API, \(pair.agent.rawValue) \(pair.2.rawValue) agent",
        topology.with {
          $0.hasShippedControlPlane = pair.controlPlane == .shipped
          $0.agents[0].version = pair.agent
          // The shipped Docker agent tries once; the API must be there.
          $0.startsAgents = false
        }, parameter: Int64(index))
    }, needs: ["versions"], checks: ["I-CRASH"], kills: [],
    limits: "with an old side only I-CRASH is judged: the other invariants are promises of the contract"
  ) { environment in
    let pair = pairs[Int(environment.variant.parameter)]
    let agent = environment.agents[0]
    try await environment.require("the replicas are ready", within: .seconds(30)) {
      for replica in environment.replicas where !(try await environment.isReady(replica)) { return false }
      return true
    }
    try await environment.control(.agent(agent), .start)
    let connected = try await environment.wait(upTo: .seconds(40)) { try await environment.holder(of: agent) != nil }
    var outcome = ""
    var without: [String] = []
    if connected == nil {
      // A Docker agent that does not name the protocol is refused at registration, with the reason (C33).
      let refusal = environment.observations.contains { timed in
        if case .agentCall(agent, _, .register, _, _, 400) = timed.observation { true } else { false }
      }
      outcome = refusal ? "refused at registration: Unsupported agent protocol" : "does not connect"
      environment.expect("a pair that does not work is refused", equals: "yes", refusal ? "yes" : "no")
    } else {
      (outcome, without) = try await environment.fullCycle()
      // Two shipped sides of Docker cannot understand each other, and nobody tells: listed, not failed.
      if pair.controlPlane == .contract || pair.agent == .contract || pair.2 == .kubernetes {
        environment.expect("the full cycle", equals: "works", outcome)
      }
    }
    environment.expect("what the old side cannot do", .reported, without.count)
    environment.record.add(
      .versions(
        controlPlane: pair.controlPlane.rawValue, agent: pair.agent, platform: pair.2, outcome: outcome,
        without: without.joined(separator: ", ")))
  }

  // MARK: XP-13

  /// Minutes east of UTC of replicas, database and agents.
  private static let zones: [(replicas: Int, database: Int, agents: Int)] = [
    (0, 0, 0), (-420, 0, 540), (540, -420, 0), (0, 540, -420), (540, 540, 540),
  ]

  static let timeZones = TestCase(
    "XP-13", "Time", in: .crossPlatform, source: "[+]",
    variants: zones.enumerated().flatMap { index, zone in
      [Topology.t2, Topology.td].map { topology in
        Variant(
          "\(topology.name): API \(text(zone.replicas)), database \(text(zone.database)), agents \(text(zone.agents))",
          topology.with {
            $0.replicaZoneMinutes = zone.replicas
            $0.databaseZoneMinutes = zone.database
            for index in $0.agents.indices { $0.agents[index].zoneMinutes = zone.agents }
          }, parameter: Int64(index))
      }
    }, needs: ["replicas:2", "k8s", "docker", "clock"], checks: ["I-STATUS"], kills: ["C-15"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let start = environment.now
    let (session, took) = try await environment.running(SessionRequest(), by: "u01", within: .seconds(60))
    environment.expect("create to running", .atMost(.duration(.seconds(12))), took)
    try await environment.sleep(until: start + .seconds(75))
    guard let beat = try await environment.agentRow(agent)?.lastHeartbeat else {
      throw CaseFailure("\(agent) has no heartbeat")
    }
    environment.expect(
      "age of the last heartbeat", .between(.duration(.zero), .duration(.seconds(31))), environment.now - beat)
    environment.expect("row", equals: "online", try await environment.agentRow(agent)?.status ?? "-")
    environment.expect("reconnections", .equal(.count(0)), environment.registrations(of: agent, after: start).count)
    let again = try await environment.user("u02").create(SessionRequest(), at: nil)
    environment.expect("the agent is selectable", .equal(.count(202)), again.status ?? 0)
    let command = try await environment.command(of: session.name, action: "start_session")
    let times = [command?.times.created, command?.times.sent, command?.times.acknowledged, command?.times.completed]
    environment.expect("times of the start command that are set", .equal(.count(4)), times.count { $0 != nil })
    environment.expect(
      "times of the start command in order", equals: "yes",
      zip(times.compactMap(\.self), times.compactMap(\.self).dropFirst()).allSatisfy { $0 <= $1 } ? "yes" : "no")
  }

  private static func text(_ minutes: Int) -> String {
    minutes == 0 ? "UTC" : "UTC\(minutes > 0 ? "+" : "-")\(abs(minutes) / 60)"
  }
}

extension Environment {
  /// Start, hibernate, wake, stop: whether all of it works, and what does not.
  fileprivate func fullCycle() async throws -> (outcome: String, without: [String]) {
    let user = self.user("u01")
    let answer = try await user.create(SessionRequest(), at: nil)
    guard let session = answer.session else { return ("create answered \(answer.summary)", ["sessions"]) }
    var without: [String] = []
    func reached(_ state: String) async throws -> Bool {
      try await wait(upTo: .seconds(60), every: .milliseconds(500), for: { try await self.state(of: session) == state })
        != nil
    }
    guard try await reached("running") else { return ("the session never runs", ["sessions"]) }
    _ = try await user.hibernate(session, at: nil)
    if try await reached("hibernated") {
      _ = try await user.wake(session, at: nil)
      if !(try await reached("running")) { without.append("wake") }
    } else {
      without.append("hibernate")
      without.append("wake")
    }
    _ = try await user.stop(session, at: nil)
    if !(try await reached("terminated")) { without.append("state after a stop") }
    return ("works", without)
  }
}
