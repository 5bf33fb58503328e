import TestEnvironment
import Testing

@testable import Oracles

@Suite struct DeadlinesTests {
  @Test("what is due is given out once, in order of time, and never at its limit")
  func order() {
    var deadlines = Deadlines<String>()
    deadlines.set("late", .s(3))
    deadlines.set("b", .s(1))
    deadlines.set("a", .s(1))
    deadlines.set("moved", .s(1))
    deadlines.set("moved", .s(9))
    #expect(deadlines.expire(before: .s(1)).isEmpty)
    #expect(deadlines.expire(before: .s(3)).map(\.key) == ["b", "a"])
    #expect(deadlines.earliest == .s(3))
    #expect(deadlines.expire(before: .s(10)).map(\.key) == ["late", "moved"])
    #expect(deadlines.earliest == nil)
  }

  @Test("they agree with a plain list under random use", arguments: [UInt64](0..<20))
  func model(seed: UInt64) {
    var choices = Choices(seed: seed)
    var deadlines = Deadlines<Int>()
    var list: [(key: Int, due: Duration)] = []
    var now: Duration = .zero
    for _ in 0..<400 {
      let key = choices.next(12)
      switch choices.next(4) {
      case 0:
        #expect(deadlines.clear(key) == list.first { $0.key == key }?.due)
        list.removeAll { $0.key == key }
      case 1:
        now += choices.span(0, 5)
        let late = deadlines.expire(before: now)
        #expect(Set(late.map(\.key)) == Set(list.filter { $0.due < now }.map(\.key)))
        #expect(late.map(\.due) == late.map(\.due).sorted())
        list.removeAll { $0.due < now }
      default:
        let due = now + choices.span(0, 20)
        deadlines.set(key, due)
        list.removeAll { $0.key == key }
        list.append((key, due))
      }
      #expect(deadlines.count == list.count)
      #expect(deadlines[key] == list.first { $0.key == key }?.due)
      // The bound may be early, never late.
      if let first = list.map(\.due).min() { #expect(deadlines.earliest.map { $0 <= first } == true) }
    }
  }
}

@Suite struct SituationPartsTests {
  @Test("a table keeps the order of first appearance")
  func table() {
    var table = Table<String, Int>()
    for key in ["c", "a", "b", "a", "c"] { table.update(key, or: 0) { $0 += 1 } }
    #expect(table.keys == ["c", "a", "b"])
    #expect(table.values == [2, 2, 1])
    #expect(table["a"] == 2)
    #expect(table["x"] == nil)
  }

  @Test("a meter counts only the time in which it runs")
  func meter() {
    var meter = Meter()
    meter.run(true, at: .s(1))
    meter.run(true, at: .s(2))
    #expect(meter.reading(at: .s(4)) == .s(3))
    meter.run(false, at: .s(5))
    meter.run(false, at: .s(6))
    #expect(meter.reading(at: .s(9)) == .s(4))
    meter.run(true, at: .s(10))
    #expect(meter.reading(at: .s(11)) == .s(5))
  }

  @Test(
    "requests are known by method and path",
    arguments: [
      ("POST", "/api/v1/sessions", SessionRequestKind.create), ("post", "/sessions?x=1", .create),
      ("GET", "/api/v1/sessions?limit=5", .list), ("GET", "/api/v1/sessions/s1", .get("s1")),
      ("DELETE", "/api/v1/sessions/s1", .stop("s1")), ("PUT", "/api/v1/sessions/s1/hibernate", .hibernate("s1")),
      ("PUT", "/api/v1/sessions/s1/wake", .wake("s1")), ("PATCH", "/api/v1/sessions/s1", .about("s1")),
      ("GET", "/api/v1/sessions/s1/connect?user=u01", .about("s1")),
      ("POST", "/api/v1/batch/sessions/terminate", .other),
      ("GET", "/api/v1/templates", .other), ("GET", "", .other),
    ])
  func requests(method: String, path: String, kind: SessionRequestKind) {
    let record = RequestRecord(
      method: method, path: path, user: "u01", replica: nil, status: nil, session: nil, started: .zero, ended: .zero)
    #expect(SessionRequestKind(record) == kind)
  }

  @Test(
    "times are printed exactly",
    arguments: [
      (Duration.zero, "0.000 s"), (.milliseconds(12_345), "12.345 s"), (.nanoseconds(1_000_000_001), "1.000000001 s"),
      (.milliseconds(-250), "-0.250 s"),
    ])
  func durations(span: Duration, text: String) { #expect(span.text == text) }

  @Test("a fault touches what it names and nothing else")
  func faults() {
    let cut = FaultSpan(name: "f", fault: .cut(.agent("a1"), .replica("r1")), began: .zero)
    #expect(cut.touches(.agent("a1")) && cut.isBetween(.replica("r1"), .agent("a1")))
    #expect(!cut.touches(.agent("a2")) && !cut.touches(.redis) && !cut.isOfPlatform)
    let named = FaultSpan(name: "Redis away from r1", fault: nil, began: .zero)
    #expect(named.isBetween(.replica("r1"), .redis) && !named.touches(.replica("r2")) && !named.isOfPlatform)
    #expect(FaultSpan(name: "k8s(down 12)", fault: nil, began: .zero).isOfPlatform)
    #expect(cut.overlaps(from: .s(5), to: .s(6)))
    var over = cut
    over.ended = .s(4)
    #expect(!over.overlaps(from: .s(5), to: .s(6)) && over.overlaps(from: .s(4), to: .s(6)))
  }

  @Test("processes are told from one another by their names and their connections")
  func processes() {
    let situation = Situation(context: JudgeContext(topology: .t3m, replicas: ["r1"]))
    #expect(situation.agentID(ofProcess: "k8s-a1") == "k8s-a1")
    #expect(situation.agentID(ofProcess: "k8s-a2-0") == "k8s-a2")
    #expect(situation.agentID(ofProcess: "r1") == nil)
    situation.apply(
      TimedObservation(
        time: .zero, sequence: 0,
        observation: .agentConnected(agent: "k8s-a3", replica: "r1", connection: 1, epoch: 1, instance: "host-7")))
    #expect(situation.agentID(ofProcess: "host-7") == "k8s-a3")
    situation.apply(
      TimedObservation(
        time: .s(1), sequence: 1, observation: .processEnded(process: "host-7", reason: "", injected: true)))
    #expect(situation.agent("k8s-a3").live == nil)
    #expect(!situation.isAgentUp("k8s-a3"))
    #expect(situation.isAgentUp("k8s-a1"))
  }
}
