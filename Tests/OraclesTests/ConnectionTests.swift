import Oracles
import TestEnvironment
import Testing

@Suite struct OneConnectionTests {
  func verdict(_ history: History, until end: Duration) -> InvariantVerdict {
    history.verdict("I-ONE-CONN", until: end)
  }

  @Test("the newest registration survives the closing of the older one")
  func satisfied() {
    var history = History.steady()
    history.connect(at: .s(12), to: "r2", 2)
    history.disconnect(at: .s(40), from: "r1", 1, "stale")
    history.beats(from: .s(42), to: .s(200), on: "r2")
    let verdict = verdict(history, until: .s(200))
    #expect(verdict.outcome == .held)
    #expect(verdict.checks == 2)  // alone at first, and the older one's end
  }

  @Test("a successor that an unregister by id takes along is found (B-01)")
  func successorKilled() {
    var history = History.steady()
    history.at(.s(10), .faultBegan(name: "half", fault: .halfOpen(gone: .agent(agentID), unaware: .replica("r1"))))
    history.connect(at: .s(12), to: "r1", 2)
    history.disconnect(at: .s(12.001), from: "r1", 1, "replaced")
    history.disconnect(at: .s(12.002), from: "r1", 2, "unregistered")
    history.connect(at: .s(13.5), to: "r1", 3)
    let verdict = verdict(history, until: .s(30))
    #expect(verdict.violations.map(\.time) == [.s(12.002)])
    #expect(
      verdict.violations.first?.firstEvent?.observation
        == .agentDisconnected(agent: agentID, replica: "r1", connection: 2, reason: "unregistered"))
    #expect(verdict.violations.first?.chain.isEmpty == false)
  }

  @Test(
    "a healthy agent taken for stale after 30 s is found (A-04), one silent for over 45 s is not",
    arguments: [
      30.1, 45.0, 45.001,
    ])
  func stale(after silence: Double) {
    var history = History.steady()
    history.beat(at: .s(30))
    history.disconnect(at: .s(30 + silence), from: "r1", 1, "stale")
    history.connect(at: .s(32 + silence), to: "r1", 2)
    #expect(verdict(history, until: .s(90)).violationCount == (silence > 45 ? 0 : 1))
  }

  @Test(
    "a connection that is told just after its leadership ended is closed by it in order, one told late is not",
    arguments: [0.5, 5, 5.001])
  func endOfLeadership(after late: Double) {
    var history = History.led()
    history.unlink(at: .s(29), first, 1)
    history.yield(at: .s(30), first, 1)
    history.link(at: .s(30 + late), first, 2)
    history.unlink(at: .s(30.001 + late), first, 2)
    history.win(at: .s(33 + late), first, 2)
    history.link(at: .s(33.5 + late), first, 3)
    #expect(history.verdict("I-ONE-CONN", until: .s(60)).violationCount == (late > 5 ? 1 : 0))
  }

  @Test("of two registrations at one moment the row decides which is the newest")
  func simultaneous() {
    var history = History.steady()
    history.connect(at: .s(40), to: "r2", 2)
    history.connect(at: .s(40.002), to: "r3", 3)
    history.disconnect(at: .s(40.005), from: "r3", 3, "the row names another pod")
    history.disconnect(at: .s(60), from: "r1", 1, "stale")
    #expect(verdict(history, until: .s(70)).violationCount == 0)
  }

  @Test("a takeover at the very moment is in order, whichever is told first")
  func takeover() {
    var history = History.steady()
    history.beat(at: .s(30))
    history.disconnect(at: .s(40), from: "r1", 1, "replaced")
    history.connect(at: .s(40), to: "r1", 2)
    #expect(verdict(history, until: .s(90)).violationCount == 0)
  }

  @Test(
    "faults and stops that end a connection are excuses",
    arguments: [
      Observation.processEnded(process: "r1", reason: "SIGTERM", injected: true),
      .processPaused(process: "r1"), .replicaReady(replica: "r1", ready: false),
      .processEnded(process: agentID, reason: "SIGTERM", injected: true),
      .faultBegan(name: "cut", fault: .cut(.agent(agentID), .replica("r1"))), .databaseAvailable(false),
      .faultBegan(name: "reset \(agentID)"),
    ])
  func excused(by cause: Observation) {
    var history = History.steady()
    history.beat(at: .s(30))
    history.at(.s(35), cause)
    history.disconnect(at: .s(36), from: "r1", 1)
    history.connect(at: .s(40), to: "r2", 2)
    #expect(verdict(history, until: .s(90)).violationCount == 0)
  }

  @Test("a fault elsewhere is no excuse")
  func faultElsewhere() {
    var history = History.steady()
    history.at(.s(20), .faultBegan(name: "cut", fault: .cut(.agent("other"), .replica("r1"))))
    history.at(.s(20), .faultBegan(name: "slow", fault: .slow(.agent(agentID), .replica("r1"), by: .milliseconds(5))))
    history.disconnect(at: .s(30), from: "r1", 1)
    history.connect(at: .s(32), to: "r2", 2)
    #expect(verdict(history, until: .s(90)).violations.map(\.time) == [.s(30)])
  }

  @Test(
    "a link whose answers take longer than a write may is an excuse, a faster one is none", arguments: [4_900, 5_000])
  func slowLink(milliseconds: Int64) {
    var history = History.steady()
    let slow = Fault.slow(.agent(agentID), .replica("r1"), by: .milliseconds(milliseconds))
    history.at(.s(20), .faultBegan(name: "slow", fault: slow))
    history.disconnect(at: .s(30), from: "r1", 1)
    history.connect(at: .s(32), to: "r2", 2)
    #expect(verdict(history, until: .s(90)).violationCount == (milliseconds < 5_000 ? 1 : 0))
  }

  @Test("an agent that leaves by itself and stops is in order")
  func gracefulStop() {
    var history = History.steady()
    history.disconnect(at: .s(20), from: "r1", 1)
    history.at(.s(25), .processEnded(process: agentID, reason: "SIGTERM", injected: true))
    history.at(.s(40), .processStarted(process: agentID))
    history.connect(at: .s(41), to: "r2", 2)
    let verdict = verdict(history, until: .s(90))
    #expect(verdict.violationCount == 0)
    #expect(verdict.excused == 1)
  }

  @Test(
    "a cause that is told after its effect is an excuse",
    arguments: [
      Observation.processEnded(process: "r1", reason: "SIGTERM", injected: true),
      .replicaReady(replica: "r1", ready: false), .processPaused(process: "r1"),
      .faultBegan(name: "reset", fault: .reset(.agent(agentID), .replica("r1"))),
    ])
  func toldLate(cause: Observation) {
    var history = History.steady()
    history.beat(at: .s(30))
    history.disconnect(at: .s(36), from: "r1", 1)
    history.at(.s(36), cause)
    history.connect(at: .s(40), to: "r2", 2)
    #expect(verdict(history, until: .s(90)).violationCount == 0)
  }

  @Test("an older registration must go within 60 s of the newer one", arguments: [60.0, 60.001])
  func older(gone: Double) {
    var history = History.steady()
    history.connect(at: .s(10), to: "r2", 2)
    history.beats(from: .s(40), to: .s(100), on: "r2")
    history.disconnect(at: .s(10 + gone), from: "r1", 1)
    let verdict = verdict(history, until: .s(100))
    #expect(verdict.violations.map(\.time) == (gone > 60 ? [.s(70)] : []))
  }

  @Test("a paused replica may keep its older registration")
  func olderPaused() {
    var history = History.steady()
    history.at(.s(5), .processPaused(process: "r1"))
    history.connect(at: .s(10), to: "r2", 2)
    history.beats(from: .s(40), to: .s(100), on: "r2")
    let verdict = verdict(history, until: .s(100))
    #expect(verdict.violationCount == 0)
    #expect(verdict.excused == 1)
  }
}

@Suite struct HubLiveTests {
  @Test("a wait of 5 s is in time, one beyond is not", arguments: [5.0, 5.001])
  func wait(_ seconds: Double) {
    var history = History.steady()
    history.at(.s(10), .hubQueued(replica: "r1"))
    history.at(.s(10 + seconds), .hubServed(replica: "r1", wait: .s(seconds)))
    let verdict = history.verdict("I-HUB-LIVE", until: .s(30))
    #expect(verdict.isExercised)
    #expect(verdict.violations.map(\.time) == (seconds > 5 ? [.s(15)] : []))
  }

  @Test("a wait is judged even where only the service is told")
  func servedOnly() {
    var history = History.steady()
    history.at(.s(20), .hubServed(replica: "r1", wait: .s(6)))
    #expect(history.verdict("I-HUB-LIVE", until: .s(30)).violations.map(\.time) == [.s(19)])
  }

  @Test("a hub that never serves again is found (B-06)")
  func stuck() {
    var history = History.steady()
    history.at(.s(10), .hubQueued(replica: "r1"), .hubQueued(replica: "r1"))
    history.at(.s(11), .hubServed(replica: "r1", wait: .s(1)))
    let verdict = history.verdict("I-HUB-LIVE", until: .s(30))
    #expect(verdict.violations.map(\.time) == [.s(15)])
    #expect(verdict.violations.first?.firstEvent?.observation == .hubQueued(replica: "r1"))
  }

  @Test("a paused replica is excused, and has 5 s once it is resumed")
  func paused() {
    var history = History.steady()
    history.at(.s(10), .hubQueued(replica: "r1"), .processPaused(process: "r1"))
    history.at(.s(70), .processResumed(process: "r1"))
    var served = history
    served.at(.s(75), .hubServed(replica: "r1", wait: .s(65)))
    #expect(served.verdict("I-HUB-LIVE", until: .s(100)).violationCount == 0)
    #expect(history.verdict("I-HUB-LIVE", until: .s(100)).violations.map(\.time) == [.s(75)])
  }

  @Test("a replica that exits by itself is found, by I-CRASH too")
  func exits() {
    var history = History.steady()
    history.at(.s(10), .processEnded(process: "r1", reason: "panic: send on closed channel", injected: false))
    for id in ["I-HUB-LIVE", "I-CRASH"] {
      let verdict = history.verdict(id, until: .s(30))
      #expect(verdict.violations.map(\.time) == [.s(10)])
      #expect(verdict.violations.first?.message.contains("panic: send on closed channel") == true)
    }
  }

  @Test("an injected kill, and the refusal of a replica without a name, are in order")
  func injected() {
    var history = History.steady(Topology.t2.with { $0.namelessReplicas = [1] })
    history.at(.s(10), .processEnded(process: "r1", reason: "SIGKILL", injected: true))
    history.at(.s(11), .processEnded(process: "r2", reason: "POD_NAME is required", injected: false))
    for id in ["I-HUB-LIVE", "I-CRASH"] { #expect(history.verdict(id, until: .s(30)).outcome == .held) }
  }
}

@Suite struct StatusTests {
  func verdict(_ history: History, until end: Duration) -> InvariantVerdict { history.verdict("I-STATUS", until: end) }

  @Test("a lost agent is offline 55 s after its last heartbeat, and no later", arguments: [85.0, 85.001])
  func lost(offline: Double) {
    var history = History.steady()
    history.beat(at: .s(30))
    history.at(.s(40), .processEnded(process: agentID, reason: "SIGKILL", injected: true))
    history.row(at: .s(offline), "offline")
    let verdict = verdict(history, until: .s(200))
    #expect(verdict.isExercised)
    #expect(verdict.violations.map(\.time) == (offline > 85 ? [.s(85)] : []))
    #expect(offline == 85 || verdict.violations.first?.firstEvent?.observation.isHeartbeat == true)
  }

  @Test(
    "without a ready replica or a database nobody can sweep",
    arguments: [
      (Observation.databaseAvailable(false), Observation.databaseAvailable(true)),
      (.processEnded(process: "r1", reason: "SIGKILL", injected: true), .replicaReady(replica: "r1", ready: true)),
    ])
  func noService(away: Observation, back: Observation) {
    var history = History(Topology.t1)
    history.at(.zero, .processStarted(process: "r1"), .replicaReady(replica: "r1", ready: true))
    history.connect(at: .zero, to: "r1", 1)
    history.beat(at: .s(30))
    history.at(.s(40), .processEnded(process: agentID, reason: "SIGKILL", injected: true), away)
    if case .replicaReady = back { history.at(.s(195), .processStarted(process: "r1")) }
    history.at(.s(200), back)
    var swept = history
    swept.row(at: .s(215), "offline")
    #expect(verdict(swept, until: .s(400)).outcome == .held)
    #expect(verdict(history, until: .s(400)).violations.map(\.time) == [.s(215)])
  }

  @Test("the row is online 35 s after reconnection, and no later", arguments: [75.0, 75.001])
  func reconnected(online: Double) {
    var history = History.steady()
    history.disconnect(at: .s(20), from: "r1", 1)
    history.row(at: .s(20), "offline")
    history.connect(at: .s(40), to: "r2", 2, row: false)
    history.beat(at: .s(70), on: "r2")
    history.row(at: .s(online), "online", beat: .s(70))
    let verdict = verdict(history, until: .s(90))
    #expect(verdict.isExercised)
    #expect(verdict.violations.map(\.time) == (online > 75 ? [.s(75)] : []))
  }

  @Test("a heart-beating agent is never offline for 35 s (A-05)")
  func neverOnline() {
    var history = History.steady()
    history.beats(from: .s(30), to: .s(300))
    history.row(at: .s(50), "offline")
    for time in stride(from: 60.0, through: 300, by: 30) { history.row(at: .s(time), "offline", beat: .s(time)) }
    let verdict = verdict(history, until: .s(300))
    #expect(verdict.violations.map(\.time) == [.s(85)])
    #expect(
      verdict.violations.first?.firstEvent?.observation
        == .agentRow(agent: agentID, status: "offline", lastHeartbeat: nil))
  }

  @Test("an agent that is connected but mute is excused until its next heartbeat")
  func mute() {
    var history = History.steady()
    history.beat(at: .s(30))
    history.row(at: .s(80), "offline")
    history.beat(at: .s(130))
    var repaired = history
    repaired.row(at: .s(130), "online", beat: .s(130))
    let verdict = verdict(repaired, until: .s(180))
    #expect(verdict.violationCount == 0)
    #expect(verdict.excused == 1)
    #expect(self.verdict(history, until: .s(180)).violations.map(\.time) == [.s(135)])
  }

  @Test("an agent that drains stays draining")
  func draining() {
    var history = History.steady()
    history.beats(from: .s(30), to: .s(300))
    history.row(at: .s(50), "draining")
    #expect(verdict(history, until: .s(300)).violationCount == 0)
  }
}

extension Observation {
  var isHeartbeat: Bool {
    if case .heartbeat = self { return true }
    return false
  }
}
