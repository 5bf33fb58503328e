import Oracles
import TestEnvironment
import Testing

@Suite struct ViewerEndTests {
  func verdict(_ history: History, until end: Duration = .s(300)) -> InvariantVerdict {
    history.verdict("I-VNC-END", until: end)
  }

  static let losses: [Observation] = [
    .processEnded(process: "r2", reason: "crashed", injected: true),
    .processEnded(process: "r1", reason: "crashed", injected: true),
    .processEnded(process: agentID, reason: "crashed", injected: true), .processPaused(process: agentID),
    .processPaused(process: "r1"),
    .agentDisconnected(agent: agentID, replica: "r1", connection: 1, reason: "reset"),
    .sessionState(session: "s1", from: "running", to: "hibernating", agent: agentID),
    .workload(session: "s1", agent: agentID, object: "deployment/s1", event: .notReady, command: nil),
    .faultBegan(name: "cut", fault: .cut(.agent(agentID), .controlPlane)),
    .faultBegan(name: "to the agent", fault: .cutOneWay(from: .replica("r1"), to: .agent(agentID))),
    .faultBegan(name: "from the agent", fault: .cutOneWay(from: .agent(agentID), to: .controlPlane)),
    .faultBegan(name: "half-open", fault: .halfOpen(gone: .agent(agentID), unaware: .replica("r1"))),
  ]

  @Test("when the other end goes, a viewer is told within 15 s (B-64, B-66)", arguments: losses, [15.0, 15.001])
  func told(loss: Observation, after: Double) {
    var history = History.viewed()
    history.view(at: .s(20), 1, edge: "r2")
    history.at(.s(40), loss)
    history.endViewer(at: .s(40 + after), 1, 4005)
    history.release(at: .s(41), 1)
    #expect(verdict(history).violationCount == (after > 15 ? 1 : 0))
    #expect(verdict(history).isExercised)
  }

  @Test("a viewer that is told nothing at all is found when the 15 s are over", arguments: losses)
  func frozen(loss: Observation) {
    var history = History.viewed()
    history.view(at: .s(20), 1, edge: "r2")
    history.at(.s(40), loss)
    #expect(verdict(history).violations.map(\.time) == [.s(55)])
  }

  @Test("the end of another agent's connection, session or replica concerns nobody here")
  func unconcerned() {
    var history = History.viewed(.t3)
    history.view(at: .s(20), 1, edge: "r2")
    history.at(.s(40), .processEnded(process: "r3", reason: "crashed", injected: true))
    history.at(.s(41), .agentDisconnected(agent: "k8s-a2", replica: "r1", connection: 9, reason: "reset"))
    history.at(.s(42), .sessionState(session: "s2", from: "running", to: "terminating", agent: agentID))
    #expect(verdict(history).violationCount == 0)
  }

  @Test("a silence that is over in time had not to be noticed")
  func brief() {
    var history = History.viewed()
    history.view(at: .s(20), 1)
    history.at(.s(40), .faultBegan(name: "cut", fault: .cut(.agent(agentID), .replica("r1"))))
    history.at(.s(46), .faultEnded(name: "cut"))
    history.at(.s(50), .processPaused(process: agentID))
    history.at(.s(57), .processResumed(process: agentID))
    #expect(verdict(history).violationCount == 0)
  }

  @Test(
    "an owner that cannot read a state has 15 s from when it can, and no longer",
    arguments: [Fault.cut(.replica("r1"), .database), .cutOneWay(from: .database, to: .replica("r1")), .databaseDown],
    [70.0, 70.001])
  func unreadable(fault: Fault, told: Double) {
    var history = History.viewed()
    history.view(at: .s(20), 1, edge: "r2")
    history.at(.s(38), .faultBegan(name: "no database", fault: fault))
    history.at(.s(40), .sessionState(session: "s1", from: "running", to: "terminating", agent: agentID))
    if fault == .databaseDown { history.at(.s(40.1), .databaseAvailable(false)) }
    history.at(.s(55), .faultEnded(name: "no database"))
    if fault == .databaseDown { history.at(.s(55), .databaseAvailable(true)) }
    history.endViewer(at: .s(told), 1, 4002)
    history.release(at: .s(told), 1)
    let found = verdict(history)
    #expect(found.violations.map(\.time) == (told > 70 ? [.s(70)] : []))
    #expect(found.isExercised)
  }

  @Test(
    "a state that its owner can read is no excuse, nor is the database one for any other loss",
    arguments: [
      (Fault.cut(.replica("r2"), .database), true), (.cut(.replica("r1"), .redis), true),
      (.databaseSlow(by: .zero), true), (.cut(.replica("r1"), .database), false),
    ])
  func readable(fault: Fault, isState: Bool) {
    var history = History.viewed()
    history.view(at: .s(20), 1, edge: "r2")
    history.at(.s(38), .faultBegan(name: "elsewhere", fault: fault))
    history.at(
      .s(40),
      isState
        ? .sessionState(session: "s1", from: "running", to: "terminating", agent: agentID)
        : .workload(session: "s1", agent: agentID, object: "deployment/s1", event: .notReady, command: nil))
    #expect(verdict(history).violations.map(\.time) == [.s(55)])
  }

  @Test("nobody can tell the viewer of an edge that vanished")
  func vanished() {
    var history = History.viewed()
    history.view(at: .s(20), 1, edge: "r2")
    history.at(.s(40), .processEnded(process: "r2", reason: "vanished", injected: true))
    #expect(verdict(history).violationCount == 0)
  }

  @Test("what a viewer leaves is released", arguments: ["attachment", "tunnel", "count", ""])
  func released(left: String) {
    var history = History.viewed()
    history.view(at: .s(20), 1)
    history.endViewer(at: .s(30), 1, 1000, byItself: true)
    if left != "tunnel" { history.at(.s(31), .tunnelClosed(tunnel: 1, session: "s1")) }
    if left != "attachment" { history.at(.s(31), .viewerDetached(session: "s1", attachment: "att-1")) }
    if left != "count" { history.at(.s(31), .activeConnections(session: "s1", count: 0)) }
    let verdict = verdict(history)
    #expect(verdict.violationCount == (left.isEmpty ? 0 : 1))
    #expect(verdict.checks == 1)
    #expect(verdict.violations.allSatisfy { $0.time == .s(45) })
  }

  @Test("the streams of a successor are its own; those of its predecessor are not", arguments: [false, true])
  func successor(isReleased: Bool) {
    var history = History.viewed()
    history.view(at: .s(20), 1)
    history.endViewer(at: .s(30), 1, 4001)
    if isReleased {
      history.at(
        .s(30.1), .tunnelClosed(tunnel: 1, session: "s1"), .viewerDetached(session: "s1", attachment: "att-1"))
    }
    history.view(at: .s(29.9), 2)
    #expect(verdict(history).violationCount == (isReleased ? 0 : 1))
  }
}

@Suite struct ViewerIdleTests {
  func verdict(_ history: History, until end: Duration = .s(900)) -> InvariantVerdict {
    history.verdict("I-VNC-IDLE", until: end)
  }

  @Test("a viewer that is left alone for 300 s is a check passed")
  func satisfied() {
    var history = History.viewed()
    history.view(at: .s(20), 1)
    #expect(verdict(history, until: .s(321)).outcome == .notExercised)
    #expect(verdict(history, until: .s(322)).outcome == .held)
  }

  @Test("an end without a cause is found (A-22, B-57)", arguments: [nil, 1006, 1011, 4001, 4002, 4005, 4007])
  func idleCut(code: Int?) {
    var history = History.viewed()
    history.view(at: .s(20), 1)
    history.endViewer(at: .s(81), 1, code)
    #expect(verdict(history).violations.map(\.time) == [.s(83)])
  }

  @Test(
    "the viewer's own leaving, a stall and a ban are causes", arguments: [(1000, true), (4003, false), (4006, false)])
  func ownEnd(code: Int, byItself: Bool) {
    var history = History.viewed()
    history.view(at: .s(20), 1)
    history.endViewer(at: .s(81), 1, code, byItself: byItself)
    #expect(verdict(history).violationCount == 0)
  }

  @Test("whatever ends the other side is a cause", arguments: ViewerEndTests.losses)
  func caused(loss: Observation) {
    var history = History.viewed()
    history.view(at: .s(20), 1, edge: "r2")
    history.at(.s(70), loss)
    history.endViewer(at: .s(81), 1, 4005)
    #expect(verdict(history).violationCount == 0)
  }

  @Test("a newer viewer is a cause, an older one is not")
  func takeover() {
    var history = History.viewed()
    history.view(at: .s(20), 1)
    history.view(at: .s(60), 2)
    history.endViewer(at: .s(60.5), 1, 4001)
    #expect(verdict(history).violationCount == 0)
    history.endViewer(at: .s(70), 2, nil)
    #expect(verdict(history).violationCount == 1)
  }
}
