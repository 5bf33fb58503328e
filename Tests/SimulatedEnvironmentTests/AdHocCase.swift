import Oracles
import TestEnvironment

@testable import SimulatedEnvironment

/// A case made for one test.
func adHoc(
  _ topology: Topology = .t1, limit: Duration = .seconds(600),
  _ body: @escaping @Sendable (any Environment) async throws -> Void
) -> CaseRequest {
  let testCase = TestCase(
    "TEST-01", "A case of a test", in: .haMultiPodAPI, source: "", variants: [Variant("", topology)], needs: [],
    checks: [], kills: [], limit: limit, body: body)
  return CaseRequest(testCase: testCase, variant: testCase.variants[0], seed: 1)
}

extension Environment {
  /// Looks every 100 ms until the condition holds; throws after `limit`.
  func until(_ limit: Duration = .seconds(120), _ condition: () async throws -> Bool) async throws {
    let deadline = now + limit
    while try await !condition() {
      guard now < deadline else { throw EnvironmentError("it did not come true") }
      try await sleep(for: .milliseconds(100))
    }
  }

  /// Until every agent is held by a replica.
  func connected() async throws {
    for agent in agents { try await until { try await holder(of: agent) != nil } }
  }

  /// When heartbeats of the agent reached a replica.
  func beats(of agent: String) -> [Duration] {
    observations.compactMap { timed in
      if case .heartbeat(agent, _) = timed.observation { timed.time } else { nil }
    }
  }

  /// Writes a value down for the test to see.
  func tell(_ name: String, _ value: String) {
    record.add(Expectation(name: name, target: .reported, measured: .text(value), time: now))
  }

  func tell(_ name: String, _ value: Duration) {
    record.add(Expectation(name: name, target: .reported, measured: .duration(value), time: now))
  }
}

extension CaseRun {
  /// What the case told under that name.
  func told(_ name: String) -> [Quantity] { expectations.filter { $0.name == name }.map(\.measured) }
}
