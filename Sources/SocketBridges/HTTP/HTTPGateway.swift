#if Live
  import NIOCore
  import NIOHTTP1
  import SimulationRuntime

  /// An HTTP/1.1 server on a real socket whose requests are answered inside a simulation.
  package final class HTTPGateway: Sendable {
    private let listener: SocketListener
    private let driver: WallClockDriver

    private init(_ listener: SocketListener, _ driver: WallClockDriver) {
      self.listener = listener
      self.driver = driver
    }

    /// Where it listens, with the port that was taken.
    package var address: ListeningAddress { listener.address }
    /// The port; 0 for a unix socket.
    package var port: Int { address.port ?? 0 }
    /// Connections that are open now.
    package var connectionCount: Int { listener.count }

    /// Listens on `address` and hands each request to a service, in the order of the requests of each connection.
    ///
    /// `makeService` runs on the simulation's thread: at once, and again for each later life of the process `owner`,
    /// which stands for the clients inside and is made on a host of that name if there is none. While that process does
    /// not run, connections are dropped. Throws ``GatewayError``, or what `makeService` throws.
    /// Not to be called on the simulation's thread.
    package static func open(
      on address: ListeningAddress, in driver: WallClockDriver, limits: HTTPLimits = HTTPLimits(),
      as owner: String = "gateway", allowance: SocketAllowance = .process,
      _ makeService: @escaping @Sendable (Simulation, Incarnation) throws -> any HTTPService
    ) throws -> HTTPGateway {
      let desk = ServiceDesk(owner, makeService)
      let opened = driver.ask { simulation in Result { _ = try desk.prepare(simulation) } }
      guard let opened else { throw GatewayError(address: address, reason: "the simulation has ended") }
      try opened.get()
      let listener = try SocketListener.open(on: address, allowance: allowance, queue: limits.writeQueue) { channel in
        try HTTPChannelHandler(channel, driver, limits, address, desk).install()
      }
      return HTTPGateway(listener, driver)
    }

    /// Stops listening and ends every connection; requests that wait are abandoned. Returns when the port or path is free
    /// again and no thread is left. Not to be called on the simulation's thread.
    package func close() {
      // What was posted before is over when this is answered, and nothing inside touches a channel any more.
      listener.close { _ = driver.ask { _ in true } }
    }
  }

  /// Hands requests to the service of the present life.
  ///
  /// Unchecked: touched on the simulation's thread only.
  final class ServiceDesk: @unchecked Sendable {
    private let owner: String
    private let makeService: @Sendable (Simulation, Incarnation) throws -> any HTTPService
    private var service: (any HTTPService)?
    private weak var incarnation: Incarnation?

    init(_ owner: String, _ makeService: @escaping @Sendable (Simulation, Incarnation) throws -> any HTTPService) {
      self.owner = owner
      self.makeService = makeService
    }

    /// Makes the service of the present life, if there is none yet.
    @discardableResult
    func prepare(_ simulation: Simulation) throws -> (any HTTPService)? {
      guard let present = GatewayProcess.incarnation(of: owner, in: simulation) else {
        service = nil
        return nil
      }
      if let service, incarnation === present { return service }
      let made = try makeService(simulation, present)
      service = made
      incarnation = present
      return made
    }

    func hand(_ exchange: GatewayExchange, in simulation: Simulation) {
      guard let service = try? prepare(simulation) else { return exchange.drop() }
      service.receive(exchange)
    }
  }
#endif
