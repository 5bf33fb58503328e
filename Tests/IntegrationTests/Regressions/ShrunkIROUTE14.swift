import Chaos
import SimulatedEnvironment
import TestEnvironment
import Testing

/// the route of a connected agent is not written again after Redis has lost its data
@Suite("Regression: I-ROUTE, seed 14")
struct ShrunkIROUTE14 {
  /// Deployed: 1 replicas, Redis, agents 1k, 0 sessions, 1 users, 0 probe viewers; seed 14.
  /// The load begins after 10 s, lasts 190 s, and 10 s more after everything is healed.
  ///   at 180 s: redis-restart-empty, for 1 s
  private static let plan = ChaosPlan(
    seed: 14,
    deployment: ChaosDeployment(
      replicas: 1, hasRedis: true, cacheEnabled: false,
      agents: [
        ChaosDeployment.Agent(platform: .kubernetes, instances: 1, maxSessions: 100)
      ],
      users: 1, sessions: 0, probes: 0),
    phases: ChaosPlan.Phases(
      settle: .seconds(10), load: .seconds(190), heal: .seconds(10)),
    operations: [],
    faults: [
      PlannedFault(at: .seconds(180), lasts: .seconds(1), .redisRestartEmpty, recipe: "flapping Redis")
    ])

  private static let options = ExecutionOptions(
    strategy: "fifo",
    replaying: RecordedDecisions(streams: [
      .init(name: "network.latency", answers: [], rest: 500000),
      .init(name: "kubernetes.read", answers: [], rest: 500000),
      .init(name: "database.latency", answers: [], rest: 500000),
      .init(name: "controlplane.keycheck", answers: [], rest: 500000),
      .init(name: "controlplane.handlers", answers: [], rest: 500000),
    ]))

  @Test("violates I-ROUTE under contract+B-03")
  func fails() throws {
    let executor = SimulatedChaosExecutor(profile: try Profile("contract+B-03"))
    #expect(executor.run(Self.plan, Self.options).signature == "I-ROUTE")
  }

  @Test("is green under contract")
  func isGreen() throws {
    let executor = SimulatedChaosExecutor(profile: try Profile("contract"))
    let outcome = executor.run(Self.plan, Self.options)
    #expect(outcome.isGreen, "\(outcome.violations.map(\.message) + outcome.problems)")
  }
}
