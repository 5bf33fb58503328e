import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@Suite("Nodes that are not ready")
struct NodeFaultTests {
  /// A rig with one session that runs, and the name of its node.
  private func running(_ nodes: [String] = ["node-1", "node-2"]) throws -> (ClusterRig, node: String) {
    let rig = try ClusterRig(configuration: ClusterConfiguration(nodes: nodes))
    _ = try rig.object(.create(Fixture.deployment()))
    try rig.run(.seconds(15))
    return (rig, try #require(rig.cluster.node(ofSession: Fixture.session)))
  }

  @Test("pods of a silent node are unready after 40 to 50 s and ready again when it is back")
  func shortLoss() throws {
    let (rig, node) = try running()
    let name = try #require(rig.pods().first?.metadata.name)
    let record = rig.cluster.begin(.nodeNotReady(node), lasting: .seconds(120))
    try rig.run(.seconds(39))
    #expect(rig.pods().map(\.isReady) == [true])
    #expect(rig.cluster.isNodeReady(node))
    try rig.run(.seconds(12))
    #expect(rig.pods().map(\.isReady) == [false])
    #expect(!rig.cluster.isNodeReady(node))
    #expect(rig.cluster.store.list(.deployment).first?.deployment?.status.readyReplicas == 0)
    try rig.run(.seconds(90))
    #expect(rig.pods().map(\.isUsable) == [true])
    #expect(rig.pods().first?.metadata.name == name)
    #expect(rig.pods().first?.restartCount == 0)
    #expect(record.touched == 1)
  }

  @Test(
    "after the toleration the pods are evicted, another node takes over, and the old pod goes when the node is back")
  func longLoss() throws {
    let (rig, node) = try running()
    let old = try #require(rig.pods().first?.metadata.name)
    let record = rig.cluster.begin(.nodeNotReady(node))
    try rig.run(.seconds(339))
    #expect(rig.pods().map(\.metadata.name) == [old])
    try rig.run(.seconds(40))
    #expect(rig.pods().count == 2)
    let fresh = try #require(rig.pods().first { $0.metadata.name != old })
    #expect(fresh.isUsable)
    #expect(fresh.nodeName != node)
    #expect(rig.pods().first { $0.metadata.name == old }?.metadata.isBeingDeleted == true)
    #expect(record.touched >= 2)
    rig.cluster.end(record)
    try rig.run(.seconds(15))
    #expect(rig.pods().map(\.metadata.name) == [fresh.metadata.name])
    #expect(rig.cluster.isNodeReady(node))
  }

  @Test("a node that is back in time evicts nothing")
  func returnVoidsTheEviction() throws {
    let (rig, node) = try running()
    let name = try #require(rig.pods().first?.metadata.name)
    rig.cluster.begin(.nodeNotReady(node), lasting: .seconds(300))
    try rig.run(.minutes(20))
    #expect(rig.pods().map(\.metadata.name) == [name])
    #expect(rig.pods().map(\.isUsable) == [true])
  }

  @Test("a start on a silent node stalls and goes on when the node is back")
  func stalledStart() throws {
    let rig = try ClusterRig(configuration: ClusterConfiguration(nodes: ["node-1"]))
    let record = rig.cluster.begin(.nodeNotReady("node-1"), lasting: .seconds(30))
    _ = try rig.object(.create(Fixture.deployment()))
    try rig.run(.seconds(28))
    #expect(rig.pods().map(\.phase) == [.pending])
    #expect(rig.pods().first?.nodeName == "node-1")
    #expect(record.touched > 0)
    try rig.run(.seconds(20))
    #expect(rig.pods().map(\.isUsable) == [true])
  }

  @Test("while no node is ready new pods are unschedulable")
  func noNode() throws {
    let rig = try ClusterRig(configuration: ClusterConfiguration(nodes: ["node-1"]))
    rig.cluster.begin(.nodeNotReady("node-1"), lasting: .seconds(120))
    try rig.run(.seconds(60))
    _ = try rig.object(.create(Fixture.deployment()))
    try rig.run(.seconds(30))
    #expect(rig.pods().first?.waitingReason == "Unschedulable")
    #expect(rig.pods().first?.nodeName == "")
    try rig.run(.seconds(80))
    #expect(rig.pods().map(\.isUsable) == [true])
  }

  @Test("a pod that is deleted on a silent node is gone only when the node is back")
  func deletionWaits() throws {
    let (rig, node) = try running()
    let record = rig.cluster.begin(.nodeNotReady(node))
    _ = try rig.ask(.delete(Fixture.reference(.deployment), DeleteOptions(.foreground)))
    try rig.run(.minutes(10))
    #expect(rig.pods().map(\.metadata.isBeingDeleted) == [true])
    #expect(rig.cluster.workloads.map(\.isBeingDeleted) == [true])
    rig.cluster.end(record)
    try rig.run(.seconds(5))
    #expect(rig.pods().isEmpty)
    #expect(rig.cluster.workloads.isEmpty)
  }

  @Test("of two losses that overlap the node is back after the second")
  func overlappingLosses() throws {
    let (rig, node) = try running()
    rig.cluster.begin(.nodeNotReady(node), lasting: .seconds(60))
    rig.cluster.begin(.nodeNotReady(node), lasting: .seconds(100))
    try rig.run(.seconds(90))
    #expect(!rig.cluster.isNodeReady(node))
    try rig.run(.seconds(25))
    #expect(rig.cluster.isNodeReady(node))
    #expect(rig.pods().map(\.isUsable) == [true])
  }
}
