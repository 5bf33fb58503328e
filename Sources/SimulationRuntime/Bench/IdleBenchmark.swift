extension KernelBenchmarks {
  /// Thirty agents that do nothing but stay connected to three hubs: a heartbeat every 30 s and a ping every
  /// 54 s (spec/05 §1). Reports virtual seconds per real second.
  public static func idle(agents: Int = 30, span: TimeSpan = .seconds(100_000), clock: Clock) throws -> Measurement {
    let simulation = Simulation(.init(seed: 1))
    simulation.network.latencyPolicy = { _, _, _ in .lognormal(median: .milliseconds(1), .s060) }
    let hubs = try (0..<3).map { number in
      try simulation.addProcess("hub-\(number)", on: simulation.host("hub-\(number)")) { IdleHub($0) }
    }
    let clients = try (0..<agents).map { number in
      try simulation.addProcess("agent-\(number)", on: simulation.host("agent-\(number)")) {
        IdleAgent($0, hub: "hub-\(number % hubs.count)")
      }
    }
    for process in hubs + clients { process.start() }
    try simulation.run(for: .seconds(60))
    let start = clock()
    try simulation.run(for: span)
    let end = clock()
    let fingerprint = simulation.trace.fingerprint
    simulation.tearDown()
    return Measurement(
      name: "idle", unit: "virtual s/s",
      value: rate(span.nanoseconds / 1_000_000_000, from: start, to: end), budget: 100_000, fingerprint: fingerprint)
  }
}

private let hubPort = 8_000
private let heartbeatPeriod = TimeSpan.seconds(30)
private let pingPeriod = TimeSpan.seconds(54)

private enum IdleMessage: Sendable { case heartbeat, ping, pong }

private final class IdleHub: Program {
  private let incarnation: Incarnation

  private static let ping = EventLabel("bench.ping")

  init(_ incarnation: Incarnation) { self.incarnation = incarnation }

  func terminate() { incarnation.exit("told to") }

  func start() {
    incarnation.simulation.network.listen(incarnation, port: hubPort) { [unowned self] call in
      guard let socket = call.accept() else { return }
      socket.onReceive = { _ in }
      incarnation.every(pingPeriod, Self.ping) { [unowned socket] in
        socket.send(Frame(IdleMessage.ping, byteCount: 2))
      }
    }
  }
}

private final class IdleAgent: Program {
  private let incarnation: Incarnation
  private let hub: String
  private var socket: Socket?

  private static let heartbeat = EventLabel("bench.heartbeat")

  init(_ incarnation: Incarnation, hub: String) {
    self.incarnation = incarnation
    self.hub = hub
  }

  func terminate() { incarnation.exit("told to") }

  func start() {
    incarnation.simulation.network.open(from: incarnation, to: Endpoint(host: hub, port: hubPort)) {
      [unowned self] outcome in
      guard case .connected(let socket) = outcome else { return incarnation.panic("no connection") }
      self.socket = socket
      socket.onReceive = { [unowned socket] _ in socket.send(Frame(IdleMessage.pong, byteCount: 2)) }
      incarnation.every(heartbeatPeriod, Self.heartbeat) { [unowned socket] in
        socket.send(Frame(IdleMessage.heartbeat, byteCount: 180))
      }
    }
  }
}
