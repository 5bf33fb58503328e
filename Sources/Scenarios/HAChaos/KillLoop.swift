import TestEnvironment

/// Kills of one API replica and one process of the agent each minute (spec/06, CHAOS-03, CHAOS-08).
struct KillLoop: Sendable {
  static let period = Duration.seconds(60)
  /// A command may be as old as this when the next kill comes; starts excepted.
  private static let commandAge = Duration.seconds(60)
  /// Registration after the death of the hosting replica (spec/06 §0.2).
  private static let replicaTarget = Duration.seconds(10)
  /// The crash of a leader that did not release its lock (spec/06 §0.2), and its connection.
  private static let leaderTarget = Duration.seconds(30)

  let environment: any Environment
  let agent: String

  /// What the kills left behind.
  struct Outcome: Sendable {
    var kills = 0
    /// Kills that found nobody to spare.
    var spared = 0
    /// Commands that were older than 60 s and not finished when a kill came.
    var lateCommands: [String] = []
  }

  /// Kills each minute from `start` until `end`, at least one replica and one process of the agent always staying up.
  func run(from start: Duration, to end: Duration) async throws -> Outcome {
    var outcome = Outcome()
    var round = 0
    while start + Self.period * round < end {
      try await environment.sleep(until: start + Self.period * round)
      outcome.lateCommands += try await lateCommands()
      let ready = try await readyReplicas()
      let holder = try await environment.holder(of: agent)
      let leader = try await environment.actingInstance(of: agent)
      var victims: [(component: Component, name: String, back: Duration)] = []
      if ready.count > 1 {
        let name = ready[environment.choose("replica to kill, round \(round)", ready.count)]
        victims.append((.replica(name), name, back("replica", round)))
      } else {
        outcome.spared += 1
      }
      let instances = environment.instances(of: agent)
      if instances.count > 1 {
        let name = instances[environment.choose("instance to kill, round \(round)", instances.count)]
        victims.append((.instance(name), name, back("instance", round)))
      } else {
        victims.append((.agent(agent), agent, back("instance", round)))
      }
      let names = victims.map(\.name)
      let isGraceful = environment.choose("graceful, round \(round)", 3) == 0
      outcome.kills += victims.count
      let killed = environment.now
      let environment = environment
      let number = round
      // The lock of a process that crashes is another's after its lease alone.
      let isLeader = leader.map { names.contains($0) } ?? true
      let isHolder = holder.map { names.contains($0) } ?? true
      _ = try await environment.concurrently(
        victims.map { victim in
          { @Sendable in
            environment.markFault(
              isGraceful ? "stop" : "crash", lane: victim.name, from: killed, to: killed + victim.back)
            try await environment.control(victim.component, isGraceful ? .stop : .crash)
            try await environment.sleep(until: killed + victim.back)
            try await environment.control(victim.component, .start)
          }
        } + [
          { @Sendable in
            guard isLeader || isHolder else { return }
            try await self.judgeRecovery(from: killed, isLeader: isLeader, round: number)
          }
        ])
      round += 1
    }
    return outcome
  }

  private func judgeRecovery(from killed: Duration, isLeader: Bool, round: Int) async throws {
    let environment = environment
    let agent = agent
    // Not before the loss is seen: the holder's entry and the leader's go with their processes.
    try await environment.sleep(for: .milliseconds(50))
    let isAlone = environment.instances(of: agent).count == 1
    try await environment.expectRecovery(
      isLeader ? .leader : .replica, "agent in use after kill \(round + 1)", lane: agent,
      within: isLeader ? (isAlone ? .seconds(45) : Self.leaderTarget) : Self.replicaTarget, from: killed,
      every: .milliseconds(50),
      state: { "holder \(try await environment.holder(of: agent) ?? "none")" },
      until: {
        guard try await environment.actingInstance(of: agent) != nil else { return false }
        return try await environment.isBack(agent)
      })
  }

  /// A killed one is back after 20 to 35 s.
  private func back(_ what: String, _ round: Int) -> Duration {
    .milliseconds(20_000 + environment.choose("return of the \(what), round \(round)", 15_001))
  }

  private func readyReplicas() async throws -> [String] {
    var ready: [String] = []
    for replica in environment.replicas where try await environment.isReady(replica) { ready.append(replica) }
    return ready
  }

  private func lateCommands() async throws -> [String] {
    let due = environment.now - Self.commandAge
    return try await environment.commandRows(session: nil).filter {
      !$0.isFinal && $0.action != "start_session" && ($0.times.created ?? environment.now) < due
    }.map { "\($0.action) \($0.command) \($0.status)" }
  }
}
