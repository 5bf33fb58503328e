import Database
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

@Suite("hub: further defects of the command path")
struct HubDispatchDefectTests {
  private func cluster(
    _ replicas: Int = 2, seed: UInt64 = 1, _ change: (inout ControlPlaneBehaviour) -> Void = { _ in }
  ) throws -> HubCluster {
    var behaviour = ControlPlaneBehaviour.contract
    change(&behaviour)
    let cluster = try HubCluster(replicas: replicas, seed: seed, behaviour: behaviour)
    try cluster.start()
    return cluster
  }

  private func connected(_ cluster: HubCluster) throws -> ScriptedAgent {
    let agent = try cluster.agent("k8s-1", to: 1)
    agent.start()
    try cluster.run(3)
    return agent
  }

  @Test("B-20: workers reorder the commands of one session, order of creation does not")
  func reordering() throws {
    func isInOrder(_ policy: DispatchPolicies.Order, _ seed: UInt64) throws -> Bool {
      let cluster = try cluster(seed: seed) { $0.dispatch.order = policy }
      let agent = try connected(cluster)
      for number in 1...6 { try cluster.insertCommand("cmd-\(number)", agent: "k8s-1", session: "s1") }
      cluster.replica(1)?.dispatcher.commandsChanged(agentID: "k8s-1")
      try cluster.run(1)
      return agent.received == agent.received.sorted()
    }
    for seed in 1...4 as ClosedRange<UInt64> { #expect(try isInOrder(.creation, seed)) }
    #expect(try (1...4 as ClosedRange<UInt64>).contains { try !isInOrder(.anyWorker, $0) })
  }

  @Test("B-22: without time-outs a silent agent leaves its command for ever")
  func unanswered() throws {
    for (policy, answer, status) in [
      (DispatchPolicies.Unanswered.sentAgainAndGivenUp, AgentScript.Answer.acksOnly, "failed"),
      (.left, .acksOnly, "ack"), (.left, .silent, "sent"),
    ] {
      let cluster = try cluster { $0.dispatch.unanswered = policy }
      let agent = try connected(cluster)
      agent.script.answer = answer
      try cluster.issue("cmd-1", agent: "k8s-1")
      try cluster.run(400)
      #expect(try cluster.commandStatus("cmd-1") == status)
      #expect(agent.received.count == 1)
    }
  }

  @Test("C-10: messages lost in a gap of the subscription are found by nobody")
  func subscriptionGap() throws {
    for (policy, deliveries) in [(DispatchPolicies.Search.periodic, 1), (.none, 0)] {
      let cluster = try cluster { $0.dispatch.search = policy }
      let agent = try connected(cluster)
      cluster.redis?.begin(.losePubSub, lasting: .seconds(3))
      try cluster.issue("cmd-1", agent: "k8s-1", via: 2)
      try cluster.run(30)
      #expect(agent.received.count == deliveries)
    }
  }

  @Test("B-07: a send on a connection that has just closed kills the replica")
  func sendOnClosed() throws {
    for (policy, survives) in [(HubPolicies.ClosedConnectionSend.fails, true), (.panics, false)] {
      let cluster = try cluster { $0.hub.closedConnectionSend = policy }
      let agent = try connected(cluster)
      cluster.database.begin(.slow(.constant(.seconds(1)), scope: .init(statements: ["commandsClaim"])))
      try cluster.issue("cmd-1", agent: "k8s-1")
      try cluster.run(milliseconds: 300)
      agent.process.crash()
      try cluster.run(3)
      #expect(cluster.replicas[0].isRunning == survives)
    }
  }

  @Test("B-13: beats on a replaced socket keep the silent new one alive")
  func creditsOther() throws {
    for (policy, isDropped) in [(HubPolicies.HeartbeatCredit.byConnection, true), (.byAgentID, false)] {
      let cluster = try cluster(1) { $0.hub.heartbeatCredit = policy }
      let hub = try #require(cluster.replica(1)?.hub)
      let agent = try connected(cluster)
      agent.script.heartbeat = nil
      let old = try #require(hub.connection(of: "k8s-1"))
      agent.redial()
      try cluster.run(2)
      for _ in 0..<8 {
        hub.heartbeat(AgentHeartbeat(), from: old)
        try cluster.run(10)
      }
      let dropped = cluster.told { if case .agentUnregistered(_, .stale) = $0 { true } else { false } }
      #expect((dropped.count > 0) == isDropped)
    }
  }

  @Test("C-08: a replica that keeps the routes of agents it once held steals them back")
  func staleRouteWins() throws {
    for (policy, isStolen) in [(HubPolicies.RouteKeeping.held, false), (.everHeld, true)] {
      var routes: Set<String> = []
      // Both replicas sweep every ten seconds, a few milliseconds apart: who is last depends on their starts.
      for seed in UInt64(1)...8 {
        let cluster = try cluster(seed: seed) { $0.hub.routeKeeping = policy }
        let agent = try connected(cluster)
        agent.redial(to: "api-2")
        try cluster.run(4)
        #expect(cluster.route("k8s-1") == "api-2")
        for _ in 0..<12 {
          try cluster.run(1)
          routes.insert(cluster.route("k8s-1") ?? "")
        }
      }
      #expect(routes.contains("api-1") == isStolen, "\(routes)")
    }
  }

  @Test("C-15: a heartbeat dated by a replica whose clock is slow makes the agent look stale")
  func replicaClock() throws {
    for (policy, status) in [(HubPolicies.HeartbeatClock.database, "online"), (.replica, "offline")] {
      let cluster = try cluster { $0.hub.heartbeatClock = policy }
      cluster.simulation.host("api-1").stepClock(by: .seconds(-100))
      _ = try connected(cluster)
      try cluster.run(toSecond: 21)
      #expect(try cluster.agentStatus("k8s-1") == status)
    }
  }
}
