import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@Suite("Inventories")
struct InventoryTests {
  private func placed(_ rig: ClusterRig, _ session: String, agent: String, home: Bool = false) throws {
    _ = try rig.cluster.place(
      PlacedSession(
        session: session, user: "u01", templateName: "xterm-vnc", agent: agent, command: "cmd-\(session)",
        image: Fixture.image, persistentHome: home))
  }

  @Test("an inventory names every object of an agent, in order, with session and command")
  func ofAnAgent() throws {
    let rig = try ClusterRig()
    try placed(rig, "s-b", agent: "k8s-1", home: true)
    try placed(rig, "s-a", agent: "k8s-1")
    try placed(rig, "s-c", agent: "k8s-2")
    _ = try rig.object(.create(Fixture.lease()))
    let items = rig.cluster.inventory(agent: "k8s-1")
    #expect(
      items.map { "\($0.kind.plural)/\($0.session)" } == [
        "deployments/s-a", "deployments/s-b", "persistentvolumeclaims/s-b", "pods/s-a", "pods/s-b", "services/s-a",
        "services/s-b", "sessions/s-a", "sessions/s-b",
      ])
    #expect(items.allSatisfy { $0.agent == "k8s-1" && $0.command == "cmd-\($0.session)" })
    #expect(items.map(\.name).prefix(3) == ["s-a", "s-b", "s-b-home"])
    #expect(rig.cluster.inventory().count == 13)
    #expect(rig.cluster.inventory(agent: "k8s-3").isEmpty)
  }

  @Test("what a stop leaves behind shows in the difference of two inventories")
  func difference() throws {
    let rig = try ClusterRig()
    let before = rig.cluster.inventory(agent: "k8s-1")
    try placed(rig, "s-a", agent: "k8s-1")
    _ = try rig.ask(.delete(Fixture.reference(.deployment, "s-a"), DeleteOptions(.foreground)))
    _ = try rig.ask(.delete(Fixture.reference(.service, "s-a"), DeleteOptions()))
    try rig.run(.seconds(10))
    let left = Set(rig.cluster.inventory(agent: "k8s-1")).subtracting(before)
    #expect(left.map(\.kind) == [.session])
  }

  @Test("the limits and requests of a workload are told in thousandths and bytes")
  func resources() throws {
    let rig = try ClusterRig()
    _ = try rig.object(.create(Fixture.deployment()))
    let resources = try #require(rig.cluster.resources(ofSession: Fixture.session))
    #expect(resources.limits == .init(milliCPU: 250, memoryBytes: 536_870_912))
    #expect(resources.requests == resources.limits)
    #expect(rig.cluster.resources(ofSession: "nobody") == nil)
  }
}
