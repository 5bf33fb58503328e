import Oracles
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("Docker agents")
struct DockerTests {
  private static let id = "docker-d1"

  @Test("a session lives on the engine: created, limited, hibernated, woken, removed")
  func life() throws {
    let run = CaseRunner.run(
      adHoc(.td) { environment in
        try await environment.connected()
        let user = environment.user("u01")
        let session = try await user.create(SessionRequest(persistentHome: true), at: nil).session ?? ""
        try await environment.until { try await environment.sessionRow(session)?.state == "running" }
        let limits = try await environment.limits(session: session)
        environment.tell("limits", "\(limits?.milliCPU ?? 0) \(limits?.memoryBytes ?? 0)")
        environment.tell(
          "objects",
          try await environment.inventory(of: Self.id).map { "\($0.kind)/\($0.name)" }.joined(separator: " ")
            .replacing(session, with: "S"))
        _ = try await user.hibernate(session, at: nil)
        try await environment.until { try await environment.sessionRow(session)?.state == "hibernated" }
        environment.tell("ready", "\(try await environment.workloads(session: session).map(\.isReady))")
        _ = try await user.wake(session, at: nil)
        try await environment.until { try await environment.sessionRow(session)?.state == "running" }
        _ = try await user.stop(session, at: nil)
        try await environment.until { try await environment.sessionRow(session)?.state == "terminated" }
        environment.tell(
          "left", try await environment.inventory(of: Self.id).map(\.kind).joined(separator: " "))
      }, twice: true)
    #expect(run.reason == "")
    #expect(run.told("limits") == [.text("250 536870912")])
    #expect(
      run.told("objects") == [.text("container/streamspace-S network/streamspace volume/streamspace-S-home")])
    #expect(run.told("ready") == [.text("[false]")])
    #expect(run.told("left") == [.text("network volume")])
    let events = run.observations.compactMap { timed -> WorkloadEvent? in
      guard case .workload(_, _, let object, let event, _) = timed.observation, object.hasPrefix("container/") else {
        return nil
      }
      return event
    }
    #expect(
      events == [
        .created, .ready, .scaledToZero, .notReady, .scaledUp, .ready, .notReady, .deleted,
      ])
  }

  @Test(
    "three processes with any back end: one acts, its end brings another one, each write bears the lock's term",
    arguments: [Topology.tdf, .tdr, .tds])
  func election(_ topology: Topology) throws {
    let run = CaseRunner.run(
      adHoc(topology) { environment in
        try await environment.connected()
        let first = try await environment.actors(of: Self.id)
        environment.tell("lock", "\(try await environment.lock(of: Self.id)?.holder == first.first)")
        environment.tell("actors", "\(first.count)")
        let sessions = try await environment.seedRunningSessions(2, user: "u01", agent: Self.id)
        try await environment.control(.instance(first[0]), .crash)
        try await environment.until { try await environment.actors(of: Self.id).contains { $0 != first[0] } }
        try await environment.until { try await environment.agentRow(Self.id)?.status == "online" }
        _ = try await environment.user("u01").stop(sessions[0], at: nil)
        try await environment.until { try await environment.sessionRow(sessions[0])?.state == "terminated" }
        try await environment.control(.instance(first[0]), .start)
      })
    #expect(run.reason == "")
    #expect(run.told("lock") == [.text("true")])
    #expect(run.told("actors") == [.text("1")])
    #expect(run.leaderships.count == 2)
    #expect(run.overlaps == 0)
    var writes = 0
    for timed in run.observations {
      guard case .platformWrite(_, let instance, let term, let object) = timed.observation,
        object.hasPrefix("container/")
      else { continue }
      writes += 1
      #expect(instance == run.leaderships[1].instance && term == run.leaderships[1].term, "\(timed)")
    }
    #expect(writes > 0)
    // The lock named each leader with its term.
    for leadership in run.leaderships {
      #expect(
        run.observations.contains {
          $0.observation == .lockChanged(agent: Self.id, holder: leadership.instance, term: leadership.term)
        })
    }
  }

  @Test("an unlinked lock file and an operator's update of the service touch what they name and make no second leader")
  func locks() throws {
    for (topology, fault) in [
      (Topology.tdf, Fault.unlinkLock(agent: Self.id)), (.tds, .serviceUpdate(agent: Self.id)),
    ] {
      let run = CaseRunner.run(
        adHoc(topology) { environment in
          try await environment.connected()
          _ = try await environment.begin(fault, for: nil)
          try await environment.sleep(for: .seconds(40))
          environment.tell("actors", "\(try await environment.actors(of: Self.id).count)")
        })
      #expect(run.reason == "")
      #expect(run.told("actors") == [.text("1")])
      #expect(run.overlaps == 0)
      #expect(run.faults.map(\.touched) == [1])
    }
  }

  @Test(
    "what befalls a container and its daemon shows in the order of cause and effect",
    arguments: [
      Fault.workload(session: "", .exits(code: 1)), .workload(session: "", .outOfMemory),
      .docker(host: "docker-1", .restart),
    ])
  func troubles(_ fault: Fault) throws {
    let run = CaseRunner.run(
      adHoc(.td) { environment in
        try await environment.connected()
        let session = try await environment.seedRunningSessions(1, user: "u01", agent: Self.id)[0]
        var named = fault
        if case .workload(_, let trouble) = fault { named = .workload(session: session, trouble) }
        _ = try await environment.begin(named, for: nil)
        try await environment.until { try await environment.workloads(session: session).first?.isReady == true }
      })
    #expect(run.faults.map(\.touched) == [1])
    let began = try #require(
      run.observations.first { if case .faultBegan = $0.observation { true } else { false } })
    let effect = try #require(
      run.observations.first {
        if case .workload(_, _, _, .notReady, _) = $0.observation { true } else { false }
      })
    #expect(began.time <= effect.time && began.sequence < effect.sequence)
  }

  @Test("the clock of a machine is that of all processes on it; three hosts have three")
  func clocks() throws {
    for (topology, hosts) in [(Topology.tdf, 3), (.tdr, 1)] {
      let run = CaseRunner.run(
        adHoc(topology) { environment in
          try await environment.connected()
          let instance = environment.instances(of: Self.id)[0]
          _ = try await environment.begin(.skew(.instance(instance), by: .seconds(20)), for: nil)
          try await environment.sleep(for: .seconds(30))
        })
      #expect(run.reason == "")
      #expect(run.faults.map(\.touched) == [hosts])
      #expect(run.leaderships.count == 1)
    }
  }

  @Test("an agent that starts from the bootstrap key waits for its approval, and its successors find the key")
  func enrolment() throws {
    for topology in [Topology.td, .tdf, .tdr, .tds] {
      let run = CaseRunner.run(
        adHoc(topology.with { $0.agents[0].isEnrolled = false }) { environment in
          try await environment.until { try await environment.agentRow(Self.id) != nil }
          environment.tell("before", try await environment.storedKey(of: Self.id) ?? "none")
          let answer = try await environment.user("admin").decide(agent: Self.id, approve: true, at: nil)
          environment.tell("decided", "\(answer.isAccepted)")
          try await environment.until { try await environment.holder(of: Self.id) != nil }
          environment.tell("stored", "\(try await environment.storedKey(of: Self.id)?.count ?? 0)")
        })
      #expect(run.reason == "", "\(topology.name)")
      #expect(run.told("before") == [.text("none")])
      #expect(run.told("decided") == [.text("true")])
      #expect(run.told("stored") == [.text("64")], "\(topology.name)")
      let steps = run.observations.compactMap { timed -> EnrolmentStep? in
        if case .enrolment(Self.id, let step) = timed.observation { step } else { nil }
      }
      #expect(steps == [.registered, .approved, .keyUsed], "\(topology.name)")
    }
  }
}
