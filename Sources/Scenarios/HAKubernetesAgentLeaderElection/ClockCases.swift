import TestEnvironment

extension HAKubernetesAgentLeaderElection {
  /// Clocks that stand off, and clocks that run at wrong rates.
  static let clockCases: [TestCase] = [clocks]

  private enum Clocks: Int64 { case skewed, drifting, rates }

  /// Differences of rate that are tried, in percent; the lease is safe up to a quarter (15 s over 12 s, C28).
  private static let rates = [5, 10, 15, 20, 25]

  static let clocks = TestCase(
    "HA-LE-10", "Clock skew and drift", in: scenario, source: "[+]",
    variants: [
      Variant("skew of 20 s", notStarted, parameter: Clocks.skewed.rawValue),
      Variant("drift of 500 ppm", notStarted, parameter: Clocks.drifting.rawValue),
      Variant("largest safe rate", .t3ha, parameter: Clocks.rates.rawValue),
    ],
    plain: .inTurn, needs: ["replicas:3", "k8s-ha", "clock"], checks: ["I-LEADER-ONE"], kills: ["C-02"],
    limit: .seconds(100_000)
  ) { environment in
    switch Clocks(rawValue: environment.variant.parameter) {
    case .rates: try await environment.judgeRates(environment.depth == .full ? rates : [rates[1], rates[4]])
    case .drifting:
      // A day of drift; a plain run starts with the 43 s that a day adds up to and looks on for 10 min.
      let isFull = environment.depth == .full
      try await environment.judgeQuietClocks(
        skew: isFull ? .zero : .milliseconds(43_200), ppm: 500, over: isFull ? .seconds(86_400) : .seconds(600))
    default: try await environment.judgeQuietClocks(skew: .seconds(20), ppm: 0, over: .seconds(60))
    }
  }

  /// HA-LE-10 beyond what the contract promises: for a test that shows where the lease breaks without fencing.
  package static func rateBeyondTheContract(percent: Int) -> TestCase {
    TestCase(
      "HA-LE-10-BEYOND", "Clock rates \(percent) % apart", in: scenario, source: "[+]",
      variants: [Variant("", .t3ha)], needs: ["replicas:3", "k8s-ha", "clock"], checks: ["I-LEADER-ONE"], kills: []
    ) { environment in
      let agent = environment.agents[0]
      _ = try await environment.awaitLeader(of: agent)
      let overlap = try await environment.cutWithClocks(percent: percent, apart: agent)
      environment.expect("overlap of two leaders", .reported, overlap)
    }
  }
}

extension Environment {
  /// One process runs ahead, one behind, one is right: no election, no overlap. A clock that is set anew while its
  /// process runs is no other case: spans are counted by clocks that are not set.
  fileprivate func judgeQuietClocks(skew: Duration, ppm: Int, over span: Duration) async throws {
    try await awaitReplicas()
    let agent = agents[0]
    let instances = instances(of: agent)
    // Which of the three is first, and which runs ahead, is the seed's.
    for index in shuffled(instances.count) {
      try await control(.instance(instances[index]), .start)
      try await sleep(for: .milliseconds(50))
    }
    _ = try await awaitLeader(of: agent)
    for (place, index) in shuffled(instances.count).prefix(2).enumerated() {
      let instance = instances[index]
      let sign = place == 0 ? 1 : -1
      if skew > .zero {
        markFault("clock off by \(sign < 0 ? "-" : "")\(skew.secondsText)", lane: instance, from: now)
        _ = try await begin(.skew(.instance(instance), by: sign < 0 ? .zero - skew : skew), for: nil)
      }
      if ppm > 0 {
        markFault("clock \(sign * ppm) ppm", lane: instance, from: now)
        _ = try await begin(.drift(.instance(instance), ppm: sign * ppm), for: nil)
      }
    }
    let leader = try await awaitLeader(of: agent)
    let start = now
    try await sleep(until: start + span)
    // Its user logs in only now: a token does not last a day.
    let session = try await running(SessionRequest(), by: "u01").session
    try await stopAll([session], as: "a session stopped at the end")
    expect("elections", .equal(.count(0)), elections(of: agent, after: start))
    expect("overlap of two leaders", .equal(.duration(.zero)), overlap(of: agent))
    expect("who leads", equals: leader, try await actingInstance(of: agent) ?? "nobody")
    record.add(TableEntry.elections(variant.name, count: elections(of: agent, after: start), in: now - start))
  }

  /// Cuts leaders off from the cluster under growing differences of rate; the largest one without overlap is what the
  /// report prints.
  fileprivate func judgeRates(_ rates: [Int]) async throws {
    let agent = agents[0]
    _ = try await awaitLeader(of: agent)
    var safe = 0
    var isSafe = true
    for rate in rates {
      let overlap = try await cutWithClocks(percent: rate, apart: agent)
      expect("overlap with clocks \(rate) % apart", .equal(.duration(.zero)), overlap)
      isSafe = isSafe && overlap == .zero
      if isSafe { safe = rate }
    }
    expect("largest safe difference of clock rates in percent", .equal(.count(25)), safe)
    record.add(TableEntry.backend("lease", "skew", .text("safe up to \(safe) % of clock rate")))
  }

  /// Lets the clocks of the standbys run `percent` faster than the leader's, cuts the leader off from the cluster
  /// while it works, heals all, and gives back how long two could act.
  fileprivate func cutWithClocks(percent: Int, apart agent: String) async throws -> Duration {
    let leader = try await awaitLeader(of: agent)
    let start = now
    var clocks: [FaultHandle] = []
    for standby in standbys(of: agent, beside: leader) {
      markFault("clock \(percent) % fast", lane: standby, from: start)
      clocks.append(try await begin(.drift(.instance(standby), ppm: percent * 10_000), for: nil))
    }
    try await sleep(for: .milliseconds(10_000 + choose("moment of the cut", 2_000)))
    let loss = now
    markFault("cut from kubernetes", lane: leader, from: loss, to: loss + .seconds(40))
    let cut = try await begin(.cut(.instance(leader), .kubernetes), for: nil)
    let during = try await created(SessionRequest(), by: "u02")
    let failOver = try await awaitFailOver(of: agent, from: leader, at: loss, upTo: .seconds(60))
    guard let failOver else { throw CaseFailure("nobody follows \(leader)") }
    record.add(
      TableEntry.overlap(
        kind: "partition, clocks \(percent) % apart", first: leader, second: failOver.successor,
        overlap: failOver.overlap, gap: failOver.gap))
    try await sleep(until: loss + .seconds(40))
    try await end(cut)
    for clock in clocks { try await end(clock) }
    try await require("the session asked for meanwhile runs", within: .seconds(60)) {
      try await self.state(of: during.name) == "running"
    }
    try await stopAll([during], as: "a session stopped afterwards")
    return overlap(of: agent, since: loss)
  }

  /// The numbers `0 ..< count` in an order of the seed.
  private func shuffled(_ count: Int) -> [Int] {
    var rest = Array(0..<count)
    var order: [Int] = []
    while !rest.isEmpty { order.append(rest.remove(at: choose("order", rest.count))) }
    return order
  }
}
