import SimulationRuntime

/// A process with one bare connection to a desktop: it sends and collects bytes.
final class BytePeer: Program {
  private let simulation: Simulation
  private let target: Endpoint
  private var incarnation: Incarnation?
  private(set) var socket: Socket?
  private(set) var received: [UInt8] = []
  /// Payloads as they came.
  private(set) var payloads: [[UInt8]] = []
  private(set) var end: SocketEnd?
  var isEnded: Bool { end != nil }

  init(_ name: String, to target: Endpoint, in simulation: Simulation, window: Int? = nil) throws {
    self.simulation = simulation
    self.target = target
    let process = try simulation.addProcess(name, on: simulation.host(name)) { [unowned self] incarnation in
      self.incarnation = incarnation
      return self
    }
    process.start()
  }

  func start() {
    guard let incarnation else { return }
    simulation.network.open(from: incarnation, to: target, latency: .constant(.milliseconds(5))) { [unowned self] in
      guard case .connected(let socket) = $0 else { return }
      self.socket = socket
      socket.onReceive = { [unowned self] payload in
        guard let bytes = (payload as? Bytes)?.bytes else { return }
        payloads.append(bytes)
        received += bytes
        onBytes?(bytes)
      }
      socket.onClose = { [unowned self] in end = $0 }
    }
  }

  func terminate() { incarnation?.exit("terminated") }

  var onBytes: (([UInt8]) -> Void)?

  func send(_ bytes: [UInt8]) { socket?.send(Bytes(bytes)) }
}
