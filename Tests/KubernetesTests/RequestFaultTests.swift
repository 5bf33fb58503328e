import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@Suite("Stale reads and brown-outs")
struct RequestFaultTests {
  @Test("a stale read shows an object as it was at some time within the span, never an older one")
  func staleGet() throws {
    let rig = try ClusterRig()
    var version = try #require(try rig.object(.update(Fixture.lease()))).metadata.resourceVersion
    try rig.run(.seconds(1))
    let record = rig.cluster.begin(.staleReads(.lease, upTo: .milliseconds(500)))
    var ages: Set<Int64> = []
    for number in 1...200 {
      let stored = try #require(
        try rig.object(.update(Fixture.lease(transitions: Int64(number), version: version)))?.lease)
      version = stored.metadata.resourceVersion
      try rig.run(.milliseconds(100))
      let seen = try #require(try rig.object(.get(Fixture.reference(.lease, "streamspace-agent-k8s-1")))?.lease)
      // Each round takes at least 100 ms: 500 ms hold at most five of them.
      #expect((max(0, Int64(number) - 5)...Int64(number)).contains(seen.spec.transitions))
      ages.insert(Int64(number) - seen.spec.transitions)
    }
    #expect(ages.count >= 3, "\(ages.sorted())")
    #expect(record.touched > 20)
  }

  @Test("who writes what a stale read gave him gets an honest 409, and a fresh read cures it")
  func staleWriter() throws {
    let rig = try ClusterRig()
    let first = try #require(try rig.object(.update(Fixture.lease(holder: "pod-a"))))
    try rig.run(.seconds(10))
    _ = try rig.object(.update(Fixture.lease(holder: "pod-b", version: first.metadata.resourceVersion)))
    let record = rig.cluster.begin(.staleReads(nil, upTo: .seconds(5)))
    var seen: KubernetesObject?
    for _ in 0..<50 {
      seen = try rig.object(.get(first.reference))
      if seen?.lease?.spec.holder == "pod-a" { break }
    }
    let stale = try #require(seen)
    #expect(stale == first)
    let refusal = try rig.failure(
      .update(Fixture.lease(holder: "pod-c", version: stale.metadata.resourceVersion)))
    #expect(refusal?.reason == .conflict)
    rig.cluster.end(record)
    let fresh = try #require(try rig.object(.get(first.reference)))
    #expect(fresh.lease?.spec.holder == "pod-b")
    #expect(
      try rig.object(.update(Fixture.lease(holder: "pod-c", version: fresh.metadata.resourceVersion))) != nil)
  }

  @Test("a stale read that shows the present counts as no effect")
  func staleWithoutEffect() throws {
    let rig = try ClusterRig()
    let stored = try #require(try rig.object(.update(Fixture.lease())))
    try rig.run(.seconds(10))
    let record = rig.cluster.begin(.staleReads(nil, upTo: .seconds(5)))
    for _ in 0..<20 {
      #expect(try rig.object(.get(stored.reference)) == stored)
      #expect(try rig.ask(.list(.lease, namespace: Fixture.namespace, .everything))?.code == 200)
    }
    #expect(record.touched == 0)
    _ = try rig.object(.update(Fixture.lease(holder: "pod-b", version: stored.metadata.resourceVersion)))
    var stale = 0
    for _ in 0..<20 {
      guard case .list(let leases, let version)? = try rig.ask(.list(.lease, namespace: Fixture.namespace, .everything))
      else { continue }
      #expect((leases.first == stored) == (version == stored.metadata.resourceVersion))
      if leases.first == stored { stale += 1 }
    }
    #expect(stale > 0)
    #expect(record.touched == stale)
  }

  @Test("a past list holds exactly what stood then: without the new, with the deleted, with the old values")
  func pastLists() throws {
    let store = ObjectStore()
    var states: [(version: Int64, objects: [KubernetesObject])] = []
    func remember() { states.append((store.version, store.list(.deployment))) }
    let time = Instant.start
    remember()
    for name in ["b", "a", "d", "c"] {
      _ = try store.create(Fixture.deployment(name), uid: name, at: time)
      remember()
    }
    for (name, replicas) in [("b", 0), ("c", 0), ("b", 1)] {
      _ = try store.scale(Fixture.reference(.deployment, name), replicas: replicas, resourceVersion: 0, at: time)
      remember()
    }
    _ = try store.create(Fixture.service("noise"), uid: "n", at: time)
    remember()
    store.removeNow(Fixture.reference(.deployment, "a"), at: time)
    remember()
    _ = try store.create(Fixture.deployment("a"), uid: "again", at: time)
    remember()
    store.removeNow(Fixture.reference(.deployment, "a"), at: time)
    remember()
    for state in states {
      #expect(
        store.list(.deployment, namespace: Fixture.namespace, .everything, .everything, asOf: state.version)
          == state.objects)
      for object in state.objects { #expect(store.object(object.reference, asOf: state.version) == object) }
    }
    #expect(store.object(Fixture.reference(.deployment, "a"), asOf: 1) == nil)
    #expect(store.list(.deployment, namespace: "other", .everything, .everything, asOf: 4).isEmpty)
    #expect(
      store.list(
        .deployment, namespace: "", .label(SessionLabel.session, "a"), .name("a"), asOf: 4
      ).map(\.metadata.uid) == ["a"])
  }

  @Test("the version of a time is that of the newest change until then")
  func versionAtTime() throws {
    let store = ObjectStore()
    for second in [1, 3, 3, 7] as [Int64] {
      _ = try store.create(
        Fixture.service("s\(store.version)"), uid: "u", at: .start + .seconds(second))
    }
    let versions = [0, 1, 2, 3, 6, 7, 9].map { store.log.version(at: .start + .seconds($0)) }
    #expect(versions == [0, 1, 1, 3, 3, 4, 4])
  }

  @Test("a brown-out refuses about its share of the requests, each kind with its code, and counts them")
  func brownOut() throws {
    for (kind, code) in [
      (KubernetesFault.BrownOut.tooManyRequests(retryAfterSeconds: 1), 429), (.internalError, 500),
      (.serviceUnavailable, 503),
    ] {
      let rig = try ClusterRig()
      let record = rig.cluster.begin(.brownOut(kind, KubernetesFault.Ratio(1, in: 3)))
      var refused = 0
      for _ in 0..<150 {
        guard
          case .failure(let failure)? = try rig.ask(
            .list(.pod, namespace: Fixture.namespace, .everything))
        else { continue }
        refused += 1
        #expect(failure.code == code)
        #expect(failure.isTransient)
        #expect(failure.retryAfterSeconds == (code == 429 ? 1 : nil))
      }
      // 50 of 150 on average, standard deviation 5.8.
      #expect((25...75).contains(refused))
      #expect(record.touched == refused)
    }
  }

  @Test("a refused write of a brown-out changes nothing")
  func brownOutRefusesBefore() throws {
    let rig = try ClusterRig()
    rig.cluster.begin(.brownOut(.internalError, .always))
    #expect(try rig.failure(.create(Fixture.service()))?.reason == .internalError)
    #expect(rig.cluster.store.version == 0)
  }
}
