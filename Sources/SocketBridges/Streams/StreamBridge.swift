import SimulationRuntime

/// One connection with an end outside and an end inside. Lives on the simulation's thread.
final class StreamBridge {
  private let stream: any ByteStream
  private let socket: Socket
  private let simulation: Simulation
  /// The client sends nothing more: the end inside closes when it has been quiet for a while.
  private var isInputOver = false
  private var quietTimer = EventToken.none

  /// Longest wait for somebody who listens inside.
  private static let timeout = TimeSpan.seconds(10)
  /// A simulated socket has no half that ends alone: the answers to what a client sent before its end are taken to be
  /// over when nothing has come for so long.
  private static let quiet = TimeSpan.milliseconds(200)
  private static let quietLabel = EventLabel("gateway.quiet")

  private init(_ stream: any ByteStream, _ socket: Socket, _ simulation: Simulation) {
    self.stream = stream
    self.socket = socket
    self.simulation = simulation
  }

  /// Connects a client's stream with `endpoint`; `owner` names the process inside that opens the connection.
  static func connect(_ stream: GatewayByteStream, to endpoint: Endpoint, as owner: String, in simulation: Simulation) {
    guard stream.isOpen, let incarnation = GatewayProcess.incarnation(of: owner, in: simulation) else {
      return stream.finish()
    }
    // A read that shows a client who leaves before the end inside stands.
    let call = simulation.network.open(from: incarnation, to: endpoint, hello: nil, timeout: timeout) { outcome in
      guard case .connected(let socket) = outcome else { return stream.finish() }
      stream.onClose = nil
      StreamBridge(stream, socket, simulation).begin()
      stream.begin()
    }
    stream.onClose = { call.cancel() }
  }

  /// The callbacks keep the bridge alive; the end of either side lets go of them.
  private func begin() {
    stream.onReceive = { [self] bytes in
      socket.send(Bytes(bytes))
      if !socket.isWritable { stream.pauseReading() }
    }
    stream.onWritable = { [self] in socket.resumeReading() }
    stream.onClose = { [self] in socket.close() }
    stream.onEndOfInput = { [self] in
      isInputOver = true
      awaitQuiet()
    }
    socket.onReceive = { [self] payload in
      guard let bytes = payload as? Bytes else { return }
      stream.send(bytes.bytes)
      if !stream.isWritable { socket.pauseReading() }
      if isInputOver { awaitQuiet() }
    }
    socket.onWritable = { [self] in stream.resumeReading() }
    socket.onClose = { [self] end in
      // What was written before goes out first.
      if case .reset = end { stream.abort() } else { stream.finish() }
    }
  }

  private func awaitQuiet() {
    simulation.cancel(quietTimer)
    quietTimer = simulation.schedule(after: Self.quiet, Self.quietLabel) { [self] in
      guard socket.isOpen else { return }
      // A client that takes its time to read is not done.
      guard stream.isWritable else { return awaitQuiet() }
      socket.close()
      stream.finish()
    }
  }
}
