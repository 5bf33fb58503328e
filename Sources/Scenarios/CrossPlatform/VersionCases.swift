import TestEnvironment

extension CrossPlatform {
  /// Old beside new.
  static let versionCases: [TestCase] = [versionSkew]

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
    }, plain: .inTurn, needs: ["versions"], checks: ["I-CRASH"], kills: [],
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
    for what in without {
      environment.record.add(
        .gap(
          "\(what): \(pair.controlPlane.rawValue) API, \(pair.agent.rawValue) agent", platform: pair.2,
          severity: what == "sessions" ? .p0 : .p2, whatHappens: outcome == "works" ? "never settles" : outcome))
    }
    environment.record.add(
      .versions(
        controlPlane: pair.controlPlane.rawValue, agent: pair.agent, platform: pair.2, outcome: outcome,
        without: without.joined(separator: ", ")))
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
