import StreamSpaceProtocol
import Testing

@testable import Database

@Suite("Statements run as PostgreSQL runs them")
struct StatementTests {
  @Test("typed columns come back as they went in")
  func types() throws {
    let database = try TestDatabase()
    try database.addAgentAndUser()
    try database.run(
      "INSERT INTO sessions (id, user_id, state, persistent_home, active_connections, platform_metadata, tags, last_activity) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
      [
        "s1", "u1", "running", true, 3, "{\"a\":1}", .array(["x", "y\"z"]), .timestamp(microseconds: 1_234_567),
      ])
    let row = try database.run("SELECT * FROM sessions WHERE id = $1", ["s1"]).singleRow()
    #expect(try row.value("persistent_home") == .boolean(true))
    #expect(try row.integer("active_connections") == 3)
    #expect(try row.value("last_activity") == .timestamp(microseconds: 1_234_567))
    #expect(try row.text("platform_metadata") == "{\"a\":1}")
    #expect(try row.textArray("tags") == ["x", "y\"z"])
    #expect(try row.optionalText("pod_name") == nil)
    #expect(try row.text("namespace") == "streamspace")
    #expect(try row.value("created_at") == .timestamp(microseconds: TestDatabase.start))
  }

  @Test("a JSON text that is a number stays a text")
  func numericJSON() throws {
    let database = try TestDatabase()
    try database.run("INSERT INTO agents (agent_id, platform, capacity) VALUES ('a', 'docker', '5')")
    #expect(try database.run("SELECT capacity FROM agents").singleRow().value("capacity") == "5")
  }

  @Test("RETURNING gives typed columns, names as PostgreSQL gives them")
  func returning() throws {
    let database = try TestDatabase()
    let result = try database.run(
      "INSERT INTO agents (agent_id, platform) VALUES ($1, $2) RETURNING id, created_at, status", ["a", "docker"])
    #expect(result.rowCount == 1)
    let row = try result.singleRow()
    #expect(try row.value("created_at") == .timestamp(microseconds: database.now))
    #expect(try row.text("id").count == 36)
    let count = try database.run("SELECT COUNT(*), COALESCE(MAX(region), 'none') FROM agents")
    #expect(count.columns.names == ["count", "coalesce"])
    #expect(try database.run("SELECT 1 + 1").columns.names == ["?column?"])
  }

  @Test("now() is the start of the transaction, clock_timestamp() the statement's time")
  func clocks() throws {
    let database = try TestDatabase()
    _ = database.send(.begin)
    let start = database.now
    database.now += 5_000
    let row = try database.run("SELECT NOW() AS began, clock_timestamp() AS now").singleRow()
    #expect(try row.microseconds("began") == start)
    #expect(try row.microseconds("now") == start + 5_000)
  }

  @Test("a freshness window uses the database's clock")
  func freshness() throws {
    let database = try TestDatabase()
    try database.run("INSERT INTO agents (agent_id, platform, last_heartbeat) VALUES ('a', 'docker', NOW())")
    let fresh = "SELECT agent_id FROM agents WHERE last_heartbeat > NOW() - INTERVAL '90 seconds'"
    #expect(try database.run(fresh).rowCount == 1)
    database.now += 90_000_001
    #expect(try database.run(fresh).rowCount == 0)
  }

  @Test("an upsert changes the row that is there")
  func upsert() throws {
    let database = try TestDatabase()
    let text =
      "INSERT INTO configuration (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value, updated_at = NOW()"
    try database.run(text, ["k", "1"])
    try database.run(text, ["k", "2"])
    #expect(try database.run("SELECT value FROM configuration WHERE key = 'k'").singleRow().text("value") == "2")
  }

  @Test("->> gives text as PostgreSQL words it")
  func jsonMembers() throws {
    let database = try TestDatabase()
    try database.run(
      "INSERT INTO agents (agent_id, platform, metadata) VALUES ('a', 'docker', $1)",
      ["{\"text\":\"x\",\"number\":5,\"yes\":true,\"no\":false,\"nothing\":null,\"deep\":{\"k\":\"v\"}}"])
    let row = try database.run(
      "SELECT metadata->>'text' AS text, metadata->>'number' AS number, metadata->>'yes' AS yes, metadata->>'no' AS no, metadata->>'nothing' AS nothing, metadata->'deep'->>'k' AS deep, metadata->>'absent' AS absent, (metadata->>'number')::int + 1 AS more FROM agents"
    ).singleRow()
    #expect(row.values == ["x", "5", "true", "false", nil, "v", nil, 6])
  }

  @Test("NULLs sort last, and first when descending")
  func nullOrder() throws {
    let database = try TestDatabase()
    try database.run("INSERT INTO configuration (key, category) VALUES ('x1', 'b'), ('x2', NULL), ('x3', 'a')")
    let ascending = try database.run("SELECT key FROM configuration WHERE key LIKE 'x%' ORDER BY category")
    #expect(try ascending.rows.map { try $0.text("key") } == ["x3", "x1", "x2"])
    let descending = try database.run("SELECT key FROM configuration WHERE key LIKE 'x%' ORDER BY category DESC")
    #expect(try descending.rows.map { try $0.text("key") } == ["x2", "x1", "x3"])
  }

  @Test("GREATEST and LEAST pass over NULLs")
  func extremes() throws {
    let database = try TestDatabase()
    let row = try database.run("SELECT GREATEST(0, -3, NULL) AS g, LEAST(NULL, 4, 2) AS l, GREATEST(NULL, NULL) AS n")
      .singleRow()
    #expect(row.values == [0, 2, nil])
  }

  @Test("lists, overlaps and case-blind search work on arrays and text")
  func arrays() throws {
    let database = try TestDatabase()
    try database.run(
      "INSERT INTO catalog_templates (name, display_name, tags) VALUES ('firefox', 'Firefox', $1), ('xterm', 'XTerm', $2)",
      [.array(["web", "gui"]), .array(["gui", "vnc"])])
    func names(_ condition: String, _ parameters: [SQLValue]) throws -> [String] {
      try database.run("SELECT name FROM catalog_templates WHERE \(condition) ORDER BY name", parameters)
        .rows.map { try $0.text("name") }
    }
    #expect(try names("$1 = ANY(tags)", ["vnc"]) == ["xterm"])
    #expect(try names("tags && $1", [.array(["web", "none"])]) == ["firefox"])
    #expect(try names("name = ANY($1)", [.array(["xterm", "firefox"])]) == ["firefox", "xterm"])
    #expect(try names("id = ANY($1)", [.array([1, 7])]) == ["firefox"])
    #expect(try names("name != ALL($1)", [.array(["xterm"])]) == ["firefox"])
    #expect(try names("display_name ILIKE '%FIRE%'", []) == ["firefox"])
    #expect(try names("display_name LIKE '%FIRE%'", []) == [])
  }

  @Test("a number drawn from a sequence is never drawn again, not even after a failure or rollback")
  func sequences() throws {
    let database = try TestDatabase()
    let insert = "INSERT INTO audit_log (action, org_id) VALUES ('x', $1) RETURNING id"
    let first = try database.run(insert, [nil]).singleRow().integer("id")
    _ = database.send(.begin)
    try database.run(insert, [nil])
    _ = database.send(.rollback)
    _ = try database.error(insert, ["no-such-org"])
    #expect(try database.run(insert, [nil]).singleRow().integer("id") == first + 3)
  }

  @Test("ratings are fixed-point texts")
  func ratings() throws {
    let database = try TestDatabase()
    try database.run("INSERT INTO catalog_templates (name, avg_rating) VALUES ('a', 4.5)")
    let text = "SELECT avg_rating FROM catalog_templates ORDER BY name"
    #expect(try database.run(text).singleRow().text("avg_rating") == "4.50")
    #expect(ColumnDecoder.decimal(-0.05, scale: 2) == "-0.05")
    #expect(ColumnDecoder.decimal(0, scale: 2) == "0.00")
  }

  @Test("a command's updated_at follows every change under the contract, whoever forgets it")
  func updateTrigger() throws {
    let database = try TestDatabase()
    try database.addAgentAndUser()
    try database.run(
      "INSERT INTO agent_commands (command_id, agent_id, action) VALUES ('c1', 'k8s-1', 'start_session')")
    database.now += 132_000_000
    try database.run("UPDATE agent_commands SET status = 'sent' WHERE command_id = 'c1'")
    let row = try database.run("SELECT created_at, updated_at FROM agent_commands").singleRow()
    #expect(try row.microseconds("created_at") == TestDatabase.start)
    #expect(try row.microseconds("updated_at") == TestDatabase.start + 132_000_000)
  }

  @Test("deleting an organisation takes its agents and their commands and leaves its users")
  func cascades() throws {
    let database = try TestDatabase()
    try database.run("INSERT INTO organizations (id, name, display_name) VALUES ('o', 'o', 'O')")
    try database.run("INSERT INTO users (id, username, email, org_id) VALUES ('u', 'u', 'u@x', 'o')")
    try database.run("INSERT INTO agents (agent_id, platform, org_id) VALUES ('a', 'docker', 'o')")
    try database.run("INSERT INTO agent_commands (command_id, agent_id, action) VALUES ('c', 'a', 'stop_session')")
    #expect(try database.run("DELETE FROM organizations WHERE id = 'o'").rowCount == 1)
    #expect(try database.run("SELECT 1 FROM agent_commands").rowCount == 0)
    #expect(try database.run("SELECT org_id FROM users WHERE id = 'u'").singleRow().value("org_id") == .null)
  }
}
