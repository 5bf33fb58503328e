import ControlPlane
import Database
import Oracles
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

/// The rows that every topology starts from (spec/06 §0.1).
@Suite("Fixture rows")
struct FixtureTests {
  private func rows(_ statement: String) throws -> [SQLRow] {
    let simulation = Simulation(.init(seed: 1))
    defer { simulation.tearDown() }
    let database = try SimulatedDatabase(image: FixtureRows.image.get(), in: simulation)
    return try database.query(SQLStatement("fixtureTest", statement)).rows
  }

  @Test("the administrator and fifty users are there, each with a quota and a password that opens the door")
  func users() throws {
    let rows = try rows(
      """
      SELECT u.username, u.role, u.password_hash, q.max_sessions FROM users u JOIN user_quotas q ON q.user_id = u.id \
      ORDER BY u.username
      """)
    #expect(rows.count == 51)
    #expect(try rows.first?.text("username") == "admin")
    for row in rows {
      let name = try row.text("username")
      #expect(try row.text("role") == (name == "admin" ? "admin" : "user"))
      #expect(try row.optionalInteger("max_sessions") == (name == "admin" ? 100 : 5))
      let password = FixtureRows.password(of: name)
      #expect(!password.isEmpty)
      #expect(try row.text("password_hash") == TaggedHash.ofPassword(password))
    }
  }

  @Test("an unknown user has no password, an unknown template is an error")
  func unknown() {
    #expect(FixtureRows.password(of: "nobody").isEmpty)
    #expect(throws: FixtureError.self) { try FixtureRows.template("no-such-template") }
  }

  @Test("the catalogue holds the template of the standard session, with an image that the cluster knows")
  func templates() throws {
    let names = try rows("SELECT name FROM catalog_templates ORDER BY name").map { try $0.text("name") }
    #expect(names.contains("xterm-vnc"))
    #expect(Set(names).count == names.count)
    let images = try FixtureRows.images.map(\.name)
    for name in names {
      let image = try #require(try FixtureRows.template(name).manifest["spec"]?["baseImage"]?.text)
      #expect(images.contains(image), "\(name) needs \(image)")
    }
  }

  @Test(
    "agents are approved and offline, with a key, and the licence is raised", arguments: [Topology.t1, .t2, .t3, .t3m])
  func deployment(_ topology: Topology) throws {
    let simulation = Simulation(.init(seed: 1))
    defer { simulation.tearDown() }
    let deployment = try Deployment(topology, behaviours: Profile.contract.behaviours, in: simulation)
    let agents = try deployment.database.query(
      SQLStatement("test1", "SELECT agent_id, status, approval_status, api_key_hash FROM agents ORDER BY agent_id")
    ).rows
    #expect(try agents.map { try $0.text("agent_id") } == topology.agents.map(\.id).sorted())
    for row in agents {
      #expect(try row.text("status") == "offline")
      #expect(try row.text("approval_status") == "approved")
      #expect(try row.text("api_key_hash") == TaggedHash.ofAgentKey(AgentKeys.key(of: try row.text("agent_id"))))
    }
    let licences = try deployment.database.query(SQLStatement("test2", "SELECT max_sessions FROM licenses")).rows
    #expect(try licences.map { try $0.optionalInteger("max_sessions") } == [100_000])
    #expect(deployment.replicas.map(\.name) == (1...topology.replicas).map { "api-\($0)" })
    #expect((deployment.redis != nil) == topology.hasRedis)
  }

  @Test(
    "every topology comes up: its replicas become ready and its agents online",
    arguments: [Topology.t1, .t2, .t3, .t3m])
  func topologiesComeUp(_ topology: Topology) {
    let run = CaseRunner.run(
      adHoc(topology) { environment in
        try await environment.connected()
        for replica in environment.replicas { try await environment.until { try await environment.isReady(replica) } }
        for agent in environment.agents {
          try await environment.until { try await environment.agentRow(agent)?.status == "online" }
          guard topology.hasRedis else { continue }
          let holder = try await environment.holder(of: agent) ?? ""
          try await environment.until { try await environment.route(of: agent).names(holder) }
        }
      })
    #expect(run.verdict == .passed, "\(run.reason)")
  }

  @Test("sessions put in place are rows, workloads and observations alike")
  func seededSessions() throws {
    let run = CaseRunner.run(
      adHoc { environment in
        try await environment.connected()
        let agent = environment.agents[0]
        let sessions = try await environment.seedRunningSessions(3, user: "u02", agent: agent)
        for session in sessions {
          let row = try await environment.sessionRow(session)
          environment.tell("row", "\(row?.state ?? "-") of \(row?.user ?? "-") on \(row?.agent ?? "-")")
          let workloads = try await environment.workloads(session: session)
          environment.tell("workloads", workloads.map { "\($0.isReady)" }.joined(separator: ","))
        }
        environment.tell(
          "listed", "\(try await environment.user("u02").list(at: nil).sessions.sorted() == sessions.sorted())")
      })
    #expect(run.verdict == .passed, "\(run.reason)")
    #expect(run.told("row") == Array(repeating: .text("running of u02 on k8s-prod-cluster"), count: 3))
    #expect(run.told("workloads") == Array(repeating: .text("true"), count: 3))
    #expect(run.told("listed") == [.text("true")])
  }
}
