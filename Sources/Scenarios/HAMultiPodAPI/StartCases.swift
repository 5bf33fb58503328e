import TestEnvironment

extension HAMultiPodAPI {
  /// Replicas that start under bad conditions.
  static let startCases: [TestCase] = [bootsBadly]

  static let bootsBadly = TestCase(
    "HA-API-16", "Replica boots badly", in: .haMultiPodAPI, source: "[+]",
    variants: [
      Variant("Redis down at boot", .t3.with { $0.startsWithRedisDown = true }, parameter: 0),
      Variant("Redis lost while starting", .t3.with { $0.absentReplicas = 1 }, parameter: 1),
      Variant("POD_NAME unset on two replicas", .t3.with { $0.namelessReplicas = [1, 2] }, parameter: 2),
    ],
    needs: ["replicas:3", "redis-control", "config"], checks: ["I-ROUTE"], kills: ["B-08", "B-09", "B-12"]
  ) { environment in
    switch environment.variant.parameter {
    case 0: try await environment.judgeRedisDownAtBoot()
    case 1: try await environment.judgeRedisLostWhileStarting()
    default: try await environment.judgeMissingNames()
    }
  }
}

extension Environment {
  fileprivate func judgeRedisDownAtBoot() async throws {
    let start = now
    markFault("down", lane: "redis", from: start, to: start + .seconds(10))
    var readyEarly = 0
    while now < start + .seconds(10) {
      for replica in replicas where try await isReady(replica) { readyEarly += 1 }
      try await sleep(for: .milliseconds(500))
    }
    expect("looks that found a replica ready without Redis", .equal(.count(0)), readyEarly)
    try await control(.redis, .start)
    let back = now
    try await expectJoined(since: back)
  }

  fileprivate func judgeRedisLostWhileStarting() async throws {
    try await awaitAgents()
    let late = replicas[2]
    // Between the PING and the confirmation of SUBSCRIBE lie a few milliseconds, about 20 after the start: the seed
    // picks the moment.
    let moment = .milliseconds(12) + Duration.microseconds(200 * choose("moment of the loss", 100))
    try await control(.replica(late), .start)
    try await sleep(for: moment)
    markFault("down", lane: "redis", from: now, to: now + .seconds(10))
    try await control(.redis, .crash)
    try await sleep(for: .seconds(10))
    try await control(.redis, .start)
    try await expectJoined(since: now)
    try await judgeHearing(late)
  }

  /// A replica that joined hears what others publish for the agents it holds (B-08).
  private func judgeHearing(_ late: String) async throws {
    let agent = agents[0]
    try await steerSockets(to: late)
    _ = try await begin(.reset(.agent(agent), .replica(try await requireHolder(of: agent))), for: .seconds(1))
    try await require("the agent is connected to \(late)", within: .seconds(30)) {
      try await self.holder(of: agent) == late
    }
    let answer = try await user("u02").create(SessionRequest(), at: replicas[0])
    guard let session = answer.session else { throw CaseFailure("create answered \(answer.summary)") }
    try await expect("a command published for \(late) is carried out", within: .seconds(30), every: .milliseconds(200))
    {
      try await self.sessionRow(session)?.state == "running"
    }
  }

  fileprivate func judgeMissingNames() async throws {
    let start = now
    var ready = 0
    while now < start + .seconds(30) {
      for replica in replicas.dropFirst() where try await isReady(replica) { ready += 1 }
      try await sleep(for: .seconds(1))
    }
    expect("looks that found a nameless replica ready", .equal(.count(0)), ready)
    expect("the named replica is ready", equals: "ready", try await isReady(replicas[0]) ? "ready" : "not")
    try await awaitAgents()
    let answer = try await user("u01").create(SessionRequest(), at: nil)
    guard let session = answer.session else { throw CaseFailure("create answered \(answer.summary)") }
    try await expect("a session runs all the same", within: .seconds(30), every: .milliseconds(200)) {
      try await self.sessionRow(session)?.state == "running"
    }
  }

  /// Every replica joins: ready, and a create through it reaches the agent.
  private func expectJoined(since back: Duration) async throws {
    try await expect("all replicas ready", within: .seconds(30), from: back, every: .milliseconds(200)) {
      for replica in replicas where !(try await isReady(replica)) { return false }
      return true
    }
    markRecovery("all replicas ready", lane: "redis", from: back)
    try await awaitAgents()
    try await expect("all routes right", within: .seconds(30), from: back, every: .milliseconds(200)) {
      try await self.allRoutesRight()
    }
    var sessions: [OwnedSession] = []
    for replica in replicas {
      let answer = try await user("u01").create(SessionRequest(), at: replica)
      guard let session = answer.session else { throw CaseFailure("create at \(replica) answered \(answer.summary)") }
      sessions.append(OwnedSession(name: session, user: "u01"))
    }
    let made = sessions
    try await expect("sessions made through every replica run", within: .seconds(30), every: .milliseconds(200)) {
      try await self.count(made, in: "running") == made.count
    }
  }
}
