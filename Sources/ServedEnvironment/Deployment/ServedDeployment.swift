#if Live
  import Foundation
  import SimulatedEnvironment
  import SimulationRuntime
  import SocketBridges
  import StreamSpaceProtocol
  import TestEnvironment

  /// A whole simulated deployment on loopback sockets, by the machine's clock (spec/08 §5).
  ///
  /// Unchecked: what `inside` holds is touched on the simulation's thread only; the rest is set before anybody has it.
  package final class ServedDeployment: @unchecked Sendable {
    package struct Options: Sendable {
      package var topology = Topology.t3
      package var profile = Profile.contract
      package var seed: UInt64 = 1
      package var parts = Set(ServedPart.allCases)
      /// Off: agents are to be real, or none.
      package var startsAgents = true
      package var host = "127.0.0.1"
      /// Of the balancer and of Redis; 0: any free one.
      package var port = 0
      package var redisPort = 0
      /// Where unix sockets are made; it must be there.
      package var folder: String

      package init(folder: String) { self.folder = folder }
    }

    /// Where it is reached; empty or nil for what is not offered.
    package struct Addresses: Sendable {
      package var balancer: ListeningAddress?
      package var replicas: [(name: String, address: ListeningAddress)] = []
      package var redis: ListeningAddress?
      package var docker: [(name: String, path: String)] = []
      package var control = ""
    }

    package private(set) var addresses = Addresses()
    package let agents: [String]
    private let driver = WallClockDriver()
    private let inside = Inside()
    private var gateways: [() -> Void] = []
    private let stopAsked = DispatchSemaphore(value: 0)

    /// Filled on the simulation's thread before anybody asks.
    private final class Inside: @unchecked Sendable {
      var deployment: StandingDeployment?
    }

    /// Composes, starts and offers it. Throws ``GatewayError`` for an address that cannot be had, or what was wrong with
    /// the topology.
    package init(_ options: Options) throws {
      let now = Int64(Date().timeIntervalSince1970 * 1_000_000) * 1_000
      try driver.start(seed: options.seed) { [inside, stopAsked] simulation in
        inside.deployment = try StandingDeployment(
          options.topology, profile: options.profile, startsAgents: options.startsAgents, now: now, in: simulation
        ) { stopAsked.signal() }
      }
      guard let ends = driver.ask({ [inside] _ in inside.deployment?.ends }) ?? nil else {
        driver.stop()
        throw SimulationHasEnded()
      }
      agents = options.topology.agents.map(\.id)
      do {
        try offer(ends, options, now)
      } catch {
        stop()
        throw error
      }
    }

    private struct SimulationHasEnded: Error, CustomStringConvertible {
      let description = "the simulation has ended"
    }

    private func offer(_ ends: StandingDeployment.Ends, _ options: Options, _ now: Int64) throws {
      if options.parts.contains(.api) {
        addresses.balancer = try offerHTTP(ends.balancer, .tcp(host: options.host, port: options.port))
        for replica in ends.replicas {
          addresses.replicas.append((replica.name, try offerHTTP(replica.endpoint, .tcp(host: options.host, port: 0))))
        }
      }
      if options.parts.contains(.redis), let redis = ends.redis {
        addresses.redis = try offerStream(redis, .tcp(host: options.host, port: options.redisPort))
      }
      if options.parts.contains(.docker) {
        for engine in ends.docker {
          let path = "\(options.folder)/\(engine.name).sock"
          let gateway = try HTTPGateway.open(
            on: .unix(path: path), in: driver, as: StandingDeployment.gateway
          ) { _, incarnation in
            DockerService(incarnation, daemon: engine.endpoint, clockAtStart: Epoch.unixSeconds * 1_000_000_000)
          }
          gateways.append(gateway.close)
          addresses.docker.append((engine.name, path))
        }
      }
      addresses.control = "\(options.folder)/control.sock"
      _ = try offerStream(ends.control, .unix(path: addresses.control))
    }

    private func offerHTTP(_ endpoint: Endpoint, _ address: ListeningAddress) throws -> ListeningAddress {
      let gateway = try HTTPGateway.open(on: address, in: driver, as: StandingDeployment.gateway) {
        SimulatedHTTPService($1, to: endpoint)
      }
      gateways.append(gateway.close)
      return gateway.address
    }

    private func offerStream(_ endpoint: Endpoint, _ address: ListeningAddress) throws -> ListeningAddress {
      let gateway = try StreamGateway.open(on: address, to: endpoint, in: driver, as: StandingDeployment.gateway)
      gateways.append(gateway.close)
      return gateway.address
    }

    /// Told once when a control command has asked for the end.
    package func whenStopAsked(_ action: @escaping @Sendable () -> Void) {
      Thread.detachNewThread { [stopAsked] in
        stopAsked.wait()
        action()
      }
    }

    /// Ends every client and everything inside.
    package func stop() {
      for close in gateways { close() }
      gateways = []
      driver.stop()
    }
  }
#endif
