import ControlPlane
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// What a replica's process runs from its next start on, and what its present life has asked of the database.
final class DeployedReplica {
  let name: String
  /// The newest schema version that its binary knows; nil: the newest there is.
  var binary: Int?
  /// What runs, or ran last: a crash at one of its own requests must leave it alone until that step has returned.
  var program: Replica?
  /// The Redis that it finds in the place of the common one; nil: the common one (CHAOS-06).
  var redisElsewhere: Endpoint?
  /// Requests to the database in this life, pings excepted.
  private(set) var requests = 0
  /// Told of each of them once it has been sent.
  var onRequest: (() -> Void)?
  /// How often the platform has started it again after a migration that ended it.
  var failedStarts = 0

  init(_ name: String, binary: Int?) {
    self.name = name
    self.binary = binary
  }

  /// The same over all lives.
  private(set) var requestsEver = 0
  /// The pool of its database connections.
  var pool = PoolLog()

  func began() {
    requests = 0
    pool.open = 0
  }

  func sent() {
    requests += 1
    requestsEver += 1
    onRequest?()
  }
}
