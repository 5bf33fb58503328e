import SimulationRuntime
import StreamSpaceProtocol

/// The inner end of a control socket (spec/08 §5): lines of JSON in, one line out for each, in order.
final class ControlProgram: Program {
  static let endpoint = Endpoint(host: "control", port: 1)
  /// Longest line, its end included; who sends more is told so and let go.
  static let longestLine = 64 << 10

  private let incarnation: Incarnation
  private let desk: ControlDesk
  private let onStop: () -> Void
  private var connections: [ObjectIdentifier: Connection] = [:]

  private final class Connection {
    let socket: Socket
    var line: [UInt8] = []

    init(_ socket: Socket) { self.socket = socket }
  }

  init(_ incarnation: Incarnation, _ desk: ControlDesk, onStop: @escaping () -> Void) {
    self.incarnation = incarnation
    self.desk = desk
    self.onStop = onStop
  }

  func start() {
    incarnation.simulation.network.listen(incarnation, port: Self.endpoint.port) { [weak self] call in
      guard let self, let socket = call.accept() else { return }
      let connection = Connection(socket)
      connections[ObjectIdentifier(connection)] = connection
      socket.onReceive = { [weak self, unowned connection] payload in
        if let bytes = (payload as? Bytes)?.bytes { self?.receive(bytes, connection) }
      }
      socket.onClose = { [weak self, unowned connection] _ in
        // A last line may lack its end.
        if !connection.line.isEmpty { self?.answer(connection) }
        self?.connections[ObjectIdentifier(connection)] = nil
      }
    }
  }

  func terminate() { incarnation.exit("stopped") }

  private func receive(_ bytes: [UInt8], _ connection: Connection) {
    for byte in bytes {
      guard connection.socket.isOpen else { return }
      if byte == UInt8(ascii: "\n") {
        answer(connection)
      } else {
        connection.line.append(byte)
        if connection.line.count >= Self.longestLine { return letGo(connection) }
      }
    }
  }

  private func answer(_ connection: Connection) {
    let line = connection.line
    connection.line = []
    guard line.contains(where: { $0 > UInt8(ascii: " ") }) else { return }
    let (answer, consequence) = desk.answer(line)
    send(answer, to: connection)
    if consequence == .stop { onStop() }
  }

  private func letGo(_ connection: Connection) {
    connection.line = []
    send(["ok": false, "error": .string("a line may have \(Self.longestLine) bytes")], to: connection)
    connection.socket.close()
    connections[ObjectIdentifier(connection)] = nil
  }

  private func send(_ answer: JSONValue, to connection: Connection) {
    connection.socket.send(Bytes(Array((JSONWriter.text(of: answer) + "\n").utf8)))
  }
}
