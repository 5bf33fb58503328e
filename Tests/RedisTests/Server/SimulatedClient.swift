import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import Redis

/// A Redis server and its clients in a simulation, driven step by step from a test.
final class RedisStage {
  let simulation: Simulation
  let server: RedisServer
  private(set) var events: [RedisEvent] = []
  private var clientCount = 0

  init(behaviour: RedisBehaviour = RedisBehaviour(), seed: UInt64 = 1, isStarted: Bool = true) throws {
    simulation = Simulation(.init(seed: seed))
    server = try RedisServer(on: simulation.host("redis"), of: simulation, behaviour: behaviour)
    server.observer = { [unowned self] in events.append($0) }
    if isStarted { server.process.start() }
  }

  deinit { simulation.tearDown() }

  func client(form: SimulatedClient.Form = .bytes) throws -> SimulatedClient {
    clientCount += 1
    let client = try SimulatedClient("client-\(clientCount)", form: form, stage: self)
    client.connect()
    try run(.milliseconds(10))
    return client
  }

  func run(_ span: TimeSpan) throws { try simulation.run(for: span) }

  /// Sends a command and runs until the reply is there, at most a second.
  func ask(_ line: String, _ client: SimulatedClient) throws -> RESPValue? {
    client.send(line)
    for _ in 0..<100 where client.received.isEmpty { try run(.milliseconds(10)) }
    return client.next()
  }

  func expect(
    _ line: String, _ reply: RESPValue?, _ client: SimulatedClient, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let received = try ask(line, client)
    #expect(received == reply, "\(line)", sourceLocation: sourceLocation)
  }
}

/// A client process with one connection.
final class SimulatedClient: Program {
  enum Form { case bytes, frames }

  private let form: Form
  private unowned let stage: RedisStage
  private var process: SimulatedProcess?
  private var incarnation: Incarnation?
  private(set) var socket: Socket?
  private var decoder = RESPReplyDecoder()
  private(set) var received: [RESPValue] = []
  private(set) var outcome = "pending"

  init(_ name: String, form: Form, stage: RedisStage) throws {
    self.form = form
    self.stage = stage
    process = try stage.simulation.addProcess(name, on: stage.simulation.host(name)) { [unowned self] incarnation in
      self.incarnation = incarnation
      return self
    }
    process?.start()
  }

  func start() {}
  func terminate() {}

  func connect() {
    guard let incarnation else { return }
    outcome = "pending"
    stage.simulation.network.open(from: incarnation, to: stage.server.endpoint, timeout: .seconds(5)) {
      [unowned self] in
      switch $0 {
      case .connected(let socket): adopt(socket)
      case .refused: outcome = "refused"
      case .reset: outcome = "reset"
      case .timedOut: outcome = "timed out"
      case .reply: outcome = "reply"
      }
    }
  }

  private func adopt(_ socket: Socket) {
    self.socket = socket
    outcome = "connected"
    decoder = RESPReplyDecoder()
    socket.onReceive = { [unowned self] payload in
      if let frame = payload as? Frame<RESPReplyPayload> { received.append(frame.value.value) }
      if let bytes = payload as? Bytes {
        decoder.append(bytes.bytes)
        while let value = try? decoder.next() { received.append(value) }
      }
    }
    socket.onClose = { [unowned self] in
      if case .reset = $0 { outcome = "reset" } else { outcome = "closed" }
    }
  }

  func send(_ line: String) {
    let payload = RESPCommandPayload(OurArm.words(line))
    switch form {
    case .bytes: socket?.send(Bytes(payload.encoded))
    case .frames: socket?.send(Frame(payload, byteCount: payload.byteCount))
    }
  }

  func next() -> RESPValue? { received.isEmpty ? nil : received.removeFirst() }
}
