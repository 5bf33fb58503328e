import Oracles
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("Agents with elections")
struct ElectionTests {
  private static let id = "k8s-prod-cluster"

  @Test("three processes of one id: one leads, holds the lock and the connection, the others stand by")
  func standing() throws {
    let run = CaseRunner.run(
      adHoc(.t3ha) { environment in
        try await environment.connected()
        let actors = try await environment.actors(of: Self.id)
        environment.tell("instances", environment.instances(of: Self.id).joined(separator: " "))
        environment.tell("actors", "\(actors.count)")
        environment.tell("lock", try await environment.lock(of: Self.id)?.holder == actors.first ? "theirs" : "other")
        try await environment.sleep(for: .seconds(60))
        environment.tell("unchanged", "\(try await environment.actors(of: Self.id) == actors)")
      })
    #expect(run.reason == "")
    #expect(
      run.told("instances") == [
        .text("agent-k8s-prod-cluster-1 agent-k8s-prod-cluster-2 agent-k8s-prod-cluster-3")
      ])
    #expect(run.told("actors") == [.text("1")])
    #expect(run.told("lock") == [.text("theirs")])
    #expect(run.told("unchanged") == [.text("true")])
    #expect(run.leaderships.count == 1)
    #expect(run.observations.count { if case .agentLink(_, _, true) = $0.observation { true } else { false } } == 1)
    // A case of 60 s and its afterglow of 130 s: the budget of spec/06 §10.4; measured 3 566.
    #expect(run.kernelEvents < 5_000, "\(run.kernelEvents)")
  }

  @Test(
    "the leader ends, another one takes over and the sessions stay",
    arguments: [Action.stop, .crash, .vanish])
  func failOver(_ action: Action) throws {
    let run = CaseRunner.run(
      adHoc(.t3ha) { environment in
        try await environment.connected()
        let sessions = try await environment.seedRunningSessions(2, user: "u01", agent: Self.id)
        let first = try await environment.actors(of: Self.id)[0]
        try await environment.control(.instance(first), action)
        try await environment.until { try await environment.actors(of: Self.id).contains { $0 != first } }
        try await environment.until { try await environment.agentRow(Self.id)?.status == "online" }
        let answer = try await environment.user("u01").stop(sessions[0], at: nil)
        environment.tell("accepted", "\(answer.isAccepted)")
        try await environment.until { try await environment.sessionRow(sessions[0])?.state == "terminated" }
        environment.tell(
          "left",
          "\(try await environment.inventory(of: Self.id).contains { $0.session == sessions[0] && $0.kind == "deployment" })"
        )
        try await environment.control(.instance(first), .start)
      })
    #expect(run.reason == "")
    #expect(run.told("accepted") == [.text("true")])
    #expect(run.told("left") == [.text("false")])
    let holders = run.leaderships.map(\.instance)
    #expect(holders.count >= 2 && holders[0] != holders[1], "\(holders)")
    // Who wrote on the platform led at that time, with that term.
    var writes = 0
    for timed in run.observations {
      guard case .platformWrite(_, let instance, let term, _) = timed.observation else { continue }
      writes += 1
      #expect(instance == holders[1] && term == run.leaderships[1].term)
    }
    #expect(writes > 0)
  }

  @Test("a leader that is frozen leads no more when its clock says so, and its late write is refused")
  func frozen() throws {
    let run = CaseRunner.run(
      adHoc(.t3ha) { environment in
        try await environment.connected()
        let first = try await environment.actors(of: Self.id)[0]
        try await environment.control(.instance(first), .pause)
        try await environment.sleep(for: .seconds(13))
        environment.tell("after 13 s", "\(try await environment.actors(of: Self.id))")
        try await environment.until { try await environment.actors(of: Self.id).count == 1 }
        try await environment.sleep(for: .seconds(5))
        try await environment.control(.instance(first), .resume)
        try await environment.sleep(for: .seconds(10))
        environment.tell("actors", "\(try await environment.actors(of: Self.id).contains(first))")
      })
    #expect(run.reason == "")
    #expect(run.told("after 13 s") == [.text("[]")])
    #expect(run.told("actors") == [.text("false")])
    #expect(run.overlaps == 0)
  }

  @Test("clocks that jump or run wrong within the limit change no leader", arguments: [-20, 20])
  func clocks(_ seconds: Int) throws {
    let run = CaseRunner.run(
      adHoc(.t3ha) { environment in
        try await environment.connected()
        let leader = try await environment.actors(of: Self.id)[0]
        let other = environment.instances(of: Self.id).first { $0 != leader } ?? ""
        _ = try await environment.begin(.skew(.instance(leader), by: .seconds(seconds)), for: nil)
        _ = try await environment.begin(.skew(.instance(other), by: .seconds(-seconds)), for: nil)
        let drift = try await environment.begin(.drift(.instance(leader), ppm: 500), for: nil)
        try await environment.sleep(for: .seconds(90))
        try await environment.end(drift)
        environment.tell("leader", "\(try await environment.actors(of: Self.id) == [leader])")
      })
    #expect(run.reason == "")
    #expect(run.told("leader") == [.text("true")])
    #expect(run.leaderships.count == 1)
    #expect(run.faults.allSatisfy { $0.touched > 0 })
  }

  @Test("a leader cut off from the control plane yields, and another one connects")
  func cutOff() throws {
    let run = CaseRunner.run(
      adHoc(.t3ha) { environment in
        try await environment.connected()
        let first = try await environment.actors(of: Self.id)[0]
        let cut = try await environment.begin(.cut(.instance(first), .controlPlane), for: nil)
        try await environment.until(.seconds(60)) {
          try await environment.actors(of: Self.id).contains { $0 != first }
        }
        try await environment.end(cut)
        try await environment.connected()
      })
    #expect(run.reason == "")
    #expect(run.leaderships.count == 2)
    #expect(run.overlaps == 0)
  }

  @Test("a leader without the cluster's API server loses its lease, and takes it or another does when it is back")
  func withoutCluster() throws {
    let run = CaseRunner.run(
      adHoc(.t3ha) { environment in
        try await environment.connected()
        try await environment.control(.kubernetes, .crash)
        try await environment.sleep(for: .seconds(16))
        environment.tell("without", "\(try await environment.actors(of: Self.id))")
        try await environment.control(.kubernetes, .start)
        try await environment.until(.seconds(25)) { try await environment.actors(of: Self.id).count == 1 }
      })
    #expect(run.reason == "")
    #expect(run.told("without") == [.text("[]")])
    #expect(run.overlaps == 0)
  }

  @Test(
    "an action strikes the process at the very boundary of its work",
    arguments: [WorkStep.received, .acknowledged, .workload, .service, .volume, .ready, .status, .complete])
  func steps(_ step: WorkStep) throws {
    let run = CaseRunner.run(
      adHoc(.t3ha) { environment in
        try await environment.connected()
        _ = try await environment.begin(
          .atStep(agent: Self.id, command: "start_session", step: step, .crash), for: nil)
        let answer = try await environment.user("u01").create(
          SessionRequest(persistentHome: true), at: nil)
        let session = answer.session ?? ""
        try await environment.until { try await environment.sessionRow(session)?.state == "running" }
        environment.tell("workloads", "\(try await environment.workloads(session: session).count)")
        for instance in environment.instances(of: Self.id) {
          try await environment.control(.instance(instance), .start)
        }
      })
    #expect(run.reason == "")
    #expect(run.told("workloads") == [.text("1")])
    #expect(run.faults.map(\.touched) == [1])
    let crash = try #require(run.observations.first { if case .processEnded = $0.observation { true } else { false } })
    let reached = try #require(
      run.observations.first { if case .workStep(_, _, _, _, step) = $0.observation { true } else { false } })
    #expect(crash.time == reached.time && crash.sequence > reached.sequence)
  }
}

extension CaseRun {
  /// Leaderships in the order they began.
  var leaderships: [(instance: String, term: Int64)] {
    observations.compactMap { timed in
      guard case .leadership(_, let instance, let term, true, _) = timed.observation else { return nil }
      return (instance, term)
    }
  }

  /// How often a process began to lead while another one did.
  var overlaps: Int {
    var leaders: [String] = []
    var found = 0
    for timed in observations {
      guard case .leadership(_, let instance, _, let isLeading, _) = timed.observation else { continue }
      leaders.removeAll { $0 == instance }
      if isLeading {
        if !leaders.isEmpty { found += 1 }
        leaders.append(instance)
      }
    }
    return found
  }
}
