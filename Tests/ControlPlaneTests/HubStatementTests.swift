import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

/// What the everyday acts of agents cost the database (spec/06 §10.4).
@Suite("hub: statements") struct HubStatementTests {
  /// Names of what a connected agent makes its replica ask, from `act` on for a second.
  private func statements(_ act: (HubCluster, ScriptedAgent) throws -> Void) throws -> [String] {
    let cluster = try HubCluster(replicas: 1)
    try cluster.start()
    let agent = try cluster.agent("k8s-1")
    var names: [String] = []
    cluster.onRequest = { names.append($0.name) }
    agent.start()
    try act(cluster, agent)
    return names
  }

  @Test("a heartbeat is one statement, and what it says of the capacity is stored by it")
  func heartbeat() throws {
    let capacity = AgentCapacity(maxSessions: 7, cpu: "8 cores", memory: "16Gi")
    let names = try statements { cluster, agent in
      try cluster.run(2)
      agent.send(.heartbeat(AgentHeartbeat(activeSessions: 0, capacity: .standard(capacity))))
      try cluster.run(1)
      let stored = try cluster.rows("SELECT capacity FROM agents WHERE agent_id = 'k8s-1'").first?.text("capacity")
      #expect(stored?.contains("8 cores") == true)
      // A beat that says nothing of it changes nothing.
      agent.send(.heartbeat(AgentHeartbeat(activeSessions: 0)))
      try cluster.run(1)
      #expect(
        try cluster.rows("SELECT capacity FROM agents WHERE agent_id = 'k8s-1'").first?.text("capacity") == stored)
    }
    #expect(names.count { $0 == "agentHeartbeat" } == 2)
    #expect(!names.contains("agentCapacity"))
  }

  @Test("a connection reads the agent's row once for each key check")
  func connection() throws {
    let names = try statements { cluster, _ in try cluster.run(2) }
    #expect(names.count { $0 == "agentKeyUsed" } == names.count { $0 == "agentCredentials" })
  }

  @Test("the end of a command without session takes no transaction")
  func withoutSession() throws {
    let names = try statements { cluster, _ in
      try cluster.run(2)
      try cluster.issue("cmd-1", agent: "k8s-1", action: .stopSession)
      try cluster.run(2)
      #expect(try cluster.commandStatus("cmd-1") == "completed")
    }
    let end = try #require(names.firstIndex(of: "commandCompleted"))
    #expect(names[end - 1] != "begin")
  }
}
