#if Live
  import Oracles
  import Scenarios
  import SimulatedEnvironment
  import TestEnvironment

  /// Which cases a rehearsal runs, and how long each takes in real time: as long as its body takes in the simulation.
  package struct RehearsalPlan: Sendable {
    package struct Item: Sendable {
      package var request: CaseRequest
      /// How long its body took in the simulation; nil: it was not run there.
      package var expected: Duration?
      /// Why it is not run; nil: it is.
      package var reason: String?
      /// The simulated run, to compare with; nil: there was none.
      package var simulated: CaseRun?

      package var id: String { request.testCase.id }
    }

    /// What a rehearsal cannot do: names of spec/08 §2.
    package static let missing = [
      "schedule", "clock", "virtual-time", "same-seed", "two-redis", "fencing", "versions", "schema-lint", "db-fault",
      "db-restore", "db-control", "metrics", "clock-container", "seed-state",
    ]

    /// Cases that need something for which spec/08 has no name: pages of simulated desktops are reached by the cluster's
    /// own network, which real replicas are not on.
    private static let beyond: [String: String] = [
      "VNC-K-08": "needs replicas that reach the web ports of workloads",
      "MU-14": "needs replicas that reach the web ports of workloads",
    ]

    /// What one case asks for of it, at most three names; nil: nothing.
    package static func objection(to testCase: TestCase) -> String? {
      if let reason = beyond[testCase.id] { return reason }
      let needs = LivePlan.needs(of: testCase).filter { missing.contains($0) }
      return needs.isEmpty ? nil : "needs " + needs.prefix(3).joined(separator: ", ")
    }

    /// The first variant of a case that a plain run of the seed does. `limit`: cases that take longer are not run.
    package static func item(_ testCase: TestCase, seed: UInt64, limit: Duration) -> Item? {
      guard let variant = CaseRequest.variants(of: testCase, seed: seed, depth: .plain).first else { return nil }
      let request = CaseRequest(testCase: testCase, variant: variant, seed: seed)
      if let objection = objection(to: testCase) { return Item(request: request, reason: objection) }
      guard testCase.hasDeployment else { return Item(request: request) }
      let run = CaseRunner.run(request)
      let expected = bodyTime(of: run)
      var item = Item(request: request, expected: expected, simulated: run)
      if expected > limit {
        item.reason = "takes \(expected.components.seconds) s, more than the limit of \(limit.components.seconds) s"
      }
      return item
    }

    /// When the body of a simulated run ended: load stops for good then.
    private static func bodyTime(of run: CaseRun) -> Duration {
      run.observations.last { $0.observation == .loadStopped }?.time ?? run.virtualTime
    }
  }
#endif
