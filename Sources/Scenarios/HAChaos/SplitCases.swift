import TestEnvironment

extension HAChaos {
  private static let silentLater: Int64 = 1

  static let controlPlaneSplit = TestCase(
    "CHAOS-06", "Partition of the control plane", in: scenario, source: "[P known gap]",
    variants: [
      Variant("old socket silent at once", .t3ha),
      // Its last heartbeat comes 12 s into the split: the old replica finds it stale after the heal.
      Variant("old socket silent later", .t3ha, parameter: silentLater),
    ],
    needs: ["replicas:3", "redis-control", "redis-read", "sql", "k8s-ha", "net-fault", "schedule"],
    checks: ["I-ONE-CONN", "I-CMD-ONCE", "I-ROUTE"], kills: ["B-02", "C-12"]
  ) { environment in
    let agent = environment.agents[0]
    _ = try await environment.awaitLeader(of: agent)
    let sessions = try await environment.seededSessions(10, on: agent)
    let pods = try await environment.pods(of: sessions)
    let old = try await environment.requireHolder(of: agent)
    let others = environment.replicas.filter { $0 != old }
    let target = others[environment.choose("side of the agent", others.count)]
    // Viewers that the others relay: what passes between replicas.
    _ = try await environment.concurrently(
      others.indices.map { index in
        { @Sendable in try await environment.opened(sessions[8 + index], at: others[index], .probe) }
      })
    let isLater = environment.variant.parameter == silentLater
    let looked = environment.now
    try await environment.require("a heartbeat comes", within: .seconds(60), every: .milliseconds(20)) {
      environment.moment(after: looked) { if case .heartbeat(agent, old) = $0 { true } else { false } } != nil
    }
    try await environment.sleep(for: isLater ? .seconds(18) : .seconds(2))
    let split = environment.now
    let heal = split + .seconds(60)
    environment.markFault("split from the others, Redis and the database", lane: old, from: split, to: heal)
    _ = try await environment.begin(.redisSplit(replica: old), for: .seconds(60))
    for part in [Component.database] + others.map({ Component.replica($0) }) {
      _ = try await environment.begin(.cut(.replica(old), part), for: .seconds(60))
    }
    try await environment.sleep(until: split + (isLater ? .seconds(14) : .milliseconds(100)))
    let gone = environment.now
    try await environment.steerSockets(to: target)
    environment.markFault("old socket half-open", lane: agent, from: gone)
    _ = try await environment.begin(.halfOpen(gone: .agent(agent), unaware: .replica(old)), for: .seconds(150))
    try await environment.require("the agent is served by the other side", within: .seconds(20)) {
      try await environment.holder(of: agent) == target
    }
    environment.markRecovery("served by \(target)", lane: agent, from: gone)
    // Work on both sides: on the one it is done, on the other nothing comes of it.
    let results = try await environment.concurrently([
      { @Sendable in try await environment.stopsAtBothSides(Array(sessions.prefix(4)), of: others, and: old) },
      { @Sendable in
        guard !isLater else { return [] }
        try await environment.expect("old replica drops its entry", within: .seconds(56), from: gone) {
          try await environment.connectionCount(of: agent) == 1
        }
        return []
      },
    ])
    try await environment.sleep(until: heal)
    try await environment.expectRecovery(
      .partition, "one connection, one route, every replica in use", lane: old, within: .seconds(60), from: heal,
      state: {
        "connections: \(try await environment.connectionCount(of: agent)), route: \(try await environment.route(of: agent))"
      },
      until: {
        for replica in environment.replicas where !(try await environment.isReady(replica)) { return false }
        guard try await environment.connectionCount(of: agent) == 1, try await environment.isBack(agent) else {
          return false
        }
        return try await environment.allRoutesRight()
      })
    // What the old replica finds stale only now is not the agent's any more: neither row nor route may follow it.
    try await environment.sleep(until: heal + .seconds(25))
    let offline = environment.observations.count { timed in
      if timed.time >= heal, case .agentRow(agent, "offline", _) = timed.observation { true } else { false }
    }
    environment.expect("times the row became offline after the heal", .equal(.count(0)), offline)
    environment.expect(
      "route after the old entry is gone", equals: "right",
      try await environment.allRoutesRight() ? "right" : "\(try await environment.route(of: agent))")
    let stops = results[0]
    try await environment.expect("stops of the served side are done", within: .seconds(35), from: heal) {
      try await environment.count(stops, in: "terminated") == stops.count
    }
    environment.expect(
      "executions of the stops", .equal(.count(stops.count)), try await environment.stopExecutions(stops))
    try await environment.expectUntouched(
      Array(sessions.suffix(6)), pods: Array(pods.suffix(6)), by: "split, \(environment.variant.name)")
  }
}

extension Environment {
  /// Stops each session at a replica of the side that has the database, and asks the other for a create each time.
  /// Returns those whose stop was accepted.
  fileprivate func stopsAtBothSides(
    _ sessions: [OwnedSession], of served: [String], and alone: String
  ) async throws -> [OwnedSession] {
    var accepted: [OwnedSession] = []
    for (index, session) in sessions.enumerated() {
      let answer = try await user(session.user).stop(session.name, at: served[index % served.count])
      expect("stop at \(served[index % served.count])", .equal(.count(202)), answer.status ?? 0)
      if answer.isAccepted { accepted.append(session) }
      let other = try await user("u09").create(SessionRequest(), at: alone)
      expect("create at the replica without database", equals: "refused", other.isAccepted ? "accepted" : "refused")
      try await sleep(for: .seconds(3))
    }
    return accepted
  }
}
