import TestEnvironment

extension HAChaos {
  private static let agentDies: Int64 = 0
  private static let replicaDies: Int64 = 1
  private static let agentAway: Int64 = 2
  private static let lateStart: Int64 = 3

  static let killsDuringTransitions = TestCase(
    "CHAOS-12", "Kill during transitions", in: scenario, source: "[+]",
    variants: [
      Variant("agent", .t3ha, parameter: agentDies), Variant("replica", .t3ha, parameter: replicaDies),
      Variant("agent away 7 min", .t3ha, parameter: agentAway),
      // One process: with an election another would finish the start in time.
      Variant("start of 5 min 1 s", .t3, parameter: lateStart),
    ],
    plain: .inTurn, needs: ["replicas:3", "k8s-ha", "agent-kill", "api-kill", "net-fault", "schedule"],
    checks: ["I-SESS-LEGAL", "I-SESS-TRUTH"], kills: ["A-21", "B-14", "B-22", "B-28", "C-27"], limit: .seconds(3_600)
  ) { environment in
    if environment.variant.parameter == lateStart {
      try await environment.startThatIsLate()
    } else {
      try await environment.killInTransition(
        ofAgent: environment.variant.parameter != replicaDies,
        away: environment.variant.parameter == agentAway ? .seconds(420) : nil)
    }
  }
}

/// A session on its way, and where it ought to get.
private struct Transition: Sendable {
  let session: OwnedSession
  let from: String
  let wanted: String
}

extension Environment {
  /// Asks for one transition of each kind, kills whoever works on them, and judges where they end.
  ///
  /// `away`: how long the agent stays away; nil: a restart, after which each transition ends as it was asked for.
  fileprivate func killInTransition(ofAgent: Bool, away: Duration?) async throws {
    let agent = agents[0]
    _ = try await awaitLeader(of: agent)
    let seeded = try await seededSessions(3, on: agent)
    let kept = try await seededSessions(2, on: agent, firstUser: 2)
    let pods = try await pods(of: kept)
    _ = try await user(seeded[1].user).hibernate(seeded[1].name, at: nil)
    try await awaitState("hibernated", of: seeded[1].name)
    let start = now
    try await sleep(until: start + .seconds(10))
    let asked = now
    let answers = try await concurrently([
      { @Sendable in try await self.user(seeded[0].user).hibernate(seeded[0].name, at: nil) },
      { @Sendable in try await self.user(seeded[1].user).wake(seeded[1].name, at: nil) },
      { @Sendable in try await self.user(seeded[2].user).stop(seeded[2].name, at: nil) },
      { @Sendable in try await self.user("u03").create(SessionRequest(), at: nil) },
    ])
    guard answers.allSatisfy(\.isAccepted), let created = answers[3].session else {
      throw CaseFailure("a transition was refused: \(answers.map(\.summary))")
    }
    let transitions = [
      Transition(session: seeded[0], from: "hibernating", wanted: "hibernated"),
      Transition(session: seeded[1], from: "waking", wanted: "running"),
      Transition(session: seeded[2], from: "terminating", wanted: "terminated"),
      Transition(session: OwnedSession(name: created, user: "u03"), from: "pending", wanted: "running"),
    ]
    // Between the first frame and the last answer.
    try await sleep(until: max(now, asked + .milliseconds(choose("moment of the kill", 4_000))))
    let killed = now
    let back = away ?? .seconds(20)
    var under: [String] = []
    for transition in transitions where try await state(of: transition.session.name) == transition.from {
      under.append(transition.from)
    }
    expect("transitions under way at the kill", .reported, under.count)
    if ofAgent {
      markFault("crash", lane: agent, from: killed, to: killed + back)
      try await control(.agent(agent), .crash)
      // One more, asked for while nobody is there.
      try await sleep(until: killed + .seconds(5))
      let late = try await user("u03").create(SessionRequest(), at: nil)
      expect("create while the agent is away", .equal(.count(202)), late.status ?? 0)
      try await sleep(until: killed + back)
      try await control(.agent(agent), .start)
      guard let name = late.session else { throw CaseFailure("create answered \(late.summary)") }
      let asked = Transition(session: OwnedSession(name: name, user: "u03"), from: "pending", wanted: "running")
      try await judge(transitions + [asked], from: killed + back, isBrief: away == nil)
    } else {
      let host = try await requireHolder(of: agent)
      try await crash(.replica(host), lane: host, back: back)
      try await judge(transitions, from: killed, isBrief: true)
    }
    try await expectUntouched(kept, pods: pods, by: "kill in transitions, \(variant.name)")
  }

  /// Each transition ends within 6 min: after a brief loss where it was to end, else in any state that is none of passage.
  private func judge(_ transitions: [Transition], from start: Duration, isBrief: Bool) async throws {
    for transition in transitions {
      let name = transition.session.name
      try await expectRecovery(
        .transition, "\(transition.from) has ended", lane: "sessions", within: isBrief ? .seconds(90) : .seconds(360),
        from: start, every: .milliseconds(250),
        state: { "\(try await self.state(of: name)), commands: \(try await self.openCommands())" },
        until: {
          let state = try await state(of: name)
          return isBrief
            ? state == transition.wanted : !["hibernating", "waking", "terminating", "pending"].contains(state)
        })
    }
  }

  /// A start whose agent is cut off for as long as its command may take, and a second more.
  fileprivate func startThatIsLate() async throws {
    let agent = agents[0]
    try await awaitAgents()
    let start = now
    try await sleep(until: start + .seconds(10))
    let session = try await created(SessionRequest(), by: "u01")
    try await require("the start is acknowledged", within: .seconds(10), every: .milliseconds(20)) {
      try await self.command(of: session.name, action: "start_session")?.status == "ack"
    }
    // Its deadline is 5 min after this (C11), and replicas look every 5 s.
    let acknowledged = now
    markFault("cut", lane: agent, from: acknowledged, to: acknowledged + .seconds(307))
    let cut = try await begin(.cut(.agent(agent), .controlPlane), for: nil)
    try await sleep(until: acknowledged + .seconds(307))
    expect(
      "workloads of the late start when its agent is back", .equal(.count(1)),
      try await workloads(session: session.name).count)
    try await end(cut)
    let healed = now
    try await expect("start given up after its time", within: .seconds(60), from: healed) {
      try await self.state(of: session.name) == "failed"
    }
    try await expectRecovery(
      .transition, "late workload removed", lane: agent, within: .seconds(360), from: healed,
      state: { "workloads: \(try await self.workloads(session: session.name).count)" },
      until: { try await workloads(session: session.name).isEmpty })
    expect("state of the late session", equals: "failed", try await state(of: session.name))
  }
}
