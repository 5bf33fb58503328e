import Oracles
import TestEnvironment
import Testing

/// What the second platform and several processes per agent add to the older invariants.
@Suite struct PlatformTests {
  private static let docker = Topology.td

  /// A container of session s1 that runs and is stopped again, with the given rest.
  private func stopped(leaving kinds: [String], persistent: Bool?) -> History {
    var history = History.steady()
    history.create(at: .s(5), "s1")
    if let persistent { history.at(.s(5), .sessionHome(session: "s1", isPersistent: persistent)) }
    for kind in ["container", "volume", "network"] { history.workload(at: .s(5), "s1", .created, by: nil, kind: kind) }
    history.workload(at: .s(6), "s1", .ready, by: nil, kind: "container")
    history.state(at: .s(6), "s1", "pending", "running")
    history.state(at: .s(10), "s1", "running", "terminating")
    history.carryOut(at: .s(10), "stop-s1", "stop_session", of: "s1", effect: [], state: ("terminating", "terminated"))
    for kind in ["container", "volume", "network"] where !kinds.contains(kind) {
      history.workload(at: .s(10), "s1", .deleted, by: "stop-s1", kind: kind)
    }
    history.at(.s(20), .loadStopped)
    history.beats(from: .s(30), to: .s(240))
    return history
  }

  @Test(
    "after a stop only what the contract exempts remains",
    arguments: [
      (["network"], nil, 0), (["network", "volume"], true, 0), (["network", "volume"], nil, 0),
      (["network", "volume"], false, 1), (["container"], true, 1),
    ] as [([String], Bool?, Int)])
  func orphans(kinds: [String], persistent: Bool?, wanted: Int) {
    let history = stopped(leaving: kinds, persistent: persistent)
    let verdict = history.verdict("I-NO-ORPHAN", until: .s(250))
    #expect(verdict.violationCount == wanted)
    #expect(verdict.checks > 0)
  }

  @Test("a hibernated container is a stopped one; a running one is none", arguments: [true, false])
  func hibernated(isStopped: Bool) {
    var history = History.steady()
    history.create(at: .s(5), "s1")
    history.workload(at: .s(5), "s1", .created, by: nil, kind: "container")
    history.workload(at: .s(6), "s1", .ready, by: nil, kind: "container")
    history.state(at: .s(6), "s1", "pending", "running")
    history.state(at: .s(10), "s1", "running", "hibernating")
    history.carryOut(
      at: .s(10), "sleep", "hibernate_session", of: "s1", effect: [], state: ("hibernating", "hibernated"))
    if isStopped { history.workload(at: .s(10), "s1", .notReady, by: "sleep", kind: "container") }
    history.at(.s(20), .loadStopped)
    history.beats(from: .s(30), to: .s(240))
    #expect(history.verdict("I-SESS-TRUTH", until: .s(250)).violationCount == (isStopped ? 0 : 1))
  }

  @Test("the lock of a dead process is an orphan once all is quiet, unless no process of its agent lives")
  func deadLock() {
    var history = History.led { $0.sight.routes = false }
    history.crash(at: .s(10), first)
    history.at(.s(20), .loadStopped)
    #expect(history.verdict("I-NO-ORPHAN", until: .s(250)).violationCount == 1)
    for process in [second, third] { history.crash(at: .s(10), process) }
    #expect(history.verdict("I-NO-ORPHAN", until: .s(250)).violationCount == 0)
    history = .led { $0.sight.routes = false }
    history.crash(at: .s(10), first)
    history.win(at: .s(28), second, 2)
    history.at(.s(30), .loadStopped)
    let verdict = history.verdict("I-NO-ORPHAN", until: .s(250))
    #expect(verdict.violationCount == 0)
    #expect(verdict.checks > 0)
  }

  @Test("a command makes one workload; after its removal it may make another")
  func twins() {
    var history = History.steady()
    history.create(at: .s(1), "s1")
    history.insert(at: .s(1), "c1", "start_session", of: "s1")
    func make(_ object: String, _ event: WorkloadEvent, at time: Duration, in history: inout History) {
      history.at(
        time, .workload(session: "s1", agent: agentID, object: object, event: event, command: "c1"))
    }
    make("container/a", .created, at: .s(2), in: &history)
    make("container/a", .deleted, at: .s(3), in: &history)
    make("container/b", .created, at: .s(4), in: &history)
    #expect(history.verdict("I-CMD-ONCE", until: .s(50)).violationCount == 0)
    make("container/c", .created, at: .s(5), in: &history)
    #expect(
      history.verdict("I-CMD-ONCE", until: .s(50)).violations.map(\.rule) == ["one workload for one command"])
  }

  @Test("an agent that may not work may end by itself; another may not")
  func resignation() {
    func crashes(_ topology: Topology, _ prepare: (inout History) -> Void) -> Int {
      var history = History(topology)
      history.at(.zero, .processStarted(process: "agent-\(topology.agents[0].id)"))
      prepare(&history)
      history.at(
        .s(10), .processEnded(process: "agent-\(topology.agents[0].id)", reason: "exit 1", injected: false))
      return history.verdict("I-CRASH", until: .s(20)).violationCount
    }
    #expect(crashes(.t2) { _ in } == 1)
    #expect(crashes(.t2) { $0.at(.s(1), .enrolment(agent: agentID, .rejected)) } == 0)
    #expect(crashes(.t2) { $0.at(.s(1), .enrolment(agent: agentID, .approved)) } == 1)
    #expect(crashes(.t2) { $0.fault(at: .s(1), .kubernetes(.forbidden(verb: nil, resource: "leases"))) } == 0)
    #expect(crashes(.t2) { $0.fault(at: .s(1), .kubernetes(.down)) } == 1)
    #expect(crashes(.tdf) { _ in } == 1)
    #expect(crashes(.tdf.with { $0.agents[0].election = .file(shared: false) }) { _ in } == 0)
    #expect(crashes(.td.with { $0.agents[0].version = .shipped }) { _ in } == 0)
  }

  @Test("nothing is put on an agent that is not approved")
  func approval() {
    let topology = Topology.t2.with { $0.agents[0].isEnrolled = false }
    for (step, wanted) in [(EnrolmentStep.registered, 1), (.rejected, 1), (.approved, 0)] {
      var history = History(topology)
      history.at(.s(1), .enrolment(agent: agentID, step))
      history.create(at: .s(2), "s1")
      let verdict = history.verdict("I-CAP", until: .s(10))
      #expect(verdict.violationCount == wanted)
      #expect(verdict.checks == 2)
    }
  }

  @Test("limits count the sessions of both platforms")
  func quotaOverPlatforms() {
    for (number, wanted) in [(5, 0), (6, 1)] {
      var history = History(.tx)
      for index in 0..<number {
        history.create(at: .s(Double(index)), "s\(index)", agent: index % 2 == 0 ? "k8s-a1" : "docker-d1")
      }
      #expect(history.verdict("I-QUOTA", until: .s(50)).violationCount == wanted)
    }
  }

  @Test("equal agents are those of one platform")
  func spreadPerPlatform() {
    var history = History(.tx) { $0.quotas["u01"] = .init(sessions: 99, milliCPU: 99_999, memoryMiB: 99_999) }
    for agent in ["k8s-a1", "docker-d1", "docker-d2"] {
      history.at(
        .zero, .agentRow(agent: agent, status: "online", lastHeartbeat: .zero),
        .agentConnected(agent: agent, replica: "r1", connection: 1, epoch: 1, instance: "agent-\(agent)"))
    }
    for index in 0..<3 { history.create(at: .s(40 + Double(index)), "k\(index)", agent: "k8s-a1") }
    #expect(history.verdict("I-CAP", until: .s(60)).violationCount == 0)
    for index in 0..<3 { history.create(at: .s(50 + Double(index)), "d\(index)", agent: "docker-d1") }
    #expect(history.verdict("I-CAP", until: .s(60)).violationCount == 1)
  }

  @Test("a leader that yields, wins again and registers again has lost nothing; one that led all the while has")
  func returningLeader() {
    for (hasYielded, wanted) in [(true, 0), (false, 1)] {
      var history = History.led { $0.sight.routes = false }
      history.unlink(at: .s(10), first, 1)
      if hasYielded {
        history.yield(at: .s(10), first, 1)
        history.win(at: .s(13), first, 2)
      }
      history.link(at: .s(14), first, 2)
      #expect(history.verdict("I-ONE-CONN", until: .s(200)).violationCount == wanted)
    }
  }

  @Test("three takeovers lock the id: a fourth within a minute is one too many, after it is not")
  func takeovers() {
    func history(last: Duration) -> History {
      var history = History.started(nil)
      for (number, process) in [first, second, third, first].enumerated() {
        history.link(at: .s(2 + 2 * Double(number)), process, number)
        history.unlink(at: .s(number < 3 ? 4.005 + 2 * Double(number) : 75), process, number)
      }
      history.beat(at: last - .s(1))
      history.link(at: last, second, 9)
      return history
    }
    #expect(
      history(last: .s(68)).verdict("I-ONE-CONN", until: .s(70)).violations.map(\.rule)
        == ["three takeovers lock the id"])
    #expect(history(last: .s(68.001)).verdict("I-ONE-CONN", until: .s(70)).violationCount == 0)
  }

  @Test("takeovers that meet on two replicas are one")
  func simultaneousTakeovers() {
    var history = History.started(nil)
    for (time, process) in [(2.0, first), (3.999, second), (4.0, third), (6.0, first), (6.1, second), (8.0, third)] {
      history.link(at: .s(time), process, Int(time * 1_000))
    }
    #expect(history.verdict("I-ONE-CONN", until: .s(20)).violationCount == 0)
    history.link(at: .s(9), first, 9_000)
    #expect(history.verdict("I-ONE-CONN", until: .s(20)).violations.map(\.rule) == ["three takeovers lock the id"])
  }

  @Test("a cut of the very process explains that it had to register again, a sibling's does not")
  func spans() {
    var history = History.steady()
    // Between its only connection and a replica: explains why it had to register again.
    history.fault(at: .s(10), to: .s(20), .cut(.instance(agentID), .controlPlane))
    history.disconnect(at: .s(15), from: "r1", 1)
    history.connect(at: .s(22), to: "r1", 2)
    #expect(history.verdict("I-ONE-CONN", until: .s(60)).violationCount == 0)
    history = .steady()
    history.fault(at: .s(10), to: .s(20), .cut(.instance("agent-\(agentID)-2"), .controlPlane))
    history.disconnect(at: .s(15), from: "r1", 1)
    history.connect(at: .s(22), to: "r1", 2)
    #expect(history.verdict("I-ONE-CONN", until: .s(60)).violationCount == 1)
  }
}
