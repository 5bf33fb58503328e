import DatabaseTestSupport
import StreamSpaceProtocol
import Testing

@testable import SchemaMigrations

/// What was observed of the shipped list and files (spec/02 §9.2), observed again with ours.
@Suite(.enabled(if: TestServer.isAvailable, "needs postgres")) struct ShippedRunnerTests {
  private func failures(_ bench: MigrationBench, _ versions: some Sequence<Int>, up: Bool = true) -> [Int] {
    versions.filter {
      !bench.psql(up ? ShippedMigrations.file($0) : ShippedMigrations.rollBackFile($0)).isEmpty
    }
  }

  @Test func `on an empty database all eight files fail`() throws {
    let bench = try MigrationBench()
    #expect(failures(bench, 1...5) == [1, 2, 3, 4, 5])
    #expect(failures(bench, 7...8) == [7, 8])
    #expect(!bench.psql(ShippedMigrations.file(6)).isEmpty)
  }

  @Test func `after the start-up list 005 fails, the second time 002 too`() throws {
    let bench = try MigrationBench(at: MigrationBench.startUpList)
    #expect(failures(bench, 1...8) == [5])
    #expect(failures(bench, 1...8) == [2, 5])
  }

  @Test func `the files go on the base and back, and take agent_id with them`() throws {
    let bench = try MigrationBench(at: MigrationBench.base)
    let base = try bench.catalogue
    #expect(failures(bench, 1...8) == [])
    #expect(failures(bench, (1...8).reversed(), up: false) == [])
    #expect(
      try bench.catalogue.differences(from: base) == [
        "sessions.agent_id: missing, varchar(255)",
        "sessions constraint sessions_agent_id_fkey: missing, FOREIGN KEY (agent_id) REFERENCES agents(agent_id)",
        "sessions index idx_sessions_agent_id: missing, btree (agent_id)",
      ])
  }

  @Test func `a start after all roll-backs mends the schema and merges the tenants`() throws {
    let bench = try MigrationBench(at: MigrationBench.startUpList)
    let start = try bench.catalogue
    bench.psql([
      "INSERT INTO organizations (id, name, display_name) VALUES ('o2', 'o2', 'o2')",
      "INSERT INTO users (id, username, email, org_id) VALUES ('u', 'u', 'u', 'o2')",
      "INSERT INTO sessions (id, user_id, org_id, streaming_protocol, tags) VALUES ('s', 'u', 'o2', 'x2go', '{a}')",
    ])
    #expect(failures(bench, (1...8).reversed(), up: false) == [])
    #expect(bench.psql(ShippedMigrations.startUpList) == [])
    #expect(try bench.catalogue.differences(from: start) == [])
    #expect(
      try bench.value("SELECT org_id || ' ' || streaming_protocol || ' ' || COALESCE(tags::text, 'NULL') FROM sessions")
        == "'default-org vnc NULL'")
    #expect(try bench.value("SELECT org_id FROM users WHERE id = 'u'") == "'default-org'")
  }

  @Test func `the shipped 004 gives old commands the time of the migration`() throws {
    let bench = try MigrationBench(at: MigrationBench.base)
    bench.psql(
      ["INSERT INTO agent_commands (command_id, action, created_at) VALUES ('c', 'x', '2020-01-01')"])
    #expect(failures(bench, [4]) == [])
    #expect(try bench.value("SELECT updated_at > now() - INTERVAL '1 minute' FROM agent_commands") == "true")
    try bench.connection.execute("UPDATE agent_commands SET updated_at = '1999-01-01'")
    #expect(try bench.value("SELECT updated_at > now() - INTERVAL '1 minute' FROM agent_commands") == "true")
  }

  private static let rows = [
    "INSERT INTO agents (agent_id, platform) VALUES ('a', 'kubernetes')",
    "INSERT INTO sessions (id, agent_id) VALUES ('s', 'a')",
    "INSERT INTO agent_commands (command_id, agent_id, action) VALUES ('c', 'a', 'start_session')",
  ]

  @Test func `002 beside the older key still refuses to delete an agent, alone it detaches the sessions`() throws {
    let bench = try MigrationBench(at: MigrationBench.startUpList)
    bench.psql(ShippedMigrations.file(2) + Self.rows)
    #expect(
      bench.psql(["DELETE FROM agents"]) == [
        "update or delete on table \"agents\" violates foreign key constraint \"sessions_agent_id_fkey\" on table \"sessions\""
      ])
    bench.psql(["ALTER TABLE sessions DROP CONSTRAINT sessions_agent_id_fkey"])
    #expect(bench.psql(["DELETE FROM agents"]) == [])
    #expect(try bench.value("SELECT agent_id FROM sessions") == "NULL")
    #expect(try bench.value("SELECT count(*) FROM agent_commands") == "0")
  }

  @Test func `002 with an orphan fails at its key, with its columns made`() throws {
    let bench = try MigrationBench(at: MigrationBench.base)
    bench.psql(
      [
        "ALTER TABLE sessions DROP CONSTRAINT sessions_agent_id_fkey",
        "INSERT INTO sessions (id, agent_id) VALUES ('s', 'x')",
      ])
    #expect(
      bench.psql(ShippedMigrations.file(2)) == [
        "insert or update on table \"sessions\" violates foreign key constraint \"fk_sessions_agent_id\""
      ])
    #expect(try bench.catalogue.tables["sessions"]?.columns["cluster_id"] != nil)
  }

  @Test func `the roll-back of 006 needs the table webhooks`() throws {
    let bench = try MigrationBench(at: MigrationBench.base)
    bench.psql(ShippedMigrations.file(6) + ["DROP TABLE webhook_deliveries", "DROP TABLE webhooks"])
    #expect(bench.psql(ShippedMigrations.rollBackFile(6)).contains("relation \"webhooks\" does not exist"))
  }

  @Test func `with the first organisation go its sessions and agents, its users stay`() throws {
    let bench = try MigrationBench(at: MigrationBench.startUpList)
    bench.psql(Self.rows)
    bench.psql([
      "UPDATE agents SET org_id = 'default-org'", "UPDATE sessions SET org_id = 'default-org', agent_id = NULL",
      "DELETE FROM organizations WHERE id = 'default-org'",
    ])
    #expect(try bench.value("SELECT count(*) FROM sessions") == "0")
    #expect(try bench.value("SELECT count(*) FROM agents") == "0")
    #expect(try bench.value("SELECT count(*) FROM users WHERE org_id IS NULL") == "1")
  }
}
