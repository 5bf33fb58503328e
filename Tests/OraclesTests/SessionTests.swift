import Oracles
import TestEnvironment
import Testing

@Suite struct SessionLegalTests {
  static let states = [
    "pending", "running", "hibernating", "hibernated", "waking", "terminating", "terminated", "failed",
  ]
  static let edges: [String: Set<String>] = [
    "pending": ["running", "failed", "terminating"], "running": ["hibernating", "failed", "terminating"],
    "hibernating": ["hibernated", "running", "terminating"], "hibernated": ["waking", "terminating"],
    "waking": ["running", "hibernated", "failed", "terminating"], "terminating": ["terminated"],
  ]

  @Test("only the edges of the diagram are allowed", arguments: states, states)
  func edges(from: String, to: String) {
    var history = History.steady()
    history.create(at: .s(1), "s1")
    history.state(at: .s(2), "s1", from, to)
    let verdict = history.verdict("I-SESS-LEGAL", until: .s(10))
    let isLegal = from == to || Self.edges[from, default: []].contains(to)
    #expect(verdict.violationCount == (isLegal ? 0 : 1))
    #expect(verdict.checks == (from == to ? 0 : 1))
    #expect(isLegal || verdict.violations.first?.firstEvent?.time == .s(2))
  }
}

@Suite struct SessionTruthTests {
  func verdict(_ history: History, until end: Duration = .s(300)) -> InvariantVerdict {
    history.verdict("I-SESS-TRUTH", until: end)
  }

  @Test("states that the platform bears out hold")
  func satisfied() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.run(at: .s(11), "s2")
    history.stop(at: .s(20), "s2")
    history.run(at: .s(22), "s3")
    history.state(at: .s(30), "s3", "running", "hibernating")
    history.carryOut(
      at: .s(30), "h3", "hibernate_session", of: "s3", effect: [.scaledToZero], state: ("hibernating", "hibernated"))
    history.at(.s(40), .loadStopped)
    let verdict = verdict(history)
    #expect(verdict.outcome == .held)
    #expect(verdict.checks >= 3)
  }

  @Test("under load nothing is judged")
  func load() {
    var history = History.steady()
    history.create(at: .s(10), "s1", state: "running")
    #expect(verdict(history).outcome == .notExercised)
  }

  @Test("a running session without a ready workload is found 90 s after its last change", arguments: [99.0, 101.0])
  func lie(end: Double) {
    var history = History.steady()
    history.create(at: .s(10), "s1", state: "running")
    history.at(.s(20), .loadStopped)
    let verdict = verdict(history, until: .s(end))
    #expect(verdict.violationCount == (end > 100 ? 1 : 0))
    #expect(end < 100 || verdict.violations.first?.message.contains("s1") == true)
  }

  @Test("a half-open connection that nobody ends does not hold quiet up for ever; a cut does")
  func lastingFaults() {
    var halfOpen = History.steady()
    halfOpen.create(at: .s(10), "s1", state: "running")
    halfOpen.at(.s(20), .loadStopped)
    var cut = halfOpen
    halfOpen.at(.s(15), .faultBegan(name: "f", fault: .halfOpen(gone: .agent(agentID), unaware: .replica("r1"))))
    cut.at(.s(15), .faultBegan(name: "f", fault: .cut(.agent(agentID), .replica("r1"))))
    #expect(verdict(halfOpen).violationCount == 1)
    #expect(verdict(cut).outcome == .notExercised)
  }

  @Test("two ready workloads for one session are found")
  func twoWorkloads() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.workload(at: .s(12), "s1", .ready, by: nil, kind: "container")
    history.at(.s(20), .loadStopped)
    #expect(verdict(history).violations.map(\.rule) == ["running <=> exactly one ready workload"])
  }

  @Test(
    "a session that stays on its way after its command has ended is found (B-26, B-28)",
    arguments: [
      ("pending", "start_session"), ("hibernating", "hibernate_session"), ("waking", "wake_session"),
    ])
  func stuck(state: String, action: String) {
    var history = History.steady()
    history.create(at: .s(10), "s1", state: state)
    history.insert(at: .s(10), "c1", action, of: "s1")
    history.status(at: .s(12), "c1", "pending", "failed")
    history.at(.s(20), .loadStopped)
    #expect(verdict(history).violationCount == 1)
  }

  @Test("a stop that failed is left to the reconciler for its ten minutes (C14)", arguments: [600.0, 1_000.0])
  func terminating(end: Double) {
    var history = History.steady()
    history.run(at: .s(1), "s1")
    history.state(at: .s(10), "s1", "running", "terminating")
    history.insert(at: .s(10), "c1", "stop_session", of: "s1")
    history.status(at: .s(12), "c1", "pending", "failed")
    history.at(.s(20), .loadStopped)
    #expect(verdict(history, until: .s(end)).violationCount == (end > 730 ? 1 : 0))
  }

  @Test(
    "faults, open commands and absent agents excuse",
    arguments: [
      Observation.faultBegan(name: "redis", fault: .redisDown),
      .commandInserted(command: "c9", agent: agentID, session: "s1", action: "stop_session"),
      .processEnded(process: agentID, reason: "SIGKILL", injected: true), .databaseAvailable(false), .loadResumed,
    ])
  func excused(by cause: Observation) {
    var history = History.steady()
    history.create(at: .s(10), "s1", state: "running")
    history.at(.s(20), .loadStopped)
    history.at(.s(30), cause)
    #expect(verdict(history).violationCount == 0)
  }
}

@Suite struct SessionSurviveTests {
  func verdict(_ history: History) -> InvariantVerdict { history.verdict("I-SESS-SURVIVE", until: .s(300)) }

  @Test("a workload that outlives the kill of a replica is a check passed")
  func satisfied() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    #expect(verdict(history).outcome == .notExercised)
    history.at(.s(20), .processEnded(process: "r1", reason: "SIGKILL", injected: true))
    #expect(verdict(history).outcome == .held)
  }

  @Test(
    "whatever ends the workload of a running session unasked is found",
    arguments: [
      WorkloadEvent.notReady, .deleted, .failed, .scaledToZero,
    ])
  func lost(event: WorkloadEvent) {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.at(.s(20), .processEnded(process: "r1", reason: "SIGKILL", injected: true))
    history.workload(at: .s(21), "s1", event, by: nil)
    let verdict = verdict(history)
    #expect(verdict.violations.map(\.time) == [.s(21)])
    #expect(verdict.violations.first?.message.contains("deployment/s1") == true)
    #expect(verdict.violations.first?.chain.contains { $0.time == .s(20) } == true)
  }

  @Test("a stop or a hibernate is a reason, one that a wake followed is none")
  func asked() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.carryOut(
      at: .s(20), "h1", "hibernate_session", of: "s1", effect: [.scaledToZero], state: ("running", "running"))
    history.carryOut(at: .s(40), "w1", "wake_session", of: "s1", effect: [.scaledUp, .ready])
    var lost = history
    history.stop(at: .s(60), "s1")
    #expect(verdict(history).outcome == .held)
    lost.workload(at: .s(60), "s1", .notReady, by: nil)
    #expect(verdict(lost).violations.map(\.time) == [.s(60)])
  }

  @Test("a fault of the platform excuses")
  func platform() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.at(.s(20), .faultBegan(name: "pod-evict s1"))
    history.workload(at: .s(21), "s1", .notReady, by: nil)
    let verdict = verdict(history)
    #expect(verdict.violationCount == 0)
    #expect(verdict.excused == 1)
  }

  @Test("a start that fails may take down what it made")
  func failedStart() {
    var history = History.steady()
    history.create(at: .s(10), "s1")
    history.insert(at: .s(10), "c1", "start_session", of: "s1")
    for event in [WorkloadEvent.created, .ready, .deleted] { history.workload(at: .s(11), "s1", event, by: "c1") }
    #expect(verdict(history).violationCount == 0)
  }
}

@Suite struct NoOrphanTests {
  func verdict(_ history: History) -> InvariantVerdict { history.verdict("I-NO-ORPHAN", until: .s(300)) }

  @Test("objects that go with their session hold, home volumes are exempt")
  func satisfied() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.workload(at: .s(10), "s1", .created, by: "start-s1", kind: "pvc")
    history.stop(at: .s(20), "s1")
    history.run(at: .s(20), "s2")
    history.at(.s(30), .loadStopped)
    #expect(verdict(history).outcome == .held)
  }

  @Test("objects of an ended, of a deleted and of an unknown session are orphans (B-20, B-30)")
  func orphans() {
    var history = History.steady()
    for session in ["ended", "deleted"] { history.run(at: .s(10), session) }
    history.state(at: .s(20), "ended", "running", "terminating")
    history.state(at: .s(21), "ended", "terminating", "terminated")
    history.at(.s(22), .sessionDeleted(session: "deleted"))
    history.workload(at: .s(23), "unknown", .created, by: nil, kind: "service")
    history.at(.s(30), .loadStopped)
    let verdict = verdict(history)
    #expect(verdict.violationCount == 3)
    for name in ["deployment/ended", "whose row was deleted", "never in the database"] {
      #expect(verdict.violations.contains { $0.message.contains(name) })
    }
  }

  @Test("a running session without its workload is found")
  func missing() {
    var history = History.steady()
    history.run(at: .s(10), "s1")
    history.workload(at: .s(20), "s1", .deleted, by: nil)
    history.at(.s(30), .loadStopped)
    let verdict = verdict(history)
    #expect(verdict.violations.map(\.rule) == ["every session has its objects"])
    #expect(verdict.violations.first?.firstEvent?.time == .s(20))
  }

  @Test("before quiet nothing is judged, and objects of an absent agent are excused")
  func excused() {
    var history = History.steady()
    history.workload(at: .s(10), "unknown", .created, by: nil)
    #expect(verdict(history).outcome == .notExercised)
    history.at(.s(20), .loadStopped)
    history.at(.s(21), .processEnded(process: agentID, reason: "SIGKILL", injected: true))
    #expect(verdict(history).violationCount == 0)
  }
}
