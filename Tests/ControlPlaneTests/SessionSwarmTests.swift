import ControlPlane
import Database
import SimulationRuntime
import StreamSpaceProtocol
import Testing

/// Load under faults, then quiet: what was accepted has come to an end that agent and rows agree on.
@Suite("Sessions under faults") struct SessionSwarmTests {
  private static func key(_ agent: String) -> String { SHA256.hex("key of \(agent)") }

  private func cluster(_ seed: UInt64) throws -> SessionCluster {
    var options = SessionCluster.Options()
    options.seed = seed
    options.replicas = 3
    options.hasRedis = true
    options.hasAgent = false
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

  @Test("every accepted request comes to its end", arguments: 1...6 as ClosedRange<UInt64>)
  func converges(_ seed: UInt64) throws {
    let cluster = try cluster(seed)
    let script = AgentScript(agentID: "k8s-1", key: Self.key("k8s-1"), target: "api-1")
    script.answer = .completes(after: .seconds(2))
    let agent = try ScriptedAgent("agent-host", script, in: cluster.simulation)
    cluster.agents.append(agent)
    agent.start()
    try cluster.run(.seconds(3))
    let stream = cluster.simulation.decisions.stream("test.swarm")
    let choose = { cluster.simulation.decisions.choose(stream, $0) }
    var creates: [SessionCluster.Pending] = []
    var stops: [(name: String, pending: SessionCluster.Pending)] = []
    for _ in 0..<40 {
      let user = choose(2) == 0 ? "u01" : "u02"
      switch choose(10) {
      case 0...3:
        creates.append(cluster.send(.post, "/api/v1/sessions", SessionCluster.create(user), as: user, at: choose(3)))
      case 4...6:
        let rows = try cluster.query("SELECT id FROM sessions WHERE state <> 'terminated' ORDER BY id")
        if rows.isEmpty { break }
        let name = try rows[choose(rows.count)].text("id")
        let verbs: [(HTTPMethod, String)] = [(.delete, ""), (.put, "/hibernate"), (.put, "/wake")]
        let (method, verb) = verbs[choose(3)]
        let pending = cluster.send(method, "/api/v1/sessions/\(name)\(verb)", as: "admin", at: choose(3))
        if method == .delete { stops.append((name, pending)) }
      case 7:
        let process = cluster.processes[choose(3)]
        if choose(2) == 0 { process.crash() } else { process.terminate() }
        process.start(after: .seconds(Int64(2 + choose(20))))
        script.target = "api-\(1 + choose(3))"
      case 8: cluster.database.begin(.commitUnknown(.either))
      default: cluster.database.begin(.down, lasting: .seconds(Int64(1 + choose(8))))
      }
      try cluster.run(.milliseconds(Int64(choose(8_000))))
    }
    for index in 0..<3 where !cluster.processes[index].isRunning { cluster.processes[index].start() }
    script.target = "api-1"
    try cluster.run(.seconds(900))

    for create in creates where create.status == 202 {
      let name = try #require(create["name"]?.text)
      #expect(try cluster.state(of: name) != nil, "seed \(seed): \(name) was accepted")
    }
    // A refused create leaves no live session; one that lost its answer may have been made.
    let named = creates.compactMap { $0["name"]?.text }
    let live = try cluster.query("SELECT id FROM sessions WHERE state <> 'terminated'").map { try $0.text("id") }
    #expect(live.filter { !named.contains($0) }.count <= creates.filter { $0.status == nil }.count, "seed \(seed)")
    for stop in stops where stop.pending.status == 202 {
      #expect(try cluster.state(of: stop.name) == "terminated", "seed \(seed): \(stop.name) was to be stopped")
    }
    let settled: Set<String> = ["running", "hibernated", "terminated", "failed"]
    for row in try cluster.query("SELECT id, state FROM sessions") {
      let (name, state) = (try row.text("id"), try row.text("state"))
      let commands = try cluster.commands(of: name)
      #expect(settled.contains(state), "seed \(seed): \(name) is \(state): \(commands)")
    }
    let open = try cluster.query(
      "SELECT session_id FROM agent_commands WHERE status IN ('pending', 'sent', 'ack')")
    #expect(open.isEmpty, "seed \(seed)")
  }
}
