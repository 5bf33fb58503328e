import TestEnvironment

/// One place in one operation at which something goes wrong (CHAOS-13).
struct CrashPoint: Sendable {
  enum Operation: String, Sendable, CaseIterable {
    case create, delete, hibernate, wake, register
    case deleteUser = "delete a user"

    /// Requests to the database of the operation and of what follows from it, up to its result: measured without
    /// trouble, and rounded up. Points beyond the last meet what the replica does in the background.
    var requests: Int {
      switch self {
      case .create: 26
      case .delete, .hibernate, .wake: 18
      case .register: 12
      case .deleteUser: 8
      }
    }
  }

  enum Trouble: Sendable, CaseIterable {
    /// The replica dies with this request.
    case crash
    /// The request fails.
    case error
    /// The answer is lost; done or not is the seed's.
    case unknown

    var name: String {
      switch self {
      case .crash: "crash"
      case .error: "error"
      case .unknown: "answer lost"
      }
    }

    var trouble: DatabaseTrouble {
      switch self {
      case .crash: .crash
      // insufficient_resources: nothing a statement can do about it.
      case .error: .error(sqlState: "53000")
      case .unknown: .answerLost(done: nil)
      }
    }
  }

  let operation: Operation
  /// Which request to the database from the operation's beginning on, from 1.
  let number: Int
  let trouble: Trouble

  /// Every point: troubles change fastest, so that a tenth of them has some of each.
  static let all: [CrashPoint] = Operation.allCases.flatMap { operation in
    (1...operation.requests).flatMap { number in
      Trouble.allCases.map { CrashPoint(operation: operation, number: number, trouble: $0) }
    }
  }
}

/// Carries out operations at crash points, as a client that wants them done would, and judges what is left.
struct CrashBench {
  private static let user = "u01"
  private static let doomedUser = "u10"

  let environment: any Environment
  private let agent: String
  /// Takes the requests, and the troubles.
  private let struck: String
  private let other: String

  init(_ environment: any Environment) {
    self.environment = environment
    agent = environment.agents[0]
    struck = environment.replicas[0]
    other = environment.replicas[1]
  }

  /// One point; whether the trouble struck.
  func perform(_ point: CrashPoint) async throws -> Bool {
    let title = "\(point.operation.rawValue), \(point.trouble.name) at request \(point.number)"
    try await settle(title)
    let session = try await prepare(point.operation)
    let before = environment.now
    let fault = Fault.databaseRequest(replica: struck, number: point.number, point.trouble.trouble)
    let handle = try await environment.begin(fault, for: nil)
    let bench = self
    let environment = environment
    let results = try await environment.concurrently([
      { @Sendable in
        try await bench.carryOut(point, session, title)
        return true
      },
      { @Sendable in
        // What the operation did not come to, the replica's scans do. A replica that died is started again.
        let isMet =
          try await environment.wait(upTo: .seconds(120), every: .milliseconds(250)) {
            try await environment.effect(of: handle) > 0
          } != nil
        if isMet, point.trouble == .crash {
          try await environment.sleep(for: .seconds(1))
          try await environment.control(.replica(bench.struck), .start)
        }
        return isMet
      },
    ])
    let isMet = results[1]
    try await environment.end(handle)
    if isMet { environment.markFault(title, lane: struck, from: before) }
    try await cleanUp()
    return isMet
  }

  // MARK: Before and after

  /// The struck replica is there and holds the agent.
  private func settle(_ title: String) async throws {
    let environment = environment
    try await environment.steerSockets(to: struck)
    if try await environment.holder(of: agent) != struck, let holder = try await environment.holder(of: agent) {
      _ = try await environment.begin(.reset(.agent(agent), .replica(holder)), for: .milliseconds(10))
    }
    try await environment.require("the agent is connected to \(struck) before: \(title)", within: .seconds(90)) {
      guard try await environment.isReady(struck), try await environment.holder(of: agent) == struck else {
        return false
      }
      return try await environment.agentRow(agent)?.status == "online"
    }
  }

  private func prepare(_ operation: CrashPoint.Operation) async throws -> OwnedSession? {
    switch operation {
    case .create, .register, .deleteUser: return nil
    case .delete, .hibernate: return try await environment.seededSessions(1, on: agent)[0]
    case .wake:
      let session = try await environment.seededSessions(1, on: agent)[0]
      _ = try await environment.user(session.user).hibernate(session.name, at: nil)
      try await environment.awaitState("hibernated", of: session.name)
      return session
    }
  }

  private func cleanUp() async throws {
    let environment = environment
    let client = environment.user(Self.user)
    for session in try await live() { _ = try await client.stop(session, at: other) }
    // A stop whose answers a dying replica had taken waits for the agent's return (C10).
    try await environment.require("all sessions have ended", within: .seconds(120), every: .milliseconds(250)) {
      try await live().isEmpty
    }
  }

  /// Sessions of the user that have not ended, by their rows.
  private func live() async throws -> [String] {
    try await environment.sql(
      "SELECT id FROM sessions WHERE user_id = '\(Self.user)' AND state NOT IN ('terminated', 'failed') ORDER BY id"
    ).compactMap { $0["id"] ?? nil }
  }

  func liveSessions() async throws -> Int { try await live().count }

  // MARK: Operations

  private func carryOut(_ point: CrashPoint, _ session: OwnedSession?, _ title: String) async throws {
    switch point.operation {
    case .create: try await create(title)
    case .delete: try await verb("delete", session, wanted: "terminated", title)
    case .hibernate: try await verb("hibernate", session, wanted: "hibernated", title)
    case .wake: try await verb("wake", session, wanted: "running", title)
    case .register: try await register(title)
    case .deleteUser: try await deleteUser(title, mayBeDone: point.trouble == .unknown)
    }
  }

  /// Creates one session: after a refusal again, after a lost answer only what is not there.
  private func create(_ title: String) async throws {
    let environment = environment
    let client = environment.user(Self.user)
    var name: String?
    for attempt in 0..<4 where name == nil {
      let answer = try await client.create(SessionRequest(), at: attempt == 0 ? struck : other)
      if answer.isAccepted {
        name = answer.session
      } else {
        if answer.isCut {
          // What a commit under way leaves shows by then.
          try await environment.sleep(for: .seconds(7))
          name = try await live().first
        } else {
          try await environment.sleep(for: .seconds(1))
        }
      }
    }
    guard let name else {
      environment.expect(title, equals: "created", "refused four times")
      return
    }
    let isRunning = try await environment.wait(upTo: .seconds(120), every: .milliseconds(250)) {
      try await environment.state(of: name) == "running"
    }
    environment.expect(
      title, equals: "running", isRunning == nil ? try await environment.state(of: name) : "running")
    environment.expect("twins: \(title)", .equal(.count(1)), try await live().count)
  }

  private func verb(_ verb: String, _ session: OwnedSession?, wanted: String, _ title: String) async throws {
    guard let session else { return }
    let environment = environment
    let client = environment.user(session.user)
    for attempt in 0..<4 {
      let replica = attempt == 0 ? struck : other
      let answer =
        switch verb {
        case "delete": try await client.stop(session.name, at: replica)
        case "hibernate": try await client.hibernate(session.name, at: replica)
        default: try await client.wake(session.name, at: replica)
        }
      // 409: the lost answer was a yes.
      if answer.isAccepted || answer.status == 409 { break }
      try await environment.sleep(for: .seconds(2))
    }
    let isThere = try await environment.wait(upTo: .seconds(120), every: .milliseconds(250)) {
      try await environment.state(of: session.name) == wanted
    }
    environment.expect(
      title, equals: wanted, isThere == nil ? try await environment.state(of: session.name) : wanted)
  }

  /// The agent loses its socket and comes back.
  private func register(_ title: String) async throws {
    let environment = environment
    let begun = environment.now
    _ = try await environment.begin(.reset(.agent(agent), .replica(struck)), for: .milliseconds(10))
    try await environment.sleep(for: .seconds(4))
    let isBack = try await environment.wait(upTo: .seconds(60)) { try await environment.isBack(agent) }
    environment.expect(title, equals: "registered", isBack == nil ? "absent" : "registered")
    environment.expect(
      "connections: \(title)", .equal(.count(1)), try await environment.connectionCount(of: agent))
    environment.record.sample("registration after a trouble", environment.now - begun)
  }

  /// An administrator deletes a user: all rows go, or none.
  ///
  /// `mayBeDone`: the answer to the COMMIT may be the one that is lost, and nobody looks the outcome up here.
  private func deleteUser(_ title: String, mayBeDone: Bool) async throws {
    let environment = environment
    let user = Self.doomedUser
    try await restore(user)
    let answer = try await environment.user("admin").send("DELETE", "/api/v1/users/\(user)", body: nil, at: struck)
    try await environment.sleep(for: .seconds(7))
    let rows = try await environment.sql("SELECT id FROM users WHERE id = '\(user)'").count
    let quotas = try await environment.sql("SELECT user_id FROM user_quotas WHERE user_id = '\(user)'").count
    let isWhole = rows == quotas
    environment.expect("rows of the user: \(title)", equals: "all or none", isWhole ? "all or none" : "some")
    if answer.status == 200 { environment.expect("deleted: \(title)", .equal(.count(0)), rows + quotas) }
    if let status = answer.status, status >= 400, status != 502, !mayBeDone {
      environment.expect("kept: \(title)", .equal(.count(2)), rows + quotas)
    }
  }

  /// Puts a user in place that an earlier point has deleted.
  private func restore(_ user: String) async throws {
    _ = try await environment.sql(
      """
      INSERT INTO users (id, username, email, full_name, role, org_id) VALUES ('\(user)', '\(user)', \
      '\(user)@example.invalid', '\(user)', 'user', 'default-org') ON CONFLICT (id) DO NOTHING
      """)
    _ = try await environment.sql(
      """
      INSERT INTO user_quotas (user_id, max_sessions, max_cpu, max_memory) VALUES ('\(user)', 5, '4000m', '8192Mi') \
      ON CONFLICT (user_id) DO NOTHING
      """)
  }

  /// A create while the agent is between two connections.
  func createWithoutAgent() async throws {
    let environment = environment
    _ = try await environment.begin(.reset(.agent(agent), .replica(struck)), for: .seconds(3))
    try await environment.require("the agent is away", within: .seconds(2), every: .milliseconds(20)) {
      try await environment.holder(of: agent) == nil
    }
    try await create("create while the agent is away")
    try await cleanUp()
  }
}
