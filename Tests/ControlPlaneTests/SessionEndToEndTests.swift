import ControlPlane
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import Testing

/// Sessions with real connections of agents: requests at one replica, the agent at another.
@Suite("Sessions from the request to the agent and back") struct SessionEndToEndTests {
  typealias Options = SessionCluster.Options

  private static func key(_ agent: String) -> String { SHA256.hex("key of \(agent)") }

  private func cluster(seed: UInt64 = 1, cache: Bool = false, policies: SessionPolicies = SessionPolicies()) throws
    -> SessionCluster
  {
    var options = Options()
    options.seed = seed
    options.replicas = 2
    options.hasRedis = true
    options.isCacheEnabled = cache
    options.hasAgent = false
    options.policies = policies
    options.rows = [
      (
        SQLStatement(
          "testAgent",
          """
          INSERT INTO agents (agent_id, platform, status, approval_status, api_key_hash) \
          VALUES ('k8s-1', 'kubernetes', 'offline', 'approved', $1)
          """),
        [.text(TaggedHash.ofAgentKey(Self.key("k8s-1")))]
      )
    ]
    return try SessionCluster(options)
  }

  private func agent(
    _ cluster: SessionCluster, at replica: String = "api-2", _ change: (AgentScript) -> Void = { _ in }
  ) throws -> ScriptedAgent {
    let script = AgentScript(agentID: "k8s-1", key: Self.key("k8s-1"), target: replica)
    change(script)
    let agent = try ScriptedAgent("agent-host", script, in: cluster.simulation)
    agent.start()
    cluster.agents.append(agent)
    try cluster.run(.seconds(3))
    return agent
  }

  @Test("a session asked for at one replica runs on the agent of the other, and stops", arguments: [UInt64(1), 2, 3])
  func lifeCycle(_ seed: UInt64) throws {
    let cluster = try cluster(seed: seed)
    let agent = try agent(cluster)
    let name = try cluster.create()
    try cluster.run(.seconds(2))
    #expect(try cluster.state(of: name) == "running")
    #expect(try cluster.commands(of: name) == ["start_session:completed"])
    for (method, verb, state) in [
      (HTTPMethod.put, "/hibernate", "hibernated"), (.put, "/wake", "running"), (.delete, "", "terminated"),
    ] {
      #expect(try cluster.ask(method, "/api/v1/sessions/\(name)\(verb)", at: 0).status == 202)
      try cluster.run(.seconds(2))
      #expect(try cluster.state(of: name) == state)
    }
    #expect(agent.received.count == 4)
  }

  @Test("a failing start fails its session with the agent's reason")
  func failing() throws {
    let cluster = try cluster()
    _ = try agent(cluster) { $0.answer = .fails("image pull failed") }
    let name = try cluster.create()
    try cluster.run(.seconds(2))
    #expect(try cluster.state(of: name) == "failed")
    #expect(try cluster.reason(of: name) == "image pull failed")
  }

  @Test("an agent that comes back with a workload of a terminated session is told to stop it")
  func ghost() throws {
    let cluster = try cluster()
    let agent = try agent(cluster)
    let name = try cluster.create()
    try cluster.run(.seconds(2))
    agent.process.crash()
    try cluster.run(.seconds(1))
    _ = try cluster.query("UPDATE sessions SET state = 'terminated' WHERE id = $1", [.text(name)])
    agent.script.inventory = [SessionInventoryItem(sessionID: name, state: "running", podName: "p")]
    agent.start()
    try cluster.run(.seconds(5))
    #expect(try cluster.commands(of: name) == ["start_session:completed", "stop_session:completed"])
    #expect(try cluster.state(of: name) == "terminated")
  }

  @Test("a start that nobody answers fails after its time, and the session with it")
  func absent() throws {
    let cluster = try cluster()
    let agent = try agent(cluster)
    agent.process.vanish()
    try cluster.run(.seconds(1))
    let name = try cluster.create()
    try cluster.run(.seconds(420))
    #expect(try cluster.state(of: name) == "failed")
    #expect(try cluster.reason(of: name)?.isEmpty == false)
    #expect(try cluster.commands(of: name) == ["start_session:failed"])
  }

  @Test("an administrator attends a life of a session in the cache within a second of each change")
  func cached() throws {
    let cluster = try cluster(cache: true)
    _ = try agent(cluster)
    let login = try cluster.ask(
      .post, "/api/v1/auth/login", ["username": "u01", "password": "password-of-u01"], as: nil)
    let headers: HTTPHeaders = ["Authorization": "Bearer \(try #require(login["token"]?.text))"]
    let created = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create(), as: nil, headers: headers)
    let name = try #require(created["name"]?.text)
    var seen: [String] = []
    for step in 0..<40 {
      let answer = try cluster.ask(.get, "/api/v1/sessions/\(name)", as: nil, at: step % 2, headers: headers)
      let state = answer["state"]?.text ?? ""
      if seen.last != state { seen.append(state) }
      #expect(try cluster.state(of: name) == state)
      if step == 10 { _ = try cluster.ask(.delete, "/api/v1/sessions/\(name)", as: nil, headers: headers) }
      try cluster.run(.seconds(1))
    }
    #expect(seen.contains("running"))
    #expect(seen.last == "terminated")
  }

  @Test("the same seed gives the same run", arguments: [UInt64(5), 6])
  func deterministic(_ seed: UInt64) throws {
    let run = { () throws -> String in
      let cluster = try self.cluster(seed: seed)
      _ = try self.agent(cluster)
      for _ in 0..<3 { cluster.send(.post, "/api/v1/sessions", SessionCluster.create()) }
      try cluster.run(.seconds(5))
      for row in try cluster.query("SELECT id FROM sessions ORDER BY id") {
        cluster.send(.delete, "/api/v1/sessions/\(try row.text("id"))", at: 1)
      }
      try cluster.run(.seconds(5))
      return cluster.simulation.trace.fingerprint
    }
    #expect(try run() == run())
  }
}
