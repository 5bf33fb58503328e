#if Live
  import DockerEngine
  import Fixtures
  import Foundation
  import SimulationRuntime
  import SocketBridges
  import StreamSpaceProtocol

  /// A simulated Docker Engine on a real socket, by the machine's clock.
  ///
  /// Unchecked: what `inside` holds is touched on the simulation's thread only.
  public final class ServedDocker: @unchecked Sendable {
    /// What the engine is like.
    package struct Options: Sendable {
      package var seed: UInt64 = 1
      /// The machine and its images; its clock is set to the machine's.
      package var engine: EngineConfiguration
      package var behaviour = EngineBehaviour()
      /// Makes the engine the one manager of a swarm from the start.
      package var isSwarmManager = false
      package var limits = HTTPLimits()

      /// With the images of the fixtures; every other one is in the registry. Throws when the fixtures cannot be read.
      package init() throws {
        engine = EngineConfiguration(images: try Self.fixtureImages(), defaultImageClass: .cold)
        engine.process = SmallPrograms.process
      }

      /// No step takes time but what is to be waited for.
      package mutating func answerAtOnce() { behaviour.latencies = .none }

      private static func fixtureImages() throws -> [String: EngineConfiguration.ImageClass] {
        var images: [String: EngineConfiguration.ImageClass] = [:]
        for image in try JSONParser.parse(Fixtures.images).elements ?? [] {
          guard let name = image["name"]?.text else { continue }
          switch image["pull"]?.text {
          case "cached": images[name] = .cached
          case "cold": images[name] = .cold
          default: images[name] = .unknown
          }
        }
        return images
      }
    }

    private let driver = WallClockDriver()
    private let inside = Inside()
    private let gateway: HTTPGateway

    /// Filled on the simulation's thread before anybody asks.
    private final class Inside: @unchecked Sendable {
      var engine: DockerEngine?
      var swarm: Swarm?
    }

    /// Serves on `address`. Throws ``GatewayError`` when it may not listen there.
    package init(on address: ListeningAddress, _ options: Options) throws {
      var configuration = options.engine
      configuration.clockAtStart = Int64(Date().timeIntervalSince1970 * 1_000_000) * 1_000
      let machine = configuration
      try driver.start(seed: options.seed) { [inside] simulation in
        // Real clients bring the latency of real networks.
        simulation.network.latencyPolicy = { _, _, _ in .constant(.zero) }
        let engine = DockerEngine(simulation: simulation, configuration: machine, behaviour: options.behaviour)
        let swarm = Swarm(simulation: simulation)
        try simulation.addProcess(engine.host, on: simulation.host(engine.host)) { DockerAPI($0, engine: engine) }
          .start()
        if options.isSwarmManager { swarm.join(engine) }
        inside.engine = engine
        inside.swarm = swarm
      }
      do {
        gateway = try HTTPGateway.open(on: address, in: driver, limits: options.limits, as: "docker-clients") {
          [inside] _, incarnation in
          let control = DockerService.SwarmControl(
            begin: { if let engine = inside.engine { inside.swarm?.join(engine) } },
            end: { if let engine = inside.engine { inside.swarm?.leave(engine) } })
          return DockerService(
            incarnation, daemon: Endpoint(host: machine.host, port: DockerAPI.port),
            clockAtStart: machine.clockAtStart, swarm: control)
        }
      } catch {
        driver.stop()
        throw error
      }
    }

    /// Where it listens, with the port that was taken.
    package var address: ListeningAddress { gateway.address }

    /// What Docker's clients want to find in their environment: `unix:///run/x.sock`, `tcp://127.0.0.1:2375`.
    public var dockerHost: String {
      switch gateway.address {
      case .unix(let path): "unix://\(URL(fileURLWithPath: path).path)"
      case .tcp: "tcp://\(gateway.address)"
      }
    }

    /// Clients that are connected now.
    package var connectionCount: Int { gateway.connectionCount }

    /// Does something to the engine, for example begins a fault; returns when it is done.
    package func perform(_ action: @escaping @Sendable (DockerEngine) -> Void) {
      _ = driver.ask { [inside] _ in
        if let engine = inside.engine { action(engine) }
        return true
      }
    }

    /// Ends its clients, removes the socket's file, and ends.
    public func stop() {
      gateway.close()
      driver.stop()
    }
  }

  extension EngineLatencies {
    /// For whoever looks at answers only.
    fileprivate static var none: EngineLatencies {
      var latencies = EngineLatencies()
      let zero = LatencyModel.constant(.zero)
      for step: WritableKeyPath<EngineLatencies, LatencyModel> in [
        \.create, \.start, \.inspect, \.signal, \.removal, \.pause, \.network, \.volume, \.write, \.ping, \.swarmWrite,
        \.registry, \.imageCold,
      ] { latencies[keyPath: step] = zero }
      return latencies
    }
  }
#endif
