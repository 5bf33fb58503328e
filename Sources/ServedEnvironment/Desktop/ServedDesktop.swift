#if Live
  import RemoteFramebuffer
  import SimulationRuntime
  import SocketBridges
  import VNCServer

  /// A simulated desktop on a real socket.
  ///
  /// Unchecked: `server` is touched on the simulation's thread only.
  public final class ServedDesktop: @unchecked Sendable {
    private let driver = WallClockDriver()
    private var server: VNCServer?
    private let gateway: StreamGateway

    /// What is served.
    package enum Kind: Sendable {
      case desktop(VNCServerConfiguration)
      /// Echoes bytes: no RFB.
      case raw
    }

    /// Serves on `host`:`port` (0: any free port). Throws when it may not listen there.
    package init(_ kind: Kind, seed: UInt64 = 1, host: String = "127.0.0.1", port: Int = 0) throws {
      let made = Made()
      try driver.start(seed: seed) { simulation in
        // Real clients bring the latency of real networks.
        simulation.network.latencyPolicy = { _, _, _ in .constant(.zero) }
        let process = try simulation.addProcess("desktop", on: simulation.host("desktop")) { incarnation in
          switch kind {
          case .raw: return RawDesktop(incarnation, seed: seed)
          case .desktop(var configuration):
            configuration.seed = seed
            configuration.port = Self.innerPort
            let server = VNCServer(incarnation, configuration)
            made.server = server
            return server
          }
        }
        process.start()
      }
      server = made.server
      do {
        gateway = try StreamGateway.open(
          host: host, port: port, to: Endpoint(host: "desktop", port: Self.innerPort), in: driver)
      } catch {
        driver.stop()
        throw error
      }
    }

    private static let innerPort = 5_900

    /// Filled on the simulation's thread before `start` returns.
    private final class Made: @unchecked Sendable {
      var server: VNCServer?
    }

    /// The port it listens on.
    public var port: Int { gateway.port }

    /// What the desktop shows now; nil for the raw one.
    package var picture: Framebuffer? { ask { $0.picture } }

    /// Whether every client has been told of everything.
    package var isQuiet: Bool { ask { $0.isQuiet } ?? true }

    package func perform(_ action: @escaping @Sendable (VNCServer) -> Void) { _ = ask { action($0) } }

    /// Nil for the raw one, and when it has stopped.
    private func ask<T: Sendable>(_ question: @escaping @Sendable (VNCServer) -> T) -> T? {
      driver.ask { [self] _ in server.map(question) } ?? nil
    }

    /// Closes its clients and ends.
    public func stop() {
      gateway.close()
      driver.stop()
    }
  }
#endif
