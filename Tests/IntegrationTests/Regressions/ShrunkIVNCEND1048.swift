import Chaos
import SimulatedEnvironment
import TestEnvironment
import Testing

/// the way to an agent is cut in one direction: its own frames hide that from the owner, and neither end tells
/// the viewer
@Suite("Regression: I-VNC-END, seed 1048")
struct ShrunkIVNCEND1048 {
  /// Deployed: 1 replicas, Redis, agents 2k, 1 sessions, 1 users, 1 probe viewers; seed 1048.
  /// The load begins after 10 s, lasts 110 s, and 10 s more after everything is healed.
  ///   at 93 s: cut the way from control plane to leader of agent 0, for 16 s
  private static let plan = ChaosPlan(
    seed: 1048,
    deployment: ChaosDeployment(
      replicas: 1, hasRedis: true, cacheEnabled: false,
      agents: [
        ChaosDeployment.Agent(platform: .kubernetes, instances: 2, maxSessions: 100)
      ],
      users: 1, sessions: 1, probes: 1),
    phases: ChaosPlan.Phases(
      settle: .seconds(10), load: .seconds(110), heal: .seconds(10)),
    operations: [],
    faults: [
      PlannedFault(at: .seconds(93), lasts: .seconds(16), .cutOneWay(from: .controlPlane, to: .leader(agent: 0)))
    ])

  private static let options = ExecutionOptions(strategy: "fifo")

  @Test("violates I-VNC-END under contract+B-64")
  func fails() throws {
    let executor = SimulatedChaosExecutor(profile: try Profile("contract+B-64"))
    #expect(executor.run(Self.plan, Self.options).signature == "I-VNC-END")
  }

  @Test("is green under contract")
  func isGreen() throws {
    let executor = SimulatedChaosExecutor(profile: try Profile("contract"))
    let outcome = executor.run(Self.plan, Self.options)
    #expect(outcome.isGreen, "\(outcome.violations.map(\.message) + outcome.problems)")
  }
}
