import Chaos
import SimulatedEnvironment
import TestEnvironment
import Testing

/// a replica drops the new connection of an agent when it clears away the old one
@Suite("Regression: I-ONE-CONN, seed 4")
struct ShrunkIONECONN4 {
  /// Deployed: 1 replicas, no Redis, agents 1k+2d, 0 sessions, 1 users, 0 probe viewers; seed 4.
  /// The load begins after 10 s, lasts 190 s, and 10 s more after everything is healed.
  ///   at 160 s: cut leader of agent 1 and control plane, for 26 s
  private static let plan = ChaosPlan(
    seed: 4,
    deployment: ChaosDeployment(
      replicas: 1, hasRedis: false, cacheEnabled: false,
      agents: [
        ChaosDeployment.Agent(platform: .kubernetes, instances: 1, maxSessions: 100),
        ChaosDeployment.Agent(platform: .docker, instances: 2, maxSessions: 100),
      ],
      users: 1, sessions: 0, probes: 0),
    phases: ChaosPlan.Phases(
      settle: .seconds(10), load: .seconds(190), heal: .seconds(10)),
    operations: [],
    faults: [
      PlannedFault(at: .seconds(160), lasts: .seconds(26), .cut(.leader(agent: 1), .controlPlane))
    ])

  private static let options = ExecutionOptions(
    strategy: "fifo",
    replaying: RecordedDecisions(streams: [
      .init(name: "network.latency", answers: [], rest: 500000),
      .init(name: "kubernetes.read", answers: [], rest: 500000),
      .init(name: "docker.docker-2.inspect", answers: [], rest: 500000),
      .init(name: "database.latency", answers: [], rest: 500000),
      .init(name: "controlplane.keycheck", answers: [], rest: 500000),
      .init(name: "controlplane.handlers", answers: [], rest: 500000),
    ]))

  @Test("violates I-ONE-CONN under contract+B-01")
  func fails() throws {
    let executor = SimulatedChaosExecutor(profile: try Profile("contract+B-01"))
    #expect(executor.run(Self.plan, Self.options).signature == "I-ONE-CONN")
  }

  @Test("is green under contract")
  func isGreen() throws {
    let executor = SimulatedChaosExecutor(profile: try Profile("contract"))
    let outcome = executor.run(Self.plan, Self.options)
    #expect(outcome.isGreen, "\(outcome.violations.map(\.message) + outcome.problems)")
  }
}
