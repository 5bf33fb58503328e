import Oracles
import TestEnvironment
import Testing

@Suite struct CommandLiveTests {
  func verdict(_ history: History, until end: Duration) -> InvariantVerdict {
    history.verdict("I-CMD-LIVE", until: end)
  }

  @Test("a command that ends in time has been checked")
  func satisfied() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    #expect(verdict(history, until: .s(20)).outcome == .held)
  }

  @Test("a command whose deadline has not come is not judged")
  func notJudged() {
    var history = History.steady()
    history.insert(at: .s(10), "c1", "stop_session", of: "s1")
    let verdict = verdict(history, until: .s(340))
    #expect(verdict.outcome == .notExercised)
    #expect(verdict.notJudged == 1)
  }

  @Test("a pending command of a connected agent has 5 min 30 s (B-14)", arguments: [340.0, 340.001])
  func pending(ended: Double) {
    var history = History.steady()
    history.insert(at: .s(10), "c1", "stop_session", of: "s1")
    history.status(at: .s(ended), "c1", "pending", "failed")
    let verdict = verdict(history, until: .s(400))
    #expect(verdict.isExercised)
    #expect(verdict.violations.map(\.time) == (ended > 340 ? [.s(340)] : []))
    #expect(ended == 340 || verdict.violations.first?.message.contains("c1") == true)
  }

  @Test(
    "an acknowledged command has the deadline of its action and 30 s",
    arguments: [
      ("stop_session", 162.0), ("start_session", 342.0),
    ])
  func acknowledged(action: String, due: Double) {
    var history = History.steady()
    history.insert(at: .s(10), "c1", action, of: "s1")
    history.send(at: .s(11), "c1")
    history.status(at: .s(11), "c1", "pending", "sent")
    history.status(at: .s(12), "c1", "sent", "ack")
    var inTime = history
    inTime.status(at: .s(due), "c1", "ack", "completed")
    #expect(verdict(inTime, until: .s(600)).outcome == .held)
    let late = verdict(history, until: .s(600))
    #expect(late.violations.map(\.time) == [.s(due)])
    #expect(late.violations.first?.firstEvent?.time == .s(12))
  }

  @Test("time under a fault does not count: the deadline counts from the heal")
  func fault() {
    var history = History.steady()
    history.at(.s(5), .faultBegan(name: "cut", fault: .cut(.agent(agentID), .replica("r1"))))
    history.insert(at: .s(10), "c1", "stop_session", of: "s1")
    history.at(.s(500), .faultEnded(name: "cut"))
    #expect(verdict(history, until: .s(830)).notJudged == 1)
    #expect(verdict(history, until: .s(831)).violations.map(\.time) == [.s(830)])
  }

  @Test("a command for an absent agent has C12's 5 min from when it is seen offline", arguments: [405.0, 405.001])
  func absent(ended: Double) {
    var history = History.steady()
    history.at(.s(10), .processEnded(process: agentID, reason: "SIGKILL", injected: true))
    history.insert(at: .s(20), "c1", "stop_session", of: "s1")
    history.status(at: .s(ended), "c1", "pending", "failed")
    #expect(verdict(history, until: .s(500)).violations.map(\.time) == (ended > 405 ? [.s(405)] : []))
  }

  @Test("an agent that flaps does not put the end off for ever (B-33)")
  func flapping() {
    var history = History.steady()
    history.insert(at: .s(1), "c1", "stop_session", of: "s1")
    history.send(at: .s(1), "c1")
    history.status(at: .s(1), "c1", "pending", "sent")
    for round in 0..<20 {
      history.disconnect(at: .s(Double(round) * 50 + 45), from: "r1", round + 1)
      history.connect(at: .s(Double(round) * 50 + 50), to: "r1", round + 2)
    }
    #expect(verdict(history, until: .s(1_000)).violationCount == 1)
  }

  @Test("a pending command waits as long as the queue of its agent moves (C34)")
  func queue() {
    var history = History.steady()
    history.insert(at: .s(0), "last", "start_session", of: "last")
    for number in 0..<6 {
      let time = Double(number) * 200
      history.insert(at: .s(time), "c\(number)", "start_session", of: "s\(number)")
      history.status(at: .s(time + 1), "c\(number)", "pending", "ack")
      history.status(at: .s(time + 200), "c\(number)", "ack", "completed")
    }
    #expect(verdict(history, until: .s(1_500)).violationCount == 0)
    #expect(verdict(history, until: .s(1_531)).violations.map(\.time) == [.s(1_530)])
  }

  @Test("without any ready replica nothing is owed")
  func noReplica() {
    var history = History.steady()
    history.insert(at: .s(1), "c1", "stop_session", of: "s1")
    for replica in ["r1", "r2", "r3"] {
      history.at(.s(2), .processEnded(process: replica, reason: "SIGKILL", injected: true))
    }
    let verdict = verdict(history, until: .s(5_000))
    #expect(verdict.violationCount == 0)
    #expect(verdict.notJudged == 1)
  }
}

@Suite struct CommandOnceTests {
  func verdict(_ history: History) -> InvariantVerdict { history.verdict("I-CMD-ONCE", until: .s(1_000)) }

  @Test("a repeat that the agent suppresses is in order")
  func satisfied() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.send(at: .s(20), "start-s1", attempt: 2)
    history.at(.s(20), .commandReceived(command: "start-s1", agent: agentID, instance: agentID))
    #expect(verdict(history).outcome == .held)
  }

  @Test("one process that carries a command out twice is found")
  func twice() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.execute(at: .s(20), "start-s1", "start_session", of: "s1")
    let verdict = verdict(history)
    #expect(verdict.violations.map(\.time) == [.s(20)])
    #expect(verdict.violations.first?.message.contains("start-s1") == true)
  }

  @Test("a restarted agent may begin again, and adopts what is there (C27)")
  func adopted() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.at(.s(20), .processEnded(process: agentID, reason: "SIGKILL", injected: true))
    history.at(.s(30), .processStarted(process: agentID))
    history.execute(at: .s(40), "start-s1", "start_session", of: "s1")
    let verdict = verdict(history)
    #expect(verdict.violationCount == 0)
    #expect(verdict.excused == 1)
  }

  @Test("a leader that lost its leadership may begin again when it leads anew, not within one term", arguments: [1, 2])
  func leadsAnew(term: Int64) {
    func leads(_ term: Int64, _ isLeading: Bool) -> Observation {
      .leadership(agent: agentID, instance: agentID, term: term, isLeading: isLeading, reason: "test")
    }
    var history = History.steady()
    history.at(.s(5), leads(1, true))
    history.run(at: .s(10), "s1")
    history.at(.s(20), leads(1, false))
    history.at(.s(30), leads(term, true))
    history.execute(at: .s(40), "start-s1", "start_session", of: "s1")
    #expect(verdict(history).violations.map(\.time) == (term == 1 ? [.s(40)] : []))
  }

  @Test("an object that is made again while it is there is found")
  func madeTwice() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.workload(at: .s(40), "s1", .created, by: "start-s1")
    #expect(verdict(history).violations.map(\.rule) == ["one effect for one command"])
  }

  @Test("an old start that is replayed after the stop is found (B-24)")
  func replayed() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.stop(at: .s(20), "s1")
    history.at(.s(25), .processEnded(process: agentID, reason: "SIGKILL", injected: true))
    history.at(.s(30), .processStarted(process: agentID))
    history.workload(at: .s(40), "s1", .created, by: "start-s1")
    let verdict = verdict(history)
    #expect(verdict.violations.map(\.time) == [.s(40)])
    #expect(verdict.violations.first?.message.contains("stop-s1") == true)
  }

  @Test("a start that cleans up after itself may begin again")
  func cleanedUp() {
    var history = History.steady()
    history.create(at: .s(10), "s1")
    history.insert(at: .s(10), "c1", "start_session", of: "s1")
    for event in [WorkloadEvent.created, .deleted, .created, .ready] {
      history.workload(at: .s(11), "s1", event, by: "c1")
    }
    #expect(verdict(history).outcome == .held)
  }

  @Test("what the platform removed by itself may come back")
  func platform() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.workload(at: .s(20), "s1", .deleted, by: nil)
    history.workload(at: .s(21), "s1", .created, by: "start-s1")
    #expect(verdict(history).outcome == .held)
  }

  @Test("unfinished commands that a restarted agent repeats in their order are in order")
  func unfinished() {
    var history = History.steady()
    history.create(at: .s(10), "s1")
    history.insert(at: .s(10), "c1", "start_session", of: "s1")
    history.insert(at: .s(12), "c2", "stop_session", of: "s1")
    for round in [20.0, 40.0] {
      history.execute(at: .s(round), "c1", "start_session", of: "s1")
      history.workload(at: .s(round), "s1", .created, by: "c1")
      history.execute(at: .s(round + 1), "c2", "stop_session", of: "s1")
      history.workload(at: .s(round + 1), "s1", .deleted, by: "c2")
      history.at(.s(round + 2), .processEnded(process: agentID, reason: "SIGKILL", injected: true))
      history.at(.s(round + 9), .processStarted(process: agentID))
    }
    let verdict = verdict(history)
    #expect(verdict.violationCount == 0)
    #expect(verdict.excused >= 1)
  }
}

@Suite struct CommandMonotonicTests {
  func verdict(_ history: History) -> InvariantVerdict { history.verdict("I-CMD-MONO", until: .s(1_000)) }

  static let states = ["pending", "sent", "ack", "completed", "failed"]

  @Test("only steps forward are allowed", arguments: states, states)
  func edges(from: String, to: String) {
    var history = History.steady()
    history.insert(at: .s(1), "c1", "stop_session", of: "s1")
    history.status(at: .s(2), "c1", from, to)
    let isLegal =
      ["pending": 0, "sent": 1, "ack": 2, "completed": 3, "failed": 3][from, default: 9]
      < ["pending": 0, "sent": 1, "ack": 2, "completed": 3, "failed": 3][to, default: 9]
    let verdict = verdict(history)
    #expect(verdict.checks == 1)
    #expect(verdict.violationCount == (isLegal || from == to ? 0 : 1))
  }

  @Test("a state that nobody knows is found")
  func unknown() {
    var history = History.steady()
    history.status(at: .s(2), "c1", "pending", "queued")
    #expect(verdict(history).violations.map(\.rule) == ["known states"])
  }

  @Test("stamps may be equal, never turned round", arguments: [5.0, 4.999])
  func stamps(acknowledged: Double) {
    var history = History.steady()
    history.insert(at: .s(1), "c1", "stop_session", of: "s1")
    history.status(
      at: .s(6), "c1", "ack", "completed",
      CommandTimes(created: .s(1), sent: .s(5), acknowledged: .s(acknowledged), completed: .s(6)))
    let verdict = verdict(history)
    #expect(verdict.violationCount == (acknowledged < 5 ? 1 : 0))
    #expect(acknowledged == 5 || verdict.violations.first?.firstEvent?.time == .s(6))
  }

  @Test("a stamp that was skipped is not missed")
  func skipped() {
    var history = History.steady()
    history.status(at: .s(6), "c1", "pending", "completed", CommandTimes(created: .s(7), completed: .s(6)))
    #expect(verdict(history).violations.map(\.rule) == ["stamps in order"])
  }
}

@Suite struct CommandTruthTests {
  func verdict(_ history: History, until end: Duration = .s(1_000)) -> InvariantVerdict {
    history.verdict("I-CMD-TRUTH", until: end)
  }

  @Test("commands that do what they say hold")
  func satisfied() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.stop(at: .s(20), "s1")
    let verdict = verdict(history)
    #expect(verdict.outcome == .held)
    #expect(verdict.checks == 4)
  }

  @Test("sent without bytes is found, bytes of the same instant are not (B-10)")
  func sent() {
    var history = History.steady()
    history.insert(at: .s(10), "c1", "stop_session", of: "s1")
    history.status(at: .s(11), "c1", "pending", "sent")
    var sameInstant = history
    sameInstant.send(at: .s(11), "c1")
    #expect(verdict(sameInstant).outcome == .held)
    history.send(at: .s(11.001), "c1")
    let verdict = verdict(history)
    #expect(verdict.violations.map(\.time) == [.s(11)])
    #expect(
      verdict.violations.first?.firstEvent?.observation
        == .commandStatus(command: "c1", from: "pending", to: "sent", times: .init()))
  }

  @Test("a start that completes without a ready workload is found")
  func startWithoutEffect() {
    var history = History.steady()
    history.create(at: .s(10), "s1")
    history.carryOut(at: .s(10), "c1", "start_session", of: "s1", effect: [.created])
    let verdict = verdict(history)
    #expect(verdict.violations.map(\.time) == [.s(10.11)])
    #expect(verdict.violations.first?.message.contains("deployment/s1 not ready") == true)
  }

  @Test("what a stop takes down has 30 s to go", arguments: [50.0, 50.001])
  func stopEffect(gone: Double) {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.insert(at: .s(19), "c2", "stop_session", of: "s1")
    history.status(at: .s(20), "c2", "pending", "completed")
    history.workload(at: .s(gone), "s1", .deleted, by: "c2")
    #expect(verdict(history).violations.map(\.time) == (gone > 50 ? [.s(50)] : []))
  }

  @Test("a stop of a session that nobody knows completes at once")
  func unknownSession() {
    var history = History.steady()
    history.carryOut(at: .s(10), "c1", "stop_session", of: "unknown", effect: [])
    #expect(verdict(history).outcome == .held)
  }

  @Test("a home volume may outlive the stop")
  func homeVolume() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.workload(at: .s(10), "s1", .created, by: "start-s1", kind: "pvc")
    history.stop(at: .s(20), "s1")
    #expect(verdict(history).outcome == .held)
  }

  @Test("hibernate and wake are held to their effects")
  func hibernateAndWake() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.carryOut(at: .s(20), "h1", "hibernate_session", of: "s1", effect: [.scaledToZero])
    history.carryOut(at: .s(60), "w1", "wake_session", of: "s1", effect: [.scaledUp, .ready])
    #expect(verdict(history).outcome == .held)
    var lying = History.steady()
    lying.run(at: .s(10), "s1")
    lying.carryOut(at: .s(20), "h1", "hibernate_session", of: "s1", effect: [])
    lying.carryOut(at: .s(60), "h2", "hibernate_session", of: "s1", effect: [.scaledToZero])
    lying.carryOut(at: .s(70), "w1", "wake_session", of: "s1", effect: [])
    #expect(verdict(lying).violations.map(\.time) == [.s(50.11), .s(70.11)])
  }

  @Test("a failed start that leaves objects is found when quiet")
  func failedLeaves() {
    var history = History.steady()
    history.create(at: .s(10), "s1")
    history.insert(at: .s(10), "c1", "start_session", of: "s1")
    history.workload(at: .s(11), "s1", .created, by: "c1", kind: "service")
    history.status(at: .s(20), "c1", "pending", "failed")
    history.state(at: .s(20), "s1", "pending", "failed")
    history.at(.s(30), .loadStopped)
    #expect(verdict(history, until: .s(89)).violationCount == 0)
    let verdict = verdict(history, until: .s(200))
    #expect(verdict.violationCount == 1)
    #expect(verdict.violations.first?.message.contains("service/s1") == true)
    history.at(.s(40), .faultBegan(name: "redis", fault: .redisDown))
    #expect(self.verdict(history, until: .s(200)).violationCount == 0)
  }
}

@Suite struct CommandOrderTests {
  func verdict(_ history: History) -> InvariantVerdict { history.verdict("I-CMD-ORDER", until: .s(1_000)) }

  @Test("start, then stop holds; sessions do not concern each other")
  func satisfied() {
    var history = History.steady()
    history.insert(at: .s(1), "c1", "start_session", of: "s1")
    history.insert(at: .s(2), "c2", "start_session", of: "s2")
    history.insert(at: .s(3), "c3", "stop_session", of: "s1")
    history.execute(at: .s(4), "c2", "start_session", of: "s2")
    history.execute(at: .s(5), "c1", "start_session", of: "s1")
    history.execute(at: .s(6), "c3", "stop_session", of: "s1")
    #expect(verdict(history).outcome == .held)
  }

  @Test("a stop that overtakes its start is found (B-20)")
  func overtaken() {
    var history = History.steady()
    history.insert(at: .s(1), "c1", "start_session", of: "s1")
    history.insert(at: .s(3), "c3", "stop_session", of: "s1")
    history.execute(at: .s(5), "c3", "stop_session", of: "s1")
    history.execute(at: .s(6), "c1", "start_session", of: "s1")
    let verdict = verdict(history)
    #expect(verdict.violations.map(\.time) == [.s(6)])
    #expect(verdict.violations.first?.message.contains("c3") == true)
  }

  @Test("the repeat of an earlier command is no overtaking")
  func repeated() {
    var history = History.steady()
    history.insert(at: .s(1), "c1", "start_session", of: "s1")
    history.insert(at: .s(3), "c3", "stop_session", of: "s1")
    for (time, command) in [(4.0, "c1"), (5, "c3"), (6, "c1")] {
      history.execute(at: .s(time), command, "start_session", of: "s1")
    }
    #expect(verdict(history).violationCount == 0)
  }
}
