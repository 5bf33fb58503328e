import TestEnvironment

extension DockerAgentLifecycle {
  /// The three back ends of the Docker agent's election (C29).
  static let electionCases: [TestCase] = [fileBackend, redisBackend, swarmBackend]

  private enum Event: Int64 {
    case graceful, crash, pause, unlinked, unshared, storeEmptied, slowRenewal, socketLost, skew, serviceUpdate
  }

  private static func variant(_ name: String, _ topology: Topology, _ event: Event) -> Variant {
    Variant(name, topology, parameter: event.rawValue)
  }

  // MARK: DOCK-13

  private static let unshared = Topology.tdf.with {
    $0.name = "TDf, unshared volume"
    $0.agents[0].election = .file(shared: false)
  }

  static let fileBackend = TestCase(
    "DOCK-13", "File backend", in: .dockerAgentLifecycle, source: "[P DOCKER_AGENT_HA attempt 2]", live: true,
    variants: [
      variant("kill", .tdf, .crash), variant("pause 60 s", .tdf, .pause), variant("unlink", .tdf, .unlinked),
      variant("unshared volume", unshared, .unshared),
    ], needs: ["replicas:2", "docker-ha:file", "agent-kill", "agent-pause", "platform-fault"],
    checks: ["I-LEADER-ONE", "I-LEADER-LIVE"], kills: ["A-10", "B-52"]
  ) { environment in
    let event = Event(rawValue: environment.variant.parameter) ?? .crash
    if event == .unshared { return try await environment.judgeUnsharedVolume() }
    let leader = try await environment.awaitFirstLeader(backEnd: "file")
    switch event {
    case .pause:
      try await environment.judgePause(
        of: leader, for: .seconds(60), backEnd: "file", successorWithin: .seconds(20))
    case .unlinked:
      let agent = environment.agents[0]
      let begun = environment.now
      environment.markFault("lock file unlinked", lane: agent, from: begun)
      let handle = try await environment.begin(.unlinkLock(agent: agent), for: nil)
      try await environment.sleep(for: .seconds(40))
      try await environment.end(handle)
      environment.expect("most actors at once", .equal(.count(1)), environment.mostActors(of: agent, since: begun))
      try await environment.expect("somebody acts", within: .seconds(25), from: begun + .seconds(40)) {
        try await environment.actors(of: agent).count == 1
      }
      environment.record.add(
        .backend("file", "loss", .text("leader writes its record again, or a successor after 15 s")))
    default:
      try await environment.judgeLoss(
        of: leader, by: .crash, kind: .crash, backEnd: "file", successorWithin: .seconds(5))
    }
  }

  // MARK: DOCK-14

  static let redisBackend = TestCase(
    "DOCK-14", "Redis backend", in: .dockerAgentLifecycle, source: "[P docs; never run by StreamSpace]", live: true,
    variants: [
      variant("graceful", .tdr, .graceful), variant("crash", .tdr, .crash), variant("pause 16 s", .tdr, .pause),
      variant("Redis emptied", .tdr, .storeEmptied), variant("one slow renewal", .tdr, .slowRenewal),
      variant("socket of the leader lost", .tdr, .socketLost),
    ],
    needs: ["replicas:2", "docker-ha:redis", "agent-stop", "agent-kill", "agent-pause", "redis-control"],
    checks: ["I-LEADER-ONE", "I-LEADER-WORK"], kills: ["B-46", "B-51", "B-53", "C-04"]
  ) { environment in
    let agent = environment.agents[0]
    let leader = try await environment.awaitFirstLeader(backEnd: "redis")
    switch Event(rawValue: environment.variant.parameter) ?? .crash {
    case .graceful:
      try await environment.judgeLoss(
        of: leader, by: .stop, kind: .graceful, backEnd: "redis", successorWithin: .seconds(10))
    case .pause:
      // A start is under way when the leader stops in its tracks (C-04); the seed picks the step.
      let busy = try await environment.created(SessionRequest(), by: "u06")
      try await environment.sleep(for: .milliseconds(100 + environment.choose("moment of the pause", 900)))
      try await environment.judgePause(
        of: leader, for: .seconds(16), backEnd: "redis", successorWithin: .seconds(25))
      environment.expect("the start under way", equals: "running", try await environment.state(of: busy.name))
    case .storeEmptied:
      let begun = environment.now
      environment.markFault("restart-empty", lane: "redis", from: begun, to: begun + .seconds(2))
      let handle = try await environment.begin(.redisRestartEmpty, for: .seconds(2))
      try await environment.sleep(for: .seconds(30))
      try await environment.end(handle)
      environment.expect("most actors at once", .equal(.count(1)), environment.mostActors(of: agent, since: begun))
      environment.expect(
        "other processes that led", equals: "",
        environment.leaders(of: agent, since: begun).filter { $0 != leader }.joined(separator: " "))
      environment.expect("holder of the record", equals: leader, try await environment.lock(of: agent)?.holder ?? "-")
      environment.record.add(.backend("redis", "loss", .text("the valid leader writes its record again")))
    case .slowRenewal:
      let begun = environment.now
      environment.markFault("slow by 2.5 s", lane: "redis", from: begun, to: begun + .seconds(3))
      let slow = try await environment.begin(.redisSlow(by: .milliseconds(2_500)), for: .seconds(3))
      try await environment.sleep(for: .seconds(30))
      try await environment.end(slow)
      environment.expect(
        "changes of leadership", .equal(.count(0)), environment.leadershipChanges(of: agent, since: begun))
      environment.record.add(.backend("redis", "slow renewal", .text("tried again within the lease, no change")))
    case .socketLost:
      let begun = environment.now
      environment.markFault("cut from the control plane", lane: leader, from: begun, to: begun + .seconds(60))
      let cut = try await environment.begin(.cut(.instance(leader), .controlPlane), for: nil)
      try await environment.expect("the leader has yielded", within: .seconds(30), from: begun) {
        try await !environment.actors(of: agent).contains(leader)
      }
      try await environment.expect("a connected replica acts", within: .seconds(60), from: begun) {
        guard let now = try await environment.actors(of: agent).first, now != leader else { return false }
        return try await environment.holder(of: agent) != nil
      }
      let took = environment.now - begun
      environment.record.add(.failover(backEnd: "redis", kind: .partition, lock: took, acting: took))
      environment.record.sample(LeaderLoss.partition.sampleName, took)
      try await environment.sleep(until: begun + .seconds(60))
      try await environment.end(cut)
      environment.expect("most actors at once", .equal(.count(1)), environment.mostActors(of: agent, since: begun))
    default:
      // Recorded: 13.7 s from SIGKILL to the take-over (spec/03 §6).
      try await environment.judgeLoss(
        of: leader, by: .crash, kind: .crash, backEnd: "redis", successorWithin: .seconds(20))
    }
  }

  // MARK: DOCK-15

  static let swarmBackend = TestCase(
    "DOCK-15", "Swarm backend", in: .dockerAgentLifecycle, source: "[P attempt 1]", live: true,
    variants: [
      variant("kill", .tds, .crash), variant("host clock +20 s", .tds, .skew),
      variant("service update", .tds, .serviceUpdate),
    ], needs: ["replicas:2", "docker-ha:swarm", "agent-kill", "clock-container"], checks: ["I-LEADER-ONE"],
    kills: ["A-14", "B-54"]
  ) { environment in
    let agent = environment.agents[0]
    let leader = try await environment.awaitFirstLeader(backEnd: "swarm")
    switch Event(rawValue: environment.variant.parameter) ?? .crash {
    case .skew:
      let begun = environment.now
      for instance in environment.instances(of: agent) where instance != leader {
        environment.markFault("clock +20 s", lane: instance, from: begun)
        _ = try await environment.begin(.skew(.instance(instance), by: .seconds(20)), for: nil)
      }
      try await environment.sleep(for: .seconds(60))
      environment.expect(
        "changes of leadership", .equal(.count(0)), environment.leadershipChanges(of: agent, since: begun))
      environment.record.add(.backend("swarm", "skew", .text("harmless: judged by the own clock")))
    case .serviceUpdate:
      let begun = environment.now
      for _ in 0..<3 {
        environment.markFault("unrelated update", lane: agent, from: environment.now)
        let handle = try await environment.begin(.serviceUpdate(agent: agent), for: nil)
        try await environment.sleep(for: .milliseconds(6_300))
        try await environment.end(handle)
      }
      environment.expect(
        "changes of leadership", .equal(.count(0)), environment.leadershipChanges(of: agent, since: begun))
    default:
      try await environment.judgeLoss(
        of: leader, by: .crash, kind: .crash, backEnd: "swarm", successorWithin: .seconds(20))
    }
  }
}

extension Environment {
  /// Waits for the first leader after a cold start (at most 20 s: C29) and for its connection.
  fileprivate func awaitFirstLeader(backEnd: String) async throws -> String {
    let agent = agents[0]
    try await expect("first leader after a cold start", within: .seconds(20), from: .zero) {
      try await self.actors(of: agent).count == 1
    }
    record.add(.backend(backEnd, "acquire", .duration(now)))
    try await awaitAgents()
    guard let leader = try await actors(of: agent).first else { throw CaseFailure("nobody acts for \(agent)") }
    expect("connections", .equal(.count(1)), try await connectionCount(of: agent))
    // A session to look after, and time for a few renewals.
    _ = try await seededSessions(1, on: agent)
    try await sleep(for: .seconds(10) + .milliseconds(choose("phase", 4_000)))
    return leader
  }

  /// The leader ends; another replica takes over and works.
  fileprivate func judgeLoss(
    of leader: String, by action: Action, kind: LeaderLoss, backEnd: String, successorWithin limit: Duration
  ) async throws {
    let agent = agents[0]
    let begun = now
    markFault(kind.rawValue, lane: leader, from: begun)
    if action == .stop {
      // Counted from the signal, not from the end of the process.
      _ = try await concurrently([{ @Sendable in try await self.control(.instance(leader), .stop) }])
    } else {
      try await control(.instance(leader), action)
    }
    try await expect("a successor leads after \(kind.rawValue)", within: limit, from: begun) {
      try await self.actors(of: agent).contains { $0 != leader }
    }
    let locked = now - begun
    try await expect("the successor is connected after \(kind.rawValue)", within: .seconds(25), from: begun) {
      guard let actor = try await self.actors(of: agent).first, actor != leader else { return false }
      return try await self.holder(of: agent) != nil
    }
    let acting = now - begun
    markRecovery("successor acts", lane: agent, from: begun)
    record.add(.failover(backEnd: backEnd, kind: kind, lock: locked, acting: acting))
    record.add(.backend(backEnd, "fail-over \(kind.rawValue)", .duration(acting)))
    record.sample(kind.sampleName, acting)
    expect("most actors at once", .equal(.count(1)), mostActors(of: agent, since: begun))
    try await judgeWork()
  }

  /// The leader is paused in the middle of its lease and comes back.
  fileprivate func judgePause(
    of leader: String, for span: Duration, backEnd: String, successorWithin limit: Duration
  ) async throws {
    let agent = agents[0]
    let begun = now
    markFault("pause", lane: leader, from: begun, to: begun + span)
    try await control(.instance(leader), .pause)
    let successor = try await wait(upTo: min(limit, span)) {
      try await self.actors(of: agent).contains { $0 != leader }
    }
    if span > limit {
      expect("a successor leads", .atMost(.duration(limit)), successor ?? limit + .seconds(1))
    }
    if let successor {
      record.add(.failover(backEnd: backEnd, kind: .pause, lock: successor, acting: successor))
      record.add(.backend(backEnd, "fail-over pause", .duration(successor)))
      record.sample(LeaderLoss.pause.sampleName, successor)
    }
    try await sleep(until: begun + span)
    try await control(.instance(leader), .resume)
    try await sleep(for: .seconds(30))
    expect("most actors at once", .equal(.count(1)), mostActors(of: agent, since: begun))
    expect("actors afterwards", .equal(.count(1)), try await actors(of: agent).count)
    try await judgeWork()
  }

  /// Each replica has a volume of its own behind the same path: it must be found out, and never two may act for long.
  fileprivate func judgeUnsharedVolume() async throws {
    let agent = agents[0]
    try await sleep(for: .seconds(90))
    expect("actors", .atMost(.count(1)), try await actors(of: agent).count)
    expect("connections", .atMost(.count(1)), try await connectionCount(of: agent))
    let late = registrations(of: agent, after: now - .seconds(30)).count
    expect("registrations in the last 30 s", .equal(.count(0)), late)
    let refusals = observations.count { timed in
      guard case .leadership(agent, _, _, false, let reason) = timed.observation else { return false }
      return reason.contains("not shared")
    }
    expect("processes that told the volume unshared", .atLeast(.count(1)), refusals)
    record.add(.backend("file", "unshared volume", .text("refused")))
  }

  /// The present leader carries out a command.
  private func judgeWork() async throws {
    let session = try await created(SessionRequest(), by: "u05")
    try await expect("a start is carried out", within: .seconds(60)) {
      try await self.state(of: session.name) == "running"
    }
  }

  /// Processes that led since `time`.
  fileprivate func leaders(of agent: String, since time: Duration) -> [String] {
    var leaders: [String] = []
    for timed in observations where timed.time >= time {
      if case .leadership(agent, let instance, _, true, _) = timed.observation, !leaders.contains(instance) {
        leaders.append(instance)
      }
    }
    return leaders
  }

  /// Ends and beginnings of leadership since `time`.
  fileprivate func leadershipChanges(of agent: String, since time: Duration) -> Int {
    observations.count { timed in
      guard timed.time >= time, case .leadership(agent, _, _, _, _) = timed.observation else { return false }
      return true
    }
  }

  /// The most processes that could act at one instant since `time`: leading, running and not paused.
  fileprivate func mostActors(of agent: String, since time: Duration) -> Int {
    var leading = Set<String>()
    var paused = Set<String>()
    var most = 0
    for timed in observations {
      // What was so before this event and lasted until `time` counts as well.
      if timed.time >= time { most = max(most, leading.subtracting(paused).count) }
      switch timed.observation {
      case .leadership(agent, let instance, _, let isLeading, _):
        if isLeading { leading.insert(instance) } else { leading.remove(instance) }
      case .processPaused(let process): paused.insert(process)
      // A process that comes back looks at its own clock before it does anything: what it does counts, not that it is.
      case .processResumed(let process):
        leading.remove(process)
        paused.remove(process)
      case .processEnded(let process, _, _): leading.remove(process)
      default: continue
      }
    }
    return max(most, leading.subtracting(paused).count)
  }
}
