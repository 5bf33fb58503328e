import Chaos
import SimulatedEnvironment
import TestEnvironment
import Testing

/// a command is marked as sent although no connection has accepted it
@Suite("Regression: I-CMD-TRUTH, seed 1")
struct ShrunkICMDTRUTH1 {
  /// Deployed: 2 replicas, Redis, agents 1d, 0 sessions, 1 users, 0 probe viewers; seed 1.
  /// The load begins after 10 s, lasts 10 s, and 10 s more after everything is healed.
  ///   at 10 s: user 0 creates a session (asked of replica 1)
  private static let plan = ChaosPlan(
    seed: 1,
    deployment: ChaosDeployment(
      replicas: 2, hasRedis: true, cacheEnabled: false,
      agents: [
        ChaosDeployment.Agent(platform: .docker, instances: 1, maxSessions: 100)
      ],
      users: 1, sessions: 0, probes: 0),
    phases: ChaosPlan.Phases(
      settle: .seconds(10), load: .seconds(10), heal: .seconds(10)),
    operations: [
      PlannedOperation(at: .seconds(10), user: 0, .create, replica: 1)
    ],
    faults: [])

  private static let options = ExecutionOptions(
    strategy: "fifo",
    replaying: RecordedDecisions(streams: [
      .init(name: "network.latency", answers: [], rest: 500000),
      .init(name: "docker.docker-1.create", answers: [], rest: 500000),
      .init(name: "docker.docker-1.start", answers: [], rest: 500000),
      .init(name: "docker.docker-1.inspect", answers: [], rest: 500000),
      .init(name: "docker.docker-1.network", answers: [], rest: 500000),
      .init(name: "database.latency", answers: [], rest: 500000),
      .init(name: "controlplane.keycheck", answers: [], rest: 500000),
      .init(name: "controlplane.handlers", answers: [], rest: 500000),
    ]))

  @Test("violates I-CMD-TRUTH under contract+B-10")
  func fails() throws {
    let executor = SimulatedChaosExecutor(profile: try Profile("contract+B-10"))
    #expect(executor.run(Self.plan, Self.options).signature == "I-CMD-TRUTH")
  }

  @Test("is green under contract")
  func isGreen() throws {
    let executor = SimulatedChaosExecutor(profile: try Profile("contract"))
    let outcome = executor.run(Self.plan, Self.options)
    #expect(outcome.isGreen, "\(outcome.violations.map(\.message) + outcome.problems)")
  }
}
