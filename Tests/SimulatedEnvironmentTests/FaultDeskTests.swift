import Oracles
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("Faults")
struct FaultDeskTests {
  /// Up to the way of a frame and the wait of a statement.
  private func near(_ measured: Duration, _ wanted: Duration) -> Bool {
    (wanted - .milliseconds(300)...wanted + .milliseconds(300)).contains(measured)
  }

  @Test("a heartbeat is held back so that the gap to the one before is what was asked for", arguments: [35, 44])
  func delayedHeartbeat(_ seconds: Int) throws {
    let run = CaseRunner.run(
      adHoc { environment in
        try await environment.connected()
        let agent = environment.agents[0]
        let before = environment.beats(of: agent).count
        // The fault counts from a heartbeat.
        try await environment.until { environment.beats(of: agent).count > before }
        let fault = try await environment.begin(
          .delayHeartbeat(agent: agent, gap: .seconds(seconds)), for: nil)
        try await environment.sleep(for: .seconds(120))
        try await environment.end(fault)
        let beats = environment.beats(of: agent)
        let gaps = zip(beats, beats.dropFirst()).map { $1 - $0 }.dropFirst(before)
        for gap in gaps { environment.tell("gap", gap) }
      })
    #expect(run.reason == "")
    let gaps = run.told("gap").map { quantity in
      if case .duration(let gap) = quantity { gap } else { Duration.zero }
    }
    #expect(gaps.count >= 3)
    #expect(near(gaps[0], .seconds(seconds)), "\(gaps)")
    // The next beat keeps its time: the agent's ticker was not touched.
    #expect(near(gaps[0] + gaps[1], .seconds(60)), "\(gaps)")
    #expect(run.faults.map(\.touched) == [1])
  }

  @Test("one ack is lost, the next one passes")
  func lostAck() throws {
    let run = CaseRunner.run(
      adHoc { environment in
        try await environment.connected()
        let agent = environment.agents[0]
        try await environment.until { try await environment.agentRow(agent)?.status == "online" }
        let sessions = try await environment.seedRunningSessions(2, user: "u01", agent: agent)
        _ = try await environment.begin(.loseAck(agent: agent), for: nil)
        for session in sessions {
          let answer = try await environment.user("u01").stop(session, at: nil)
          environment.tell("accepted", "\(answer.isAccepted)")
          try await environment.until { try await environment.commandRows(session: session).first?.isFinal == true }
          let rows = try await environment.commandRows(session: session)
          let statuses = environment.observations.compactMap { timed -> String? in
            guard case .commandStatus(rows.first?.command, _, let to, _) = timed.observation else { return nil }
            return to
          }
          environment.tell("statuses", statuses.joined(separator: " "))
        }
      })
    #expect(run.reason == "")
    #expect(run.told("accepted") == [.text("true"), .text("true")])
    #expect(run.told("statuses") == [.text("sent completed"), .text("sent ack completed")])
    #expect(run.faults.map(\.touched) == [1])
  }

  @Test("a fault ends after its time, and is told when it begins and ends")
  func span() throws {
    let run = CaseRunner.run(
      adHoc(.t2) { environment in
        try await environment.connected()
        _ = try await environment.begin(.redisDown, for: .seconds(7))
        try await environment.sleep(for: .seconds(30))
      })
    #expect(run.reason == "")
    let fault = try #require(run.faults.first)
    let end = try #require(fault.end)
    #expect(end - fault.start == .seconds(7))
    #expect(fault.touched > 0)
    let told = run.observations.filter { timed in
      switch timed.observation {
      case .faultBegan, .faultEnded: true
      default: false
      }
    }
    #expect(told.map(\.time) == [fault.start, end])
  }

  @Test("what a case leaves broken is healed when it ends; ending a fault twice is no error")
  func healing() throws {
    let run = CaseRunner.run(
      adHoc(.t2) { environment in
        try await environment.connected()
        let done = try await environment.begin(.databaseSlow(by: .milliseconds(5)), for: nil)
        try await environment.sleep(for: .seconds(5))
        try await environment.end(done)
        try await environment.end(done)
        _ = try await environment.begin(.redisDown, for: nil)
        try await environment.sleep(for: .seconds(5))
      })
    #expect(run.reason == "")
    #expect(run.faults.count == 2)
    #expect(run.faults.allSatisfy { $0.end != nil && $0.end != run.virtualTime })
  }

  @Test("a fault of an instant ends at once")
  func eviction() throws {
    let run = CaseRunner.run(
      adHoc(.t2) { environment in
        try await environment.connected()
        let agent = environment.agents[0]
        try await environment.until { try await environment.route(of: agent).isWhole }
        _ = try await environment.begin(.redisEvict(key: "agent:\(agent):pod"), for: .seconds(60))
        environment.tell("route", try await environment.route(of: agent).pod ?? "gone")
      })
    #expect(run.told("route") == [.text("gone")])
    #expect(run.faults.map(\.touched) == [1])
    #expect(run.faults.first.map { $0.end == $0.start } == true)
  }

  @Test(
    "what a topology does not have cannot fail: the case is red and says why",
    arguments: [Fault.redisDown, .redisRestartEmpty])
  func missingComponent(_ fault: Fault) throws {
    let run = CaseRunner.run(adHoc(.t1) { environment in _ = try await environment.begin(fault, for: nil) })
    #expect(run.verdict == .failed)
    #expect(run.reason.contains("this topology has no Redis"))
  }
}
