import StreamSpaceProtocol
import Testing

@testable import Database

@Suite("Committed row changes are reported, and only those")
struct ObservationTests {
  @Test("inserts, watched updates and deletes of sessions, in order")
  func sessions() throws {
    let database = try TestDatabase()
    try database.addAgentAndUser()
    try database.run("INSERT INTO sessions (id, user_id, state, agent_id) VALUES ('s1', 'u1', 'pending', 'k8s-1')")
    try database.run("UPDATE sessions SET state = 'running', pod_name = 'p' WHERE id = 's1'")
    try database.run("UPDATE sessions SET url = '/x', updated_at = NOW(), state = 'running' WHERE id = 's1'")
    try database.run("DELETE FROM sessions")
    let pending = DatabaseChange.SessionRow(
      id: "s1", userID: "u1", state: "pending", agentID: "k8s-1", activeConnections: 0, podName: nil, cpu: nil,
      memory: nil, hasPersistentHome: false)
    let running = DatabaseChange.SessionRow(
      id: "s1", userID: "u1", state: "running", agentID: "k8s-1", activeConnections: 0, podName: "p", cpu: nil,
      memory: nil, hasPersistentHome: false)
    #expect(
      database.takeChanges() == [
        .session(before: nil, after: pending), .session(before: pending, after: running),
        .session(before: running, after: nil),
      ])
  }

  @Test("agents' status and heartbeat")
  func agents() throws {
    let database = try TestDatabase()
    try database.addAgentAndUser()
    try database.run("UPDATE agents SET status = 'online', last_heartbeat = NOW() WHERE agent_id = 'k8s-1'")
    try database.run("UPDATE agents SET region = 'eu' WHERE agent_id = 'k8s-1'")
    #expect(
      database.takeChanges() == [
        .agent(
          before: .init(agentID: "k8s-1", status: "offline", lastHeartbeat: nil),
          after: .init(agentID: "k8s-1", status: "online", lastHeartbeat: database.now))
      ])
  }

  @Test("commands with their times; the update-time trigger adds no report")
  func commands() throws {
    let database = try TestDatabase()
    try database.addAgentAndUser()
    try database.run(
      "INSERT INTO agent_commands (command_id, agent_id, session_id, action) VALUES ('c1', 'k8s-1', 's1', 'stop_session')"
    )
    database.now += 1_000
    try database.run("UPDATE agent_commands SET status = 'sent', sent_at = NOW() WHERE command_id = 'c1'")
    let changes = database.takeChanges()
    #expect(changes.count == 2)
    guard case .command(let before?, let after?) = changes.last else {
      Issue.record("no update was reported")
      return
    }
    #expect(before.status == "pending" && before.createdAt == TestDatabase.start)
    #expect(after.status == "sent" && after.sentAt == database.now && after.action == "stop_session")
  }

  @Test("a transaction reports at its commit, in order, once, even if a reader came between")
  func transaction() throws {
    let database = try TestDatabase()
    try database.addAgentAndUser()
    _ = database.send(.begin, from: 1)
    try database.run("INSERT INTO sessions (id, user_id, state) VALUES ('s1', 'u1', 'pending')", from: 1)
    try database.run("SELECT id FROM sessions", from: 2)
    try database.run("UPDATE sessions SET state = 'running'", from: 1)
    #expect(database.takeChanges().isEmpty)
    _ = database.send(.commit, from: 1)
    let states = database.takeChanges().map { change in
      guard case .session(_, let after) = change else { return "?" }
      return after?.state ?? "gone"
    }
    #expect(states == ["pending", "running"])
  }

  @Test("what is rolled back or fails is never reported")
  func rolledBack() throws {
    let database = try TestDatabase()
    try database.addAgentAndUser()
    _ = database.send(.begin)
    try database.run("INSERT INTO sessions (id, user_id) VALUES ('s1', 'u1')")
    _ = database.send(.rollback)
    _ = try database.error("INSERT INTO sessions (id, user_id) VALUES ('s2', 'u1'), ('s3', 'nobody')")
    try database.run("SELECT 1")
    #expect(database.takeChanges().isEmpty)
  }

  @Test("cascades are reported too")
  func cascades() throws {
    let database = try TestDatabase()
    try database.addAgentAndUser()
    try database.run("INSERT INTO sessions (id, user_id, agent_id) VALUES ('s1', 'u1', 'k8s-1')")
    _ = database.takeChanges()
    try database.run("DELETE FROM agents WHERE agent_id = 'k8s-1'")
    let changes = database.takeChanges()
    #expect(changes.count == 2)
    #expect(
      changes.contains { change in
        if case .session(let before?, let after?) = change { return before.agentID == "k8s-1" && after.agentID == nil }
        return false
      })
  }
}
