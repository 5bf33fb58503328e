import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@Suite("Faults of the cluster")
struct KubernetesFaultTests {
  @Test("a silent API server answers nothing and changes nothing, and works again afterwards")
  func silent() throws {
    let rig = try ClusterRig()
    let fault = rig.cluster.begin(.down(.silent), lasting: .seconds(12))
    var outcome: CallOutcome?
    rig.send(.create(Fixture.service())) { outcome = $0 }
    try rig.run(.seconds(11))
    guard case .timedOut? = outcome else {
      Issue.record("answered: \(String(describing: outcome))")
      return
    }
    try rig.run(.seconds(5))
    #expect(rig.cluster.store.count(.service) == 0)
    #expect(fault.touched > 0)
    #expect(try rig.object(.create(Fixture.service())) != nil)
  }

  @Test("an outage swallows a request that is under way")
  func outageMeanwhile() throws {
    let rig = try ClusterRig()
    rig.send(.create(Fixture.deployment())) { _ in }
    try rig.run(.milliseconds(50))
    rig.cluster.begin(.down(.silent))
    try rig.run(.seconds(5))
    #expect(rig.cluster.store.count(.deployment) == 0)
  }

  @Test("the other outages are refusals with their code and reason")
  func refusals() throws {
    let rig = try ClusterRig()
    func refusal(_ fault: KubernetesFault, _ operation: KubernetesRequest.Operation) throws -> KubernetesFailure? {
      let record = rig.cluster.begin(fault)
      defer { rig.cluster.end(record) }
      return try rig.failure(operation)
    }
    let down = try refusal(.down(.refusing), .list(.pod, namespace: "streamspace", .everything))
    #expect(down?.code == 503)
    let throttled = try refusal(.throttle(retryAfterSeconds: 2), .create(Fixture.service()))
    #expect(throttled?.code == 429)
    #expect(throttled?.retryAfterSeconds == 2)
    let forbidden = try refusal(.forbid(.create, .service), .create(Fixture.service()))
    #expect(forbidden?.code == 403)
    #expect(
      forbidden?.message
        == "services \"\(Fixture.session)\" is forbidden: User \"caller\" cannot create resource \"services\" in API "
        + "group \"\" in the namespace \"streamspace\"")
    let conflict = try refusal(.conflict(.lease, .always), .update(Fixture.lease()))
    #expect(conflict?.reason == .conflict)
    #expect(rig.cluster.store.version == 0)
    #expect(rig.simulation.faults.inert.isEmpty)
  }

  @Test("a forbidden verb leaves the others alone")
  func forbidIsNarrow() throws {
    let rig = try ClusterRig()
    let record = rig.cluster.begin(.forbid(.create, .service))
    #expect(try rig.object(.create(Fixture.deployment())) != nil)
    #expect(try rig.failure(.get(Fixture.reference(.service)))?.code == 404)
    #expect(record.touched == 0)
  }

  @Test("a write whose answer is lost has taken effect")
  func answerLost() throws {
    let rig = try ClusterRig()
    rig.cluster.begin(.answerLost(.create, .service, .always))
    var outcome: CallOutcome?
    rig.send(.create(Fixture.service())) { outcome = $0 }
    try rig.run(.seconds(2))
    guard case .reset? = outcome else {
      Issue.record("not reset: \(String(describing: outcome))")
      return
    }
    #expect(rig.cluster.store.count(.service) == 1)
  }

  @Test("a planned pull takes as long as planned")
  func slowPull() throws {
    let rig = try ClusterRig()
    rig.cluster.begin(.imagePull(image: Fixture.image, .seconds(40)))
    _ = try rig.object(.create(Fixture.deployment()))
    try rig.run(.seconds(40))
    #expect(rig.pods().first?.isReady == false)
    try rig.run(.seconds(12))
    #expect(rig.pods().first?.isReady == true)
  }

  @Test("a failing pull is tried again after a back-off, and succeeds when the fault is over")
  func failingPull() throws {
    let rig = try ClusterRig()
    let fault = rig.cluster.begin(.imagePullFailure(image: nil))
    _ = try rig.object(.create(Fixture.deployment()))
    try rig.run(.seconds(65))
    #expect(rig.pods().first?.waitingReason == "ErrImagePull")
    rig.cluster.end(fault)
    try rig.run(.seconds(20))
    #expect(rig.pods().first?.isReady == true)
  }

  @Test("an unschedulable pod waits and is bound when there is room again")
  func unschedulable() throws {
    let rig = try ClusterRig()
    rig.cluster.begin(.unschedulable, lasting: .seconds(20))
    _ = try rig.object(.create(Fixture.deployment()))
    try rig.run(.seconds(15))
    #expect(rig.pods().first?.waitingReason == "Unschedulable")
    try rig.run(.seconds(30))
    #expect(rig.pods().first?.isReady == true)
  }

  @Test("a crashed API server takes its work with it, the cluster goes on")
  func crashOfTheServer() throws {
    let rig = try ClusterRig()
    _ = try rig.object(.create(Fixture.deployment()))
    rig.server.crash()
    try rig.run(.seconds(15))
    #expect(rig.pods().first?.isReady == true)
    rig.server.start()
    #expect(try rig.object(.get(Fixture.reference(.deployment))) != nil)
  }
}

@Suite("The fence of leader terms")
struct FenceTests {
  @Test("a write with an older term than the lease is refused, with the newest it passes")
  func olderTerm() throws {
    let rig = try ClusterRig()
    let old = LeaderTerm(agentID: "k8s-1", term: 3)
    _ = try rig.object(.update(Fixture.lease(transitions: 3)))
    #expect(try rig.object(.create(Fixture.service("a")), leader: old) != nil)
    let version = try #require(rig.cluster.store.list(.lease).first?.metadata.resourceVersion)
    _ = try rig.object(.update(Fixture.lease(holder: "pod-b", transitions: 4, version: version)))
    let failure = try rig.failure(.create(Fixture.service("b")), leader: old)
    #expect(failure?.code == 403)
    #expect(failure?.message == "services \"b\" is forbidden: leader term 3 is older than 4")
    #expect(try rig.object(.create(Fixture.service("b")), leader: LeaderTerm(agentID: "k8s-1", term: 4)) != nil)
    #expect(
      rig.events.contains { if case .writeRefused(_, let writer, 4) = $0.event { writer.term == 3 } else { false } })
  }

  @Test("another agent's terms and writes without term are not fenced")
  func othersPass() throws {
    let rig = try ClusterRig()
    _ = try rig.object(.update(Fixture.lease(transitions: 9)))
    #expect(try rig.object(.create(Fixture.service("a")), leader: LeaderTerm(agentID: "k8s-2", term: 1)) != nil)
    #expect(try rig.object(.create(Fixture.service("b"))) != nil)
  }

  @Test("without the admission policy an older term passes (C-04)")
  func noFence() throws {
    var behaviour = KubernetesBehaviour()
    behaviour.fencing = .none
    let rig = try ClusterRig(behaviour: behaviour)
    _ = try rig.object(.update(Fixture.lease(transitions: 9)))
    #expect(try rig.object(.create(Fixture.service("a")), leader: LeaderTerm(agentID: "k8s-1", term: 1)) != nil)
  }

  @Test("a change of the holder is told with its term")
  func leaseEvents() throws {
    let rig = try ClusterRig()
    let first = try #require(try rig.object(.update(Fixture.lease(holder: "pod-a"))))
    let second = try #require(
      try rig.object(
        .update(Fixture.lease(holder: "pod-a", version: first.metadata.resourceVersion, renewedAt: 2))))
    _ = try rig.object(
      .update(Fixture.lease(holder: "pod-b", transitions: 1, version: second.metadata.resourceVersion)))
    let changes = rig.events.compactMap { event -> String? in
      guard case .leaseChanged(let agent, let holder, let term, let previous, _) = event.event else { return nil }
      return "\(agent) \(previous)>\(holder) \(term)"
    }
    #expect(changes == ["k8s-1 >pod-a 0", "k8s-1 pod-a>pod-b 1"])
  }
}
