import TestEnvironment

extension HAChaos {
  /// T3 on a platform that probes readiness.
  private static let t3Probed = Topology.t3ha.with { $0.probesReadiness = true }

  static let zombieCensus = TestCase(
    "CHAOS-16", "Zombie census", in: scenario, source: "[+]", variants: [Variant("", t3Probed)],
    needs: ["replicas:3", "k8s-ha", "api-kill", "agent-kill", "agent-pause", "api-pause", "db-control"],
    checks: ["I-LEADER-WORK"], kills: ["B-43"], limits: "the storm is that of one agent: CHAOS-11 has fifty"
  ) { environment in
    let agent = environment.agents[0]
    _ = try await environment.awaitLeader(of: agent)
    let sessions = try await environment.seededSessions(5, on: agent)
    let pods = try await environment.pods(of: sessions)
    // As in CHAOS-03: one of each kind at once.
    let leader = try await environment.awaitLeader(of: agent)
    let host = try await environment.requireHolder(of: agent)
    _ = try await environment.concurrently([
      { @Sendable in try await environment.crash(.replica(host), lane: host, back: .seconds(25)) },
      { @Sendable in try await environment.crash(.instance(leader), lane: leader, back: .seconds(25)) },
    ])
    try await environment.takeCensus("after kills")
    // As in CHAOS-05.
    environment.markFault("down", lane: "database", from: environment.now, to: environment.now + .seconds(30))
    _ = try await environment.begin(.databaseDown, for: .seconds(30))
    try await environment.sleep(for: .seconds(30))
    try await environment.takeCensus("after an outage of the database")
    // As in CHAOS-11: the replica that holds the agent goes.
    let holder = try await environment.requireHolder(of: agent)
    try await environment.crash(.replica(holder), lane: holder, back: .seconds(20))
    try await environment.takeCensus("after the loss of a replica")
    // And two that hang: they exist, and do nothing.
    let hung = try await environment.awaitLeader(of: agent)
    let idle = environment.replicas[environment.choose("hung replica", environment.replicas.count)]
    environment.markFault("hangs", lane: hung, from: environment.now)
    environment.markFault("hangs", lane: idle, from: environment.now)
    try await environment.control(.instance(hung), .pause)
    try await environment.control(.replica(idle), .pause)
    try await environment.takeCensus("after two hang", over: .seconds(100))
    try await environment.require("the agent is back", within: .seconds(60)) { try await environment.isBack(agent) }
    try await environment.expectUntouched(sessions, pods: pods, by: "zombie census")
  }
}

extension Environment {
  /// Looks every second for processes that run and do nothing; none may do so for longer than 60 s, unless it was
  /// replaced by then.
  fileprivate func takeCensus(_ title: String, over span: Duration = .seconds(75)) async throws {
    let end = now + span
    var since: [String: Duration] = [:]
    var oldest = Duration.zero
    var names: [String] = []
    while now < end {
      let found = try await zombies()
      for name in found {
        since[name] = since[name] ?? now
        oldest = max(oldest, now - (since[name] ?? now))
        if !names.contains(name) { names.append(name) }
      }
      for name in names where !found.contains(name) { since[name] = nil }
      try await sleep(for: .seconds(1))
    }
    expect("age of the oldest zombie \(title)", .atMost(.duration(.seconds(60))), oldest)
    expect("zombies seen \(title)", .reported, names.count)
    for name in names {
      if let begun = since[name] { record.add(.unrecovered(name, state: "useless for \((now - begun).secondsText)")) }
    }
  }
}
