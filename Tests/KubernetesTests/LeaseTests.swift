import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

/// The lease as election clients rely on it (spec/04 §4.3): compare and swap by version, nothing else.
@Suite("Leases")
struct LeaseTests {
  private let reference = Fixture.reference(.lease, "streamspace-agent-k8s-1")

  @Test("of writers with one version exactly one wins, in every order of arrival", arguments: 1...20)
  func compareAndSwap(seed: UInt64) throws {
    let rig = try ClusterRig(seed: seed)
    let version = try #require(try rig.object(.update(Fixture.lease(holder: "")))).metadata.resourceVersion
    var codes: [Int] = []
    for holder in ["pod-a", "pod-b", "pod-c"] {
      rig.send(.update(Fixture.lease(holder: holder, transitions: 1, version: version))) { outcome in
        if case .reply(let payload) = outcome, let response = (payload as? Frame<KubernetesResponse>)?.value {
          codes.append(response.code)
        }
      }
    }
    try rig.run(.seconds(2))
    #expect(codes.sorted() == [200, 409, 409])
    let changes = rig.events.filter { if case .leaseChanged(_, _, term: 1, _, _) = $0.event { true } else { false } }
    #expect(changes.count == 1)
    #expect(rig.cluster.store.version == version + 1)
  }

  @Test("a lease runs out for nobody by itself, whatever its duration")
  func noExpiry() throws {
    let rig = try ClusterRig()
    let stored = try rig.object(.update(Fixture.lease()))
    try rig.run(.minutes(60))
    #expect(try rig.object(.get(reference)) == stored)
  }

  @Test("a writer whose answer is lost finds itself holder at the next GET, and its old version is refused")
  func answerLost() throws {
    let rig = try ClusterRig()
    let old = try #require(try rig.object(.update(Fixture.lease(holder: ""))))
    let fault = rig.cluster.begin(.answerLost(.update, .lease, .always))
    var outcome: CallOutcome?
    let claim = Fixture.lease(holder: "pod-a", transitions: 1, version: old.metadata.resourceVersion)
    rig.send(.update(claim)) { outcome = $0 }
    try rig.run(.seconds(2))
    guard case .reset? = outcome else {
      Issue.record("answered: \(String(describing: outcome))")
      return
    }
    #expect(fault.touched == 1)
    rig.cluster.end(fault)
    let found = try #require(try rig.object(.get(reference))?.lease)
    #expect(found.spec.holder == "pod-a")
    #expect(found.spec.transitions == 1)
    #expect(try rig.failure(.update(claim))?.reason == .conflict)
    let renewed = Fixture.lease(
      holder: "pod-a", transitions: 1, version: found.metadata.resourceVersion, renewedAt: 2)
    #expect(try rig.object(.update(renewed)) != nil)
  }

  @Test("a lost answer to the creation leaves a lease, and a second creation is refused")
  func createdWithoutAnswer() throws {
    let rig = try ClusterRig()
    let fault = rig.cluster.begin(.answerLost(.create, .lease, .always))
    rig.send(.create(Fixture.lease(holder: "pod-a"))) { _ in }
    try rig.run(.seconds(2))
    rig.cluster.end(fault)
    #expect(try rig.failure(.create(Fixture.lease(holder: "pod-b")))?.reason == .alreadyExists)
    #expect(try rig.object(.get(reference))?.lease?.spec.holder == "pod-a")
  }

  @Test("a watch tells the holders one after the other, the terms never falling")
  func watched() throws {
    let rig = try ClusterRig()
    var version = try #require(try rig.object(.update(Fixture.lease(holder: "p0")))).metadata.resourceVersion
    let record = rig.watch(
      KubernetesWatch(
        .lease, namespace: Fixture.namespace, fields: .name(reference.name), after: version, caller: "caller"))
    for number in 1...5 {
      let next = Fixture.lease(holder: "p\(number)", transitions: Int64(number), version: version)
      version = try #require(try rig.object(.update(next))).metadata.resourceVersion
    }
    try rig.run(.seconds(1))
    let terms = record.events.compactMap { event -> Int64? in
      if case .modified(.lease(let lease)) = event.event { lease.spec.transitions } else { nil }
    }
    #expect(terms == [1, 2, 3, 4, 5])
  }
}
