import Oracles
import TestEnvironment
import Testing

@Suite struct LeaderOneTests {
  private func verdict(_ history: History) -> InvariantVerdict { history.verdict("I-LEADER-ONE", until: .s(300)) }

  @Test("the leader may act, and its successor in a newer term")
  func legalSuccession() {
    var history = History.led()
    history.act(at: .s(10), first, "c1")
    history.write(at: .s(10.5), first, 1)
    history.yield(at: .s(20), first, 1)
    history.win(at: .s(20.1), second, 2)
    history.act(at: .s(20.1), second, "c2")
    history.write(at: .s(20.1), second, 2)
    let verdict = verdict(history)
    #expect(verdict.violationCount == 0)
    #expect(verdict.checks >= 5)
  }

  @Test("two that lead at once are one too many, even if neither acts")
  func twoLeaders() {
    var history = History.led()
    history.win(at: .s(20), second, 2)
    let verdict = verdict(history)
    #expect(verdict.violationCount == 1)
    #expect(verdict.violations.first?.message.contains("\(first) (term 1") == true)
    #expect(verdict.violations.first?.rule == "at most one may act")
  }

  @Test("a successor at the very instant of the end is none too early; before it, it is")
  func edge() {
    var history = History.led()
    history.yield(at: .s(20), first, 1)
    history.win(at: .s(20), second, 2)
    #expect(verdict(history).violationCount == 0)
    history = .led()
    history.yield(at: .s(20.001), first, 1)
    history.win(at: .s(20), second, 2)
    #expect(verdict(history).violationCount == 1)
  }

  @Test("a paused leader may be succeeded; it has a moment to notice after it wakes, and no longer", arguments: [0, 1])
  func paused(excess: Int64) {
    var history = History.led()
    history.at(.s(20), .processPaused(process: first))
    history.win(at: .s(36), second, 2)
    history.act(at: .s(37), second, "c1")
    history.at(.s(40), .processResumed(process: first))
    history.yield(at: .s(40.1) + .milliseconds(excess), first, 1, releases: false)
    #expect(verdict(history).violationCount == Int(excess))
  }

  @Test("a paused leader counts from its next step", arguments: [true, false])
  func wokenLeaderActs(hasSuccessorActed: Bool) {
    var history = History.led()
    history.at(.s(20), .processPaused(process: first))
    history.win(at: .s(36), second, 2)
    if hasSuccessorActed { history.write(at: .s(37), second, 2) }
    history.at(.s(40), .processResumed(process: first))
    history.act(at: .s(40), first, "c1")
    history.yield(at: .s(40.010), first, 1, releases: false)
    let rule = hasSuccessorActed ? "an older term acts no more" : "only the leader acts"
    #expect(verdict(history).violations.map(\.rule) == [rule])
  }

  @Test("a write refused by the fence does not count")
  func refused() {
    var history = History.led()
    history.yield(at: .s(20), first, 1, releases: false)
    history.win(at: .s(36), second, 2)
    history.write(at: .s(37), second, 2)
    history.at(.s(38), .platformWriteRefused(agent: agentID, instance: first, term: 1, object: "deployment/s1"))
    #expect(verdict(history).violationCount == 0)
  }

  @Test("a write that was on its way may land while nobody else leads, and for six seconds")
  func inFlight() {
    var history = History.led()
    history.yield(at: .s(20), first, 1)
    history.write(at: .s(26), first, 1)
    let legal = verdict(history)
    #expect(legal.violationCount == 0)
    #expect(legal.excused == 1)
    history = .led()
    history.yield(at: .s(20), first, 1)
    history.write(at: .s(26.001), first, 1)
    #expect(verdict(history).violationCount == 1)
  }

  @Test("a late write beside a successor: the cluster knows the lease; a daemon only what wrote to it")
  func inFlightBesideSuccessor() {
    for (election, wanted) in [(Topology.Agent.Election.lease, 1), (.redis, 0)] {
      var history = History.led(election)
      history.yield(at: .s(20), first, 1)
      history.win(at: .s(21), second, 2)
      history.write(at: .s(22), first, 1)
      #expect(verdict(history).violationCount == wanted)
    }
    var history = History.led(.redis)
    history.yield(at: .s(20), first, 1)
    history.win(at: .s(21), second, 2)
    history.write(at: .s(21.5), second, 2)
    history.write(at: .s(22), first, 1)
    #expect(verdict(history).violations.map(\.rule) == ["an older term acts no more"])
  }

  @Test("a write that a woken process sends is never on its way", arguments: [true, false])
  func afterWaking(wasPaused: Bool) {
    var history = History.led(.redis)
    if wasPaused { history.at(.s(10), .processPaused(process: first)) }
    history.yield(at: .s(30), first, 1, releases: false)
    if wasPaused { history.at(.s(32), .processResumed(process: first)) }
    history.write(at: .s(32), first, 1)
    #expect(verdict(history).violationCount == (wasPaused ? 1 : 0))
  }

  @Test("a command begun by one who does not lead is never on its way", arguments: [first, second])
  func commandWithoutLeading(instance: String) {
    var history = History.led()
    history.yield(at: .s(20), first, 1)
    history.act(at: .s(20.001), instance, "c1")
    #expect(verdict(history).violations.map(\.rule) == ["only the leader acts"])
  }

  @Test("a standby writes nothing")
  func standby() {
    var history = History.led()
    history.write(at: .s(20), second, nil)
    #expect(verdict(history).violations.map(\.rule) == ["only the leader acts"])
  }

  @Test("a term belongs to one leader")
  func sameTerm() {
    var history = History.led(.redis)
    history.act(at: .s(10), first, "c1")
    history.crash(at: .s(20), first)
    history.win(at: .s(36), second, 1)
    history.act(at: .s(37), second, "c2")
    #expect(verdict(history).violations.map(\.rule) == ["a term belongs to one leader"])
  }

  @Test("a record made anew may begin with an old term, if it is raised before its holder acts")
  func raisedTerm() {
    var history = History.led(.redis)
    history.at(.s(2), .leadership(agent: agentID, instance: first, term: 5, isLeading: true, reason: ""))
    history.act(at: .s(10), first, "c1")
    history.crash(at: .s(20), first)
    history.win(at: .s(36), second, 1)
    history.at(.s(36.5), .leadership(agent: agentID, instance: second, term: 6, isLeading: true, reason: ""))
    history.write(at: .s(36.6), second, 1)  // Sent before the term was raised: refused by no fence of this platform.
    #expect(verdict(history).violationCount == 1)
    history = .led(.redis)
    history.crash(at: .s(20), first)
    history.win(at: .s(36), second, 1)
    history.at(.s(36.5), .leadership(agent: agentID, instance: second, term: 6, isLeading: true, reason: ""))
    history.act(at: .s(36.6), second, "c2")
    history.write(at: .s(36.7), second, 1)
    #expect(verdict(history).violationCount == 0)
  }

  @Test("those with a lock each have a minute to find out; who acts beside another has not", arguments: [true, false])
  func unsharedVolume(isRecognised: Bool) {
    var history = History.started(.file(shared: false))
    for (number, process) in [first, second, third].enumerated() { history.win(at: .s(17), process, Int64(number)) }
    if isRecognised {
      for process in [first, second] { history.yield(at: .s(77), process, 0) }
    }
    #expect(verdict(history).violationCount == (isRecognised ? 0 : 2))
    history.act(at: .s(30), second, "c1")
    history.act(at: .s(31), first, "c2")
    #expect(verdict(history).violations.first?.rule == "an older term acts no more")
  }

  @Test("those that raise their terms against each other get no other minute for it")
  func raisedTermsOnUnsharedVolume() {
    var history = History.started(.file(shared: false))
    for (number, process) in [first, second].enumerated() { history.win(at: .s(17), process, Int64(number)) }
    for round in 1...3 {
      history.win(at: .s(17 + Double(round) * 20), first, Int64(2 * round))
      history.win(at: .s(18 + Double(round) * 20), second, Int64(2 * round + 1))
    }
    #expect(verdict(history).violationCount > 0)
  }

  @Test("without an election the newest registration acts; an evicted process that goes on beside it is caught")
  func withoutElection() {
    var history = History.started(nil)
    history.link(at: .s(1), first, 1)
    history.act(at: .s(2), first, "c1")
    history.link(at: .s(3), second, 2, to: "r2")
    history.write(at: .s(3.5), first, nil)  // The rest of its work, while the other has not begun.
    history.act(at: .s(4), second, "c2")
    let legal = verdict(history)
    #expect(legal.violationCount == 0)
    #expect(legal.checks == 3)
    history.write(at: .s(4.5), first, nil)
    #expect(verdict(history).violations.map(\.rule) == ["an older term acts no more"])
  }

  @Test("an agent with one process and no election puts it to no test")
  func single() {
    var history = History.steady()
    history.execute(at: .s(2), "c1", "start_session", of: "s1")
    #expect(verdict(history).outcome == .notExercised)
  }

  @Test("the evidence names both processes and shows both terms")
  func evidence() {
    var history = History.led()
    history.act(at: .s(10), first, "c1")
    history.at(.s(12), .processPaused(process: first))
    history.win(at: .s(30), second, 2)
    history.write(at: .s(31), second, 2)
    history.at(.s(32), .processResumed(process: first))
    history.write(at: .s(32), first, 1)
    let violation = verdict(history).violations.first
    #expect(violation?.message.contains("\(first) of \(agentID) writes deployment/s1 at 32.000 s in term 1") == true)
    #expect(violation?.message.contains("after \(second) acted in term 2 at 31.000 s") == true)
    #expect(violation?.chain.contains { $0.observation == .processPaused(process: first) } == true)
  }
}
