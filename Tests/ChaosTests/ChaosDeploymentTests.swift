import Testing

@testable import Chaos

@Suite("Chaos deployment")
struct ChaosDeploymentTests {
  @Test("the topology has the agents that the deployment names")
  func topology() {
    let deployment = ChaosDeployment(agents: [.init(instances: 3), .init(platform: .docker)])
    let topology = deployment.topology
    #expect(topology.agents.map(\.id) == ["k8s-c1", "docker-c2"])
    #expect(topology.agents.map(\.election) == [.lease, nil])
    #expect(deployment.name == "3 replicas, Redis, agents 3k+1d, 6 sessions")
  }
}
