import TestEnvironment

/// Where a fault of a hybrid run is carried out.
enum FaultPlace {
  /// By the simulators: agents, platforms, and the ways between them and the replicas.
  case inside
  /// At the real Redis.
  case redis(RedisDeed)
  case unavailable(Unavailable)

  init(_ fault: Fault) {
    switch fault {
    case .redisDown: self = .redis(.down)
    case .redisRestartEmpty: self = .redis(.restartEmpty)
    case .redisEvict(let key): self = .redis(.evict(key: key))
    case .redisLosePubSub: self = .redis(.losePubSub)
    case .redisFailOver, .redisSlow: self = .unavailable(Unavailable("db-fault", "Redis that is slow or loses writes"))
    case .redisSplit: self = .unavailable(Unavailable("two-redis"))
    case .databaseDown: self = .unavailable(Unavailable("db-control"))
    case .databaseSlow, .databaseSlowAtTimes, .dispatcherSlow, .databaseCommitUnknown, .databaseRequest,
      .usageQueryFails:
      self = .unavailable(Unavailable("db-fault", "single statements"))
    case .cut(let a, let b), .cutOneWay(let a, let b), .halfOpen(let a, let b), .reset(let a, let b),
      .slow(let a, let b, _):
      // Every way that has an end inside passes through the simulated network.
      self =
        Self.isInside(a) || Self.isInside(b)
        ? .inside : .unavailable(Unavailable("net-fault", "between real servers"))
    case .skew(let component, _), .drift(let component, _):
      self = Self.isInside(component) ? .inside : .unavailable(Unavailable("clock"))
    case .delayHeartbeat, .loseAck, .imagePull, .imagePullFailure, .imageUnknown, .kubernetes, .docker, .workload,
      .unlinkLock, .serviceUpdate, .atStep:
      self = .inside
    }
  }

  private static func isInside(_ component: Component) -> Bool {
    switch component {
    case .agent, .instance, .kubernetes, .docker: true
    case .replica, .redis, .database, .controlPlane: false
    }
  }
}

/// What can be done to a real Redis.
package enum RedisDeed: Sendable, Hashable {
  case down
  case restartEmpty
  case evict(key: String)
  case losePubSub

  /// Whether it holds until it is ended.
  var lasts: Bool {
    switch self {
    case .down, .restartEmpty: true
    case .evict, .losePubSub: false
    }
  }

  var name: String {
    switch self {
    case .down: "redis(down)"
    case .restartEmpty: "redis(restart-empty)"
    case .evict(let key): "redis(evict \(key))"
    case .losePubSub: "redis(lose pub-sub)"
    }
  }
}
