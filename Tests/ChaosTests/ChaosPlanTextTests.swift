import TestEnvironment
import Testing

@testable import Chaos

@Suite("Plans as text")
struct ChaosPlanTextTests {
  /// One fault of every kind, with every trouble.
  static let everyFault: [ChaosFault] = [
    .kill(.replica(0), .graceful), .kill(.holder(agent: 1), .crash), .kill(.agent(0), .silent),
    .pause(.leader(agent: 0)), .cut(.standby(agent: 0), .kubernetes), .cutOneWay(from: .redis, to: .replica(2)),
    .halfOpen(gone: .instance(agent: 0, 2), unaware: .controlPlane), .reset(.agent(0), .replica(1)),
    .slow(.replica(0), .database, by: .milliseconds(1_500)), .redisDown, .redisRestartEmpty, .redisEvictRoute(agent: 1),
    .redisSlow(by: .seconds(2)), .redisLosePubSub, .databaseDown, .databaseSlow(by: .milliseconds(20)),
    .dispatcherSlow(by: .seconds(1)), .databaseRequest(replica: 0, number: 7, .crash),
    .databaseRequest(replica: 0, number: 7, .error(sqlState: "40001")),
    .databaseRequest(replica: 2, number: 1, .answerLost(done: nil)),
    .databaseRequest(replica: 2, number: 1, .answerLost(done: true)),
    .databaseRequest(replica: 2, number: 1, .answerLost(done: false)), .kubernetes(.down), .kubernetes(.refusing),
    .kubernetes(.throttled), .kubernetes(.conflicts(resource: "leases", percent: 30)),
    .kubernetes(.forbidden(verb: "create", resource: "services")), .kubernetes(.forbidden(verb: nil, resource: "pods")),
    .kubernetes(.slow(by: .seconds(2))), .kubernetes(.answersLost(percent: 5)), .kubernetes(.brownOut(percent: 100)),
    .kubernetes(.unschedulable), .kubernetes(.staleReads(by: .seconds(5))), .kubernetes(.nodeNotReady),
    .docker(agent: 1, .down), .docker(agent: 1, .restart), .docker(agent: 1, .createFails),
    .docker(agent: 1, .startFails), .docker(agent: 1, .slow(by: .seconds(1))),
    .docker(agent: 1, .answersLost(percent: 9)),
    .docker(agent: 1, .errors(percent: 0)), .skew(.docker(agent: 1), by: .milliseconds(-100_250)),
    .drift(.database, ppm: -500), .loseAck(agent: 0),
    .killAtStep(agent: 0, command: "start_session", .workload, .crash),
  ]

  @Test("a fault of every kind is read back as it was written")
  func everyKind() throws {
    var plan = ChaosPlan(seed: .max, deployment: ChaosDeployment(agents: [.init(), .init(platform: .docker)]))
    plan.faults = Self.everyFault.enumerated().map {
      PlannedFault(at: .nanoseconds($0.offset * 1_000_000_007), lasts: .seconds(5), $0.element, recipe: "swizzle")
    }
    plan.operations = [
      PlannedOperation(at: .zero, user: 0, .create), PlannedOperation(at: .seconds(1), user: 3, .stop(2), replica: 1),
      PlannedOperation(at: .seconds(1), user: 3, .hibernate(0)), PlannedOperation(at: .seconds(1), user: 3, .wake(0)),
      PlannedOperation(at: .seconds(1), user: 3, .get(9)),
      PlannedOperation(at: .seconds(1), user: 3, .list, replica: 0),
      PlannedOperation(at: .seconds(1), user: 3, .view(0)),
    ]
    #expect(try ChaosPlan(text: plan.text) == plan)
  }

  @Test("drawn plans and subsets of them are read back as they were written", arguments: 1...40 as ClosedRange<UInt64>)
  func roundTrip(seed: UInt64) throws {
    let dice = Dice(seed)
    var plan = ChaosPlan(swarm: seed) { _, count in dice.below(count) }
    #expect(try ChaosPlan(text: plan.text) == plan)
    plan.faults.removeAll { _ in dice.below(2) == 0 }
    plan.operations.removeAll { _ in dice.below(2) == 0 }
    #expect(try ChaosPlan(text: plan.text) == plan)
  }

  @Test(
    "spans are written in seconds and read back exactly",
    arguments: [
      (Duration.zero, "0 s"), (.milliseconds(12_500), "12.5 s"), (.nanoseconds(1), "0.000000001 s"),
      (.seconds(-30), "-30 s"), (.milliseconds(-250), "-0.25 s"), (.seconds(172_800), "172800 s"),
    ])
  func spans(span: Duration, text: String) {
    #expect(SpanText.text(of: span) == text)
    #expect(SpanText.span(of: text) == span)
  }

  @Test(
    "texts that are no span are refused",
    arguments: [
      "", "s", " s", "1", "1s", "1 ms", "1. s", ".5 s", "--1 s", "+1 s", "1e3 s", "9999999 s", "172801 s", "１ s",
    ])
  func noSpans(text: String) {
    #expect(SpanText.span(of: text) == nil)
  }

  @Test(
    "what is wrong is named with its field",
    arguments: [
      ("\"version\": 1", "\"version\": 2", "version"),
      ("\"seed\": \"7\"", "\"seed\": 7", "seed"),
      ("\"seed\": \"7\"", "\"seed\": \"-7\"", "seed"),
      ("\"replicas\":3", "\"replicas\":0", "deployment.replicas"),
      ("\"redis\":true", "\"redis\":false", "deployment.redis"),
      ("\"sessions\":6", "\"sessions\":60", "deployment.sessions"),
      ("\"platform\":\"kubernetes\"", "\"platform\":\"vms\"", "deployment.agents[0].platform"),
      ("\"load\":\"460 s\"", "\"load\":\"460\"", "phases.load"),
      ("\"load\":\"460 s\"", "\"load\":\"-1 s\"", "phases.load"),
      ("\"verb\":\"create\"", "\"verb\":\"stop\"", "operations[0].verb"),
      ("\"target\":\"leader of agent 0\"", "\"target\":\"moon\"", "faults[0].target"),
      ("\"target\":\"leader of agent 0\"", "\"target\":\"leader of agent -1\"", "faults[0].target"),
      ("\"death\":\"crash\"", "\"death\":\"old age\"", "faults[0].death"),
      ("\"lasts\":\"10 s\"", "\"last\":\"10 s\"", "faults[0].lasts"),
      ("\"death\":\"crash\"", "\"death\":\"crash\",\"agent\":1", "faults[0].agent"),
      ("\"kind\":\"kill\"", "\"kind\":\"murder\"", "faults[0].kind"),
      ("\"faults\": [", "\"faults\": [1,", "faults[0]"),
    ])
  func errors(good: String, bad: String, field: String) throws {
    var plan = ChaosPlan(seed: 7, deployment: ChaosDeployment())
    plan.operations = [PlannedOperation(at: .zero, user: 0, .create)]
    plan.faults = [PlannedFault(at: .seconds(1), lasts: .seconds(10), .kill(.leader(agent: 0), .crash))]
    let text = plan.text
    let parts = text.split(separator: good, maxSplits: 1, omittingEmptySubsequences: false)
    try #require(parts.count == 2, "the text holds \(good)")
    let error = #expect(throws: ChaosPlanError.self) { try ChaosPlan(text: parts[0] + bad + parts[1]) }
    #expect(error?.field == field)
  }

  @Test("mutilated texts are refused or read, and never crash", arguments: 1...20 as ClosedRange<UInt64>)
  func hostile(seed: UInt64) {
    let dice = Dice(seed)
    let plan = ChaosPlan(swarm: seed) { _, count in dice.below(count) }
    for _ in 0..<50 {
      var bytes = Array(plan.text.utf8)
      for _ in 0...dice.below(4) {
        let place = dice.below(bytes.count)
        switch dice.below(3) {
        case 0: bytes[place] = UInt8(dice.below(256))
        case 1: bytes.remove(at: place)
        default: bytes.removeSubrange(place..<min(bytes.count, place + dice.below(200)))
        }
      }
      guard let read = try? ChaosPlan(text: String(decoding: bytes, as: UTF8.self)) else { continue }
      #expect((try? ChaosPlan(text: read.text)) == read)
    }
  }
}
