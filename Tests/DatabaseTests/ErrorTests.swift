import StreamSpaceProtocol
import Testing

@testable import Database

@Suite("Failures carry PostgreSQL's SQLSTATE and lib/pq's words")
struct ErrorTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let statement: String
    let parameters: [SQLValue]
    let state: String
    let text: String
    let schema: InitialSchema

    init(
      _ statement: String, _ state: String, _ text: String, parameters: [SQLValue] = [],
      schema: InitialSchema = .contract
    ) {
      self.statement = statement
      self.parameters = parameters
      self.state = state
      self.text = text
      self.schema = schema
    }

    var testDescription: String { statement }
  }

  static let cases = [
    Case(
      "INSERT INTO users (id, username, email) VALUES ('x', 'alice', 'other@x')", "23505",
      "pq: duplicate key value violates unique constraint \"users_username_key\""),
    Case(
      "INSERT INTO users (id, username, email) VALUES ('x', 'alice', 'alice@example.org')", "23505",
      "pq: duplicate key value violates unique constraint \"users_username_key\""),
    Case(
      "INSERT INTO users (id, username, email) VALUES ('u1', 'alice', 'alice@example.org')", "23505",
      "pq: duplicate key value violates unique constraint \"users_pkey\""),
    Case(
      "INSERT INTO group_memberships (id, user_id, group_id) VALUES ('m', 'admin', 'all-users')", "23505",
      "pq: duplicate key value violates unique constraint \"group_memberships_user_id_group_id_key\""),
    Case(
      "INSERT INTO agents (agent_id, platform) VALUES ('k8s-1', 'docker')", "23505",
      "pq: duplicate key value violates unique constraint \"agents_agent_id_key\""),
    Case(
      "INSERT INTO sessions (id, user_id, state) VALUES ('s', 'nobody', 'pending')", "23503",
      "pq: insert or update on table \"sessions\" violates foreign key constraint \"sessions_user_id_fkey\""),
    Case(
      "INSERT INTO sessions (id, user_id, agent_id) VALUES ('s', 'nobody', 'none')", "23503",
      "pq: insert or update on table \"sessions\" violates foreign key constraint \"sessions_user_id_fkey\""),
    Case(
      "INSERT INTO sessions (id, user_id, agent_id) VALUES ('s', 'u1', 'none')", "23503",
      "pq: insert or update on table \"sessions\" violates foreign key constraint \"fk_sessions_agent_id\""),
    Case(
      "UPDATE users SET org_id = 'none' WHERE id = 'u1'", "23503",
      "pq: insert or update on table \"users\" violates foreign key constraint \"users_org_id_fkey\""),
    Case(
      "DELETE FROM agents WHERE agent_id = 'k8s-1'", "23503",
      "pq: update or delete on table \"agents\" violates foreign key constraint \"sessions_agent_id_fkey\" on table \"sessions\"",
      schema: .shipped),
    Case(
      "INSERT INTO users (id, email) VALUES ('x', 'x')", "23502",
      "pq: null value in column \"username\" of relation \"users\" violates not-null constraint"),
    Case(
      "UPDATE agent_commands SET updated_at = NOW() WHERE id = 'x'", "42703",
      "pq: column \"updated_at\" of relation \"agent_commands\" does not exist", schema: .shipped),
    Case(
      "INSERT INTO sessions (id, terminated_at) VALUES ('x', NOW())", "42703",
      "pq: column \"terminated_at\" of relation \"sessions\" does not exist", schema: .shipped),
    Case(
      "UPDATE agent_commands SET status = 'sent' WHERE claimed_by = 'x'", "42703",
      "pq: column \"claimed_by\" does not exist", schema: .shipped),
    Case("SELECT resources FROM sessions", "42703", "pq: column \"resources\" does not exist"),
    Case("SELECT s.resources FROM sessions s", "42703", "pq: column s.resources does not exist"),
    Case("SELECT \"resources\" FROM sessions", "42703", "pq: column \"resources\" does not exist"),
    Case("SELECT id FROM templates", "42P01", "pq: relation \"templates\" does not exist"),
    Case("DELETE FROM group_members", "42P01", "pq: relation \"group_members\" does not exist"),
    Case(
      "INSERT INTO agents (agent_id, platform) VALUES ('z', 'docker') ON CONFLICT (region) DO NOTHING", "42P10",
      "pq: there is no unique or exclusion constraint matching the ON CONFLICT specification"),
    Case(
      "UPDATE sessions SET idle_timeout = $1 WHERE id = 's1'", "22001",
      "pq: value too long for type character varying(50)", parameters: [.text(String(repeating: "9", count: 51))]),
    Case(
      "UPDATE sessions SET active_connections = $1 WHERE id = 's1'", "22P02",
      "pq: invalid input syntax for type integer: \"abc\"", parameters: ["abc"]),
    Case(
      "UPDATE agents SET metadata = $1", "22P02", "pq: invalid input syntax for type json", parameters: ["{broken"]),
    Case(
      "UPDATE sessions SET last_activity = $1", "22P02",
      "pq: invalid input syntax for type timestamp with time zone: \"soon\"", parameters: ["soon"]),
    Case("SELECT nonsense(1)", "42883", "pq: function nonsense() does not exist"),
    Case("SELECT FROM WHERE", "42601", "pq: syntax error at or near \"from\""),
    Case("SELECT id FROM users JOIN sessions ON true", "42702", "pq: column reference \"id\" is ambiguous"),
    Case("SELECT $1", "08P01", "pq: got 0 parameters but the statement requires 1"),
  ]

  @Test("every failure of spec/02 section 3", arguments: cases)
  func failure(of failing: Case) throws {
    let database = try TestDatabase(failing.schema)
    try database.addAgentAndUser()
    try database.run("INSERT INTO sessions (id, user_id, agent_id) VALUES ('s1', 'u1', 'k8s-1')")
    let error = try database.error(failing.statement, failing.parameters)
    #expect(error.sqlState == failing.state)
    #expect(error.description == failing.text)
    #expect(try database.run("SELECT 1").rowCount == 1)
  }

  @Test("a value of exactly the limit fits; characters count, not bytes")
  func limit() throws {
    let database = try TestDatabase()
    try database.run("INSERT INTO users (id, username, email) VALUES ('x', 'x', 'x')")
    let text = "UPDATE users SET role = $1 WHERE id = 'x'"
    #expect(try database.run(text, [.text(String(repeating: "é", count: 50))]).rowCount == 1)
    #expect(try database.error(text, [.text(String(repeating: "é", count: 51))]).kind == .valueTooLong(limit: 50))
  }

  @Test("under the contract an agent with sessions can be deleted: they keep no agent")
  func setNull() throws {
    let database = try TestDatabase()
    try database.addAgentAndUser()
    try database.run("INSERT INTO sessions (id, user_id, agent_id) VALUES ('s1', 'u1', 'k8s-1')")
    try database.run("DELETE FROM agents WHERE agent_id = 'k8s-1'")
    #expect(try database.run("SELECT agent_id FROM sessions").singleRow().value("agent_id") == .null)
  }

  @Test("the search for the violated key changes nothing and draws no number twice")
  func diagnosisLeavesNoTrace() throws {
    let database = try TestDatabase(.shipped)
    try database.addAgentAndUser()
    try database.run("INSERT INTO sessions (id, user_id, agent_id) VALUES ('s1', 'u1', 'k8s-1')")
    _ = database.takeChanges()
    _ = try database.error("DELETE FROM agents WHERE agent_id = 'k8s-1'")
    #expect(database.takeChanges().isEmpty)
    #expect(try database.run("SELECT 1 FROM agents").rowCount == 1)
    #expect(try database.error("DELETE FROM agents WHERE agent_id = 'k8s-1'").sqlState == "23503")
  }
}
