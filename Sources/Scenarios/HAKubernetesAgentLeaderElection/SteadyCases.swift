import TestEnvironment

extension HAKubernetesAgentLeaderElection {
  /// Nothing happens to the leader: only it acts, whatever the clocks say and however writes of the lease collide.
  static let steadyCases: [TestCase] = [onlyTheLeaderActs, conflictStorm]

  static let onlyTheLeaderActs = TestCase(
    "HA-LE-05", "Only the leader acts", in: scenario, source: "[P PLAN]", live: true, variants: [Variant("", .t3ha)],
    needs: ["replicas:3", "k8s-ha"], checks: ["I-LEADER-ONE", "I-CRASH"], kills: ["A-03"]
  ) { environment in
    let agent = environment.agents[0]
    let leader = try await environment.awaitLeader(of: agent)
    let start = environment.now
    // 30 commands in 600 s: a start every 40 s, each followed by its stop.
    var sessions: [OwnedSession] = []
    for round in 0..<15 {
      try await environment.sleep(until: start + .seconds(40 * round))
      let user = environment.userName(round / 5 + 1)
      let answer = try await environment.user(user).create(SessionRequest(), at: nil)
      guard let session = answer.session, let holder = try await environment.holder(of: agent) else {
        throw CaseFailure("create answered \(answer.summary)")
      }
      sessions.append(OwnedSession(name: session, user: user))
      try await environment.sleep(until: start + .seconds(40 * round + 20))
      if answer.replica != holder { try await environment.sampleForwarding(session) }
      if let time = environment.startTime(of: session) { environment.record.sample(.sessionStart, time) }
      let stopped = try await environment.user(user).stop(session, at: nil)
      environment.expect("answer to the stop", .equal(.count(202)), stopped.status ?? 0)
    }
    try await environment.sleep(until: start + .seconds(600))
    let commands = try await environment.commandRows(session: nil)
    environment.expect("commands", .equal(.count(30)), commands.count)
    environment.expect("commands completed", .equal(.count(30)), commands.count { $0.status == "completed" })
    environment.expect(
      "commands carried out by the leader alone", .equal(.count(30)),
      commands.count { environment.executors(of: $0.command) == [leader] })
    for standby in environment.standbys(of: agent, beside: leader) {
      environment.expect(
        "platform writes of \(standby)", .equal(.count(0)),
        environment.platformWrites(of: agent, by: standby, since: .zero))
    }
    environment.expect(
      "connections of standbys", .equal(.count(0)), environment.connections(of: agent, beside: leader, since: .zero))
    environment.expect("processes that died", .equal(.count(0)), environment.crashes(of: agent))
    environment.expect("elections in 600 s", .equal(.count(0)), environment.elections(of: agent, after: start))
    environment.record.add(
      TableEntry.elections(
        "steady state", count: environment.elections(of: agent, after: start), in: environment.now - start))
  }

  static let conflictStorm = TestCase(
    "HA-LE-16", "Conflict storm on the lease", in: scenario, source: "[+]",
    variants: [Variant("", .t3ha.with { $0.agents[0].replicas = 5 })],
    needs: ["replicas:3", "k8s-ha", "platform-fault", "schedule"], checks: ["I-LEADER-ONE"], kills: ["A-60", "C-01"]
  ) { environment in
    let agent = environment.agents[0]
    let old = try await environment.awaitLeader(of: agent)
    _ = try await environment.running(SessionRequest(), by: "u01")
    let start = environment.now
    try await environment.sleep(until: start + .seconds(10))
    let storm = environment.now
    environment.markFault("half of all writes of leases conflict", lane: "kubernetes", from: storm)
    let fault = try await environment.begin(.kubernetes(.conflicts(resource: "leases", percent: 50)), for: nil)
    try await environment.sleep(for: .seconds(40))
    // Candidates that wake at one moment read one expired lease: their reads lie before all of their writes.
    let loss = environment.now
    let last = try await environment.actingInstance(of: agent) ?? old
    let candidates = environment.standbys(of: agent, beside: last)
    environment.markFault("crash", lane: last, from: loss)
    try await environment.control(.instance(last), .crash)
    for candidate in candidates { try await environment.control(.instance(candidate), .pause) }
    try await environment.sleep(for: .seconds(22))
    _ = try await environment.concurrently(
      candidates.map { candidate in { @Sendable in try await environment.control(.instance(candidate), .resume) } })
    try await environment.require("one process leads again", within: .seconds(60)) {
      try await environment.actingInstance(of: agent) != nil
    }
    let during = try await environment.created(SessionRequest(), by: "u02")
    try await environment.sleep(for: .seconds(40))
    try await environment.end(fault)
    environment.markRecovery("no more conflicts", lane: "kubernetes", from: environment.now)
    let leader = try await environment.awaitLeader(of: agent)
    try await environment.expect("a session asked for in the storm runs", within: .seconds(60)) {
      try await environment.state(of: during.name) == "running"
    }
    environment.expect(
      "overlap of two leaders", .equal(.duration(.zero)), environment.overlap(of: agent, since: start))
    environment.expect(
      "holder of the lease", equals: leader, try await environment.lock(of: agent)?.holder ?? "nobody")
    environment.expect(
      "changes of the lease that went back or gave one term to two", .equal(.count(0)),
      environment.lostUpdates(of: agent))
    environment.record.add(
      TableEntry.elections(
        "conflict storm", count: environment.elections(of: agent, after: storm), in: environment.now - storm))
  }
}

extension Environment {
  /// Samples the time from a forwarded command's row to its stored acknowledgement: the chain that StreamSpace
  /// measured ends with the agent's own 10 ms.
  fileprivate func sampleForwarding(_ session: String) async throws {
    guard let row = try await command(of: session, action: "start_session") else { return }
    var inserted: Duration?
    for timed in observations {
      switch timed.observation {
      case .commandInserted(row.command, _, _, _): inserted = timed.time
      case .commandStatus(row.command, _, "ack", _):
        if let inserted { record.sample(.forwardedCommand, timed.time - inserted) }
        return
      default: break
      }
    }
  }

  /// Changes of the lock of `agent` that went back to an older term, or gave the term of one holder to another.
  fileprivate func lostUpdates(of agent: String) -> Int {
    var count = 0
    var holder = ""
    var term: Int64 = -1
    for timed in observations {
      guard case .lockChanged(agent, let name, let newTerm) = timed.observation else { continue }
      let next = name ?? ""
      if newTerm < term || (newTerm == term && !next.isEmpty && next != holder) { count += 1 }
      if !next.isEmpty { holder = next }
      term = max(term, newTerm)
    }
    return count
  }
}
