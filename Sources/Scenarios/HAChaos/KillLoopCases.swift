import TestEnvironment

extension HAChaos {
  /// T3 with a Docker agent in the place of the Kubernetes one (B-46 is a defect of that agent).
  static let t3Docker = Topology.t3.with {
    $0.name = "T3, Docker"
    $0.agents = [Topology.Agent("docker-d1", platform: .docker, replicas: 3, election: .redis)]
    $0.defaultPlatform = .docker
  }

  static let killLoop = TestCase(
    "CHAOS-03", "Random kill loop", in: scenario, source: "[P PLAN]", live: true,
    variants: [Variant("Kubernetes", .t3ha), Variant("Docker", t3Docker)], plain: .inTurn,
    needs: ["replicas:3", "k8s-ha", "docker-ha:redis", "api-kill", "agent-kill", "users"],
    checks: ["I-SESS-SURVIVE", "I-CMD-LIVE"], kills: ["B-33", "B-46", "C-26"],
    limits: "a plain run kills for 10 min", limit: .seconds(3_600)
  ) { environment in
    let agent = environment.agents[0]
    _ = try await environment.awaitLeader(of: agent)
    let sessions = try await environment.seededSessions(20, on: agent)
    let pods = try await environment.pods(of: sessions)
    let start = environment.now
    let end = start + (environment.depth == .full ? .seconds(1_800) : .seconds(600))
    let load = try await environment.loadUnderKills(of: agent, from: start, to: end)
    environment.judge(load, "creates and stops, 4 a minute", atLeastPermille: 980)
    try await environment.endLoad()
    try await environment.expectUntouched(sessions, pods: pods, by: "kill loop, \(environment.variant.name)")
  }
}

extension Environment {
  /// Load and kills side by side; judges what the kills left open.
  func loadUnderKills(of agent: String, from start: Duration, to end: Duration) async throws -> LoadOutcome {
    let environment: any Environment = self
    let results: [(kills: KillLoop.Outcome?, load: LoadOutcome?)] = try await concurrently([
      { @Sendable in
        let loop = KillLoop(environment: environment, agent: agent)
        return (try await loop.run(from: start + .seconds(10), to: end - KillLoop.period), nil)
      },
      { @Sendable in (nil, try await environment.churn(every: .seconds(15), from: start, to: end)) },
    ])
    let kills = results.compactMap(\.kills).first ?? KillLoop.Outcome()
    expect(
      "commands older than 60 s when a kill came", equals: "none",
      kills.lateCommands.isEmpty ? "none" : kills.lateCommands.joined(separator: ", "))
    expect("kills", .atLeast(.count(1)), kills.kills)
    return results.compactMap(\.load).first ?? LoadOutcome()
  }
}
