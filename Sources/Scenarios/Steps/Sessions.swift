import TestEnvironment

/// A session that a case made or was given.
struct OwnedSession: Sendable {
  let name: String
  let user: String
}

extension Environment {
  /// The `index`-th user when n sessions are spread over users with at most five live sessions each (spec/06 §0.1).
  func owner(ofSession index: Int) -> String { userName(index / 5 + 1) }

  /// `u01`, `u02`, …
  func userName(_ number: Int) -> String { number < 10 ? "u0\(number)" : "u\(number)" }

  /// Waits until every agent has a connection and its row is online: the state every topology starts from.
  func awaitAgents() async throws {
    try await require("every agent is connected and online", within: .seconds(60)) {
      for agent in agents {
        guard try await holder(of: agent) != nil, try await agentRow(agent)?.status == "online" else { return false }
      }
      return true
    }
  }

  /// The replica that holds `agent`.
  func requireHolder(of agent: String) async throws -> String {
    guard let holder = try await holder(of: agent) else { throw CaseFailure("no replica holds \(agent)") }
    return holder
  }

  /// Creates standard sessions and waits until all of them run.
  func runningSessions(_ count: Int, firstUser: Int = 1) async throws -> [OwnedSession] {
    var sessions: [OwnedSession] = []
    for index in 0..<count {
      let name = userName(firstUser + index / 5)
      let answer = try await user(name).create(SessionRequest(), at: nil)
      guard answer.isAccepted, let session = answer.session else {
        throw CaseFailure("setting up: create answered \(answer.summary)")
      }
      sessions.append(OwnedSession(name: session, user: name))
    }
    let made = sessions
    try await require("\(count) sessions are running", within: .seconds(120), every: .milliseconds(500)) {
      for session in made {
        guard try await sessionRow(session.name)?.state == "running" else { return false }
      }
      return true
    }
    return sessions
  }

  /// Seeded running sessions of one agent, five to a user.
  func seededSessions(_ count: Int, on agent: String, firstUser: Int = 1) async throws -> [OwnedSession] {
    var sessions: [OwnedSession] = []
    var rest = count
    var number = firstUser
    while rest > 0 {
      let name = userName(number)
      for session in try await seedRunningSessions(min(rest, 5), user: name, agent: agent) {
        sessions.append(OwnedSession(name: session, user: name))
      }
      rest -= 5
      number += 1
    }
    return sessions
  }

  /// How many of the sessions are in `state`.
  func count(_ sessions: [OwnedSession], in state: String) async throws -> Int {
    var count = 0
    for session in sessions where try await sessionRow(session.name)?.state == state { count += 1 }
    return count
  }

  /// The last command of a session with the given action.
  func command(of session: String, action: String) async throws -> CommandRow? {
    try await commandRows(session: session).last { $0.action == action }
  }

  /// Times at which commands reached the agent, by command id, from the observations.
  func receipts() -> [(command: String, time: Duration)] {
    observations.compactMap { timed in
      if case .commandReceived(let command, _, _) = timed.observation { (command, timed.time) } else { nil }
    }
  }

  /// How often each command was carried out on the platform.
  func executions(of command: String) -> Int {
    observations.count { timed in
      if case .commandExecuted(command, _, _, _, _) = timed.observation { true } else { false }
    }
  }

  /// How often a command was put on an agent's socket.
  func sends(of command: String) -> Int {
    observations.count { timed in
      if case .commandSent(command, _, _, _, _) = timed.observation { true } else { false }
    }
  }

  /// Connections of `agent` that were registered after `time`.
  func registrations(of agent: String, after time: Duration) -> [(time: Duration, replica: String)] {
    observations.compactMap { timed in
      guard timed.time > time else { return nil }
      if case .agentConnected(agent, let replica, _, _, _) = timed.observation { return (timed.time, replica) }
      return nil
    }
  }

  /// Requests with the given result since `time`.
  func requests(since time: Duration) -> [RequestRecord] {
    observations.compactMap { timed in
      if timed.time >= time, case .requestAnswered(let request) = timed.observation { request } else { nil }
    }
  }
}

extension Answer {
  /// For messages: status, error, message.
  var summary: String {
    let code = status.map(String.init) ?? "no answer"
    return [code, error, message].compactMap(\.self).joined(separator: " ")
  }
}
