extension KernelBenchmarks {
  /// Two processes that send one message to and fro: sockets, flows and links.
  public static func pingpong(messages: Int = 500_000, clock: Clock) throws -> Measurement {
    let simulation = Simulation(.init(seed: 1))
    let server = try simulation.addProcess("server", on: simulation.host("server")) { PongProgram($0) }
    let client = try simulation.addProcess("client", on: simulation.host("client")) {
      PingProgram($0, rounds: messages / 2)
    }
    server.start()
    client.start()
    let start = clock()
    try simulation.run()
    let end = clock()
    let fingerprint = simulation.trace.fingerprint
    simulation.tearDown()
    return Measurement(
      name: "pingpong", unit: "messages/s", value: rate(Int64(messages), from: start, to: end), budget: 0,
      fingerprint: fingerprint)
  }
}

private let pingPort = 7

private final class PongProgram: Program {
  private let incarnation: Incarnation

  init(_ incarnation: Incarnation) { self.incarnation = incarnation }

  func terminate() { incarnation.exit("told to") }

  func start() {
    incarnation.simulation.network.listen(incarnation, port: pingPort) { call in
      guard let socket = call.accept() else { return }
      socket.onReceive = { [unowned socket] payload in socket.send(payload) }
    }
  }
}

private final class PingProgram: Program {
  private let incarnation: Incarnation
  private var rounds: Int
  private var socket: Socket?

  init(_ incarnation: Incarnation, rounds: Int) {
    self.incarnation = incarnation
    self.rounds = rounds
  }

  func terminate() { incarnation.exit("told to") }

  func start() {
    incarnation.simulation.network.open(from: incarnation, to: Endpoint(host: "server", port: pingPort)) {
      [unowned self] outcome in
      guard case .connected(let socket) = outcome else { return incarnation.panic("no connection") }
      self.socket = socket
      socket.onReceive = { [unowned self] _ in next() }
      next()
    }
  }

  private func next() {
    guard rounds > 0 else { return incarnation.exit("done") }
    rounds -= 1
    socket?.send(Frame(rounds, byteCount: 64))
  }
}
