#if Live
  import Foundation
  import Redis
  import SimulationRuntime
  import SocketBridges

  /// The simulated Redis server on a real socket.
  public final class ServedRedis: Sendable {
    /// What is served.
    public struct Configuration: Sendable {
      /// The password of the default user; nil: none needed.
      public var password: String?
      /// Answers as Redis 7.0 does where releases differ; else as 7.2 (`docs/redis-differences.md`).
      public var isRelease70 = false
      public var seed: UInt64 = 1

      public init() {}
    }

    private let driver: WallClockDriver
    private let gateway: StreamGateway

    /// Inside; what is printed and reported is the port outside.
    private static let host = "redis"

    /// Serves on `address`. Throws ``GatewayError`` when it may not listen there.
    public init(_ configuration: Configuration = Configuration(), on address: ListeningAddress) throws {
      let driver = WallClockDriver()
      var behaviour = RedisBehaviour()
      behaviour.configuration.password = configuration.password
      behaviour.configuration.release = configuration.isRelease70 ? .redis70 : .redis72
      if let port = address.port, port != 0 { behaviour.configuration.port = port }
      let endpoint = Endpoint(host: Self.host, port: behaviour.port)
      try driver.start(seed: configuration.seed) { [behaviour] simulation in
        // Real clients bring the latency of real networks.
        simulation.network.latencyPolicy = { _, _, _ in .constant(.zero) }
        let host = simulation.host(Self.host)
        // Clients give expiries as times of day.
        let now = Int64((Date().timeIntervalSince1970 * 1_000_000_000).rounded())
        host.stepClock(by: .nanoseconds(now - Epoch.unixSeconds * 1_000_000_000 - simulation.now.nanoseconds))
        try RedisServer(Self.host, on: host, of: simulation, behaviour: behaviour).process.start()
      }
      do {
        gateway = try StreamGateway.open(on: address, to: endpoint, in: driver)
      } catch {
        driver.stop()
        throw error
      }
      self.driver = driver
    }

    /// Where it listens, with the port that was taken.
    public var address: ListeningAddress { gateway.address }
    /// The port; 0 for a unix socket.
    public var port: Int { gateway.port }

    /// Connections that are open now.
    package var connectionCount: Int { gateway.connectionCount }

    /// Closes its clients and ends.
    public func stop() {
      gateway.close()
      driver.stop()
    }
  }
#endif
