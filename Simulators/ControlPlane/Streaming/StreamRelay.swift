import OrderedCollections
import SimulationRuntime
import StreamSpaceProtocol

/// The streaming part of a replica: as edge it holds viewers, as owner their attachments (spec/00 Streaming).
package final class StreamRelay: ReplicaExtension, ViewerEndpoint {
  unowned let replica: Replica
  private unowned let side: UserSide
  let policies: StreamingPolicies
  package let table: AttachmentTable
  /// Viewers of this replica, by the number of their socket.
  private var viewers: OrderedDictionary<Int, ViewerSocket> = [:]
  private let identifiers: DecisionStream
  private var isStopping = false

  private static let retry = EventLabel("controlplane.viewer.look-again")

  package init(_ replica: Replica, _ side: UserSide) {
    self.replica = replica
    self.side = side
    policies = replica.behaviour.streaming
    table = AttachmentTable(replica)
    identifiers = replica.incarnation.decisions.stream("controlplane.attachment.\(replica.incarnation.process.name)")
  }

  /// Viewers whose sockets this replica holds.
  package var viewerCount: Int { viewers.count }

  /// Whether nothing is left that belongs to a viewer.
  package var holdsNothing: Bool { viewers.isEmpty && table.holdsNothing }

  package func install() {
    side.viewerEndpoint = self
    side.effects.streams = { [unowned self] in table.take($0, from: $1) }
    side.effects.onConnectionLost = { [unowned self] in table.connectionLost($0) }
  }

  package func replicaBecameReady() {}

  package func replicaStops(_ done: @escaping () -> Void) { table.stop(done) }

  // MARK: The edge

  package func attach(_ exchange: HTTPExchange, to session: StoredSession, as user: AuthenticatedUser) {
    guard let agentID = session.agentID else { return exchange.answer(.serviceUnavailable, ErrorBody.noAgentAssigned) }
    guard exchange.request.isWebSocketUpgrade else {
      return exchange.answer(.badRequest, ErrorBody("websocket upgrade required"))
    }
    replica.hub.locate(agentID) { [unowned self] presence in
      if case .nowhere = presence {
        return exchange.answer(.serviceUnavailable, ErrorBody.vncAgentNotConnected(agentID))
      }
      guard !isStopping, let socket = exchange.accept() else {
        return exchange.respond(HTTPResponse(.serviceUnavailable))
      }
      let viewer = ViewerSocket(
        replica, socket, attachmentID: "att-" + replica.incarnation.decisions.hex(identifiers, digits: 16),
        session: session.id, user: user, isBinary: exchange.request.offersBinary, window: VNCOpen.standardWindow)
      viewers[socket.connection] = viewer
      viewer.onEnd = { [unowned self] in viewers.removeValue(forKey: socket.connection) }
      replica.tell(
        .viewerAccepted(session: session.id, attachment: viewer.attachmentID, connection: socket.connection))
      connect(viewer, agentID, presence, triesLeft: StreamTiming.tries)
    }
  }

  /// Finds the owner and attaches there; looks again when it is not the one any more.
  private func connect(_ viewer: ViewerSocket, _ agentID: String, _ presence: AgentHub.Presence, triesLeft: Int) {
    guard viewer.isOpen else { return }
    if case .here = presence,
      let attachment = table.attach(
        id: viewer.attachmentID, session: viewer.session, agentID: agentID, edge: replica.podName, client: viewer)
    {
      return viewer.connected(to: attachment)
    }
    guard triesLeft > 1 else { return viewer.endFromEdge(.agentLost) }
    replica.incarnation.after(StreamTiming.retry, Self.retry) { [weak self, weak viewer] in
      self?.replica.hub.locate(agentID) { presence in
        guard let self, let viewer else { return }
        self.connect(viewer, agentID, presence, triesLeft: triesLeft - 1)
      }
    }
  }
}

extension HTTPRequest {
  /// Whether a viewer wants raw bytes (C25).
  var offersBinary: Bool {
    headers.values("Sec-WebSocket-Protocol").contains { value in
      value.split(separator: ",").contains { $0.drop { $0 == " " }.prefix { $0 != " " } == WebSocketSubprotocol.binary }
    }
  }
}
