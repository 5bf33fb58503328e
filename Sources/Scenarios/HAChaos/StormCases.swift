import TestEnvironment

extension HAChaos {
  private static let oneSurvivor: Int64 = 1
  private static let fleet = 50

  private static let t3Fleet = Topology.t3.with { topology in
    topology.name = "T3, 50 agents"
    topology.agents = (1...fleet).map { number in
      Topology.Agent("k8s-s\(number < 10 ? "0" : "")\(number)", maxSessions: 20)
    }
    topology.agentsShareAddress = true
    topology.startsAgents = false
  }

  static let reconnectStorm = TestCase(
    "CHAOS-11", "Reconnect storm", in: scenario, source: "[+]",
    variants: [Variant("two survivors", t3Fleet), Variant("one survivor", t3Fleet, parameter: oneSurvivor)],
    plain: .inTurn, needs: ["replicas:3", "k8s", "agents:50", "api-kill", "schedule"], checks: ["I-STATUS"],
    kills: ["C-16"], limit: .seconds(3_600)
  ) { environment in
    let survivors = environment.variant.parameter == oneSurvivor ? 1 : 2
    let hit = environment.replicas[0]
    try await environment.connectFleet(to: hit)
    // Over 3 min after the last registration the windows of the rate limit are clear.
    try await environment.sleep(for: .seconds(185))
    try await environment.steerSockets(to: nil)
    let crashed = environment.now
    for replica in environment.replicas.prefix(environment.replicas.count - survivors) {
      environment.markFault("crash", lane: replica, from: crashed)
      try await environment.control(.replica(replica), .crash)
    }
    let limit: Duration = survivors == 1 ? .seconds(130) : .seconds(60)
    var cursor = ObservationCursor(environment)
    var storm = ReconnectStorm(crashed: crashed)
    let isBack = try await environment.wait(upTo: .seconds(300), every: .milliseconds(100)) {
      cursor.read(environment) { storm.note($0) }
      return storm.back.count == fleet
    }
    let took = isBack == nil ? .seconds(300) : environment.now - crashed
    environment.expect(
      "all agents back, \(environment.variant.name)", survivors == 1 ? .reported : .atMost(.duration(limit)), took)
    environment.record.add(.recovery(.replica, took: took, target: limit))
    environment.markRecovery("\(storm.back.count) agents back", lane: hit, from: crashed)
    environment.expect("registrations and connects", .reported, storm.calls)
    environment.expect("answered 429", .reported, storm.refused)
    if survivors == 2 {
      environment.expect("refused per hundred attempts", .atMost(.count(9)), storm.refused * 100 / max(storm.calls, 1))
    }
    environment.expect("first attempts", .equal(.count(fleet)), storm.firstAttempts.count)
    environment.expect(
      "most first attempts in 250 ms", .atMost(.count(fleet / 2)), storm.most(within: .milliseconds(250)))
    let online = try await environment.wait(upTo: .seconds(35), every: .milliseconds(500)) {
      for agent in environment.agents where try await environment.agentRow(agent)?.status != "online" { return false }
      return true
    }
    environment.expect("rows online 35 s later", equals: "all", online == nil ? "some" : "all")
  }
}

/// What follows when many agents lose their replica at once.
struct ReconnectStorm {
  let crashed: Duration
  /// Agents that are connected again.
  var back: Set<String> = []
  /// When each process first tries.
  var firstAttempts: [Duration] = []
  private var tried: Set<String> = []
  var calls = 0
  var refused = 0

  init(crashed: Duration) { self.crashed = crashed }

  mutating func note(_ timed: TimedObservation) {
    switch timed.observation {
    case .agentConnected(let agent, _, _, _, _): back.insert(agent)
    case .agentRetry(_, let instance, 1, let wait) where tried.insert(instance).inserted:
      firstAttempts.append(timed.time + wait)
    case .agentCall(_, _, _, _, _, let status):
      calls += 1
      if status == 429 { refused += 1 }
    default: break
    }
  }

  /// The largest number of first attempts within a window of `span`.
  func most(within span: Duration) -> Int {
    let moments = firstAttempts.sorted()
    return moments.indices.map { first in moments[first...].prefix { $0 - moments[first] < span }.count }.max() ?? 0
  }
}

extension Environment {
  /// Starts the agents one after the other, as slowly as the rate limit wants it, and connects all of them to `replica`.
  fileprivate func connectFleet(to replica: String) async throws {
    try await steerSockets(to: replica)
    for agent in agents {
      try await control(.agent(agent), .start)
      // Two hits each, the connect always at the same replica: 40 a minute there.
      try await sleep(for: .milliseconds(2_500))
    }
    try await require("all agents are connected to \(replica)", within: .seconds(120), every: .seconds(1)) {
      for agent in agents where try await self.holder(of: agent) != replica { return false }
      return true
    }
  }
}
