#if Live
  import ControlPlane
  import Foundation
  import SimulatedEnvironment
  import SimulationRuntime
  import SocketBridges
  import StreamSpaceProtocol

  /// One simulated control-plane replica as a server of its own: real clients and agents reach it over HTTP and WebSocket,
  /// and it works on a real Redis and a real PostgreSQL (spec/08 §4).
  ///
  /// Unchecked: `replica` is touched on the simulation's thread only, `end` under its lock.
  package final class ServedReplica: @unchecked Sendable {
    /// What the environment of a replica says (spec/07 §1).
    package struct Configuration: Sendable {
      /// `POD_NAME`.
      package var name: String
      package var databaseURL: String
      /// Nil: no shared hub, this replica works alone.
      package var redis: RedisURL?
      /// The other replicas, for relays.
      package var peers: [(name: String, url: BaseURL)] = []
      package var jwtSecret: String
      package var bootstrapKey: String?
      package var adminPassword: String?
      package var isCacheEnabled = false
      package var platform = Platform.kubernetes
      /// Requests of an agent's address a minute; nil: no limit.
      package var agentRateLimit: Int? = 60
      package var shutdownTimeout = TimeSpan.seconds(30)
      package var profile = Profile.contract
      package var seed: UInt64 = 1

      package init(name: String, databaseURL: String, redis: RedisURL?, jwtSecret: String) {
        self.name = name
        self.databaseURL = databaseURL
        self.redis = redis
        self.jwtSecret = jwtSecret
      }
    }

    private let driver = WallClockDriver()
    private let gateway: HTTPGateway
    private let end = End()

    private static let innerPort = 8_000
    private static let redis = Endpoint(host: "redis", port: 6_379)
    private static let database = Endpoint(host: "postgres", port: 5_432)

    /// Starts it and listens on `address`. It answers `/health` with 503 and a reason until it is ready. Throws when the
    /// address cannot be had.
    package init(_ configuration: Configuration, on address: ListeningAddress) throws {
      let driver = driver
      let end = end
      try driver.start(seed: configuration.seed) { simulation in
        // Real peers bring the latency of real networks.
        simulation.network.latencyPolicy = { _, _, _ in .constant(.zero) }
        try Self.furnish(simulation, configuration, driver, end)
      }
      do {
        gateway = try HTTPGateway.open(on: address, in: driver) { _, incarnation in
          SimulatedHTTPService(incarnation, to: Endpoint(host: configuration.name, port: Self.innerPort))
        }
      } catch {
        driver.stop()
        throw error
      }
    }

    /// Unchecked: behind `condition`.
    private final class End: @unchecked Sendable {
      private let condition = NSCondition()
      private var reason: String?

      func came(_ text: String) {
        condition.withLock {
          reason = text
          condition.broadcast()
        }
      }

      /// Nil when it has not come within the time.
      func wait(_ limit: TimeInterval?) -> String? {
        condition.withLock {
          guard let limit else {
            while reason == nil { condition.wait() }
            return reason
          }
          let due = Date(timeIntervalSinceNow: limit)
          while reason == nil, condition.wait(until: due) {}
          return reason
        }
      }
    }

    private static func furnish(
      _ simulation: Simulation, _ configuration: Configuration, _ driver: WallClockDriver, _ end: End
    ) throws {
      try addEgress("postgres", in: simulation) {
        SQLEgress($0, port: database.port, url: configuration.databaseURL, driver: driver)
      }
      if let url = configuration.redis {
        try addEgress("redis", in: simulation) {
          StreamEgress($0, port: redis.port, to: .tcp(host: url.host, port: url.port), driver: driver)
        }
      }
      for peer in configuration.peers {
        try addEgress(peer.name, in: simulation) { HTTPEgress($0, port: innerPort, to: peer.url, driver: driver) }
      }
      let process = try simulation.addProcess(configuration.name, on: simulation.host(configuration.name)) {
        Replica($0, parameters(configuration))
      }
      process.onEnd = { _, reason in end.came("\(reason)") }
      // Inside, a run begins at a fixed moment: the clocks are set to the time of day.
      let now = Int64((Date().timeIntervalSince1970 * 1_000_000_000).rounded())
      let behind = TimeSpan.nanoseconds(now - Epoch.unixSeconds * 1_000_000_000 - simulation.now.nanoseconds)
      for host in simulation.hosts { host.stepClock(by: behind) }
      process.start()
    }

    private static func addEgress(
      _ name: String, in simulation: Simulation, _ program: @escaping (Incarnation) -> any Program
    ) throws {
      try simulation.addProcess(name, on: simulation.host(name), program: program).start()
    }

    private static func parameters(_ configuration: Configuration) -> ReplicaConfiguration {
      var parameters = ReplicaConfiguration(
        podName: configuration.name, database: database, redis: configuration.redis.map { _ in redis },
        jwtSecret: configuration.jwtSecret, bootstrapKey: configuration.bootstrapKey)
      parameters.port = innerPort
      parameters.isCacheEnabled = configuration.isCacheEnabled && configuration.redis != nil
      parameters.defaultPlatform = configuration.platform
      parameters.agentRateLimit = configuration.agentRateLimit
      parameters.shutdownTimeout = configuration.shutdownTimeout
      parameters.schema = configuration.profile.schemaUpgrade
      if let password = configuration.adminPassword { parameters.adminPassword = { password } }
      parameters.behaviour = configuration.profile.controlPlane
      return parameters
    }

    /// The port it listens on.
    package var port: Int { gateway.port }

    /// Waits until the replica has ended by itself, or for `limit` seconds; what it said, nil if it runs on.
    package func waitForEnd(within limit: TimeInterval? = nil) -> String? { end.wait(limit) }

    /// SIGTERM: it stops in order (C8), at most `limit` seconds long; then everything goes. Returns whether it ended in
    /// time.
    @discardableResult
    package func stop(within limit: TimeInterval = 40, name: String) -> Bool {
      driver.post { simulation in simulation.process(name)?.terminate() }
      let hasEnded = end.wait(limit) != nil
      gateway.close()
      driver.stop()
      return hasEnded
    }
  }
#endif
