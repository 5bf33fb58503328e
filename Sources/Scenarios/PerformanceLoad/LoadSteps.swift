import TestEnvironment

/// How long the parts of a command took.
struct CommandPhases {
  /// From its commit to its frame on the agent's socket: a place in the window of eight (C34).
  let window: Duration
  /// From the ack to the first step of the work on it: one of four handlers (C26).
  let handler: Duration
  /// From there to its result.
  let work: Duration
  let total: Duration
}

extension Environment {
  // MARK: Resources

  /// Measures a steady deployment over `span` and writes the rows of tables `resources` and `utilisation`.
  @discardableResult
  func profile(_ load: String, over span: Duration) async throws -> [ComponentUse] {
    try await beginMeasuring()
    try await sleep(for: span)
    let use = try await measuredUse()
    for (kind, title) in [
      (ComponentUse.Kind.replica, "API replica"), (.agent, "agent, leading"), (.standby, "agent, standby"),
      (.redis, "Redis"), (.database, "database"),
    ] {
      let those = use.filter { $0.kind == kind }
      guard let cpu = those.map(\.milliCPU).max(), let memory = those.map(\.memoryMiB).max() else { continue }
      record.add(.resources(title, at: load, milliCPU: cpu, memoryMiB: memory))
    }
    let nodes = use.filter { $0.kind == .node }.compactMap { node in
      node.capacity.map {
        (cpu: node.milliCPU * 100 / $0.milliCPU, memory: node.memoryMiB * 100 / $0.memoryMiB)
      }
    }
    if let cpu = nodes.map(\.cpu).max(), let memory = nodes.map(\.memory).max() {
      record.add(.utilisation(at: load, cpuPercent: cpu, memoryPercent: memory))
    }
    return use
  }

  /// Judges the most that components of a kind used.
  func expectUse(_ kind: ComponentUse.Kind, of use: [ComponentUse], at load: String, milliCPU: Int, memoryMiB: Int) {
    let those = use.filter { $0.kind == kind }
    expect("\(kind.rawValue), \(load): CPU (m)", .atMost(.count(milliCPU)), those.map(\.milliCPU).max() ?? 0)
    expect("\(kind.rawValue), \(load): memory (MiB)", .atMost(.count(memoryMiB)), those.map(\.memoryMiB).max() ?? 0)
  }

  /// Judges that no node has to give more than it has.
  func expectNodes(_ use: [ComponentUse], at load: String) {
    let over = use.filter { node in
      node.capacity.map { node.milliCPU > $0.milliCPU || node.memoryMiB > $0.memoryMiB } ?? false
    }
    expect("nodes exceeded, \(load)", .equal(.count(0)), over.count)
  }

  // MARK: Load

  /// Each user has a token from now on: a login costs 75 ms of a core, which is no part of the load.
  func logIn(_ users: Int) async throws {
    for number in 1...users { _ = try await user(userName(number)).list(at: nil) }
  }

  /// Asks for sessions side by side, `perUser` to a user from `firstUser` on.
  func createdTogether(
    _ count: Int, perUser: Int = 5, from first: Int = 0, _ request: SessionRequest = SessionRequest()
  ) async throws -> [(user: String, answer: Answer)] {
    try await concurrently(
      (first..<first + count).map { index in
        { @Sendable in
          let name = self.userName(index / perUser + 1)
          return (name, try await self.user(name).create(request, at: nil))
        }
      })
  }

  /// Puts `count` sessions in place, spread evenly over the agents, five to a user from `u01` on.
  func placedSessions(_ count: Int, of template: String = DesktopTemplate.small) async throws -> [OwnedSession] {
    var sessions: [OwnedSession] = []
    for block in 0..<(count + 4) / 5 {
      let owner = userName(block + 1)
      let placed = try await seedRunningSessions(
        min(5, count - block * 5), of: template, user: owner, agent: agents[block % agents.count])
      sessions += placed.map { OwnedSession(name: $0, user: owner) }
    }
    return sessions
  }

  /// Bodies that begin `gap` apart, whether or not earlier ones have ended.
  func paced<T: Sendable>(
    _ count: Int, every gap: Duration, _ body: @escaping @Sendable (Int) async throws -> T
  ) async throws -> [T] {
    let start = now
    return try await concurrently(
      (0..<count).map { index in
        { @Sendable in
          try await self.sleep(until: start + gap * index)
          return try await body(index)
        }
      })
  }

  // MARK: What became of commands

  /// The parts of the commands of sessions, in the order of the sessions; those that are complete.
  func phases(of sessions: [OwnedSession], action: String = "start_session") async throws -> [CommandPhases] {
    var begun: [String: Duration] = [:]
    for timed in observations {
      // The first boundary after the ack: the handler has it.
      if case .workStep(_, _, let command, _, let step) = timed.observation, step != .received, step != .acknowledged,
        begun[command] == nil
      {
        begun[command] = timed.time
      }
    }
    let names = Set(sessions.map(\.name))
    return try await commandRows(session: nil).compactMap { row in
      guard row.action == action, let session = row.session, names.contains(session),
        let created = row.times.created, let sent = row.times.sent, let ack = row.times.acknowledged,
        let end = row.times.completed
      else { return nil }
      let start = begun[row.command].map { max($0, ack) } ?? ack
      return CommandPhases(window: sent - created, handler: start - ack, work: end - start, total: end - created)
    }
  }

  /// How often each command was carried out, of those inserted since `time`, and the most of one agent that were under
  /// way at a time.
  func executions(since time: Duration) -> (counts: [String: Int], underWay: Int) {
    var counts: [String: Int] = [:]
    var agents: [String: String] = [:]
    var open: [String: Int] = [:]
    var most = 0
    for timed in observations {
      switch timed.observation {
      case .commandInserted(let command, let agent, _, _):
        agents[command] = agent
        if timed.time >= time { counts[command] = 0 }
      case .commandExecuted(let command, _, _, _, _): if counts[command] != nil { counts[command, default: 0] += 1 }
      case .commandStatus(let command, let from, let to, _):
        guard let agent = agents[command] else { break }
        if !Self.isUnderWay(from), Self.isUnderWay(to) { open[agent, default: 0] += 1 }
        if Self.isUnderWay(from), !Self.isUnderWay(to) { open[agent, default: 0] -= 1 }
        most = max(most, open[agent] ?? 0)
      default: break
      }
    }
    return (counts, most)
  }

  private static func isUnderWay(_ status: String) -> Bool { status == "sent" || status == "ack" }

  /// The latest end of a command made since `time`.
  func lastCompletion(since time: Duration) async throws -> Duration? {
    try await commandRows(session: nil).filter { ($0.times.created ?? .zero) >= time }.compactMap(\.times.completed)
      .max()
  }
}
