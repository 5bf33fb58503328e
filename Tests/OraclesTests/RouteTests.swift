import Oracles
import TestEnvironment
import Testing

@Suite struct RouteTests {
  func route(_ history: History, until end: Duration) -> InvariantVerdict { history.verdict("I-ROUTE", until: end) }

  @Test("a route that follows its agent holds")
  func satisfied() {
    var history = History.steady()
    history.beats(from: .s(30), to: .s(300))
    let verdict = route(history, until: .s(300))
    #expect(verdict.outcome == .held)
    #expect(verdict.checks >= 2)
  }

  @Test("without Redis nothing is exercised")
  func withoutRedis() {
    var history = History.steady(.t1)
    history.beats(from: .s(30), to: .s(300))
    #expect(route(history, until: .s(300)).outcome == .notExercised)
  }

  @Test("a registration without keys is wrong after 35 s and not before", arguments: [35.0, 35.001])
  func registration(at repaired: Double) {
    var history = History(.t2)
    history.connect(at: .zero, to: "r1", 1, route: false)
    history.beat(at: .s(30))
    history.route(at: .s(repaired), "r1")
    let verdict = route(history, until: .s(100))
    #expect(verdict.violationCount == (repaired > 35 ? 1 : 0))
    if let violation = verdict.violations.first {
      #expect(violation.time == .s(35))
      #expect(violation.firstEvent?.sequence == 0)
      #expect(violation.message.contains(agentID) && violation.message.contains("r1"))
    }
  }

  @Test("a registration whose 35 s are not over is not judged")
  func pending() {
    var history = History(.t2)
    history.connect(at: .zero, to: "r1", 1, route: false)
    let verdict = route(history, until: .s(35))
    #expect(verdict.outcome == .notExercised)
    #expect(verdict.notJudged == 1)
  }

  @Test("an evicted key that no heartbeat re-writes is found")
  func evicted() {
    var history = History.steady()
    history.beats(from: .s(30), to: .s(300))
    history.at(.s(100), .faultBegan(name: "evict", fault: .redisEvict(key: "agent:\(agentID):pod")))
    history.at(.s(100), .route(agent: agentID, key: .pod, value: nil), .faultEnded(name: "evict"))
    let verdict = route(history, until: .s(300))
    #expect(verdict.violations.map(\.time) == [.s(135)])
    #expect(verdict.violations.first?.firstEvent?.observation == .route(agent: agentID, key: .pod, value: nil))
  }

  @Test("an evicted key that the next heartbeat re-writes is in order")
  func evictedAndRepaired() {
    var history = History.steady()
    history.beats(from: .s(30), to: .s(300))
    history.at(.s(100), .faultBegan(name: "evict", fault: .redisEvict(key: "agent:\(agentID):pod")))
    history.at(.s(100), .route(agent: agentID, key: .pod, value: nil), .faultEnded(name: "evict"))
    history.at(.s(120), .route(agent: agentID, key: .pod, value: "r1"))
    #expect(route(history, until: .s(300)).outcome == .held)
  }

  @Test("a mute agent excuses a lost key until its next heartbeat")
  func mute() {
    var history = History.steady()
    history.beats(from: .s(30), to: .s(90))
    history.at(.s(100), .faultBegan(name: "evict", fault: .redisEvict(key: "agent:\(agentID):pod")))
    history.at(.s(100), .faultEnded(name: "evict"))
    history.route(at: .s(100), nil)
    history.beat(at: .s(160))
    var repaired = history
    repaired.route(at: .s(160), "r1")
    let verdict = route(repaired, until: .s(200))
    #expect(verdict.violationCount == 0)
    #expect(verdict.excused >= 1)
    #expect(route(history, until: .s(200)).violations.map(\.time) == [.s(165)])
  }

  @Test("a late unregister of the old replica that takes the successor's key is found (B-02)")
  func takenAway() {
    var history = History.steady()
    history.at(.s(10), .faultBegan(name: "half-open", fault: .halfOpen(gone: .agent(agentID), unaware: .replica("r1"))))
    history.connect(at: .s(12), to: "r2", 2)
    history.beats(from: .s(42), to: .s(200), on: "r2")
    history.disconnect(at: .s(55), from: "r1", 1, "stale")
    history.route(at: .s(55), nil)
    history.route(at: .s(72), "r2")
    let verdict = route(history, until: .s(200))
    #expect(verdict.violations.map(\.time) == [.s(55)])
    #expect(verdict.violations.first?.rule == "both keys stay while the socket lives")
  }

  @Test("a key that goes with its connection is in order")
  func leaves() {
    var history = History.steady()
    history.beats(from: .s(30), to: .s(90))
    history.route(at: .s(100), nil)
    history.disconnect(at: .s(101), from: "r1", 1)
    history.row(at: .s(101), "offline")
    #expect(route(history, until: .s(500)).violationCount == 0)
  }

  @Test(
    "while Redis is away nothing is owed; 10 s after its return the route must be right", arguments: [80.0, 80.001])
  func redisAway(repaired: Double) {
    var history = History.steady()
    history.at(.s(10), .faultBegan(name: "redis", fault: .redisDown), .redisAvailable(false))
    history.disconnect(at: .s(20), from: "r1", 1)
    history.connect(at: .s(25), to: "r2", 2, route: false)
    history.beats(from: .s(55), to: .s(200), on: "r2")
    history.at(.s(70), .redisAvailable(true), .faultEnded(name: "redis"))
    history.route(at: .s(repaired), "r2")
    let verdict = route(history, until: .s(300))
    #expect(verdict.violations.map(\.time) == (repaired > 80 ? [.s(80)] : []))
  }

  @Test("after a restart without data the keys have 35 s")
  func restartEmpty() {
    var history = History.steady()
    history.beats(from: .s(30), to: .s(300))
    history.at(.s(100), .faultBegan(name: "empty", fault: .redisRestartEmpty), .redisAvailable(false))
    history.route(at: .s(100), nil)
    history.at(.s(102), .redisAvailable(true), .faultEnded(name: "empty"))
    var repaired = history
    repaired.route(at: .s(137), "r1")
    #expect(route(repaired, until: .s(300)).outcome == .held)
    #expect(route(history, until: .s(300)).violations.map(\.time) == [.s(137)])
  }

  @Test("one key without the other is found, except in the step that writes both (B-04)")
  func half() {
    var history = History(.t2)
    history.at(
      .zero, .agentConnected(agent: agentID, replica: "r1", connection: 1, epoch: 1, instance: agentID))
    history.at(.s(1), .route(agent: agentID, key: .connected, value: "true"))
    var whole = history
    whole.at(.s(1), .route(agent: agentID, key: .pod, value: "r1"))
    #expect(route(whole, until: .s(20)).outcome == .held)
    history.at(.s(1.001), .route(agent: agentID, key: .pod, value: "r1"))
    let verdict = route(history, until: .s(20))
    #expect(verdict.violations.map(\.rule) == ["both keys or none"])
    #expect(verdict.violations.map(\.time) == [.s(1)])
  }

  @Test("a key of a dead replica may stay its 300 s and no longer", arguments: [310.0, 330.0])
  func staleNowhere(gone: Double) {
    var history = History.steady()
    history.at(.s(10), .processEnded(process: "r1", reason: "SIGKILL", injected: true))
    history.at(.s(12), .processEnded(process: agentID, reason: "SIGKILL", injected: true))
    history.route(at: .s(gone), nil)
    let verdict = route(history, until: .s(400))
    #expect(verdict.violations.map(\.time) == (gone > 315 ? [.s(315)] : []))
    #expect(verdict.isExercised)
  }

  @Test("a key that names the wrong replica is found and reported once")
  func wrongReplica() {
    var history = History.steady()
    history.disconnect(at: .s(10), from: "r1", 1)
    history.connect(at: .s(12), to: "r2", 2, route: false)
    history.beats(from: .s(42), to: .s(300), on: "r2")
    let verdict = route(history, until: .s(300))
    #expect(verdict.violations.map(\.time) == [.s(47)])
  }

  @Test("a replica that is cut from Redis has 10 s from the end of the cut")
  func cutFromRedis() {
    var history = History.steady()
    history.beats(from: .s(30), to: .s(300))
    history.at(.s(40), .faultBegan(name: "cut", fault: .cut(.replica("r1"), .redis)))
    history.at(.s(50), .faultBegan(name: "evict", fault: .redisEvict(key: "k")), .faultEnded(name: "evict"))
    history.route(at: .s(50), nil)
    history.at(.s(200), .faultEnded(name: "cut"))
    var repaired = history
    repaired.route(at: .s(210), "r1")
    #expect(route(repaired, until: .s(300)).violationCount == 0)
    #expect(route(history, until: .s(300)).violations.map(\.time) == [.s(210)])
  }
}
