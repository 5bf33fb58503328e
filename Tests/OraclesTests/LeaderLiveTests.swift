import Oracles
import TestEnvironment
import Testing

@Suite struct LeaderLiveTests {
  private func verdict(_ history: History, until end: Duration = .s(400)) -> InvariantVerdict {
    history.verdict("I-LEADER-LIVE", until: end)
  }

  /// The leader dies at 50, its successor is connected at `time`.
  private func succession(connectedAt time: Duration, _ election: Topology.Agent.Election = .lease) -> History {
    var history = History.led(election)
    history.crash(at: .s(50), first)
    history.win(at: time - .s(0.6), second, 2)
    history.link(at: time, second, 2)
    return history
  }

  @Test("a successor is connected 25 s after the leader died, and not a moment later")
  func crash() {
    let legal = verdict(succession(connectedAt: .s(75)))
    #expect(legal.violationCount == 0)
    #expect(legal.checks == 2)
    let late = verdict(succession(connectedAt: .s(75.001)))
    #expect(late.violations.map(\.time) == [.s(75)])
    #expect(late.violations.first?.message.contains("\(second) leads in term 2 without a connection") == true)
  }

  @Test("nobody leads any more: found out once, with those named who could")
  func nobody() {
    var history = History.led()
    history.crash(at: .s(50), first)
    let verdict = verdict(history)
    #expect(verdict.violationCount == 1)
    #expect(verdict.violations.first?.message.contains("nobody leads, though \(second), \(third) can reach") == true)
  }

  @Test("a paused leader is lost from the pause on", arguments: [25_000, 25_001])
  func pause(milliseconds: Int64) {
    var history = History.led()
    history.at(.s(50), .processPaused(process: first))
    history.win(at: .s(70), second, 2)
    history.link(at: .s(50) + .milliseconds(milliseconds), second, 2)
    #expect(verdict(history).violationCount == (milliseconds > 25_000 ? 1 : 0))
  }

  @Test("a leader that is cut from its lock is to be replaced from the cut on")
  func cutFromLock() {
    for (connected, wanted) in [(Duration.s(75), 0), (.s(75.001), 1)] {
      var history = History.led()
      history.fault(at: .s(50), to: .s(100), .cut(.instance(first), .kubernetes))
      history.yield(at: .s(61), first, 1, releases: false)
      history.unlink(at: .s(61), first, 1)
      history.win(at: .s(70), second, 2)
      history.link(at: connected, second, 2)
      #expect(verdict(history).violationCount == wanted)
    }
  }

  @Test("a cut from the lock that heals in time costs nothing")
  func shortCut() {
    var history = History.led()
    history.fault(at: .s(50), to: .s(58), .cut(.instance(first), .kubernetes))
    let verdict = verdict(history)
    #expect(verdict.violationCount == 0)
    #expect(verdict.checks == 2)
  }

  @Test("the clock stands while no process can reach the lock, and begins anew then")
  func lockAway() {
    for (connected, wanted) in [(Duration.s(105), 0), (.s(105.001), 1)] {
      var history = History.led()
      history.fault(at: .s(50), to: .s(80), .kubernetes(.down))
      history.yield(at: .s(62), first, 1, releases: false)
      history.unlink(at: .s(62), first, 1)
      history.win(at: .s(95), third, 2)
      history.link(at: connected, third, 2)
      #expect(verdict(history).violationCount == wanted)
    }
  }

  @Test("the same with Redis for the Redis back end, in ten seconds more; for a lease Redis matters less")
  func redisAway() {
    func history(_ election: Topology.Agent.Election, connected: Duration) -> History {
      var history = History.led(election)
      history.fault(at: .s(50), to: .s(80), .redisDown)
      history.at(.s(50), .redisAvailable(false))
      history.at(.s(80), .redisAvailable(true))
      history.crash(at: .s(55), first)
      history.win(at: .s(90), third, 2)
      history.link(at: connected, third, 2)
      return history
    }
    #expect(verdict(history(.redis, connected: .s(115))).violationCount == 0)
    #expect(verdict(history(.redis, connected: .s(115.001))).violationCount == 1)
    #expect(verdict(history(.lease, connected: .s(90.6))).violationCount == 1)
  }

  @Test("after an outage of the control plane the back-off counts: 30 s, after half a minute of it 35 s")
  func controlPlaneAway() {
    for (away, bound) in [(Duration.s(29), Duration.s(30)), (.s(30), .s(35))] {
      for (late, wanted) in [(Duration.zero, 0), (.milliseconds(1), 1)] {
        var history = History.led()
        history.fault(at: .s(50), to: .s(50) + away, .cut(.agent(agentID), .controlPlane))
        history.unlink(at: .s(50.1), first, 1)
        history.yield(at: .s(78), first, 1)
        history.win(at: .s(79), second, 2)
        history.link(at: .s(50) + away + bound + late, second, 2)
        #expect(verdict(history).violationCount == wanted, "\(away) \(late)")
      }
    }
  }

  @Test("a leader that alone is cut from the control plane has its time to yield; then the others' begins")
  func leaderCutFromControlPlane() {
    for (connected, wanted) in [(Duration.s(104), 0), (.s(104.001), 1)] {
      var history = History.led()
      history.fault(at: .s(50), to: .s(200), .cut(.instance(first), .controlPlane))
      history.yield(at: .s(79), first, 1)
      history.unlink(at: .s(79), first, 1)
      history.win(at: .s(81), second, 2)
      history.link(at: connected, second, 2)
      #expect(verdict(history).violationCount == wanted)
    }
  }

  @Test("a leader that lost its link and neither returns nor yields for a minute is found out")
  func linkLost() {
    var history = History.led()
    history.unlink(at: .s(50), first, 1)
    history.link(at: .s(110), first, 2)
    #expect(verdict(history).violationCount == 0)
    history = .led()
    history.unlink(at: .s(50), first, 1)
    history.link(at: .s(110.001), first, 2)
    #expect(verdict(history).violationCount == 1)
  }

  @Test("who wins and dies before it is connected is another loss")
  func twice() {
    for (connected, wanted) in [(Duration.s(95), 0), (.s(95.001), 1)] {
      var history = History.led()
      history.crash(at: .s(50), first)
      history.win(at: .s(69.9), second, 2)
      history.crash(at: .s(70), second)
      history.win(at: .s(90), third, 3)
      history.link(at: connected, third, 3)
      #expect(verdict(history).violationCount == wanted)
    }
  }

  @Test("the clock stands while no process runs")
  func allDown() {
    var history = History.led()
    for process in [first, second, third] { history.crash(at: .s(50), process) }
    history.at(.s(70), .processStarted(process: second))
    history.win(at: .s(90), second, 2)
    history.link(at: .s(95), second, 2)
    #expect(verdict(history).violationCount == 0)
    #expect(verdict(history, until: .s(60)).violationCount == 0)
  }

  @Test("the first leader: 25 s on Kubernetes, 20 s on Docker", arguments: [true, false])
  func coldStart(isDocker: Bool) {
    let bound: Duration = isDocker ? .s(20) : .s(25)
    for (late, wanted) in [(Duration.zero, 0), (.milliseconds(1), 1)] {
      var history = History.started(isDocker ? .file(shared: true) : .lease)
      history.at(.s(15), .leadership(agent: agentID, instance: second, term: 1, isLeading: true, reason: ""))
      history.link(at: bound + late, second, 1)
      #expect(verdict(history).violationCount == wanted)
    }
  }

  /// The leader dies at 50, its successor leads from 70 on, and `trouble` is there.
  private func misrouted(connectedAt time: Duration, _ trouble: (inout History) -> Void) -> History {
    var history = History.led()
    history.crash(at: .s(50), first)
    history.win(at: .s(70), second, 2)
    trouble(&history)
    history.link(at: time, second, 2)
    return history
  }

  @Test("an attempt that may meet a replica without its database has its time, and is tried again", arguments: [0, 1])
  func misroutes(excess: Int64) {
    let late = misrouted(connectedAt: .s(106) + .milliseconds(excess)) {
      $0.fault(at: .s(60), to: .s(90), .cut(.replica("r2"), .database))
      $0.retry(at: .s(75), second, 1, wait: .s(2))
      $0.retry(at: .s(82), second, 2, wait: .s(4))
    }
    #expect(verdict(late).violationCount == Int(excess))
    let after = misrouted(connectedAt: .s(98) + .milliseconds(excess)) {
      $0.fault(at: .s(60), to: .s(80), .cut(.replica("r2"), .database))
      $0.retry(at: .s(80), second, 1, wait: .s(15))
    }
    #expect(verdict(after).violationCount == Int(excess), "the next attempt, and one connect")
  }

  @Test("an attempt that failed for no such reason excuses nothing, nor one that comes after it")
  func failedForNothing() {
    let without = misrouted(connectedAt: .s(75.001)) { $0.retry(at: .s(72), second, 1, wait: .s(2)) }
    #expect(verdict(without).violations.map(\.time) == [.s(75)])
    let healed = misrouted(connectedAt: .s(75.001)) {
      $0.fault(at: .s(60), to: .s(69), .cut(.replica("r2"), .database))
      $0.retry(at: .s(72), second, 1, wait: .s(2))
    }
    #expect(verdict(healed).violations.map(\.time) == [.s(75)])
    let endless = misrouted(connectedAt: .s(200)) {
      $0.fault(at: .s(60), to: .s(71), .cut(.replica("r2"), .database))
      $0.retry(at: .s(72), second, 1, wait: .s(600))
    }
    #expect(verdict(endless).violations.map(\.time) == [.s(107)], "no wait is longer than 32 s (C26)")
  }

  @Test("a paused replica is met until the probes take it out")
  func pausedReplica() {
    for (paused, bound) in [(Duration.s(40), Duration.s(90)), (.s(34), .s(75))] {
      for (late, wanted) in [(Duration.zero, 0), (.milliseconds(1), 1)] {
        let history = misrouted(connectedAt: bound + late) {
          $0.at(paused, .processPaused(process: "r2"))
        }
        #expect(verdict(history).violationCount == wanted, "\(paused) \(late)")
      }
    }
  }

  @Test("before the approval nobody can connect; then within a poll", arguments: [0, 1])
  func enrolment(excess: Int64) {
    var history = History.started()
    history.context.topology.agents[0].isEnrolled = false
    history.at(.s(1), .enrolment(agent: agentID, .registered))
    history.win(at: .s(1), first, 1)
    history.at(.s(100), .enrolment(agent: agentID, .approved))
    history.link(at: .s(135) + .milliseconds(excess), first, 1)
    #expect(verdict(history).violationCount == Int(excess))
  }

  @Test("a lock that each process has for itself binds nobody to lead")
  func unshared() {
    #expect(verdict(History.started(.file(shared: false))).outcome == .notExercised)
  }

  @Test("slow clocks stretch the bound, slow links add to it")
  func slowness() {
    var history = History.led()
    history.fault(at: .s(1), .drift(.instance(second), ppm: -200_000))
    history.crash(at: .s(50), first)
    history.win(at: .s(75), second, 2)
    history.link(at: .s(80), second, 2)
    #expect(verdict(history).violationCount == 0)
    history = .led()
    history.fault(at: .s(1), .slow(.agent(agentID), .controlPlane, by: .s(1)))
    history.crash(at: .s(50), first)
    history.win(at: .s(75), second, 2)
    history.link(at: .s(79), second, 2)
    #expect(verdict(history).violationCount == 0)
  }
}

@Suite struct LeaderWorkTests {
  private func verdict(_ history: History, until end: Duration = .s(400)) -> InvariantVerdict {
    history.verdict("I-LEADER-WORK", until: end)
  }

  @Test("a holder that loses its link gives the lock up within 30 s and the time of the write", arguments: [0, 1])
  func yields(excess: Int64) {
    var history = History.led()
    history.unlink(at: .s(50), first, 1)
    history.yield(at: .s(80.470) + .milliseconds(excess), first, 1)
    let verdict = verdict(history)
    #expect(verdict.violationCount == Int(excess))
    #expect(verdict.checks == 2)
  }

  @Test("the link counts as lost from the cut on, not from noticing it", arguments: [0, 1])
  func cut(excess: Int64) {
    var history = History.led()
    history.fault(at: .s(50), to: .s(170), .cut(.instance(first), .controlPlane))
    history.yield(at: .s(80.470) + .milliseconds(excess), first, 1)
    history.unlink(at: .s(81), first, 1)
    let verdict = verdict(history)
    #expect(verdict.violationCount == Int(excess))
  }

  @Test("a socket that is lost behind the cut gives 30 s from its loss (C28)", arguments: [0, 1])
  func cutThenLost(excess: Int64) {
    var history = History.led()
    history.fault(at: .s(50), to: .s(170), .cut(.instance(first), .controlPlane))
    history.unlink(at: .s(60), first, 1)
    history.yield(at: .s(90.470) + .milliseconds(excess), first, 1)
    #expect(verdict(history).violationCount == Int(excess))
  }

  @Test("who lost its leadership and gains its own lock again has 30 s from there", arguments: [0, 1])
  func gainedAgain(excess: Int64) {
    var history = History.led()
    history.fault(at: .s(50), to: .s(170), .cut(.instance(first), .controlPlane))
    history.yield(at: .s(62), first, 1, releases: false)
    history.unlink(at: .s(62), first, 1)
    history.win(at: .s(64), first, 2)
    history.yield(at: .s(94.470) + .milliseconds(excess), first, 2)
    #expect(verdict(history).violationCount == Int(excess))
  }

  @Test("a term that is raised by who leads gives no new time", arguments: [0, 1])
  func raised(excess: Int64) {
    var history = History.led()
    history.unlink(at: .s(50), first, 1)
    history.win(at: .s(60), first, 2)
    history.yield(at: .s(80.470) + .milliseconds(excess), first, 2)
    #expect(verdict(history).violationCount == Int(excess))
  }

  @Test("a cut that heals leaves the connection as it was")
  func shortCut() {
    var history = History.led()
    history.fault(at: .s(50), to: .s(70), .cut(.instance(first), .controlPlane))
    #expect(verdict(history).violationCount == 0)
  }

  @Test("a paused or stopped replica carries no frames")
  func silentReplica() {
    var history = History.led()
    history.at(.s(50), .processPaused(process: "r1"))
    #expect(verdict(history).violations.map(\.time) == [.s(80.5)])
  }

  @Test("who wins the lock and never connects gives it up within 30 s, even if no replica is there")
  func neverConnects() {
    var history = History.started()
    for replica in ["r1", "r2", "r3"] { history.crash(at: .s(1), replica) }
    history.win(at: .s(10), first, 1)
    let violation = verdict(history).violations.first
    #expect(violation?.time == .s(40.5))
    #expect(violation?.message.contains("when it won the lock") == true)
    history.yield(at: .s(39.9), first, 1)
    #expect(verdict(history).violationCount == 0)
  }

  @Test("a dead or paused holder can give nothing up")
  func dead() {
    var history = History.led()
    history.crash(at: .s(50), first)
    #expect(verdict(history).violationCount == 0)
    history = .led()
    history.at(.s(50), .processPaused(process: first))
    #expect(verdict(history, until: .s(200)).violationCount == 0)
    history.at(.s(200), .processResumed(process: first))
    history.unlink(at: .s(201), first, 1)
    #expect(verdict(history).violations.map(\.time) == [.s(231.5)])
  }

  @Test("cut off from the lock too, it can only cease to lead")
  func cutFromBoth() {
    var history = History.led()
    history.fault(at: .s(50), .cut(.instance(first), .controlPlane))
    history.fault(at: .s(50), .cut(.instance(first), .kubernetes))
    #expect(verdict(history).violationCount == 1)
    history.yield(at: .s(62), first, 1, releases: false)
    #expect(verdict(history).violationCount == 0)
  }

  @Test("waiting for the administrator is no fault")
  func enrolment() {
    var history = History.started { $0.topology.agents[0].isEnrolled = false }
    history.win(at: .s(1), first, 1)
    history.at(.s(2), .enrolment(agent: agentID, .registered))
    history.at(.s(90), .enrolment(agent: agentID, .approved))
    history.link(at: .s(121), first, 1)
    #expect(verdict(history).violationCount == 0)
  }
}
