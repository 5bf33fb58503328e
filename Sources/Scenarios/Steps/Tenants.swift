import TestEnvironment

extension Environment {
  /// Creates side by side, and records the answers. Those that were accepted, in order.
  func createdTogether(
    _ users: [String], _ request: SessionRequest = SessionRequest(), at replica: @escaping @Sendable (Int) -> String?
  ) async throws -> (answers: [Answer], sessions: [OwnedSession]) {
    let answers = try await concurrently(
      users.enumerated().map { index, user in
        { @Sendable in try await self.user(user).create(request, at: replica(index)) }
      })
    let sessions = zip(users, answers).compactMap { user, answer in
      answer.isAccepted ? answer.session.map { OwnedSession(name: $0, user: user) } : nil
    }
    return (answers, sessions)
  }

  /// When a session's row was first in `state`; nil: it was not.
  func time(of state: String, _ session: String) -> Duration? {
    for timed in observations {
      if case .sessionState(session, _, state, _) = timed.observation { return timed.time }
    }
    return nil
  }

  /// Waits until all run, judges the time of the last, and samples that of each, from `start` on.
  func expectAllRunning(
    _ name: String, _ sessions: [OwnedSession], within limit: Duration, from start: Duration
  ) async throws {
    try await expect(name, within: limit, from: start, every: .milliseconds(250)) {
      try await self.count(sessions, in: "running") == sessions.count
    }
    for session in sessions {
      guard let running = time(of: "running", session.name) else { continue }
      record.sample(TableEntry.startSample(atOnce: sessions.count), running - start)
    }
  }

  /// Stops sessions side by side and waits until they are terminated and nothing of them is left.
  func stopAll(_ sessions: [OwnedSession]) async throws {
    let start = now
    let answers = try await concurrently(
      sessions.map { session in
        { @Sendable in try await self.user(session.user).stop(session.name, at: nil) }
      })
    expect("stops accepted", .equal(.count(sessions.count)), answers.count { $0.status == 202 })
    try await expectEnded(sessions, from: start)
  }

  /// Judges that sessions end after their stops at `start`: objects gone within 30 s, terminated within 35 s (spec/06
  /// §0.2), longer where more of them end than the agents take on at once.
  func expectEnded(_ sessions: [OwnedSession], from start: Duration, slack: Duration = .zero) async throws {
    try await expect("objects gone", within: .seconds(30) + slack, from: start, every: .milliseconds(500)) {
      for session in sessions where try await !self.workloads(session: session.name).isEmpty { return false }
      return true
    }
    try await expect("terminated", within: .seconds(35) + slack, from: start, every: .milliseconds(250)) {
      try await self.count(sessions, in: "terminated") == sessions.count
    }
  }

  /// Judges that names or states which differ from seed to seed are those that are wanted.
  func expectSame(_ name: String, _ wanted: String, _ measured: String) {
    expect(name, equals: "the same", wanted == measured ? "the same" : "\(measured) instead of \(wanted)")
  }

  // MARK: Tables of the report

  /// Writes rows of table `users`: of each user who asked for a session the quota, the most sessions at once, and how
  /// the creates were answered.
  func recordUsers() {
    var live: [String: Set<String>] = [:]
    var owners: [String: String] = [:]
    var most: [String: Int] = [:]
    var accepted: [String: Int] = [:]
    var denied: [String: Int] = [:]
    var users: [String] = []
    for timed in observations {
      switch timed.observation {
      case .sessionInserted(let session, let user, _, _, _, _):
        owners[session] = user
        live[user, default: []].insert(session)
        most[user] = max(most[user] ?? 0, live[user]?.count ?? 0)
      case .sessionState(let session, _, let state, _) where state == "terminated" || state == "failed":
        if let user = owners[session] { live[user]?.remove(session) }
      case .requestAnswered(let request) where request.method == "POST" && request.path == "/api/v1/sessions":
        if !users.contains(request.user) { users.append(request.user) }
        switch request.status {
        case 202: accepted[request.user, default: 0] += 1
        case 403: denied[request.user, default: 0] += 1
        default: break
        }
      default: break
      }
    }
    for user in users.sorted() {
      record.add(
        .user(
          user, quota: quotaText(of: user), sessions: most[user] ?? 0, accepted: accepted[user] ?? 0,
          denied: denied[user] ?? 0))
    }
  }

  private func quotaText(of user: String) -> String {
    let quota = variant.topology.accounts.first { $0.user == user }?.quota
    return "\(quota?.sessions ?? 5) / \(quota?.milliCPU ?? 4_000)m / \(quota?.memoryMiB ?? 8_192)Mi"
  }

  /// Writes rows of table `orphans`, and judges that nothing of ended sessions is left.
  func recordOrphans() async throws {
    var made: [String: Set<String>] = [:]
    var ended: Set<String> = []
    var kinds: [String] = []
    for timed in observations {
      switch timed.observation {
      case .workload(_, _, let object, .created, _):
        let kind = String(object.prefix { $0 != "/" })
        if !kinds.contains(kind) { kinds.append(kind) }
        made[kind, default: []].insert(object)
      case .sessionState(let session, _, let state, _) where state == "terminated" || state == "failed":
        ended.insert(session)
      case .sessionDeleted(let session): ended.insert(session)
      default: break
      }
    }
    var left: [String: Int] = [:]
    for agent in agents {
      for object in try await inventory(of: agent) where object.session.map({ ended.contains($0) }) ?? false {
        left[object.kind, default: 0] += 1
        if !kinds.contains(object.kind) { kinds.append(object.kind) }
      }
    }
    for kind in kinds.sorted() {
      record.add(.orphans(kind, made: made[kind]?.count ?? 0, left: left[kind] ?? 0))
    }
    expect("objects of ended sessions", .equal(.count(0)), kinds.reduce(0) { $0 + (left[$1] ?? 0) })
  }
}
