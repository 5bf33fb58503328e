import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import KubernetesAgent

@Suite("Leader election, carried out")
struct ElectionTests {
  private func rig(
    _ seed: Int, replicas: Int = 3, _ change: (inout AgentBehaviour) -> Void = { _ in }
  ) throws -> AgentRig {
    var behaviour = AgentBehaviour()
    change(&behaviour)
    return try AgentRig(seed: UInt64(seed), replicas: replicas, hasElection: true, behaviour: behaviour)
  }

  private func leader(_ rig: AgentRig) -> SimulatedProcess? {
    let holder = rig.cluster.store.list(.lease).first?.lease?.spec.holder
    return rig.agents.first { $0.name == holder }
  }

  private func leads(_ rig: AgentRig) -> [(replica: String, time: Instant)] {
    rig.events.compactMap { if case .leading = $0.event { ($0.replica, $0.time) } else { nil } }
  }

  @Test("of three replicas one leads within a second and alone connects, with its term", arguments: 1...5)
  func start(seed: Int) throws {
    let rig = try rig(seed)
    try rig.begin()
    #expect(leads(rig).count == 1)
    #expect(rig.record.connects.count == 1)
    let lease = try #require(rig.cluster.store.list(.lease).first?.lease)
    #expect(rig.record.connects.first?.query["term"] == String(lease.spec.transitions))
    #expect(rig.record.registrations.first?.request.metadata?.leaderTerm == lease.spec.transitions)
    #expect(rig.record.registrations.first?.request.metadata?.instanceID == lease.spec.holder)
    try rig.run(.seconds(300))
    #expect(leads(rig).count == 1)
    #expect(rig.record.connects.count == 1)
  }

  @Test("who was frozen while it registered does not connect without a term when it wakes", arguments: 1...20)
  func frozenWhileRegistering(seed: Int) throws {
    let rig = try rig(seed)
    for agent in rig.agents { agent.start() }
    #expect(try rig.run(until: { !rig.record.registrations.isEmpty }, within: .seconds(10)))
    let first = try #require(leader(rig))
    first.pause()
    // Long enough that another leads (C28: authority of 12 s, lease of 15 s).
    #expect(try rig.run(until: { rig.record.connects.count == 1 }, within: .seconds(40)))
    first.resume()
    try rig.run(.seconds(20))
    #expect(rig.record.connects.count == 1)
    #expect(rig.record.connects.allSatisfy { $0.query["term"] != nil })
    #expect(rig.record.registrations.allSatisfy { $0.request.metadata?.leaderTerm != nil })
  }

  @Test("a leader pings every 10 s")
  func pings() throws {
    let rig = try rig(1)
    try rig.begin()
    try rig.run(.seconds(100))
    #expect((9...11).contains(rig.record.pings.count))
  }

  @Test("after a crash another leads within 13 to 23.8 s", arguments: 1...20)
  func crash(seed: Int) throws {
    let rig = try rig(seed)
    try rig.begin()
    try rig.run(.seconds(10))
    let crashed = rig.now
    try #require(leader(rig)).crash()
    #expect(try rig.run(until: { leads(rig).count == 2 }, within: .seconds(30)))
    let span = rig.now - crashed
    #expect(span >= .seconds(13) && span <= .milliseconds(23_900), "\(span)")
    #expect(try rig.run(until: { rig.record.connects.count == 2 }, within: .seconds(2)))
  }

  @Test("at SIGTERM the lease is free and another leads within 4.6 s", arguments: 1...10)
  func graceful(seed: Int) throws {
    let rig = try rig(seed)
    try rig.begin()
    try rig.run(.seconds(10))
    let begun = rig.now
    try #require(leader(rig)).terminate()
    #expect(try rig.run(until: { leads(rig).count == 2 }, within: .seconds(10)))
    #expect(rig.now - begun <= .milliseconds(4_700))
    #expect(rig.ends == [.finished("terminated")])
    #expect(rig.record.closes == [.goingAway])
  }

  @Test("a leader cut off from the API server stops at 12 s, before another begins", arguments: 1...10)
  func cutFromCluster(seed: Int) throws {
    let rig = try rig(seed)
    try rig.begin()
    try rig.run(.seconds(10))
    let old = try #require(leader(rig))
    let cut = rig.now
    rig.simulation.network.begin(
      NetworkFault(.cut, between: [old.host.name], and: [KubernetesAPI.host]), lasting: .seconds(50))
    #expect(try rig.run(until: { leads(rig).count == 2 }, within: .seconds(30)))
    let begun = try #require(leads(rig).last?.time)
    let ended = try #require(
      rig.events.first { if case .leadershipEnded = $0.event { true } else { false } }?.time)
    #expect(ended - cut <= .seconds(12))
    #expect(ended < begun)
    #expect(begun - cut <= .seconds(25))
    try rig.run(.seconds(60))
    // Every replica competes again: when the new leader goes, somebody follows.
    try #require(leader(rig)).terminate()
    #expect(try rig.run(until: { leads(rig).count == 3 }, within: .seconds(10)))
  }

  @Test("a leader that cannot reach the control plane yields within 30 s to one that can", arguments: 1...5)
  func cutFromControlPlane(seed: Int) throws {
    let rig = try rig(seed)
    try rig.begin()
    try rig.run(.seconds(10))
    let old = try #require(leader(rig))
    let cut = rig.now
    rig.simulation.network.begin(
      NetworkFault(.cut, between: [old.host.name], and: ["api"]), lasting: .seconds(120))
    #expect(try rig.run(until: { rig.count { if case .leadershipEnded = $0 { true } else { false } } == 1 }))
    #expect(rig.now - cut <= .seconds(30))
    #expect(try rig.run(until: { rig.record.connects.last.map { $0.time > cut } ?? false }, within: .seconds(30)))
    #expect(rig.now - cut <= .seconds(60))
  }

  @Test("a leader that keeps the lease without the control plane blocks the others (B-37)")
  func keepsLease() throws {
    let rig = try rig(1) { $0.election.withoutControlPlane = .keepsLease }
    try rig.begin()
    let old = try #require(leader(rig))
    rig.simulation.network.begin(NetworkFault(.cut, between: [old.host.name], and: ["api"]))
    try rig.run(.seconds(200))
    #expect(leads(rig).count == 1)
  }

  @Test("a replica that retires after a loss leaves nobody in the end (B-35)")
  func retires() throws {
    for policy in [ElectionBehaviour.AfterLoss.rejoins, .retires] {
      let rig = try rig(2) { $0.election.afterLoss = policy }
      try rig.begin()
      for _ in 0..<4 {
        rig.cluster.begin(.down(.refusing), lasting: .seconds(14))
        try rig.run(.seconds(50))
      }
      let isLed = rig.agents.contains { process in
        rig.record.socket?.isOpen == true && process.name == rig.cluster.store.list(.lease).first?.lease?.spec.holder
      }
      #expect(isLed == (policy == .rejoins))
    }
  }

  @Test("a leader that wakes after its authority renews nothing: another leads as if it were dead", arguments: 1...20)
  func wokenLate(seed: Int) throws {
    let rig = try rig(seed)
    try rig.begin()
    try rig.run(.seconds(10))
    let old = try #require(leader(rig))
    let lost = rig.now
    old.pause()
    try rig.run(.seconds(1))
    // What it sends arrives, what it is answered does not.
    rig.simulation.network.begin(NetworkFault(.cutOneWay, between: [KubernetesAPI.host], and: [old.host.name]))
    try rig.run(.seconds(12))
    old.resume()
    #expect(try rig.run(until: { leads(rig).count == 2 }, within: .seconds(30)))
    #expect(rig.now - lost <= .seconds(25), "\(rig.now - lost)")
  }

  @Test("a paused leader's platform write is refused when another leads", arguments: 1...5)
  func paused(seed: Int) throws {
    let rig = try rig(seed)
    try rig.begin()
    let old = try #require(leader(rig))
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.milliseconds(600))
    old.pause()
    #expect(try rig.run(until: { leads(rig).count == 2 }, within: .seconds(40)))
    let workloads = rig.workloadsMade
    old.resume()
    try rig.run(.seconds(20))
    #expect(rig.workloadsMade == workloads)
    let writes = rig.platform.compactMap { event -> String? in
      switch event.event {
      case .objectCreated(_, _, let writer) where event.time > leads(rig)[1].time: writer.caller
      default: nil
      }
    }
    #expect(!writes.contains(old.name))
  }

  @Test("a control plane that knows a newer term makes a sure leader raise its own")
  func staleTerm() throws {
    let rig = try rig(3, replicas: 1)
    rig.record.registration = .refused(.conflict, .staleLeaderTerm(current: 41))
    try rig.begin()
    rig.record.registration = .registered
    #expect(try rig.run(until: { rig.record.connects.count == 1 }, within: .seconds(10)))
    #expect(rig.record.connects.first?.query["term"] == "42")
    #expect(rig.cluster.store.list(.lease).first?.lease?.spec.transitions == 42)
  }

  @Test("a skewed clock changes nothing; a candidate that believes remote times steals a live lease (C-02)")
  func skew() throws {
    for policy in [ElectionBehaviour.LeaseExpiry.ownObservation, .remoteTime] {
      let rig = try rig(4) { $0.election.leaseExpiry = policy }
      try rig.begin()
      let old = try #require(leader(rig))
      for agent in rig.agents where agent.name != old.name { agent.host.stepClock(by: .seconds(20)) }
      try rig.run(.seconds(60))
      #expect((leads(rig).count == 1) == (policy == .ownObservation))
    }
  }

  @Test("a fail-over in the middle of a start, delivered again, leaves exactly one workload", arguments: 1...12)
  func failoverDuringStart(step: Int) throws {
    let rig = try rig(step)
    try rig.begin()
    let old = try #require(leader(rig))
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.milliseconds(Int64(step) * 500))
    old.crash()
    #expect(try rig.run(until: { rig.record.connects.count == 2 }, within: .seconds(40)))
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(20))
    #expect(rig.record.completions("cmd-start").count >= 1)
    #expect(rig.cluster.workloads.map { $0.readyPods.count } == [1])
    #expect(rig.workloadsMade == 1)
  }

  // MARK: What scenario 2 showed

  @Test("a leader that yields stands back: the next one is another", arguments: 1...15)
  func standsBack(seed: Int) throws {
    let rig = try rig(seed)
    try rig.begin()
    let old = try #require(leader(rig))
    rig.simulation.network.begin(NetworkFault(.cut, between: [old.host.name], and: ["api"]))
    #expect(try rig.run(until: { leads(rig).count == 2 }, within: .seconds(60)))
    #expect(leads(rig).last?.replica != old.name)
    try rig.run(.seconds(60))
    #expect(leads(rig).count == 2)
  }

  @Test("a leader that stands back takes the lease again when nobody else does")
  func standsBackInVain() throws {
    let rig = try rig(1, replicas: 1)
    try rig.begin()
    let cut = rig.simulation.network.begin(NetworkFault(.cut, between: ["agent-1"], and: ["api"]))
    #expect(try rig.run(until: { leads(rig).count == 2 }, within: .seconds(60)))
    rig.simulation.network.end(cut)
    #expect(try rig.run(until: { rig.record.connects.count >= 2 }, within: .seconds(40)))
  }

  @Test("a release frees the lease although a renewal is on its way", arguments: 0..<20)
  func releaseMeetsRenewal(step: Int) throws {
    let rig = try rig(step + 1, replicas: 2)
    try rig.begin()
    // Renewals take 0.4 s: a fifth of all moments lies within one.
    rig.cluster.begin(.slow(.milliseconds(400)))
    try rig.run(.milliseconds(10_000 + Int64(step) * 120))
    let old = try #require(leader(rig))
    old.terminate()
    #expect(try rig.run(until: { leader(rig)?.name != old.name }, within: .seconds(3)))
    try rig.run(.seconds(1))
    #expect(rig.ends == [.finished("terminated")])
  }

  @Test("a replica that may not touch the lease from the start ends and says so; later it goes on trying")
  func forbidden() throws {
    let early = try rig(1)
    early.cluster.begin(.forbid(nil, .lease))
    try early.begin()
    #expect(early.ends.count == 3)
    #expect(early.ends.allSatisfy { $0.text.contains("leases") && $0.text.contains("forbidden") })
    let late = try rig(1)
    try late.begin()
    try late.run(.seconds(10))
    let fault = late.cluster.begin(.forbid(nil, .lease))
    try late.run(.seconds(40))
    #expect(late.ends.isEmpty)
    late.cluster.end(fault)
    #expect(try late.run(until: { leader(late) != nil && leads(late).count == 2 }, within: .seconds(25)))
  }

  @Test("a replica that begins to lead uses the key that another was issued")
  func storedKey() throws {
    let rig = try AgentRig(seed: 5, replicas: 2, hasElection: true, key: .bootstrap(AgentRig.bootstrapKey))
    rig.record.registration = .approved(key: "fresh-key")
    try rig.begin()
    rig.record.registration = .registered
    #expect(try rig.run(until: { rig.record.connects.count == 1 }, within: .seconds(40)))
    let before = rig.record.registrations.count
    try #require(leader(rig)).terminate()
    #expect(try rig.run(until: { rig.record.connects.count == 2 }, within: .seconds(10)))
    #expect(rig.record.registrations.dropFirst(before).map(\.key) == ["fresh-key"])
  }

  @Test("a leader that was frozen begins none of the commands that came meanwhile", arguments: 1...5)
  func beginsNothingLate(seed: Int) throws {
    let rig = try rig(seed)
    try rig.begin()
    let old = try #require(leader(rig))
    old.pause()
    rig.record.send(Command.start(persistentHome: true))
    #expect(try rig.run(until: { leads(rig).count == 2 }, within: .seconds(40)))
    old.resume()
    try rig.run(.seconds(20))
    let begun = rig.events.filter { event in
      if case .commandBegun = event.event { event.replica == old.name } else { false }
    }
    #expect(begun.isEmpty)
    #expect(rig.workloadsMade == 0)
  }
}
