import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import KubernetesAgent

/// Each policy that a defect of scenarios 2, 3 and 8 changes shows.
@Suite("Defects of stage 2 as policies of the agent")
struct AgentPolicyTests {
  private func behaviour(_ change: (inout AgentBehaviour) -> Void) -> AgentBehaviour {
    var behaviour = AgentBehaviour()
    change(&behaviour)
    return behaviour
  }

  private func leads(_ rig: AgentRig) -> [(replica: String, time: Instant)] {
    rig.events.compactMap { if case .leading = $0.event { ($0.replica, $0.time) } else { nil } }
  }

  private func leader(_ rig: AgentRig) -> SimulatedProcess? {
    let holder = rig.cluster.store.list(.lease).first?.lease?.spec.holder
    return rig.agents.first { $0.name == holder }
  }

  @Test("A-49: capacity in numbers that the control plane does not know")
  func capacity() throws {
    for (shape, stored) in [
      (AgentBehaviour.CapacityShape.contract, AgentCapacity(maxSessions: 100, cpu: "64 cores", memory: "256Gi")),
      (.numbers, AgentCapacity(maxSessions: 100)),
    ] {
      let rig = try AgentRig(behaviour: behaviour { $0.capacityShape = shape })
      try rig.begin()
      try rig.run(.seconds(31))
      #expect(rig.record.registrations.first?.request.capacity?.stored == stored)
      guard case .heartbeat(let beat)? = rig.record.messages.first?.message else {
        Issue.record("no heartbeat")
        return
      }
      #expect(beat.capacity?.stored == stored)
    }
  }

  @Test("A-50: an agent that ignores its issued key goes on with the bootstrap key, and stores nothing")
  func issuedKey() throws {
    let rig = try AgentRig(
      key: .bootstrap(AgentRig.bootstrapKey), behaviour: behaviour { $0.issuedKey = .ignored })
    rig.record.registration = .approved(key: "fresh-key")
    try rig.begin()
    #expect(rig.record.connects.map(\.key) == [AgentRig.bootstrapKey])
    #expect(rig.cluster.store.list(.secret).isEmpty)
  }

  @Test("A-52: an interval of nothing ends the process that does not know its fall-back")
  func zeroInterval() throws {
    for (policy, ends) in [(AgentBehaviour.ZeroInterval.fallsBack, 0), (.panics, 1)] {
      let rig = try AgentRig(behaviour: behaviour { $0.zeroInterval = policy }, heartbeat: .zero)
      try rig.begin()
      try rig.run(.seconds(31))
      #expect(rig.ends.count == ends)
      #expect(rig.record.messages.isEmpty == (policy == .panics))
    }
  }

  @Test("A-60: a leader that takes refused writes for done leads beside another")
  func conflicts() throws {
    for policy in [ElectionBehaviour.LeaseWrites.compareAndSet, .conflictCountsAsDone] {
      let rig = try AgentRig(
        seed: 3, replicas: 3, hasElection: true, behaviour: behaviour { $0.election.leaseWrites = policy })
      try rig.begin()
      rig.cluster.begin(.conflict(.lease, .always), lasting: .seconds(40))
      try rig.run(.seconds(60))
      let ended = rig.count { if case .leadershipEnded = $0 { true } else { false } }
      let leading = leads(rig).count - ended
      #expect((leading <= 1) == (policy == .compareAndSet), "\(leads(rig).count) leads, \(ended) ends")
    }
  }

  @Test("B-36: a leader whose first connect fails keeps the lease and does nothing")
  func firstConnect() throws {
    for policy in [ElectionBehaviour.FirstConnect.retried, .givenUp] {
      let rig = try AgentRig(
        replicas: 2, hasElection: true,
        behaviour: behaviour {
          $0.election.firstConnect = policy
          if policy == .givenUp { $0.election.withoutControlPlane = .keepsLease }
        })
      rig.controlPlane.crash()
      try rig.begin()
      try rig.run(.seconds(10))
      rig.controlPlane.start()
      try rig.run(.seconds(100))
      #expect(rig.record.connects.isEmpty == (policy == .givenUp))
      #expect(leader(rig) != nil)
    }
  }

  @Test("C-04: what a leader goes on writing in its old term only the platform can refuse")
  func oldTerm() throws {
    for fencing in [KubernetesBehaviour.Fencing.refusesOlderTerms, .none] {
      var platform = KubernetesBehaviour()
      platform.fencing = fencing
      let rig = try AgentRig(
        seed: 1, replicas: 3, hasElection: true,
        behaviour: behaviour { $0.election.handlersAtLoss = .runOnWithOldTerm }, platformBehaviour: platform)
      try rig.begin()
      let old = try #require(leader(rig))
      rig.record.send(Command.start(persistentHome: true))
      try rig.run(.milliseconds(600))
      old.pause()
      #expect(try rig.run(until: { leads(rig).count == 2 }, within: .seconds(40)))
      // The successor makes itself known to the platform.
      rig.record.send(Command.start("cmd-other", "u02-xterm-vnc-00000002"))
      try rig.run(.seconds(5))
      let resumed = rig.now
      old.resume()
      try rig.run(.seconds(20))
      let made = rig.platform.contains { item in
        guard case .objectCreated(_, _, let writer) = item.event else { return false }
        return item.time > resumed && writer.caller == old.name
      }
      let refused = rig.platform.contains { item in
        guard case .writeRefused(_, let writer, _) = item.event else { return false }
        return writer.caller == old.name
      }
      #expect(made == (fencing == .none))
      #expect(refused == (fencing == .refusesOlderTerms))
    }
  }
}
