import SimulationRuntime
import TestEnvironment

/// The control plane of a hybrid deployment: replicas, Redis and database are real servers. On the hosts that they would
/// have inside run programs that carry calls out; everything else does not notice.
package struct OutsideControlPlane {
  /// Makes what runs on the host of a replica and listens on ``Deployment/replicaPort``.
  package var replica: (_ name: String) -> (Incarnation) -> any Program
  /// What runs on the host of Redis and listens on ``redisPort``: for the elections of Docker agents.
  package var redis: (Incarnation) -> any Program
  /// Microseconds since 1970 at the start of the simulation, by the clock that the servers go by.
  package var origin: Int64

  /// The port of Redis inside.
  package static let redisPort = 6_379

  package init(
    replica: @escaping (_ name: String) -> (Incarnation) -> any Program,
    redis: @escaping (Incarnation) -> any Program, origin: Int64
  ) {
    self.replica = replica
    self.redis = redis
    self.origin = origin
  }
}
