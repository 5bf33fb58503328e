import RemoteFramebuffer
import SimulationRuntime

/// How clients come and go.
extension VNCServer {
  private static let greetingLabel = EventLabel("vnc.greeting")
  private static let handshakeLabel = EventLabel("vnc.handshake.limit")
  private static let failureLabel = EventLabel("vnc.failure")

  func accept(_ call: IncomingCall) {
    let isAdmitted = admits(call.remoteHost)
    guard let socket = call.accept() else { return }
    let stream = DesktopStream(socket, of: incarnation)
    guard isAdmitted else {
      stream.onWrote = { [unowned self] in tell(.wrote(connection: socket.connection, bytes: $0)) }
      tell(.refused(connection: socket.connection, host: socket.remoteHost))
      stream.write(ServerSession.refusal(reason: "Too many security failures"))
      return stream.close()
    }
    let connection = VNCConnection(stream)
    connect(connection)
    add(connection)
    tell(.opened(connection: connection.connection))
    if greetingDelay == .zero { return greet(connection) }
    stream.pauseReading()
    incarnation.after(greetingDelay, Self.greetingLabel) { [weak self, weak connection] in
      guard let self, let connection, connection.stream.isOpen else { return }
      greet(connection)
      connection.stream.resumeReading()
    }
  }

  private func connect(_ connection: VNCConnection) {
    let number = connection.connection
    connection.stream.onWrote = { [unowned self] in tell(.wrote(connection: number, bytes: $0)) }
    connection.stream.onBytes = { [unowned self, unowned connection] bytes in
      tell(.read(connection: number, bytes: bytes))
      receive(bytes, from: connection)
    }
    connection.stream.onRoom = { [unowned self, unowned connection] in
      connection.stream.resumeReading()
      planFrame()
    }
    connection.stream.onEnd = { [unowned self, unowned connection] reason in remove(connection, reason) }
  }

  private func greet(_ connection: VNCConnection) {
    var challenge = [UInt8](repeating: 0, count: 16)
    if case .passwords = configuration.security {
      let stream = incarnation.decisions.stream("vnc.challenge")
      for index in challenge.indices { challenge[index] = UInt8(incarnation.decisions.choose(stream, 256)) }
    }
    connection.greet(
      ServerConfiguration(
        width: desktop.width, height: desktop.height, name: name, security: configuration.security,
        challenge: challenge))
    send(connection)
    connection.deadline = incarnation.after(configuration.handshakeLimit, Self.handshakeLabel) {
      [unowned self, unowned connection] in close(connection, "silent in the handshake")
    }
  }

  private func receive(_ bytes: [UInt8], from connection: VNCConnection) {
    guard !connection.isFailing, let session = connection.session else { return }
    for event in session.receive(bytes) {
      switch event {
      case .ready(let isShared): becameReady(connection, isShared: isShared)
      case .message(let message): take(message, from: connection)
      case .failed(let error): return fail(connection, error)
      }
      // What it sent may have closed it.
      if connection.isFailing { return }
    }
    send(connection)
    // Nobody answers without end a client that does not read the answers.
    if connection.stream.unsent >= RFBLimits.unsentBytes { connection.stream.pauseReading() }
    planFrame()
    runClock()
  }

  /// Ends one client, others are unaffected; a wrong password only after a while, so that guessing is slow.
  private func fail(_ connection: VNCConnection, _ error: RFBError) {
    connection.isFailing = true
    guard case .authenticationFailed = error else { return end(connection, error) }
    incarnation.cancel(connection.deadline)
    connection.deadline = incarnation.after(configuration.failureDelay, Self.failureLabel) {
      [unowned self, unowned connection] in end(connection, error)
    }
  }

  private func end(_ connection: VNCConnection, _ error: RFBError) {
    send(connection)
    close(connection, "\(error)")
  }
}
