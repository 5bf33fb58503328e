import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@Suite("Faults of pods")
struct PodFaultTests {
  /// A rig with one session that runs.
  private func running(_ seed: UInt64 = 1) throws -> ClusterRig {
    let rig = try ClusterRig(seed: seed)
    _ = try rig.object(.create(Fixture.deployment()))
    try rig.run(.seconds(15))
    #expect(rig.pods().map(\.isUsable) == [true])
    return rig
  }

  private func unreadyReasons(_ rig: ClusterRig) -> [String] {
    rig.events.compactMap { if case .podUnready(_, _, let reason) = $0.event { reason } else { nil } }
  }

  @Test(
    "a drained or preempted pod is deleted and another takes its place",
    arguments: [KubernetesFault.Eviction.drain, .preemption])
  func deletedEviction(eviction: KubernetesFault.Eviction) throws {
    let rig = try running()
    let old = try #require(rig.pods().first?.metadata.name)
    let record = rig.cluster.begin(.podEvict(session: Fixture.session, eviction))
    #expect(record.touched == 1)
    #expect(record.end == rig.simulation.now)
    try rig.run(.seconds(15))
    #expect(rig.pods().map(\.isUsable) == [true])
    #expect(rig.pods().first?.metadata.name != old)
    #expect(unreadyReasons(rig) == ["evicted: \(eviction.rawValue)"])
  }

  @Test("under node pressure the evicted pod stays behind as Failed until its deployment goes")
  func nodePressure() throws {
    let rig = try running()
    let old = try #require(rig.pods().first?.metadata.name)
    rig.cluster.begin(.podEvict(session: Fixture.session, .nodePressure))
    try rig.run(.seconds(15))
    let failed = try #require(rig.pods().first { $0.metadata.name == old })
    #expect(failed.phase == .failed)
    #expect(failed.statusReason == "Evicted")
    #expect(rig.pods().filter(\.isUsable).count == 1)
    #expect(rig.cluster.workloads.first?.readyPods.count == 1)
    #expect(rig.cluster.store.list(.deployment).first?.deployment?.status.replicas == 1)
    _ = try rig.ask(.delete(Fixture.reference(.deployment), DeleteOptions(.foreground)))
    try rig.run(.seconds(10))
    #expect(rig.pods().isEmpty)
    #expect(rig.cluster.workloads.isEmpty)
  }

  @Test(
    "a container that ends is restarted in its pod, and the pod tells why it ended",
    arguments: [
      (ContainerTermination.outOfMemory, "OOMKilled", 137), (.exited(code: 3), "Error", 3),
      (.exited(code: 0), "Completed", 0),
    ])
  func containerEnd(termination: ContainerTermination, reason: String, code: Int) throws {
    let rig = try running()
    let name = try #require(rig.pods().first?.metadata.name)
    let record = rig.cluster.begin(.containerEnd(session: Fixture.session, termination))
    #expect(record.touched == 1)
    #expect(rig.pods().map(\.isReady) == [false])
    try rig.run(.seconds(8))
    let pod = try #require(rig.pods().first)
    #expect(pod.metadata.name == name)
    #expect(pod.isUsable)
    #expect(pod.restartCount == 1)
    #expect(pod.lastTermination?.reason == reason)
    #expect(pod.lastTermination?.exitCode == code)
    #expect(unreadyReasons(rig) == [reason])
  }

  @Test("a container that ends again and again waits 10 s, then twice as long each time, at most 5 min")
  func crashLoop() throws {
    let rig = try running()
    let record = rig.cluster.begin(
      .containerEnd(session: Fixture.session, .outOfMemory, again: .seconds(1)), lasting: .minutes(30))
    var ends: [Instant] = []
    var starts: [Instant] = []
    try rig.run(.minutes(35))
    for event in rig.events {
      if case .podUnready = event.event { ends.append(event.time) }
      if case .podReady = event.event { starts.append(event.time) }
    }
    let waits = zip(ends, starts.dropFirst()).map { ($1 - $0).milliseconds }
    #expect(waits.count >= 8)
    // The container itself takes 1.6 s to be ready in the median, and rarely more than 4 s (spec/06 §10.3).
    for (wait, expected) in zip(waits, [0, 10, 20, 40, 80, 160, 300, 300] as [Int64]) {
      #expect((expected * 1_000...expected * 1_000 + 5_000).contains(wait), "\(waits)")
    }
    #expect(record.touched == ends.count)
    #expect(rig.pods().map(\.isUsable) == [true])
  }

  @Test("a repeated end that was due after the fault does not strike")
  func endOfTheFault() throws {
    let rig = try running()
    let record = rig.cluster.begin(.containerEnd(session: Fixture.session, .outOfMemory, again: .seconds(60)))
    try rig.run(.seconds(30))
    #expect(rig.pods().map(\.isUsable) == [true])
    rig.cluster.end(record)
    try rig.run(.minutes(5))
    #expect(rig.pods().map(\.restartCount) == [1])
    #expect(record.touched == 1)
  }

  @Test("ten minutes of running make earlier ends forgotten")
  func crashMemory() throws {
    let rig = try running()
    for _ in 0..<2 {
      rig.cluster.begin(.containerEnd(session: Fixture.session, .exited(code: 1)))
      try rig.run(.minutes(11))
    }
    rig.cluster.begin(.containerEnd(session: Fixture.session, .exited(code: 1)))
    #expect(rig.pods().first?.waitingReason == "")
    try rig.run(.seconds(8))
    #expect(rig.pods().map(\.isUsable) == [true])
  }

  @Test("a fault of a session that has no pod is inert, and the ledger says so")
  func inert() throws {
    let rig = try ClusterRig()
    rig.cluster.begin(.podEvict(session: "nobody", .drain))
    rig.cluster.begin(.containerEnd(session: "nobody", .outOfMemory))
    rig.cluster.begin(.nodeNotReady("node-2"), lasting: .minutes(10))
    rig.cluster.begin(.brownOut(.internalError, .always))
    rig.cluster.begin(.staleReads(nil, upTo: .seconds(1)))
    try rig.run(.minutes(11))
    #expect(
      rig.simulation.faults.inert.map(\.name) == [
        "k8s(pod-evict nobody drain)", "k8s(oom nobody)", "k8s(node-not-ready node-2)", "k8s(brown-out 500 1/1)",
        "k8s(stale * 1.000s)",
      ])
  }
}
