import LoadModel
import TestEnvironment

extension PerformanceLoad {
  /// How fast sessions start, and how fast the API answers (spec/06 §7.1).
  static let throughputCases: [TestCase] = [twentySessions, sweep, startTimes, slowAmongTen, mixedRequests]

  // MARK: PERF-THR-01

  static let twentySessions = TestCase(
    "PERF-THR-01", "Twenty sessions", in: .performanceLoad, source: "[P 4.1]", live: true,
    variants: [Variant("", .tl)], needs: ["replicas:3", "k8s", "users", "agents:5"], checks: ["I-CMD-LIVE", "I-QUOTA"],
    kills: []
  ) { environment in
    try await environment.awaitAgents()
    // One start an agent, by users of their own, so that the measured ones find everything as a second run would.
    let warmUp = try await environment.startBurst(5, users: 5...9, perUser: 1)
    try await environment.awaitBurst(warmUp, within: .seconds(60))
    for start in warmUp {
      guard let session = start.session else { continue }
      _ = try await environment.user(start.user).stop(session, at: nil)
    }
    try await environment.sleep(for: .seconds(5))
    let begun = environment.now
    let burst = try await environment.startBurst(20, users: 1...4, perUser: 5)
    try await environment.awaitBurst(burst, within: .seconds(120))
    let times = environment.startTimes(of: burst)
    environment.expect("creates refused", .equal(.count(0)), burst.count { $0.session == nil })
    environment.expect("sessions that never ran", .equal(.count(0)), burst.count - times.count)
    guard let all = times.map(\.running).max() else { throw CaseFailure("no session ran") }
    let elapsed = all - begun
    environment.expect("sessions a minute", .atLeast(.count(10)), ThroughputFacts.perMinute(times.count, in: elapsed))
    environment.record.sample("until all of 20 run", elapsed)
    for time in times { environment.record.sample("session start", time.total) }
    environment.record.add(environment.throughputRow("TL", count: 20, times, elapsed))
  }

  // MARK: PERF-THR-02

  static let sweep = TestCase(
    "PERF-THR-02", "Sweep 5, 10, 15, 20", in: .performanceLoad, source: "[P PLAN]", live: true,
    variants: [Topology.t1, .t3m].flatMap { topology in
      [5, 10, 15, 20].map { Variant("\(topology.name), \($0) sessions", topology, parameter: $0) }
    }, plain: .inTurn, needs: ["replicas:1", "k8s", "users"], checks: ["I-CMD-LIVE"], kills: ["B-19", "B-34"]
  ) { environment in
    try await environment.awaitAgents()
    let count = Int(environment.variant.parameter)
    try await environment.logInForThroughput(users: 1...4)
    let begun = environment.now
    let burst = try await environment.startBurst(count, users: 1...4, perUser: 5)
    let perAgent = (count + environment.agents.count - 1) / environment.agents.count
    let bound = Duration.milliseconds(6_500 * perAgent + 6_000)
    try await environment.awaitBurst(burst, within: bound + .seconds(60))
    let times = environment.startTimes(of: burst)
    environment.expect("creates refused", .equal(.count(0)), burst.count { $0.session == nil })
    environment.expect("sessions lost", .equal(.count(0)), burst.count - times.count)
    guard let all = times.map(\.running).max() else { throw CaseFailure("no session ran") }
    let elapsed = all - begun
    environment.expect("until all run, \(environment.variant.name)", .atMost(.duration(bound)), elapsed)
    for time in times { environment.record.sample("session start, \(environment.variant.name)", time.total) }
    // Four handlers beside one another (C26): what they did in all, over the time it took. One after the other is 10.
    let speedUp = environment.parallelSpeedUp(of: burst)
    environment.expect(
      "parallel speed-up of the busiest agent (tenths)", perAgent >= 5 ? .atLeast(.count(20)) : .reported, speedUp)
    environment.record.add(
      environment.throughputRow(environment.variant.topology.name, count: count, times, elapsed, speedUp: speedUp))
  }

  // MARK: PERF-THR-03

  static let startTimes = TestCase(
    "PERF-THR-03", "Start-time distribution", in: .performanceLoad, source: "[P 1.1b]", live: true,
    variants: [Variant("", .t2)], needs: ["replicas:2", "k8s", "users"],
    checks: ["I-CMD-TRUTH", "I-SESS-TRUTH"], kills: ["A-15", "C-07"]
  ) { environment in
    try await environment.awaitAgents()
    try await environment.logInForThroughput(users: 1...4)
    var times: [StartTime] = []
    var cold: Set<String> = []
    // Each wave of 20 leaves room for the next: the specification's 200 starts are ten.
    for wave in 0..<10 {
      let starts = try await environment.spacedStarts(20, coldEvery: 10, first: wave * 20)
      try await environment.awaitBurst(starts, within: .seconds(90))
      environment.expect("creates refused", .equal(.count(0)), starts.count { $0.session == nil })
      let done = environment.startTimes(of: starts)
      environment.expect("sessions that never ran", .equal(.count(0)), starts.count - done.count)
      times += done
      cold.formUnion(starts.filter(\.isCold).compactMap(\.session))
      for start in starts {
        guard let session = start.session else { continue }
        _ = try await environment.user(start.user).stop(session, at: nil)
      }
      try await environment.sleep(for: .seconds(15))
    }
    for (kind, limit) in [("warm", Duration.seconds(12)), ("cold", .seconds(25))] {
      let those = times.filter { cold.contains($0.session) == (kind == "cold") }
      let latencies = LatencyHistogram(those.map(\.total))
      environment.record.add(
        Expectation(
          name: "\(kind) start, p99", target: .atMost(.duration(limit)),
          measured: .duration(latencies.p99 ?? limit + .nanoseconds(1)), time: environment.now))
      for time in those {
        environment.record.sample("session start, \(kind)", time.total)
        for (phase, span) in time.phases { environment.record.sample("start phase, \(kind): \(phase)", span) }
      }
      environment.record.add(.startPhases(kind, those))
    }
    environment.expect(
      "completed before its workload was ready", .equal(.count(0)), times.count { $0.completed < $0.ready })
    environment.expect(
      "state after the completion", .atMost(.duration(.seconds(1))), times.map(\.stateDelay).max() ?? .zero)
  }

  // MARK: PERF-THR-04

  static let slowAmongTen = TestCase(
    "PERF-THR-04", "One slow start among ten", in: .performanceLoad, source: "[+]", variants: [Variant("", .t1)],
    needs: ["replicas:1", "k8s", "users"], checks: ["I-ONE-CONN"], kills: ["A-23", "B-34"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    try await environment.logInForThroughput(users: 1...2)
    let begun = environment.now
    let pull = try await environment.begin(
      .imagePull(image: ThroughputFacts.coldImage, .seconds(90)), for: nil)
    environment.markFault("pull of 90 s", lane: agent, from: begun, to: begun + .seconds(90))
    let slow = try await environment.startOne(user: "u01", template: ThroughputFacts.coldTemplate, isCold: true)
    var others: [BurstStart] = []
    for index in 1...9 {
      try await environment.sleep(until: begun + .seconds(3 * index))
      others.append(
        try await environment.startOne(user: index < 5 ? "u01" : "u02", template: "xterm-vnc", isCold: false))
    }
    try await environment.awaitBurst(others + [slow], within: .seconds(130))
    try await environment.end(pull)
    let times = environment.startTimes(of: others)
    environment.expect("creates refused", .equal(.count(0)), (others + [slow]).count { $0.session == nil })
    environment.expect("of the nine, never ran", .equal(.count(0)), others.count - times.count)
    for time in times { environment.expect("start beside a slow one", .atMost(.duration(.seconds(12))), time.total) }
    environment.expect("the slow one ran", .equal(.count(1)), environment.startTimes(of: [slow]).count)
    environment.expect("reconnects", .equal(.count(0)), environment.registrations(of: agent, after: begun).count)
  }
}
