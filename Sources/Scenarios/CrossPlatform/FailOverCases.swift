import TestEnvironment

extension CrossPlatform {
  /// One table over all back ends (spec/06 §8, XP-08).
  static let failOverCases: [TestCase] = [failOverParity]

  private static let backEnds: [(name: String, topology: Topology)] = [
    ("lease", .t3ha), ("file", .tdf), ("redis", .tdr), ("swarm", .tds),
  ]

  static let failOverParity = TestCase(
    "XP-08", "Fail-over parity", in: .crossPlatform, source: "[P SCALABILITY]", live: true,
    variants: backEnds.enumerated().flatMap { index, backEnd in
      LeaderLoss.allCases.enumerated().map { kind, loss in
        Variant("\(backEnd.name), \(loss.rawValue)", backEnd.topology, parameter: Int64(index * 10 + kind))
      }
    },
    needs: [
      "replicas:3", "k8s-ha", "docker-ha:file", "docker-ha:redis", "docker-ha:swarm", "agent-stop", "agent-kill",
      "agent-pause",
    ], checks: ["I-LEADER-ONE"], kills: []
  ) { environment in
    let agent = environment.agents[0]
    let backEnd = backEnds[Int(environment.variant.parameter) / 10].name
    let loss = LeaderLoss.allCases[Int(environment.variant.parameter) % 10]
    try await environment.awaitAgents()
    try await environment.sleep(for: .seconds(10) + .milliseconds(environment.choose("phase", 4_000)))
    guard let leader = try await environment.actors(of: agent).first else {
      throw CaseFailure("nobody acts for \(agent)")
    }
    let begun = environment.now
    environment.markFault(loss.rawValue, lane: leader, from: begun)
    var fault: FaultHandle?
    switch loss {
    case .graceful: try await environment.control(.instance(leader), .stop)
    case .crash: try await environment.control(.instance(leader), .crash)
    case .pause: try await environment.control(.instance(leader), .pause)
    case .partition: fault = try await environment.begin(.cut(.instance(leader), .lockStore(of: environment)), for: nil)
    }
    try await environment.expect("another process acts", within: .seconds(25), from: begun) {
      guard let actor = try await environment.actors(of: agent).first(where: { $0 != leader }) else { return false }
      return !actor.isEmpty
    }
    let locked = environment.now - begun
    try await environment.expect("it is connected", within: .seconds(27), from: begun) {
      environment.registrations(of: agent, after: begun).isEmpty == false
    }
    let acting = environment.now - begun
    environment.markRecovery("successor", lane: agent, from: begun)
    environment.record.add(.failover(backEnd: backEnd, kind: loss, lock: locked, acting: acting))
    environment.record.add(.backend(backEnd, "fail-over \(loss.rawValue)", .duration(acting)))
    environment.record.sample(loss.sampleName, acting)
    if let fault { try await environment.end(fault) }
    if loss == .pause { try await environment.control(.instance(leader), .resume) }
    try await environment.sleep(for: .seconds(20))
    environment.expect("actors afterwards", .equal(.count(1)), try await environment.actors(of: agent).count)
  }
}

extension Component {
  /// Where the lock of the first agent's election is kept; a file has no way that could be cut: then the way to the
  /// control plane, which a leader needs as well.
  fileprivate static func lockStore(of environment: any Environment) -> Component {
    switch environment.variant.topology.agents[0].election {
    case .lease: .kubernetes
    case .redis: .redis
    case .swarm, .file, nil: .controlPlane
    }
  }
}
