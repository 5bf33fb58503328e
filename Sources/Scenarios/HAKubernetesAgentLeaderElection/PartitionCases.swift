import TestEnvironment

extension HAKubernetesAgentLeaderElection {
  /// The leader, or everybody, cannot reach the cluster or the control plane.
  static let partitionCases: [TestCase] = [cutFromCluster, cutFromControlPlane, repeatedLoss, withoutAPI]

  /// Parts per million by which the clocks of leader and standbys differ from true time, in opposite directions:
  /// together a quarter, which the contract allows (C28).
  private static let ninth = 111_111

  static let cutFromCluster = TestCase(
    "HA-LE-07", "Leader cut from the cluster API only", in: scenario, source: "[+]",
    variants: [Variant("equal clocks", .t3ha), Variant("clocks a quarter apart", .t3ha, parameter: Int64(ninth))],
    plain: .inTurn, needs: ["replicas:3", "k8s-ha", "net-fault"], checks: ["I-LEADER-ONE"], kills: ["C-03"]
  ) { environment in
    let agent = environment.agents[0]
    let old = try await environment.awaitLeader(of: agent)
    let drift = Int(environment.variant.parameter)
    if drift > 0 {
      for instance in environment.instances(of: agent) {
        let ppm = instance == old ? -drift : drift
        environment.markFault("clock \(ppm) ppm", lane: instance, from: environment.now)
        _ = try await environment.begin(.drift(.instance(instance), ppm: ppm), for: nil)
      }
    }
    try await environment.sleep(for: .milliseconds(10_000 + environment.choose("moment of the cut", 2_000)))
    let loss = environment.now
    environment.markFault("cut from kubernetes", lane: old, from: loss, to: loss + .seconds(50))
    _ = try await environment.begin(.cut(.instance(old), .kubernetes), for: .seconds(50))
    // Work throughout: two leaders would both have something to do.
    let results = try await environment.concurrently([
      { @Sendable in
        var made: [OwnedSession] = []
        for moment in [1, 14] {
          try await environment.sleep(until: loss + .seconds(moment))
          made.append(try await environment.created(SessionRequest(), by: "u01"))
        }
        return made
      },
      { @Sendable in
        try await environment.expectFailOver(of: agent, from: old, at: loss, as: .partition, acting: .seconds(25))
        return []
      },
    ])
    guard let ended = environment.leaderships(of: agent).first(where: { $0.instance == old })?.ended else {
      throw CaseFailure("\(old) still leads")
    }
    // 12 s on its own clock from the sending of the last renewal, which lies before the cut: 13.5 s on a clock that
    // runs slow by a ninth.
    let limit = drift > 0 ? Duration.milliseconds(13_500) : .seconds(12)
    environment.expect("the leader stops acting", .atMost(.duration(limit)), ended - loss)
    environment.expect(
      "writes of the old leader after that", .equal(.count(0)),
      environment.platformWrites(of: agent, by: old, since: ended))
    try await environment.sleep(until: loss + .seconds(52))
    try await environment.expect("every session asked for meanwhile runs", within: .seconds(60)) {
      try await environment.count(results[0], in: "running") == results[0].count
    }
  }

  static let cutFromControlPlane = TestCase(
    "HA-LE-08", "Leader cut from the control plane only", in: scenario, source: "[+]", variants: [Variant("", .t3ha)],
    needs: ["replicas:3", "k8s-ha", "net-fault"], checks: ["I-LEADER-WORK", "I-LEADER-LIVE"], kills: ["B-37"]
  ) { environment in
    let agent = environment.agents[0]
    let old = try await environment.awaitLeader(of: agent)
    let start = environment.now
    // Where between two pings it strikes is the seed's.
    try await environment.sleep(for: .milliseconds(10_000 + environment.choose("moment of the cut", 10_000)))
    let loss = environment.now
    environment.markFault("cut from the control plane", lane: old, from: loss, to: start + .seconds(130))
    let cut = try await environment.begin(.cut(.instance(old), .controlPlane), for: nil)
    try await environment.sleep(until: loss + .seconds(5))
    let asked = environment.now
    let during = try await environment.created(SessionRequest(), by: "u01")
    try await environment.expect("the lease is yielded", within: .seconds(30), from: loss, every: .milliseconds(50)) {
      try await environment.lock(of: agent)?.holder != old
    }
    try await environment.expectFailOver(of: agent, from: old, at: loss, as: .partition, acting: .seconds(60))
    try await environment.expect("the command given after 5 s is completed", within: .seconds(90), from: asked) {
      try await environment.command(of: during.name, action: "start_session")?.status == "completed"
    }
    try await environment.sleep(until: start + .seconds(130))
    try await environment.end(cut)
    try await environment.sleep(for: .seconds(30))
    environment.expect("sockets of the agent", .equal(.count(1)), try await environment.connectionCount(of: agent))
    environment.expect(
      "elections after the heal", .equal(.count(0)), environment.elections(of: agent, after: start + .seconds(130)))
  }

  static let repeatedLoss = TestCase(
    "HA-LE-11", "Repeated leadership loss", in: scenario, source: "[+]", variants: [Variant("", .t3ha)],
    needs: ["replicas:3", "k8s-ha", "platform-fault"], checks: ["I-LEADER-LIVE"], kills: ["B-35"]
  ) { environment in
    let agent = environment.agents[0]
    _ = try await environment.awaitLeader(of: agent)
    let start = environment.now
    for round in 0..<4 {
      try await environment.sleep(until: start + .seconds(10 + 50 * round))
      let before = environment.leaderships(of: agent).last
      let begun = environment.now
      let healed = begun + .seconds(12)
      environment.markFault("down", lane: "kubernetes", from: begun, to: healed)
      _ = try await environment.begin(.kubernetes(.down), for: .seconds(12))
      try await environment.sleep(until: healed)
      try await environment.expect("a leader after the outage", within: .seconds(25), from: healed) {
        guard let leader = try await environment.actingInstance(of: agent) else { return false }
        return environment.connectedInstance(of: agent) == leader
      }
      let after = environment.leaderships(of: agent).last
      environment.expect("leadership lost in the outage", equals: "yes", before == after ? "no" : "yes")
      environment.markRecovery("a leader again", lane: after?.instance ?? agent, from: begun)
    }
    environment.record.add(
      TableEntry.elections(
        "four outages of the cluster API", count: environment.elections(of: agent, after: start),
        in: environment.now - start))
    // Every replica can still be elected: they go one after the other.
    for _ in 0..<2 {
      let leader = try await environment.awaitLeader(of: agent)
      let loss = environment.now
      environment.markFault("graceful stop", lane: leader, from: loss)
      try await environment.control(.instance(leader), .stop)
      try await environment.expectFailOver(of: agent, from: leader, at: loss, as: .graceful, acting: .seconds(15))
    }
  }

  static let withoutAPI = TestCase(
    "HA-LE-12", "Election while the API is away", in: scenario, source: "[+]", variants: [Variant("", .t3ha)],
    needs: ["replicas:3", "k8s-ha", "api-stop", "agent-kill"], checks: ["I-LEADER-WORK"], kills: ["B-36"]
  ) { environment in
    let agent = environment.agents[0]
    let old = try await environment.awaitLeader(of: agent)
    let kept = try await environment.running(SessionRequest(), by: "u01").session
    let pods = try await environment.pods(of: [kept])
    let start = environment.now
    try await environment.sleep(until: start + .seconds(10))
    for replica in environment.replicas {
      environment.markFault("down", lane: replica, from: environment.now, to: start + .seconds(40))
    }
    _ = try await environment.concurrently(
      environment.replicas.map { replica in
        { @Sendable in try await environment.control(.replica(replica), .stop) }
      })
    try await environment.sleep(until: start + .seconds(15))
    environment.markFault("crash", lane: old, from: environment.now)
    try await environment.control(.instance(old), .crash)
    try await environment.sleep(until: start + .seconds(40))
    for replica in environment.replicas { try await environment.control(.replica(replica), .start) }
    let back = environment.now
    try await environment.expect("the leader is connected", within: .seconds(30), from: back) {
      guard let leader = try await environment.actingInstance(of: agent) else { return false }
      return environment.connectedInstance(of: agent) == leader
    }
    environment.markRecovery("connected", lane: environment.connectedInstance(of: agent) ?? agent, from: back)
    try await environment.expectUntouched([kept], pods: pods, by: "API away, leader crashed")
    try await environment.stopAll([kept], as: "the session stopped by the new leader")
  }
}
