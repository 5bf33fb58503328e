#if Live
  import Dispatch
  import Foundation
  import SimulatedEnvironment
  import TestEnvironment

  /// The real servers of one case.
  final class RealControlPlane: Sendable {
    let fleet: ReplicaFleet
    let database: DatabaseWatch
    /// Nil: the topology has no Redis.
    let redis: RedisWatch?
    let servers: RedisControl

    init(fleet: ReplicaFleet, database: DatabaseWatch, redis: RedisWatch?, servers: RedisControl) {
      self.fleet = fleet
      self.database = database
      self.redis = redis
      self.servers = servers
    }

    /// Watches no more, and ends the replicas.
    func end() {
      database.end()
      redis?.end()
      fleet.end()
    }
  }

  /// Stops, starts and hurts the real Redis, on a thread of its own.
  ///
  /// Unchecked: while a case runs `servers` is touched on `queue` only, and the runner's thread waits.
  package final class RedisControl: @unchecked Sendable {
    private let servers: RehearsalServers
    private let queue = DispatchQueue(label: "redis-control")

    package init(_ servers: RehearsalServers) { self.servers = servers }

    func perform(_ action: Action, _ done: @escaping @Sendable (Result<Void, any Error>) -> Void) {
      queue.async { [self] in
        done(
          Result {
            switch action {
            case .start: try servers.startRedis()
            case .stop: servers.stopRedis(keepsData: true)
            case .crash, .vanish: servers.stopRedis(keepsData: false)
            case .pause: servers.signalRedis(SIGSTOP)
            case .resume: servers.signalRedis(SIGCONT)
            case .restart:
              servers.stopRedis(keepsData: true)
              try servers.startRedis()
            }
          })
      }
    }

    func begin(_ deed: RedisDeed, _ done: @escaping @Sendable (Result<Void, any Error>) -> Void) {
      queue.async { [self] in
        done(
          Result {
            switch deed {
            case .down: servers.stopRedis(keepsData: true)
            case .restartEmpty: servers.stopRedis(keepsData: false)
            case .evict(let key): try servers.call(["DEL", key], database: RedisWatch.hubDatabase)
            case .losePubSub: try servers.call(["CLIENT", "KILL", "TYPE", "pubsub"], database: 0)
            }
          })
      }
    }

    func end(_ deed: RedisDeed, _ done: @escaping @Sendable (Result<Void, any Error>) -> Void) {
      queue.async { [self] in
        done(
          Result {
            switch deed {
            case .down, .restartEmpty: try servers.startRedis()
            case .evict, .losePubSub: break
            }
          })
      }
    }
  }
#endif
