import Oracles
import TestEnvironment
import Testing

@Suite struct AcceptTests {
  func verdict(_ history: History, until end: Duration = .s(300)) -> InvariantVerdict {
    history.verdict("I-ACCEPT", until: end)
  }

  @Test("accepted requests that have left their rows hold")
  func satisfied() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.answer(at: .s(10.02), "POST", "/sessions", 202, session: "s1")
    history.carryOut(at: .s(20), "h1", "hibernate_session", of: "s1", effect: [.scaledToZero])
    history.answer(at: .s(20.02), "PUT", "/sessions/s1/hibernate", 202, session: "s1")
    history.carryOut(at: .s(30), "w1", "wake_session", of: "s1", effect: [.scaledUp, .ready])
    history.answer(at: .s(30.02), "PUT", "/sessions/s1/wake", 202, session: "s1")
    history.stop(at: .s(40), "s1")
    history.answer(at: .s(40.02), "DELETE", "/sessions/s1", 202, session: "s1")
    let verdict = verdict(history)
    #expect(verdict.outcome == .held)
    #expect(verdict.checks == 4)
  }

  @Test("a 202 without session row, and one without command, are found (B-23, B-25)")
  func acceptedWithoutRows() {
    var history = History.steady()
    history.answer(at: .s(10), "POST", "/sessions", 202, session: "ghost")
    history.create(at: .s(20), "bare")
    history.answer(at: .s(20.02), "POST", "/sessions", 202, session: "bare")
    history.answer(at: .s(30), "DELETE", "/sessions/bare", 202, session: "bare")
    let verdict = verdict(history)
    #expect(verdict.violations.map(\.time) == [.s(10), .s(20.02), .s(30)])
    #expect(verdict.violations.first?.message.contains("session row, start command") == true)
  }

  @Test("an old hibernate command does not stand in for a new request")
  func oldCommand() {
    var history = History.steady()
    history.run(at: .s(1), "s1")
    history.carryOut(at: .s(10), "h1", "hibernate_session", of: "s1", effect: [.scaledToZero])
    history.answer(at: .s(20), "PUT", "/sessions/s1/hibernate", 202, session: "s1")
    #expect(verdict(history).violations.map(\.time) == [.s(20)])
  }

  @Test("a row must be there when the answer is, not after")
  func rowAfterAnswer() {
    var history = History.steady()
    history.answer(at: .s(10), "POST", "/sessions", 202, session: "s1")
    history.run(at: .s(10.001), "s1")
    #expect(verdict(history).violationCount == 1)
  }

  @Test("a refused create that has left a row is found 40 s later (A-19)", arguments: [403, 500, 503])
  func refusedWithRow(status: Int) {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.answer(at: .s(10.02), "POST", "/sessions", status)
    #expect(verdict(history, until: .s(50)).notJudged == 1)
    let verdict = verdict(history)
    #expect(verdict.violations.map(\.time) == [.s(10)])
    #expect(verdict.violations.first?.message.contains("s1") == true)
    #expect(verdict.violations.first?.message.contains("start-s1") == true)
  }

  @Test("a refused create is not blamed for what others made")
  func otherRows() {
    var history = History.steady()
    history.run(at: .s(9.9), "before")
    history.run(at: .s(10), "accepted")
    history.run(at: .s(10), "other", user: "u02")
    history.create(at: .s(10), "seeded", state: "running")
    history.answer(at: .s(10.02), "POST", "/sessions", 403)
    history.run(at: .s(10.03), "after")
    history.answer(at: .s(10.5), "POST", "/sessions", 202, session: "accepted", took: .s(0.6))
    let verdict = verdict(history)
    #expect(verdict.outcome == .held)
  }

  @Test("no agent is said to be missing while one beats, whatever time its row tells (C-15)", arguments: [0, -100])
  func hidden(skew: Double) {
    var history = History.steady()
    history.beats(from: .s(30), to: .s(60))
    history.row(at: .s(60), "online", beat: .s(60 + skew))
    history.answer(at: .s(70), "POST", "/sessions", 503, error: "No agents available")
    #expect(verdict(history).violations.map(\.time) == [.s(70)])
  }

  @Test(
    "that the look for agents failed is an excuse, that something else was slow or failed is none",
    arguments: [
      (Fault.databaseDown, true), (.cut(.replica("r1"), .database), true),
      (.databaseRequest(replica: "r1", number: 3, .error(sqlState: "57P01")), true),
      (.databaseSlow(by: .seconds(6)), true),
      (.databaseSlow(by: .seconds(2)), false), (.cut(.replica("r2"), .database), false),
      (.databaseRequest(replica: "r2", number: 3, .error(sqlState: "57P01")), false),
      (.dispatcherSlow(by: .seconds(6)), false),
      (.databaseCommitUnknown(percent: 100), false), (.usageQueryFails, false), (.redisDown, false),
    ])
  func excusedLook(fault: Fault, isExcused: Bool) {
    var history = History.steady()
    history.beats(from: .s(30), to: .s(60))
    history.at(.s(69.5), .faultBegan(name: "trouble", fault: fault))
    history.answer(at: .s(70), "POST", "/sessions", 503, took: .s(0.2), error: "No agents available")
    #expect(verdict(history).violationCount == (isExcused ? 0 : 1))
  }

  @Test("an agent that has fallen silent may be called missing, whatever time its row tells", arguments: [60, 106])
  func silent(rowTime: Double) {
    var history = History.steady()
    history.beats(from: .s(30), to: .s(60))
    history.row(at: .s(60), "online", beat: .s(rowTime))
    history.answer(at: .s(106), "POST", "/sessions", 503, error: "No agents available")
    #expect(verdict(history).violationCount == 0)
  }

  @Test("room that came up while the request was under way was not there for it")
  func roomTooLate() {
    let full = Topology.t2.with { $0.agents[0].maxSessions = 1 }
    for (took, violations) in [(Duration.s(2), 0), (.s(0.1), 1)] {
      var history = History.steady(full)
      history.run(at: .s(10), "s1")
      history.beats(from: .s(30), to: .s(60))
      history.stop(at: .s(60), "s1")
      history.answer(at: .s(63), "POST", "/sessions", 503, took: took, error: "No agents available")
      #expect(verdict(history).violationCount == violations)
    }
  }

  @Test("a row that was taken back before it could be judged is in order")
  func takenBack() {
    var history = History.steady()
    history.create(at: .s(10), "s1")
    history.answer(at: .s(10.02), "POST", "/sessions", 500)
    history.at(.s(10.03), .sessionDeleted(session: "s1"))
    #expect(verdict(history).outcome == .held)
  }

  @Test("requests with unknown outcome demand nothing and may explain a row (L27)", arguments: [nil, 502, 504])
  func unknown(status: Int?) {
    var history = History.steady()
    history.answer(at: .s(10), "POST", "/sessions", status, took: .s(1))
    history.run(at: .s(10.5), "late")
    history.answer(at: .s(10.52), "POST", "/sessions", 503)
    let verdict = verdict(history)
    #expect(verdict.violationCount == 0)
    #expect(verdict.excused == 1)
  }

  @Test("a database that fails meanwhile makes the outcome unknown")
  func database() {
    var history = History.steady()
    history.create(at: .s(10), "s1")
    history.at(.s(10.01), .databaseAvailable(false))
    history.answer(at: .s(10.02), "POST", "/sessions", 500)
    let verdict = verdict(history)
    #expect(verdict.violationCount == 0)
    #expect(verdict.excused == 1)
  }

  @Test("a refused stop that has left a command is found, unless another one was accepted")
  func refusedStop() {
    var history = History.steady()
    history.run(at: .s(1), "s1")
    history.stop(at: .s(10), "s1")
    history.answer(at: .s(10.02), "DELETE", "/sessions/s1", 500, session: "s1")
    #expect(verdict(history).violations.map(\.time) == [.s(10)])
    history.answer(at: .s(10.03), "DELETE", "/sessions/s1", 202, session: "s1")
    #expect(verdict(history).outcome == .held)
  }

  @Test("commands of the reconciler are not blamed on a refused request")
  func reconciler() {
    var history = History.steady()
    history.run(at: .s(1), "s1")
    history.stop(at: .s(10), "s1")
    history.insert(at: .s(400), "r1", "stop_session", of: "s1")
    history.answer(at: .s(400.02), "DELETE", "/sessions/s1", 409, session: "s1")
    let verdict = verdict(history, until: .s(500))
    #expect(verdict.violationCount == 0)
    #expect(verdict.excused == 1)
  }

  @Test("reads and batches are none of its business")
  func others() {
    var history = History.steady()
    history.answer(at: .s(1), "GET", "/sessions/s1", 404, session: "s1")
    history.answer(at: .s(2), "POST", "/batch/sessions/terminate", 200)
    history.answer(at: .s(3), "POST", "/auth/login", 401)
    #expect(verdict(history).outcome == .notExercised)
  }
}

@Suite struct TenantTests {
  @Test("foreign requests that are refused hold, those that succeed are found", arguments: [404, 200])
  func foreign(status: Int) {
    var history = History.steady()
    history.run(at: .s(1), "s1", user: "u01")
    history.answer(at: .s(5), "GET", "/sessions/s1", status, session: "s1", user: "u02")
    let verdict = history.verdict("I-TENANT", until: .s(10))
    #expect(verdict.checks == 1)
    #expect(verdict.violations.map(\.time) == (status == 200 ? [.s(5)] : []))
  }

  @Test("owner and administrator may; asking for one's own is no check")
  func allowed() {
    var history = History.steady()
    history.run(at: .s(1), "s1", user: "u01")
    history.answer(at: .s(5), "GET", "/sessions/s1", 200, session: "s1", user: "u01")
    history.answer(at: .s(5), "GET", "/sessions/s1", 200, session: "s1", user: "admin")
    #expect(history.verdict("I-TENANT", until: .s(10)).outcome == .notExercised)
  }

  @Test("a list that shows a foreign session is found (A-55)")
  func list() {
    var history = History.steady()
    history.run(at: .s(1), "s1", user: "u01")
    history.run(at: .s(1), "s2", user: "u02")
    history.answer(at: .s(5), "GET", "/sessions?limit=5", 200, user: "u02", listed: ["s2"])
    #expect(history.verdict("I-TENANT", until: .s(10)).outcome == .held)
    history.answer(at: .s(6), "GET", "/sessions", 200, user: "u02", listed: ["s1", "s2"])
    #expect(history.verdict("I-TENANT", until: .s(10)).violations.map(\.time) == [.s(6)])
  }

  static let twoOrganisations = Topology.t2.with {
    $0.accounts = [.init("u04", organisation: "acme"), .init("u06", organisation: "acme", isAdministrator: true)]
  }

  @Test("an administrator may see the own organisation, and no other")
  func administrators() {
    var history = History.steady(Self.twoOrganisations)
    history.run(at: .s(1), "s1", user: "u01")
    history.run(at: .s(1), "s4", user: "u04")
    history.answer(at: .s(5), "GET", "/sessions/s4", 200, session: "s4", user: "u06")
    history.answer(at: .s(5), "GET", "/sessions/s1", 200, session: "s1", user: "admin")
    #expect(history.verdict("I-TENANT", until: .s(10)).violations.isEmpty)
    history.answer(at: .s(6), "GET", "/sessions/s1", 200, session: "s1", user: "u06")
    history.answer(at: .s(7), "GET", "/sessions/s4", 200, session: "s4", user: "admin")
    #expect(history.verdict("I-TENANT", until: .s(10)).violations.map(\.time) == [.s(6), .s(7)])
  }

  @Test("a browser that is pushed a foreign session is found, once for each (A-56)")
  func pushes() {
    var history = History.steady(Self.twoOrganisations)
    history.run(at: .s(1), "s1", user: "u01")
    history.run(at: .s(1), "s4", user: "u04")
    history.at(.s(5), .pushed(user: "u01", sessions: ["s1"]), .pushed(user: "u06", sessions: ["s4"]))
    history.at(.s(5), .pushed(user: "admin", sessions: ["s1"]))
    #expect(history.verdict("I-TENANT", until: .s(10)).outcome == .held)
    history.at(.s(6), .pushed(user: "u01", sessions: ["s1", "s4"]), .pushed(user: "admin", sessions: ["s4"]))
    history.at(.s(7), .pushed(user: "u01", sessions: ["s4"]))
    #expect(history.verdict("I-TENANT", until: .s(10)).violations.map(\.time) == [.s(6), .s(6)])
  }
}

@Suite struct FreshTests {
  func verdict(_ history: History) -> InvariantVerdict { history.verdict("I-FRESH", until: .s(100)) }

  @Test("a GET may be a second behind, not more", arguments: [11.11, 11.111])
  func late(asked: Double) {
    var history = History.steady()
    history.run(at: .s(10), "s1")  // running at 10.11
    history.answer(
      at: .s(asked + 0.04), "GET", "/sessions/s1", 200, session: "s1", took: .s(0.04), state: "pending")
    let verdict = verdict(history)
    #expect(verdict.checks == 1)
    #expect(verdict.violationCount == (asked > 11.11 ? 1 : 0))
  }

  @Test("a state that came while the request was under way is in order")
  func early() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.answer(at: .s(10.12), "GET", "/sessions/s1", 200, session: "s1", took: .s(0.2), state: "running")
    #expect(verdict(history).outcome == .held)
  }

  @Test("a declared cache life is the bound where there is one")
  func cache() {
    var history = History.steady { $0.cacheTTL = .seconds(30) }
    history.run(at: .s(10), "s1")
    history.answer(at: .s(40), "GET", "/sessions/s1", 200, session: "s1", state: "pending")
    #expect(verdict(history).outcome == .held)
    history.answer(at: .s(41), "GET", "/sessions/s1", 200, session: "s1", state: "pending")
    #expect(verdict(history).violationCount == 1)
  }

  @Test("a 404 for the owner's own session is found, for a stranger it is right")
  func missing() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.answer(at: .s(20), "GET", "/sessions/s1", 404, session: "s1", user: "u02")
    #expect(verdict(history).outcome == .notExercised)
    history.answer(at: .s(21), "GET", "/sessions/s1", 404, session: "s1")
    #expect(verdict(history).violations.map(\.time) == [.s(21)])
  }

  @Test("a list lacks nothing that was there a second before")
  func list() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.answer(at: .s(10.9), "GET", "/sessions", 200, listed: [])
    history.answer(at: .s(20), "GET", "/sessions", 200, listed: ["s1"])
    #expect(verdict(history).outcome == .held)
    history.answer(at: .s(21), "GET", "/sessions", 200, listed: [])
    #expect(verdict(history).violations.map(\.time) == [.s(21)])
    history.stop(at: .s(22), "s1")
    history.answer(at: .s(30), "GET", "/sessions", 200, listed: [])
    #expect(verdict(history).violationCount == 1)
  }
}

@Suite struct QuotaTests {
  func verdict(_ history: History) -> InvariantVerdict { history.verdict("I-QUOTA", until: .s(100)) }

  @Test("five sessions are allowed, a sixth is not, and ended ones do not count")
  func sessions() {
    var history = History.steady()
    history.run(at: .s(1), "ended")
    history.stop(at: .s(3), "ended")
    for number in 1...5 { history.create(at: .s(5), "s\(number)") }
    history.create(at: .s(5), "other", user: "u02")
    #expect(verdict(history).outcome == .held)
    history.create(at: .s(6), "s6")
    let verdict = verdict(history)
    #expect(verdict.violations.map(\.time) == [.s(6)])
    #expect(verdict.violations.first?.message.contains("u01") == true)
  }

  @Test(
    "CPU and memory count in all and for each session",
    arguments: [
      ([(2_000, 4_096), (2_000, 4_096)], 0), ([(2_000, 4_096), (2_000, 4_097)], 2), ([(2_001, 512)], 1),
      ([(1_500, 1), (1_500, 1), (1_001, 1)], 1), ([(1, 4_000), (1, 4_000), (1, 193)], 1),
    ])
  func resources(sizes: [(Int, Int)], expected: Int) {
    var history = History.steady()
    for (number, size) in sizes.enumerated() {
      history.create(at: .s(5), "s\(number)", milliCPU: size.0, memoryMiB: size.1)
    }
    #expect(verdict(history).violationCount == expected)
  }

  @Test("a user's own row decides, and rows put in place are nobody's fault")
  func ownQuota() {
    var history = History.steady { $0.quotas["u01"] = .init(sessions: 2) }
    for number in 1...3 { history.create(at: .s(5), "seed\(number)", state: "running") }
    #expect(verdict(history).outcome == .notExercised)
    history.create(at: .s(6), "s4")
    #expect(verdict(history).violationCount == 1)
  }

  @Test("a quota that the topology gives a user bounds totals and each session")
  func accounts() {
    let topology = Topology.t2.with {
      $0.accounts = [.init("u01", quota: .init(sessions: 7, milliCPU: 3_000, memoryMiB: 8_192))]
    }
    let context = JudgeContext(topology: topology)
    #expect(context.quotas["u01"]?.sessions == 7)
    #expect(context.quotas["u01"]?.sessionMilliCPU == 3_000)
    #expect(context.quotas["u02"] == nil)
  }

  @Test("the licence bounds all users together", arguments: [3, 2])
  func licence(limit: Int) {
    var history = History.steady(Topology.t2.with { $0.licensedSessions = limit })
    for number in 1...3 { history.create(at: .s(5), "s\(number)", user: "u0\(number)") }
    #expect(verdict(history).violations.map(\.rule) == (limit == 2 ? ["within the licence"] : []))
  }
}

@Suite struct CapacityTests {
  func steady() -> History {
    var history = History(.t3m)
    for (number, agent) in ["k8s-a1", "k8s-a2", "k8s-a3"].enumerated() {
      history.at(
        .zero, .agentConnected(agent: agent, replica: "r1", connection: number, epoch: 1, instance: agent),
        .agentRow(agent: agent, status: "online", lastHeartbeat: .zero))
    }
    return history
  }

  func verdict(_ history: History) -> InvariantVerdict { history.verdict("I-CAP", until: .s(100)) }

  @Test("an agent takes maxSessions and not one more")
  func maximum() {
    var history = History(Topology.t1.with { $0.agents[0].maxSessions = 3 })
    for number in 1...3 { history.create(at: .s(50), "s\(number)", user: "u\(number)") }
    #expect(verdict(history).outcome == .held)
    history.create(at: .s(51), "s4")
    #expect(verdict(history).violations.map(\.time) == [.s(51)])
  }

  @Test("equal agents may differ by two, not by three")
  func spread() {
    var history = steady()
    for number in 1...2 { history.create(at: .s(50), "s\(number)", user: "u\(number)", agent: "k8s-a1") }
    #expect(verdict(history).outcome == .held)
    history.create(at: .s(51), "s3", agent: "k8s-a1")
    let verdict = verdict(history)
    #expect(verdict.violationCount == 2)  // a2 and a3 had none
    #expect(verdict.violations.first?.message.contains("k8s-a2") == true)
  }

  @Test("an agent that is away or has just come is not counted as equal")
  func away() {
    var history = steady()
    for agent in ["k8s-a2", "k8s-a3"] {
      history.at(
        .s(40), .agentDisconnected(agent: agent, replica: "r1", connection: agent == "k8s-a2" ? 1 : 2, reason: ""))
    }
    history.at(.s(45), .agentConnected(agent: "k8s-a2", replica: "r2", connection: 9, epoch: 2, instance: "k8s-a2"))
    for number in 1...4 { history.create(at: .s(50), "s\(number)", user: "u\(number)", agent: "k8s-a1") }
    #expect(verdict(history).violationCount == 0)
  }

  @Test("what stops leave uneven is not blamed on the choice")
  func stops() {
    var history = steady()
    for number in 1...6 {
      history.create(at: .s(50), "a1-\(number)", user: "x\(number)", state: "running", agent: "k8s-a1")
    }
    history.create(at: .s(60), "s1", agent: "k8s-a2")
    #expect(verdict(history).violationCount == 0)
  }
}

@Suite struct AuthenticationTests {
  @Test("an agent that acts for another's command is found")
  func foreign() {
    var history = History(.t3m)
    history.insert(at: .s(1), "c1", "start_session", of: "s1", agent: "k8s-a1")
    history.at(.s(2), .commandReceived(command: "c1", agent: "k8s-a1", instance: "k8s-a1"))
    #expect(history.verdict("I-AUTHN", until: .s(9)).outcome == .held)
    history.at(.s(3), .commandReceived(command: "c1", agent: "k8s-a2", instance: "k8s-a2"))
    history.workload(at: .s(4), "s1", .created, by: "c1", agent: "k8s-a2")
    let verdict = history.verdict("I-AUTHN", until: .s(9))
    #expect(verdict.violations.map(\.time) == [.s(3)])  // reported once for each agent
    #expect(verdict.violations.first?.message.contains("k8s-a1") == true)
  }

  @Test("what no command did is not judged")
  func byItself() {
    var history = History(.t3m)
    history.workload(at: .s(4), "s1", .notReady, by: nil, agent: "k8s-a2")
    #expect(history.verdict("I-AUTHN", until: .s(9)).outcome == .notExercised)
  }
}

@Suite struct CountTests {
  @Test("the count equals the viewers when quiet", arguments: [0, 1])
  func count(left: Int) {
    var history = History.steady()
    history.run(at: .s(1), "s1")
    history.at(.s(5), .viewerAttached(session: "s1", attachment: "att-1"), .activeConnections(session: "s1", count: 1))
    history.at(
      .s(6), .viewerDetached(session: "s1", attachment: "att-1"), .activeConnections(session: "s1", count: left))
    history.at(.s(10), .loadStopped)
    let verdict = history.verdict("I-COUNT", until: .s(100))
    #expect(verdict.isExercised)
    #expect(verdict.violationCount == left)
  }

  @Test("a negative count is found at once")
  func negative() {
    var history = History.steady()
    history.at(.s(6), .activeConnections(session: "s1", count: -1))
    #expect(history.verdict("I-COUNT", until: .s(10)).violations.map(\.time) == [.s(6)])
  }
}

@Suite struct LeakTests {
  func verdict(_ history: History, until end: Duration = .s(200)) -> InvariantVerdict {
    history.verdict("I-LEAK", until: end)
  }

  func quiet() -> History {
    var history = History.steady()
    history.beats(from: .s(30), to: .s(300))
    history.run(at: .s(10), "s1")
    history.at(.s(40), .loadStopped)
    return history
  }

  @Test("an agent that never closes its end of old connections leaks them (C-18)", arguments: [true, false])
  func sockets(areClosed: Bool) {
    var history = quiet()
    history.at(.s(50), .agentSockets(agent: agentID, instance: agentID, held: 2))
    history.at(.s(60), .agentSockets(agent: agentID, instance: agentID, held: areClosed ? 1 : 3))
    let verdict = verdict(history)
    #expect(verdict.violationCount == (areClosed ? 0 : 1))
    #expect(verdict.violations.first.map { $0.message.contains("has 3 sockets") } ?? areClosed)
  }

  @Test("a deployment at rest holds", arguments: [99.0, 100.0])
  func satisfied(end: Double) {
    let verdict = verdict(quiet(), until: .s(end))
    #expect(verdict.outcome == (end < 100 ? .notExercised : .held))
    #expect(verdict.notJudged == (end < 100 ? 1 : 0))
  }

  @Test("a second connection, a missing one and one of a dead agent are found")
  func connections() {
    var two = quiet()
    two.connect(at: .s(41), to: "r2", 2)
    #expect(verdict(two).violations.map(\.rule) == ["one live connection per agent"])
    var none = quiet()
    none.disconnect(at: .s(41), from: "r1", 1)
    none.route(at: .s(41), nil)
    #expect(verdict(none).violations.map(\.rule) == ["one live connection per agent"])
    var dead = quiet()
    dead.at(.s(41), .processEnded(process: agentID, reason: "SIGKILL", injected: true))
    #expect(verdict(dead).violations.map(\.rule) == ["one live connection per agent"])
  }

  @Test("a command that nobody carries out is found, one that works is not")
  func commands() {
    var history = quiet()
    history.insert(at: .s(45), "c1", "start_session", of: "s2")
    history.status(at: .s(45), "c1", "pending", "ack")
    #expect(verdict(history).violationCount == 0)
    history.insert(at: .s(46), "c2", "stop_session", of: "s3")
    let verdict = verdict(history)
    #expect(verdict.violations.map(\.rule) == ["no command waits"])
    #expect(verdict.violations.first?.message.contains("c2") == true)
  }

  @Test("a connected agent without a route is found; the key of a dead replica has its 300 s")
  func routes() {
    var lost = quiet()
    lost.route(at: .s(41), nil)
    #expect(verdict(lost).violations.map(\.rule) == ["as many routes as connected agents"])
    var stale = quiet()
    stale.at(.s(41), .processEnded(process: agentID, reason: "SIGKILL", injected: true))
    stale.at(.s(41), .processEnded(process: "r1", reason: "SIGKILL", injected: true))
    #expect(verdict(stale, until: .s(346)).violationCount == 0)
    #expect(verdict(stale, until: .s(347)).violations.map(\.rule) == ["as many routes as connected agents"])
  }
}
