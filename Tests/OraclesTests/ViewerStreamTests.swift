import Oracles
import TestEnvironment
import Testing

@Suite struct ViewerStreamTests {
  @Test("streams that were compared, or flow on, hold")
  func satisfied() {
    var history = History.viewed()
    history.view(at: .s(20), 1)
    history.leave(at: .s(30), 1)
    history.view(at: .s(40), 2)
    for id in ["I-VNC-BYTES", "I-VNC-ISO"] {
      let verdict = history.verdict(id, until: .s(100))
      #expect(verdict.outcome == .held)
      #expect(verdict.checks >= 2, "\(id)")
    }
  }

  @Test("streams of no bytes prove nothing")
  func empty() {
    var history = History.viewed()
    history.at(.s(20), .streamCompared(viewer: 1, session: "s1", toViewer: 0, toDesktop: 0))
    #expect(history.verdict("I-VNC-BYTES", until: .s(100)).outcome == .notExercised)
  }

  @Test("a broken stream is found where it breaks (B-63, B-67, C-20)", arguments: [true, false])
  func broken(toViewer: Bool) {
    var history = History.viewed()
    history.view(at: .s(20), 1)
    history.at(.s(25), .streamBroken(viewer: 1, session: "s1", toViewer: toViewer, offset: 32_768))
    let found = history.verdict("I-VNC-BYTES", until: .s(100)).violations
    #expect(found.map(\.time) == [.s(25)])
    #expect(found.first?.message.contains("byte 32768") == true)
  }

  @Test("a foreign byte is found (B-55, C-19)")
  func leaked() {
    var history = History.viewed()
    history.view(at: .s(20), 1)
    history.at(.s(25), .streamLeaked(viewer: 1, session: "s1", origin: "s2"))
    #expect(history.verdict("I-VNC-ISO", until: .s(100)).violationCount == 1)
  }

  @Test("a stranger may not have a WebSocket, the administrator may", arguments: ["u01", "u02", "admin"], [101, 404])
  func authorised(user: String, status: Int) {
    var history = History.viewed()
    history.ask(at: .s(20), 1, user: user)
    history.answer(at: .s(20.01), viewer: 1, status)
    let verdict = history.verdict("I-VNC-ISO", until: .s(100))
    #expect(verdict.violationCount == (user == "u02" && status == 101 ? 1 : 0))
    #expect(verdict.isExercised == (user != "u01"))
  }
}

@Suite struct ViewerCountTests {
  @Test("the count is that of the viewers' own sockets", arguments: [0, 1, 2])
  func count(row: Int) {
    var history = History.viewed()
    history.view(at: .s(20), 1)
    history.at(.s(22), .activeConnections(session: "s1", count: row))
    history.at(.s(30), .loadStopped)
    #expect(history.verdict("I-COUNT", until: .s(100)).violationCount == (row == 1 ? 0 : 1))
  }

  @Test("the count of a session whose owner died is right once its agent is back (B-68)", arguments: [0, 1])
  func leak(row: Int) {
    var history = History.viewed()
    history.view(at: .s(20), 1, edge: "r2")
    history.at(.s(30), .processEnded(process: "r1", reason: "crashed", injected: true))
    history.endViewer(at: .s(31), 1, 4005)
    history.connect(at: .s(33), to: "r2", 2)
    history.at(.s(33), .activeConnections(session: "s1", count: row))
    history.at(.s(40), .loadStopped)
    #expect(history.verdict("I-COUNT", until: .s(120)).violationCount == row)
  }

  @Test(
    "tunnels and attachments beyond the viewers are leaks (B-59, B-61, C-22)", arguments: ["tunnel", "attachment", ""])
  func leaks(left: String) {
    var history = History.viewed()
    history.view(at: .s(20), 1)
    history.leave(at: .s(30), 1)
    if left == "tunnel" { history.at(.s(31), .tunnelOpened(tunnel: 7, session: "s1", attachment: nil)) }
    if left == "attachment" { history.at(.s(31), .viewerAttached(session: "s1", attachment: "att-7")) }
    history.at(.s(40), .loadStopped)
    #expect(history.verdict("I-LEAK", until: .s(160)).violationCount == (left.isEmpty ? 0 : 1))
  }

  @Test("a tunnel of an ended session is no truth", arguments: [true, false])
  func tunnelOfTheDead(isClosed: Bool) {
    var history = History.viewed()
    history.view(at: .s(20), 1)
    history.stop(at: .s(30), "s1")
    history.endViewer(at: .s(30.1), 1, 4002)
    if isClosed { history.release(at: .s(30.2), 1) }
    history.at(.s(40), .loadStopped)
    #expect(history.verdict("I-SESS-TRUTH", until: .s(200)).violationCount == (isClosed ? 0 : 1))
  }
}

@Suite struct ViewedSessionTests {
  func verdict(_ history: History) -> InvariantVerdict { history.verdict("I-SESS-SURVIVE", until: .s(200)) }

  func slept(viewers: Int, by request: (path: String, method: String)?) -> History {
    var history = History.viewed()
    history.at(.s(20), .activeConnections(session: "s1", count: viewers))
    history.state(at: .s(30), "s1", "running", "hibernating")
    history.carryOut(
      at: .s(30.01), "h1", "hibernate_session", of: "s1", effect: [.scaledToZero], state: ("hibernating", "hibernated"))
    if let request { history.answer(at: .s(30.03), request.method, request.path, 202, session: "s1") }
    return history
  }

  @Test("the idle sweep hibernates no session that is viewed (C-24)", arguments: [0, 1])
  func sweep(viewers: Int) {
    #expect(verdict(slept(viewers: viewers, by: nil)).violationCount == viewers)
  }

  @Test(
    "a user's hibernate wins over viewers",
    arguments: [("/sessions/s1/hibernate", "PUT"), ("/sessions/s1", "PATCH"), ("/sessions/s1", "GET")])
  func user(path: String, method: String) {
    #expect(verdict(slept(viewers: 1, by: (path, method))).violationCount == (method == "GET" ? 1 : 0))
  }
}
