import Oracles
import Scenarios
import SimulatedEnvironment
import TestEnvironment
import Testing

/// The sanity checks of the latency model (the end of spec/06 §10.3) that concern Kubernetes: before any verdict, the
/// model must take the times that StreamSpace measured.
@Suite("Calibration of the latency model")
struct CalibrationTests {
  private static let seeds: ClosedRange<UInt64> = 1...15

  /// Values of a named sample over the seeds, ascending, of a case of the catalogue or one made for this test.
  private func values(
    _ quantity: Calibration, of testCase: TestCase, variant: Variant? = nil, seeds: ClosedRange<UInt64> = seeds
  ) -> [Duration] {
    seeds.flatMap { seed in
      let run = CaseRunner.run(
        CaseRequest(testCase: testCase, variant: variant ?? testCase.variants[0], seed: seed))
      #expect(run.verdict == .passed, "\(run.reason)\nagain: \(run.replayLine)")
      return run.samples.first { $0.name == quantity.rawValue }?.values ?? []
    }.sorted()
  }

  private func median(_ values: [Duration]) -> Duration { values[values.count / 2] }

  private func catalogued(_ id: String) throws -> TestCase {
    try #require(Catalogue.cases.first { $0.id == id })
  }

  private func probe(
    _ topology: Topology, body: @escaping @Sendable (any Environment) async throws -> Void
  ) -> TestCase {
    TestCase(
      "PROBE", "Calibration", in: .haMultiPodAPI, source: "[spec/06 §10.3]", variants: [Variant("", topology)],
      needs: [], checks: [], kills: [], body: body)
  }

  @Test("one session start takes 5 to 8 s in the median, five in a row 25 to 35 s")
  func starts() throws {
    let testCase = try catalogued("HA-LE-02")
    let single = values(.sessionStart, of: testCase, seeds: 1...6)
    let five = values(.fiveSerialStarts, of: testCase, seeds: 1...6)
    #expect(median(single) >= .seconds(5) && median(single) <= .seconds(8), "\(single)")
    #expect(median(five) >= .seconds(25) && median(five) <= .seconds(35), "\(five)")
  }

  @Test("a deleted agent pod is connected again after 20 to 27 s in the median")
  func rollout() throws {
    let testCase = probe(.t1) { environment in
      let agent = environment.agents[0]
      try await environment.connected(agent)
      let begun = environment.now
      try await environment.control(.agent(agent), .restart)
      try await environment.sleep(for: .seconds(5))
      try await environment.connected(agent)
      environment.record.sample(.agentRollout, environment.now - begun)
    }
    let times = values(.agentRollout, of: testCase)
    #expect(times.count == 15)
    #expect(median(times) >= .seconds(20) && median(times) <= .seconds(27), "\(times)")
    // The steps of the table add up to 19.6 s at least: 2 + 1 + 16 s, and 0.6 s to register and connect.
    #expect(times.allSatisfy { $0 >= .milliseconds(19_500) && $0 <= .seconds(27) }, "\(times)")
  }

  @Test("an agent whose replica is gone is connected to another after 2 to 4 s in the median")
  func hostingReplicaLoss() throws {
    let testCase = probe(.t2) { environment in
      let agent = environment.agents[0]
      try await environment.connected(agent)
      guard let host = try await environment.holder(of: agent) else { throw CaseFailure("nobody holds \(agent)") }
      let begun = environment.now
      try await environment.control(.replica(host), .crash)
      var successor: String?
      while successor == nil || successor == host {
        try await environment.sleep(for: .milliseconds(10))
        successor = try await environment.holder(of: agent)
      }
      environment.record.sample(.hostingReplicaLoss, environment.now - begun)
    }
    let times = values(.hostingReplicaLoss, of: testCase)
    #expect(times.count == 15)
    #expect(median(times) >= .seconds(2) && median(times) <= .seconds(4), "\(times)")
  }

  @Test("a leader that is deleted is followed after 0.9 to 8 s")
  func gracefulLeaderChange() throws {
    let times = values(.gracefulLeaderChange, of: try catalogued("HA-LE-02"), seeds: 1...8)
    #expect(times.count == 16)
    // Recorded 0.9 s; a standby that polls at that very moment is a little faster.
    #expect(median(times) >= .milliseconds(900))
    #expect(times.allSatisfy { $0 >= .milliseconds(600) && $0 <= .seconds(8) }, "\(times)")
  }

  @Test("a leader that crashes is followed after 15 to 20 s in the median, always within 13 to 24 s")
  func crashLeaderChange() throws {
    let testCase = try catalogued("HA-LE-03")
    let times = testCase.variants.flatMap { values(.crashLeaderChange, of: testCase, variant: $0) }.sorted()
    #expect(times.count == 30)
    #expect(median(times) >= .seconds(15) && median(times) <= .seconds(20), "\(times)")
    #expect(times.allSatisfy { $0 >= .seconds(13) && $0 <= .seconds(24) }, "\(times)")
  }

  @Test("a forwarded command is acknowledged within 20 to 50 ms in the median")
  func forwardedCommand() throws {
    // The model's median lies at the lower bound: enough seeds, and whole milliseconds as the bounds are.
    let times = values(.forwardedCommand, of: try catalogued("HA-LE-05"), seeds: 1...12)
    #expect(!times.isEmpty)
    let middle = (median(times) + .microseconds(500)) / .milliseconds(1)
    #expect(Int(middle) >= 20 && Int(middle) <= 50, "\(times)")
  }

  @Test("an agent with two writers dies 270 s after it connected, when heartbeat and ping meet")
  func twoWriters() throws {
    let testCase = probe(.t1) { environment in try await environment.sleep(for: .seconds(300)) }
    let run = CaseRunner.run(
      CaseRequest(
        testCase: testCase, variant: testCase.variants[0], seed: 1, profile: try Profile("contract+A-03")))
    let death = run.observations.first { timed in
      if case .processEnded(_, _, injected: false) = timed.observation { true } else { false }
    }
    let connected = run.observations.first { timed in
      if case .agentConnected = timed.observation { true } else { false }
    }
    let time = try #require(death?.time) - (try #require(connected?.time))
    #expect(time >= .milliseconds(269_900) && time <= .milliseconds(270_100), "\(time)")
    #expect(run.invariants.contains { $0.id == "I-CRASH" && $0.violationCount > 0 })
  }
}

extension Environment {
  /// Waits until a replica holds the agent.
  fileprivate func connected(_ agent: String) async throws {
    while try await holder(of: agent) == nil { try await sleep(for: .milliseconds(20)) }
  }
}
