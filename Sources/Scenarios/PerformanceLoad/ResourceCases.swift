import TestEnvironment

extension PerformanceLoad {
  /// What components use (spec/06 §7.2).
  static let resourceCases: [TestCase] = [profiles, connections, leaks, priceOfHA, redisFootprint]

  // MARK: PERF-RES-01

  /// Three replicas and an agent for each hundred sessions, all of them put in place.
  private static func placed(_ count: Int) -> Variant {
    Variant(
      "\(count) sessions in place",
      Topology.tl.with { topology in
        topology.name = "TL, \(count) sessions"
        topology.users = max(40, count / 5)
        topology.agents = (1...max(5, count / 100)).map { Topology.Agent("k8s-a\($0)", maxSessions: 110) }
        topology.startsAgents = false
      }, parameter: Int64(count))
  }

  static let profiles = TestCase(
    "PERF-RES-01", "Idle, 10, 50 sessions", in: scenario, source: "[P 4.2]", live: true,
    variants: [Variant("", .tl), placed(100), placed(1_000), placed(10_000)], plain: .leading(2),
    needs: ["replicas:3", "k8s", "agents:5", "users", "licence-raised", "seed-state"],
    checks: ["I-CAP", "I-SESS-TRUTH"], kills: [],
    limits:
      "CPU and memory are results of the resource model, not measurements; 1 000 and 10 000 sessions belong to full depth"
  ) { environment in
    if environment.variant.parameter > 0 { return try await environment.profilePlaced() }
    try await environment.awaitAgents()
    try await environment.logIn(40)
    let span = Duration.seconds(300)
    // The agents' key checks are over by then.
    try await environment.sleep(for: .seconds(15))
    let idle = try await environment.profile("idle", over: span)
    environment.expectUse(.replica, of: idle, at: "idle", milliCPU: 55, memoryMiB: 130)
    environment.expectUse(.agent, of: idle, at: "idle", milliCPU: 50, memoryMiB: 64)
    var sessions = try await environment.runningSessions(10)
    let ten = try await environment.profile("10 sessions", over: span)
    environment.expectUse(.replica, of: ten, at: "10 sessions", milliCPU: 500, memoryMiB: 1_024)
    environment.expectUse(.agent, of: ten, at: "10 sessions", milliCPU: 200, memoryMiB: 512)
    sessions += try await environment.runningSessions(40, firstUser: 3)
    let fifty = try await environment.profile("50 sessions", over: span)
    environment.expectNodes(fifty, at: "50 sessions")
    environment.recordSize(50, "started", fifty, over: span, lists: try await environment.listLatencies())
    environment.expect(
      "sessions of 50 that run", .equal(.count(50)), try await environment.count(sessions, in: "running"))
  }

  // MARK: PERF-RES-02

  static let connections = TestCase(
    "PERF-RES-02", "Database connections", in: scenario, source: "[P PLAN]", live: true, variants: [Variant("", .tl)],
    needs: ["replicas:3", "k8s", "agents:5", "users", "licence-raised", "db-fault"], checks: ["I-ACCEPT", "I-CAP"],
    kills: ["A-43"]
  ) { environment in
    try await environment.awaitAgents()
    try await environment.logIn(40)
    try await environment.beginMeasuring()
    let burst = try await environment.createdTogether(200)
    environment.expect("burst: accepted", .equal(.count(100)), burst.count { $0.answer.isAccepted })
    environment.expect(
      "burst: clean 503", .equal(.count(100)), burst.count { $0.answer.status == 503 && $0.answer.error != nil })
    environment.expect(
      "burst: slowest answer", .atMost(.duration(.seconds(10))), burst.map(\.answer.latency).max() ?? .zero)
    try await environment.expectPool("burst", lasting: nil)
    let made = burst.compactMap { entry in entry.answer.session.map { OwnedSession(name: $0, user: entry.user) } }
    try await environment.expect("all accepted ones run", within: .seconds(120), every: .milliseconds(500)) {
      try await environment.count(made, in: "running") == made.count
    }
    // 20 requests a second, each user in turn.
    let seconds = environment.depth == .full ? 300 : 30
    try await environment.sleep(for: .seconds(10))
    try await environment.beginMeasuring()
    _ = try await environment.paced(seconds * 20, every: .milliseconds(50)) { index in
      try await environment.user(environment.userName(index % 40 + 1)).list(at: nil)
    }
    try await environment.expectPool("steady", lasting: .seconds(seconds))
    let start = environment.now
    let slow = try await environment.begin(.databaseSlowAtTimes(percent: 10, by: .seconds(2)), for: nil)
    environment.markFault("one statement in ten 0.2 … 2 s slower", lane: "database", from: start)
    try await environment.beginMeasuring()
    let answers = try await environment.paced(200, every: .milliseconds(100)) { index in
      let client = environment.user(environment.userName(index % 40 + 1))
      // Each tenth request ends a session, the one after it asks for a new one.
      switch index % 10 {
      case 0 where index / 10 < made.count:
        let session = made[index / 10]
        return try await environment.user(session.user).stop(session.name, at: nil)
      case 5: return try await client.create(SessionRequest(), at: nil)
      default: return try await client.list(at: nil)
      }
    }
    try await environment.end(slow)
    environment.expect(
      "slow statements: slowest answer", .atMost(.duration(.seconds(30))), answers.map(\.latency).max() ?? .zero)
    environment.expect("slow statements: no answer", .equal(.count(0)), answers.count { $0.status == nil })
    try await environment.expectPool("slow statements", lasting: nil)
  }

  // MARK: PERF-RES-03

  static let leaks = TestCase(
    "PERF-RES-03", "Leak after 500 cycles", in: scenario, source: "[+]", live: true, variants: [Variant("", .t2)],
    needs: ["replicas:2", "k8s", "users", "vnc"], checks: ["I-LEAK", "I-VNC-END", "I-COUNT"], kills: ["B-27", "B-59"],
    limit: .seconds(20_000)
  ) { environment in
    try await environment.awaitAgents()
    try await environment.logIn(5)
    let before = try await environment.profile("before the cycles", over: .seconds(10))
    var made: [OwnedSession] = []
    for _ in 0..<(environment.depth == .full ? 100 : 4) {
      made += try await environment.concurrently(
        (1...5).map { number in
          { @Sendable in try await environment.cycle(by: environment.userName(number)) }
        })
    }
    let sessions = made
    let ended = try await environment.expect("all cycles end", within: .seconds(35), every: .milliseconds(500)) {
      try await environment.count(sessions, in: "terminated") == sessions.count
    }
    // What sticks is looked at again after 5 min, and then each minute (C14).
    if !ended { try await environment.sleep(for: .seconds(720)) }
    try await environment.sleep(for: .seconds(60))
    let after = try await environment.profile("after the cycles", over: .seconds(10))
    for count in ["agents", "attachments"] {
      environment.expect(
        "\(count) at the replicas, as before", .equal(.count(before.total(count, of: .replica))),
        after.total(count, of: .replica))
    }
    for count in ["sessions", "tunnels"] {
      environment.expect(
        "\(count) at the agents, as before", .equal(.count(before.total(count, of: .agent))),
        after.total(count, of: .agent))
    }
    environment.expect("database connections", .atMost(.count(10)), after.total("database connections", of: .replica))
    let rows = try await environment.commandRows(session: nil)
    environment.expect("commands in flight", .equal(.count(0)), rows.count { !$0.isFinal })
    var commands: [String: Int] = [:]
    for row in rows { commands[row.session ?? "", default: 0] += 1 }
    environment.expect(
      "commands of one session", .atMost(.count(3)), sessions.map { commands[$0.name] ?? 0 }.max() ?? 0)
  }

  // MARK: PERF-RES-04

  private static let agentAlone = Topology.t3.with { $0.name = "T3, one agent replica" }

  static let priceOfHA = TestCase(
    "PERF-RES-04", "Price of HA", in: scenario, source: "[P COMBINED report]", live: true,
    variants: [Variant("1 agent replica", agentAlone, parameter: 1), Variant("3 agent replicas", .t3ha, parameter: 3)],
    needs: ["replicas:3", "k8s", "users"], checks: ["I-LEADER-ONE"], kills: [],
    limits: "CPU and memory are results of the resource model, not measurements"
  ) { environment in
    try await environment.awaitAgents()
    let replicas = Int(environment.variant.parameter)
    if replicas > 1 { _ = try await environment.awaitLeader(of: environment.agents[0]) }
    try await environment.sleep(for: .seconds(15))
    for sessions in [0, 10] {
      if sessions > 0 { _ = try await environment.runningSessions(sessions) }
      let load = "\(sessions == 0 ? "idle" : "10 sessions"), \(environment.variant.name)"
      let use = try await environment.profile(load, over: .seconds(60))
      let leader = use.filter { $0.kind == .agent }
      let standbys = use.filter { $0.kind == .standby }
      environment.expect("leaders, \(load)", .equal(.count(1)), leader.count)
      environment.expect("standbys, \(load)", .equal(.count(replicas - 1)), standbys.count)
      environment.expect(
        "CPU of standbys (m), \(load)", .equal(.count(replicas > 1 ? 10 : 0)), standbys.map(\.milliCPU).reduce(0, +))
      environment.expect(
        "memory of standbys (MiB), \(load)", .equal(.count(replicas > 1 ? 40 : 0)),
        standbys.map(\.memoryMiB).reduce(0, +))
      let all = leader + standbys
      let cpu = all.map(\.milliCPU).reduce(0, +)
      let memory = all.map(\.memoryMiB).reduce(0, +)
      environment.record.add(.resources("agent, all replicas", at: load, milliCPU: cpu, memoryMiB: memory))
      guard sessions == 0, replicas > 1 else { continue }
      // What StreamSpace saw of three idle replicas (spec/06 §10.1).
      environment.expect("CPU of three replicas (m)", .between(.count(55), .count(65)), cpu)
      environment.expect("memory of three replicas (MiB)", .between(.count(85), .count(95)), memory)
    }
  }

  // MARK: PERF-RES-05

  /// Three replicas with the cache on, and a Redis with room for the routes and for few answers.
  private static func cached(_ agents: Int, bytes: Int) -> Variant {
    Variant(
      "\(agents) \(agents == 1 ? "agent" : "agents")",
      Topology.t3.with { topology in
        topology.name = "T3, \(agents) \(agents == 1 ? "agent" : "agents")"
        topology.agents = (1...agents).map { Topology.Agent("k8s-a\($0)", maxSessions: 20) }
        topology.cacheEnabled = true
        topology.redisMemory = bytes
        topology.startsAgents = agents == 1
      }, parameter: Int64(agents))
  }

  static let redisFootprint = TestCase(
    "PERF-RES-05", "Redis footprint", in: scenario, source: "[P P1_CROSS_POD]", live: true,
    variants: [cached(1, bytes: 12_000), cached(100, bytes: 60_000), cached(1_000, bytes: 500_000)],
    plain: .leading(2), needs: ["replicas:3", "k8s", "users"], checks: ["I-ROUTE"], kills: ["C-09"],
    limits:
      "Redis evicts what expires first, exactly and not by samples of five; answers that live longer than a route (the "
      + "templates, 300 s) are not asked for: with them the cache needs an instance of its own",
    limit: .seconds(4_000)
  ) { environment in
    let agents = Int(environment.variant.parameter)
    if agents > 1 { try await environment.startInTurn() }
    try await environment.awaitAllAgents(within: .seconds(120))
    let steady = try await environment.profile("\(environment.variant.name), steady", over: .seconds(30))
    guard let redis = steady.first(where: { $0.kind == .redis }) else { throw CaseFailure("there is no Redis") }
    environment.expect("agents with a route", .equal(.count(agents)), redis.count("agents routed"))
    environment.expect("channels", .equal(.count(3)), redis.count("channels"))
    let limit = environment.variant.topology.redisMemory ?? 0
    environment.expect(
      "bytes an agent", .atMost(.count(1_024)), max(0, redis.count("bytes held") - 4_096) / agents)
    // Answers to different questions, each cached for 30 s, until more than twice the limit was written.
    let sessions = try await environment.seededSessions(5, on: environment.agents[0])
    let owner = sessions[0].user
    let start = environment.now
    let seconds = environment.depth == .full ? 120 : 50
    let each = limit / 12_000
    environment.markFault("cache near the limit", lane: "redis", from: start, to: start + .seconds(seconds))
    let answers = try await environment.paced(seconds * each, every: Duration.seconds(1) / each) { index in
      try await environment.user(owner).send("GET", "/api/v1/sessions?page=\(index)", body: nil, at: nil).status
    }
    environment.expect("questions answered", .equal(.count(answers.count)), answers.count { $0 == 200 })
    let after = try await environment.measuredUse()
    let held = after.first { $0.kind == .redis }?.count("bytes held") ?? 0
    environment.expect("bytes held, of the limit in %", .between(.count(60), .count(100)), held * 100 / max(limit, 1))
    let lost = environment.observations.count { timed in
      if timed.time >= start, case .route(_, .pod, nil) = timed.observation { true } else { false }
    }
    environment.expect("agent keys evicted", .equal(.count(0)), lost)
    // A command still finds its way through every replica.
    for replica in environment.replicas {
      let session = sessions[environment.replicas.firstIndex(of: replica) ?? 0]
      _ = try await environment.user(owner).stop(session.name, at: replica)
    }
    let stopped = Array(sessions.prefix(environment.replicas.count))
    try await environment.expect("stopped through every replica", within: .seconds(35)) {
      try await environment.count(stopped, in: "terminated") == stopped.count
    }
  }
}

extension [ComponentUse] {
  /// The sum of a count over the components of a kind.
  fileprivate func total(_ name: String, of kind: ComponentUse.Kind) -> Int {
    filter { $0.kind == kind }.map { $0.count(name) }.reduce(0, +)
  }
}

extension Environment {
  /// Judges the pools of all replicas since the last begin of measuring. `lasting`: of a steady load, whose waits and
  /// newly opened connections are judged too.
  fileprivate func expectPool(_ load: String, lasting span: Duration?) async throws {
    let use = try await measuredUse()
    let pools = use.compactMap(\.pool)
    expect("\(load): connections of a replica", .atMost(.count(25)), pools.map(\.most).max() ?? 0)
    let waits = pools.flatMap(\.waits)
    for wait in waits { record.sample("wait for a connection, \(load)", wait) }
    let refused = pools.flatMap(\.refusals)
    expect(
      "\(load): longest wait for a connection", .atMost(.duration(.milliseconds(10_001))),
      (waits + refused).max() ?? .zero)
    guard let span else { return }
    expectP95("\(load): wait for a connection", below: .milliseconds(50), waits)
    let minutes = max(1, Int(span.components.seconds) / 60)
    expect(
      "\(load): connections opened a minute and replica", .atMost(.count(30)),
      (pools.map(\.opened).max() ?? 0) / minutes)
  }

  /// One session from its create to its stop, with a viewer in between.
  fileprivate func cycle(by owner: String) async throws -> OwnedSession {
    let session = try await running(SessionRequest(), by: owner).session
    let viewer = try await opened(session, .probe)
    try await touch(viewer)
    try await viewer.close(abruptly: false)
    // The other end learns of it before the session goes (C24).
    _ = try await wait(upTo: .seconds(17), every: .milliseconds(500)) { try await self.viewerCount(of: session) == 0 }
    let answer = try await user(owner).stop(session.name, at: nil)
    expect("answer to the stop", .equal(.count(202)), answer.status ?? 0)
    // A user has five live sessions at most, and terminating ones count.
    _ = try await wait(upTo: .seconds(35), every: .milliseconds(500)) {
      try await self.state(of: session.name) == "terminated"
    }
    return session
  }

  /// Profiles as many sessions as the variant says, put in place.
  fileprivate func profilePlaced() async throws {
    let count = Int(variant.parameter)
    try await startInTurn()
    try await awaitAllAgents(within: .seconds(120))
    let sessions = try await placedSessions(count)
    try await logIn(40)
    try await sleep(for: .seconds(15))
    let span = Duration.seconds(60)
    let use = try await profile("\(count) sessions in place", over: span)
    expectUse(.replica, of: use, at: "\(count) sessions in place", milliCPU: 500, memoryMiB: 1_024)
    expectUse(.agent, of: use, at: "\(count) sessions in place", milliCPU: 200, memoryMiB: 512)
    let lists = try await listLatencies()
    expectP95("list of one's own beside \(count) sessions", below: .milliseconds(100), lists)
    recordSize(count, "put in place", use, over: span, lists: lists)
    expect("sessions that run", .equal(.count(count)), try await self.count(sessions, in: "running"))
  }

  /// How long 40 users wait for a list of their own, one after another.
  fileprivate func listLatencies() async throws -> [Duration] {
    var latencies: [Duration] = []
    for number in 1...40 { latencies.append(try await user(userName(number)).list(at: nil).latency) }
    return latencies
  }

  /// Writes the row of table `sizes`.
  fileprivate func recordSize(
    _ sessions: Int, _ what: String, _ use: [ComponentUse], over span: Duration, lists: [Duration]
  ) {
    let statements = use.first { $0.kind == .database }?.count("statements") ?? 0
    record.add(
      .sizes(sessions: sessions, what, statements: statements, in: span, list: lists.quantile(permille: 950)))
  }

  /// Starts the agents a fifth of a second apart: their key checks take 0.56 s each on three cores.
  func startInTurn() async throws {
    for agent in agents {
      try await control(.agent(agent), .start)
      try await sleep(for: .milliseconds(200))
    }
  }

  /// Waits until every agent is connected and online, and looks once a second: there are many.
  func awaitAllAgents(within limit: Duration) async throws {
    try await require("every agent is connected and online", within: limit, every: .seconds(1)) {
      for agent in agents.reversed() {
        guard try await holder(of: agent) != nil, try await agentRow(agent)?.status == "online" else { return false }
      }
      return true
    }
  }
}
