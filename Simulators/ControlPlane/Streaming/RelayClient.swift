import SimulationRuntime
import StreamSpaceProtocol

/// The relay at the edge: to the viewer it is the attachment.
final class RelayClient: AttachmentUplink {
  /// How an owner answers a relay.
  enum Answer {
    case accepted(RelayClient)
    /// The session is gone, or not running.
    case unknownSession
    /// Not the owner any more, not reachable, or it did not believe the token.
    case refused
    /// No answer: the owner may have taken the attachment.
    case unanswered
  }

  /// Limit of the handshake.
  private static let limit = TimeSpan.seconds(5)

  private weak var viewer: ViewerSocket?
  private let relay: RelaySocket
  private let credit: CreditReturn

  private init(_ incarnation: Incarnation, _ socket: Socket, _ viewer: ViewerSocket) {
    self.viewer = viewer
    let relay = RelaySocket(incarnation, socket)
    self.relay = relay
    credit = CreditReturn(incarnation) { [weak relay] in relay?.send(.credit(bytes: $0)) }
    relay.onBytes = { [unowned self] in self.viewer?.deliver($0) }
    relay.onMessage = { [unowned self] in take($0) }
    relay.onLost = { [unowned self] in
      credit.stop()
      self.viewer?.attachmentEnded(.ownerLost) {}
    }
  }

  /// Asks the owner at `endpoint` for the attachment of `viewer`.
  static func open(
    _ replica: Replica, to endpoint: Endpoint, for viewer: ViewerSocket, _ done: @escaping (Answer) -> Void
  ) {
    let claims = RelayClaims(
      edgePod: replica.podName, sessionID: viewer.session, attachmentID: viewer.attachmentID, userID: viewer.user.id,
      now: replica.clock.now)
    let request = HTTPRequest(
      .get, RelayMessage.path(session: viewer.session), query: ["attachment": viewer.attachmentID],
      headers: [
        HTTPHeaderName.upgrade: "websocket", "Sec-WebSocket-Protocol": WebSocketSubprotocol.relay,
        HTTPHeaderName.authorization: "Bearer \(claims.token(secret: replica.configuration.jwtSecret))",
      ])
    let incarnation = replica.incarnation
    incarnation.simulation.network.open(
      from: incarnation, to: endpoint, hello: Frame(request, byteCount: request.byteCount), timeout: limit
    ) { [weak viewer] outcome in
      switch outcome {
      case .connected(let socket):
        guard let viewer, viewer.isOpen else { return socket.close() }
        guard socket.isOpen else { return done(.unanswered) }
        done(.accepted(RelayClient(incarnation, socket, viewer)))
      case .reply(let payload):
        let status = (payload as? Frame<HTTPResponse>)?.value.status
        done(status == .notFound ? .unknownSession : .refused)
      case .refused: done(.refused)
      case .reset, .timedOut: done(.unanswered)
      }
    }
  }

  private func take(_ message: RelayMessage) {
    switch message {
    case .ready(let port): viewer?.attachmentReady(vncPort: port)
    case .credit(let bytes): viewer?.passedOn(bytes)
    case .close(let code, let reason):
      // The viewer lets go of this relay: it must live until it is closed.
      withExtendedLifetime(self) {
        let isDrained = code == .desktopClosed
        viewer?.attachmentEnded(AttachmentEnd(code, reason, told: nil, isDrained: isDrained)) {}
        credit.stop()
        relay.close()
      }
    }
  }

  // MARK: What the viewer says

  func send(_ bytes: [UInt8]) {
    var rest = ByteQueue()
    rest.append(bytes)
    while let piece = rest.take(upTo: VNCChunk.maximumBytes) { relay.send(piece) }
  }

  func accepted(_ bytes: Int) { credit.passed(bytes) }

  func viewerEnded(_ end: AttachmentEnd) {
    credit.stop()
    relay.send(.close(code: end.code, reason: end.reason))
    relay.close()
  }
}
