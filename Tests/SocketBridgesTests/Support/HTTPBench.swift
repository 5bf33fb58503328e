#if Live
  import Foundation
  import SimulationRuntime
  import SocketTestSupport
  import StreamSpaceProtocol

  @testable import SocketBridges

  /// A service that a test writes as a closure.
  final class ScriptedService: HTTPService {
    private let answer: (any SocketExchange, Simulation) -> Void
    private let simulation: Simulation

    init(_ simulation: Simulation, _ answer: @escaping (any SocketExchange, Simulation) -> Void) {
      self.simulation = simulation
      self.answer = answer
    }

    func receive(_ exchange: any SocketExchange) { answer(exchange, simulation) }
  }

  /// What the simulation's thread tells the test's.
  final class Journal: @unchecked Sendable {
    private let lock = NSLock()
    private var lines: [String] = []
    func add(_ line: String) { lock.withLock { lines.append(line) } }
    var all: [String] { lock.withLock { lines } }
    func count(_ line: String) -> Int { all.filter { $0 == line }.count }
  }

  /// A gateway with a scripted service.
  final class HTTPBench {
    let driver = WallClockDriver()
    let gateway: HTTPGateway
    let journal = Journal()

    init(
      on address: ListeningAddress = .tcp(), limits: HTTPLimits = HTTPLimits(),
      allowance: SocketAllowance = SocketAllowance(limit: 10_000),
      _ answer: @escaping @Sendable (any SocketExchange, Simulation, Journal) -> Void
    ) throws {
      try driver.start(seed: 1) { _ in }
      let journal = journal
      do {
        gateway = try HTTPGateway.open(on: address, in: driver, limits: limits, allowance: allowance) { simulation, _ in
          ScriptedService(simulation) { answer($0, $1, journal) }
        }
      } catch {
        driver.stop()
        throw error
      }
    }

    func client() throws -> SocketClient { try SocketClient(port: gateway.port) }

    func stop() {
      gateway.close()
      driver.stop()
    }

    /// Answers with what was asked.
    static func echo(_ exchange: any SocketExchange, _: Simulation, _: Journal) {
      let request = exchange.request
      exchange.respond(
        200, ["X-Method": request.method, "X-Target": request.target, "X-Peer": request.peer], request.body)
    }
  }
#endif
