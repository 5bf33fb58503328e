import TestEnvironment

extension CrossPlatform {
  /// Clocks of the whole world.
  static let timeCases: [TestCase] = [timeZones]

  /// Minutes east of UTC of replicas, database and agents. With the last, replicas and agents go over to daylight
  /// saving time in the middle of the case and the database does not. That all are in UTC is what other cases have.
  private static let zones: [(replicas: Int, database: Int, agents: Int, leaps: Bool)] = [
    (-420, 0, 540, false), (540, -420, 0, false), (0, 540, -420, false), (540, 540, 540, true),
  ]

  /// Between two heartbeats, some time after the first session runs.
  private static let leap = Duration.seconds(50)

  static let timeZones = TestCase(
    "XP-13", "Time", in: .crossPlatform, source: "[+]",
    variants: zones.enumerated().flatMap { index, zone in
      [Topology.t2, Topology.td].map { topology in
        Variant(
          "\(topology.name): API \(text(zone.replicas)), database \(text(zone.database)), agents \(text(zone.agents))"
            + (zone.leaps ? ", leap to DST" : ""),
          topology.with {
            $0.replicaZoneMinutes = zone.replicas
            $0.databaseZoneMinutes = zone.database
            $0.daylightSavingAt = zone.leaps ? leap : nil
            for index in $0.agents.indices { $0.agents[index].zoneMinutes = zone.agents }
          }, parameter: Int64(index))
      }
    }, plain: .inTurn, needs: ["replicas:2", "k8s", "docker", "clock"], checks: ["I-STATUS"], kills: ["C-15"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let start = environment.now
    try await environment.captureFrames(of: agent)
    let first = try await environment.user("u01").create(SessionRequest(), at: nil)
    environment.expect("first create", .equal(.count(202)), first.status ?? 0)
    if let session = first.session {
      try await environment.expect("create to running", within: .seconds(12), from: start) {
        try await environment.state(of: session) == "running"
      }
    }
    // A create every 15 s, two between one heartbeat and the next: none meets an agent that seems to be away. The leap
    // lies in between.
    var refused = 0
    while environment.now < start + .seconds(75) {
      let answer = try await environment.user("u02").create(SessionRequest(), at: nil)
      if !answer.isAccepted { refused += 1 }
      if let made = answer.session { _ = try await environment.user("u02").stop(made, at: nil) }
      try await environment.sleep(for: .seconds(15))
    }
    environment.expect("creates that were refused", .equal(.count(0)), refused)
    guard let row = try await environment.agentRow(agent), let beat = row.lastHeartbeat else {
      throw CaseFailure("\(agent) has no heartbeat")
    }
    environment.expect(
      "age of the last heartbeat", .between(.duration(.zero), .duration(.seconds(31))), environment.now - beat)
    environment.expect("row", equals: "online", row.status)
    environment.expect("reconnections", .equal(.count(0)), environment.registrations(of: agent, after: start).count)
    // Every time that the agent wrote bears the offset of its zone, and was understood.
    try environment.judgeOffsets(of: agent)
    guard let session = first.session else { return }
    let command = try await environment.command(of: session, action: "start_session")
    let times = [command?.times.created, command?.times.sent, command?.times.acknowledged, command?.times.completed]
    environment.expect("times of the start command that are set", .equal(.count(4)), times.count { $0 != nil })
    environment.expect(
      "times of the start command in order", equals: "yes",
      zip(times.compactMap(\.self), times.compactMap(\.self).dropFirst()).allSatisfy { $0 <= $1 } ? "yes" : "no")
  }

  private static func text(_ minutes: Int) -> String {
    minutes == 0 ? "UTC" : "UTC\(minutes > 0 ? "+" : "-")\(abs(minutes) / 60)"
  }

  /// How RFC 3339 writes an offset.
  fileprivate static func offset(_ minutes: Int) -> String {
    guard minutes != 0 else { return "Z" }
    let hours = abs(minutes) / 60
    return "\(minutes < 0 ? "-" : "+")\(hours < 10 ? "0" : "")\(hours):00"
  }
}

extension Environment {
  /// The premise of the case: the zones are in what goes over the wire. A frame that the control plane could not read
  /// would leave its command without an ack, or the row without a heartbeat.
  fileprivate func judgeOffsets(of agent: String) throws {
    let topology = variant.topology
    let standard = CrossPlatform.offset(topology.agents[0].zoneMinutes)
    let summer = CrossPlatform.offset(topology.agents[0].zoneMinutes + 60)
    var wrong = 0
    var read = 0
    for frame in capturedFrames where frame.agent == agent && frame.isFromAgent && frame.text.contains("\"timestamp\"")
    {
      let isSummer = topology.daylightSavingAt.map { frame.time >= $0 } ?? false
      read += 1
      if !frame.text.contains("\(isSummer ? summer : standard)\"") { wrong += 1 }
    }
    try require("the agent wrote times", read > 0)
    expect("times without the offset of the agent's zone", .equal(.count(0)), wrong)
  }
}
