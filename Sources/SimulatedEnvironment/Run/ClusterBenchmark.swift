import SimulationRuntime
import TestEnvironment

/// How fast a whole deployment passes idle time: replicas, Redis, database, balancer and agents that only keep alive.
public enum ClusterBenchmark {
  /// Virtual seconds per real second of three replicas with Redis and `agents` idle agents over `span`.
  ///
  /// `clock` gives nanoseconds of real time.
  public static func idle(agents: Int = 30, span: Duration = .seconds(600), clock: () -> UInt64) throws -> Int64 {
    let topology = Topology.t3.with { topology in
      topology.agents = (1...agents).map { Topology.Agent("k8s-a\($0)") }
    }
    let simulation = Simulation(.init(seed: 1))
    defer { simulation.tearDown() }
    let deployment = try Deployment(topology, behaviours: Behaviours(), in: simulation)
    // Everybody is connected after a minute; only what follows counts.
    try simulation.run(for: .seconds(60))
    guard deployment.recorder.holders.count == agents else {
      throw EnvironmentError("only \(deployment.recorder.holders.count) of \(agents) agents connected")
    }
    let began = clock()
    try simulation.run(for: TimeSpan(span))
    let elapsed = max(clock() - began, 1)
    return Int64(UInt64(TimeSpan(span).nanoseconds) / elapsed)
  }
}
