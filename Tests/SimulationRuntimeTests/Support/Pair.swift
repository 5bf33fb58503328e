import SimulationRuntime

/// A client and a server, connected over a link of one millisecond, that log what they get.
final class Pair {
  let simulation: Simulation
  let log = Log()
  private(set) var client: SimulatedProcess
  private(set) var server: SimulatedProcess
  var clientEnd: Socket?
  var serverEnd: Socket?

  /// Both run, and the connection stands at 2 ms.
  init(seed: UInt64 = 1, strategy: Strategy = .random, retention: Trace.Retention = .hash) throws {
    simulation = Simulation(.init(seed: seed, strategy: strategy, retention: retention))
    server = try simulation.launch("server")
    client = try simulation.launch("client")
    try listen()
    try connect()
    try simulation.run(until: Instant(nanoseconds: 2_000_000))
  }

  private func listen() throws {
    guard let life = server.current else { return }
    simulation.network.listen(life, port: 80) { [unowned self] call in
      guard let socket = call.accept() else { return }
      serverEnd = socket
      watch(socket, as: "server")
    }
  }

  private func connect() throws {
    guard let life = client.current else { return }
    simulation.network.open(from: life, to: Endpoint(host: "server", port: 80)) { [unowned self] outcome in
      guard case .connected(let socket) = outcome else { return log.add(outcome.name) }
      clientEnd = socket
      watch(socket, as: "client")
    }
  }

  private func watch(_ socket: Socket, as name: String) {
    socket.onReceive = { [unowned self] in log.add("\(name) got \(read($0))", at: simulation.now) }
    socket.onClose = { [unowned self] in log.add("\(name) \($0.name)", at: simulation.now) }
  }

  func begin(_ kind: NetworkFault.Kind, lasting: TimeSpan? = nil) -> FaultRecord {
    simulation.network.begin(NetworkFault(kind, between: ["client"], and: ["server"]), lasting: lasting)
  }

  /// The client sends `values`.
  func say(_ values: String...) { for value in values { clientEnd?.send(text(value)) } }
  /// The server sends `values`.
  func answer(_ values: String...) { for value in values { serverEnd?.send(text(value)) } }

  /// Runs up to `milliseconds` and returns the log so far.
  func entries(at milliseconds: Int64) throws -> [String] {
    try simulation.run(until: Instant(nanoseconds: milliseconds * 1_000_000))
    return log.entries
  }
}
