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
    ],
    plain: .inTurn, needs: ["replicas:2", "docker-ha:file", "agent-kill", "agent-pause", "platform-fault", "vnc"],
    checks: ["I-LEADER-ONE", "I-LEADER-LIVE"], kills: ["A-10", "B-52"],
    limits:
      "on an unshared volume replicas lead beside each other until the control plane shows them to each other: that variant is not in the overlap matrix"
  ) { environment in
    let event = Event(rawValue: environment.variant.parameter) ?? .crash
    if event == .unshared { return try await environment.judgeUnsharedVolume() }
    let (leader, sessions) = try await environment.awaitFirstLeader(backEnd: "file")
    switch event {
    case .pause:
      try await environment.judgePause(
        of: leader, for: .seconds(60), backEnd: "file", successorWithin: .seconds(20))
    case .unlinked:
      let agent = environment.agents[0]
      let begun = environment.now
      environment.markFault("lock file unlinked", lane: agent, from: begun)
      let handle = try await environment.begin(.unlinkLock(agent: agent), for: nil)
      // The file names a holder again: the leader itself, or a successor that watched for 15 s (C29).
      try await environment.expect("the lock has a holder again", within: .seconds(25), from: begun) {
        guard let holder = try await environment.lock(of: agent)?.holder, !holder.isEmpty else { return false }
        return try await environment.actors(of: agent) == [holder]
      }
      let holder = try await environment.lock(of: agent)?.holder
      try await environment.sleep(until: begun + .seconds(40))
      try await environment.end(handle)
      environment.expectOneActor(of: agent, since: begun)
      environment.expect("actors afterwards", .equal(.count(1)), try await environment.actors(of: agent).count)
      environment.record.add(
        .backend(
          "file", "loss", .text(holder == leader ? "the leader writes its record again" : "a successor takes over")))
    default:
      try await environment.judgeLoss(
        of: leader, by: .crash, kind: .crash, backEnd: "file", successorWithin: .seconds(5), viewed: sessions[0])
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
    plain: .inTurn,
    needs: ["replicas:2", "docker-ha:redis", "agent-stop", "agent-kill", "agent-pause", "redis-control", "vnc"],
    checks: ["I-LEADER-ONE", "I-LEADER-WORK"], kills: ["B-46", "B-51", "B-53", "C-04"]
  ) { environment in
    let agent = environment.agents[0]
    let (leader, sessions) = try await environment.awaitFirstLeader(backEnd: "redis")
    let pods = try await environment.pods(of: sessions)
    switch Event(rawValue: environment.variant.parameter) ?? .crash {
    case .graceful:
      try await environment.judgeLoss(
        of: leader, by: .stop, kind: .graceful, backEnd: "redis", successorWithin: .seconds(10), viewed: sessions[0])
    case .pause:
      try await environment.judgePauseInWork(of: leader, for: .seconds(16))
    case .storeEmptied:
      let begun = environment.now
      environment.markFault("restart-empty", lane: "redis", from: begun, to: begun + .seconds(2))
      let handle = try await environment.begin(.redisRestartEmpty, for: .seconds(2))
      try await environment.sleep(for: .seconds(30))
      try await environment.end(handle)
      environment.expectOneActor(of: agent, since: begun)
      environment.expect(
        "other processes that led", equals: "",
        environment.leaders(of: agent, since: begun).filter { $0 != leader }.joined(separator: " "))
      let holder = try await environment.lock(of: agent)?.holder
      environment.expect("holder of the record", equals: leader, holder ?? "-")
      environment.record.add(
        .backend(
          "redis", "loss", .text(holder == leader ? "the leader writes its record again" : "a successor takes over")))
    case .slowRenewal:
      let begun = environment.now
      environment.markFault("slow by 2.5 s", lane: "redis", from: begun, to: begun + .seconds(3))
      let slow = try await environment.begin(.redisSlow(by: .milliseconds(2_500)), for: .seconds(3))
      try await environment.sleep(for: .seconds(30))
      try await environment.end(slow)
      let changes = environment.leadershipChanges(of: agent, since: begun)
      environment.expect("changes of leadership", .equal(.count(0)), changes)
      environment.record.add(.backend("redis", "changes of leader by a slow renewal", .count(changes)))
    case .socketLost:
      let begun = environment.now
      environment.markFault("cut from the control plane", lane: leader, from: begun, to: begun + .seconds(60))
      let cut = try await environment.begin(.cut(.instance(leader), .controlPlane), for: nil)
      try await environment.expect("the leader has yielded", within: .seconds(30), from: begun) {
        try await !environment.actors(of: agent).contains(leader)
      }
      let failOver = try await environment.expectFailOver(
        of: agent, from: leader, at: begun, as: .partition, acting: .seconds(60))
      environment.record.add(.backend("redis", "fail-over partition", .duration(failOver.acting)))
      try await environment.sleep(until: begun + .seconds(60))
      try await environment.end(cut)
      environment.expectOneActor(of: agent, since: begun)
    default:
      // Recorded: 13.7 s from SIGKILL to the take-over (spec/03 §6).
      try await environment.judgeLoss(
        of: leader, by: .crash, kind: .crash, backEnd: "redis", successorWithin: .seconds(20), viewed: sessions[0])
    }
    try await environment.expectUntouched(sessions, pods: pods, by: environment.variant.name)
  }

  // MARK: DOCK-15

  static let swarmBackend = TestCase(
    "DOCK-15", "Swarm backend", in: .dockerAgentLifecycle, source: "[P attempt 1]", live: true,
    variants: [
      variant("kill", .tds, .crash), variant("host clock +20 s", .tds, .skew),
      variant("service update", .tds, .serviceUpdate),
    ], plain: .inTurn, needs: ["replicas:2", "docker-ha:swarm", "agent-kill", "clock-container"],
    checks: ["I-LEADER-ONE"],
    kills: ["A-14", "B-54"]
  ) { environment in
    let agent = environment.agents[0]
    let (leader, _) = try await environment.awaitFirstLeader(backEnd: "swarm")
    switch Event(rawValue: environment.variant.parameter) ?? .crash {
    case .skew:
      let begun = environment.now
      for instance in environment.instances(of: agent) where instance != leader {
        environment.markFault("clock +20 s", lane: instance, from: begun)
        _ = try await environment.begin(.skew(.instance(instance), by: .seconds(20)), for: nil)
      }
      try await environment.sleep(for: .seconds(60))
      environment.expectOneActor(of: agent, since: begun)
      let changes = environment.leadershipChanges(of: agent, since: begun)
      environment.expect("changes of leadership", .equal(.count(0)), changes)
      environment.record.add(
        .backend("swarm", "skew", .text(changes == 0 ? "no change of leader" : "changes of leader: \(changes)")))
    case .serviceUpdate:
      let begun = environment.now
      for _ in 0..<3 {
        environment.markFault("unrelated update", lane: agent, from: environment.now)
        let handle = try await environment.begin(.serviceUpdate(agent: agent), for: nil)
        try await environment.sleep(for: .milliseconds(6_300))
        try await environment.end(handle)
      }
      let changes = environment.leadershipChanges(of: agent, since: begun)
      environment.expect("changes of leadership", .equal(.count(0)), changes)
      environment.record.add(.backend("swarm", "changes of leader by a foreign update", .count(changes)))
    default:
      try await environment.judgeLoss(
        of: leader, by: .crash, kind: .crash, backEnd: "swarm", successorWithin: .seconds(20))
    }
  }
}

extension Environment {
  /// Waits for the first leader after a cold start (at most 20 s: C29) and for its connection, and watches it renew for
  /// a while with a session to look after.
  fileprivate func awaitFirstLeader(backEnd: String) async throws -> (leader: String, sessions: [OwnedSession]) {
    let agent = agents[0]
    try await expect("first leader after a cold start", within: .seconds(20), from: .zero) {
      try await self.actors(of: agent).count == 1
    }
    record.add(.backend(backEnd, "acquire", .duration(now)))
    record.sample(.dockerElection, now)
    try await awaitAgents()
    guard let leader = try await actors(of: agent).first else { throw CaseFailure("nobody acts for \(agent)") }
    expect("holder of the lock", equals: leader, try await lock(of: agent)?.holder ?? "-")
    expect("connections", .equal(.count(1)), try await connectionCount(of: agent))
    let sessions = try await seededSessions(1, on: agent)
    let writes = try await lock(of: agent)?.writes ?? 0
    try await sleep(for: .seconds(10))
    let renewals = (try await lock(of: agent)?.writes ?? 0) - writes
    // Every 2 s (C29).
    expect("renewals in 10 s", .between(.count(4), .count(6)), renewals)
    record.add(.backend(backEnd, "renewals in 10 s", .count(renewals)))
    try await sleep(for: .milliseconds(choose("phase", 4_000)))
    return (leader, sessions)
  }

  /// The leader ends; another replica takes over and works. A viewer of `viewed` is told, and comes back.
  fileprivate func judgeLoss(
    of leader: String, by action: Action, kind: LeaderLoss, backEnd: String, successorWithin limit: Duration,
    viewed: OwnedSession? = nil
  ) async throws {
    let agent = agents[0]
    var viewers: [(session: OwnedSession, viewer: any Viewer)] = []
    if let viewed { viewers.append((viewed, try await opened(viewed))) }
    // Counted from the signal, not from the end of the process.
    let begun = now
    markFault(kind.rawValue, lane: leader, from: begun)
    try await control(.instance(leader), action)
    let failOver = try await expectFailOver(of: agent, from: leader, at: begun, as: kind, acting: limit)
    record.add(.backend(backEnd, "fail-over \(kind.rawValue)", .duration(failOver.acting)))
    if !viewers.isEmpty {
      try await judgeInterruption("leader lost", viewers, from: begun) { begun + failOver.acting }
    }
    expectOneActor(of: agent, since: begun)
    try await judgeWork()
  }

  /// The leader is paused between two renewals, and comes back long after another took over.
  fileprivate func judgePause(
    of leader: String, for span: Duration, backEnd: String, successorWithin limit: Duration
  ) async throws {
    let agent = agents[0]
    let begun = now
    markFault("pause", lane: leader, from: begun, to: begun + span)
    try await control(.instance(leader), .pause)
    let failOver = try await expectFailOver(of: agent, from: leader, at: begun, as: .pause, acting: limit)
    record.add(.backend(backEnd, "fail-over pause", .duration(failOver.acting)))
    try await sleep(until: begun + span)
    try await control(.instance(leader), .resume)
    try await sleep(for: .seconds(30))
    expectOneActor(of: agent, since: begun)
    expect("actors afterwards", .equal(.count(1)), try await actors(of: agent).count)
    expect("leader afterwards", equals: failOver.successor, try await actors(of: agent).first ?? "-")
    try await judgeWork()
  }

  /// The leader is paused in the middle of a start, for about as long as its record lasts: whoever goes on with it, one
  /// container comes of it.
  fileprivate func judgePauseInWork(of leader: String, for span: Duration) async throws {
    let agent = agents[0]
    let session = try await created(SessionRequest(persistentHome: true), by: "u05")
    // Its home is made first, its container takes a third of a second: the start of that is still to come (C-04).
    try await require("the home of the session is made", within: .seconds(10), every: .milliseconds(10)) {
      try await self.objects(session: session.name, of: agent).contains { $0.kind == "volume" }
    }
    try await sleep(for: .milliseconds(choose("moment of the pause", 100)))
    let begun = now
    markFault("pause during a start", lane: leader, from: begun, to: begun + span)
    try await control(.instance(leader), .pause)
    try await sleep(until: begun + span)
    try await control(.instance(leader), .resume)
    try await sleep(for: .seconds(30))
    expectOneActor(of: agent, since: begun)
    expect("actors afterwards", .equal(.count(1)), try await actors(of: agent).count)
    if let next = leaderships(of: agent).first(where: { $0.began > begun && $0.began != begun + span }) {
      record.add(.backend("redis", "fail-over pause", .duration(next.began - begun)))
    }
    try await expect("the start is carried out", within: .seconds(60)) {
      try await self.state(of: session.name) == "running"
    }
    expect("containers made", .equal(.count(1)), creations(of: "container/streamspace-\(session.name)"))
    try await judgeWork(by: "u06")
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
    // Nobody can know before the control plane has shown them each other (C29; I-LEADER-ONE allows 60 s).
    let overlap = overlap(of: agent)
    expect("two thought that they led for", .atMost(.duration(.seconds(60))), overlap)
    record.add(.backend("file", "unshared volume", .text(refusals > 0 ? "refused" : "not noticed")))
  }

  /// The present leader carries out a command.
  private func judgeWork(by user: String = "u05") async throws {
    let session = try await created(SessionRequest(), by: user)
    try await expect("a start is carried out", within: .seconds(60)) {
      try await self.state(of: session.name) == "running"
    }
  }

  /// Never two that could act.
  fileprivate func expectOneActor(of agent: String, since time: Duration) {
    expect("two acted at once for", .equal(.duration(.zero)), overlap(of: agent, since: time))
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
}
