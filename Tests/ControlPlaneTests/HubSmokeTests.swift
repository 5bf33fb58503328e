import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

@Suite("hub: connections")
struct HubConnectionTests {
  @Test("a connected agent is online, routed and gets its commands")
  func connects() throws {
    let cluster = try HubCluster()
    try cluster.start()
    #expect(cluster.replica(1)?.health == .ready)
    let agent = try cluster.agent("k8s-1")
    agent.start()
    try cluster.run(2)
    for e in cluster.events { print("EV", e.time, e.replica, e.event) }
    for r in agent.refusals { print("REF", r.status, r.body) }
    #expect(try cluster.agentStatus("k8s-1") == "online")
    #expect(cluster.route("k8s-1") == "api-1")
    try cluster.issue("cmd-1", agent: "k8s-1", session: "s1")
    try cluster.run(1)
    #expect(agent.received == ["cmd-1"])
    #expect(try cluster.commandStatus("cmd-1") == "completed")
  }
}
