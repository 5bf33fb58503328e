import Redis
import SimulationRuntime
import TestEnvironment

/// Two views of Redis (CHAOS-06).
extension FaultDesk {
  /// Cuts a replica off from Redis, and gives it an empty one under the same name until the fault ends.
  func splitRedis(from replica: String) throws -> (name: String, end: (() -> Void)?) {
    guard let redis = deployment.redis else { throw EnvironmentError("this topology has no Redis") }
    let simulation = simulation
    let host = try deployment.hosts(of: .replica(replica))[0]
    let other = try deployment.otherRedis()
    let cut = simulation.network.begin(
      NetworkFault(.cut, between: [host], and: [redis.process.host.name]))
    other.process.start()
    let deployed = try deployment.replica(replica)
    deployed.redisElsewhere = other.endpoint
    return (
      cut.name,
      {
        deployed.redisElsewhere = nil
        simulation.network.end(cut)
        other.process.crash()
      }
    )
  }
}
