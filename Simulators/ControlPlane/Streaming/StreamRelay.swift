import OrderedCollections
import SimulationRuntime
import StreamSpaceProtocol

/// The streaming part of a replica: as edge it holds viewers, as owner their attachments (spec/00 Streaming).
package final class StreamRelay: ReplicaExtension, ViewerEndpoint {
  unowned let replica: Replica
  private unowned let side: UserSide
  private let policies: StreamingPolicies
  package let table: AttachmentTable
  private let directory: RelayDirectory
  private let beats: StreamBeats
  private var route: RelayRoute?
  /// Viewers of this replica, by the number of their socket.
  private var viewers: OrderedDictionary<Int, ViewerSocket> = [:]
  /// Relays to the edges of other viewers, by the number of their socket.
  private var relays: OrderedDictionary<Int, RelayServer> = [:]
  private let identifiers: DecisionStream
  private var isStopping = false

  private static let retry = EventLabel("controlplane.viewer.look-again")

  package init(_ replica: Replica, _ side: UserSide) {
    self.replica = replica
    self.side = side
    policies = replica.behaviour.streaming
    table = AttachmentTable(replica)
    directory = RelayDirectory(replica)
    // Weak: a crash in the middle of a step frees the side while the step is still on the stack.
    beats = StreamBeats(replica) { [weak side] in side?.loginStands($0, $1) }
    identifiers = replica.incarnation.decisions.stream("controlplane.attachment.\(replica.incarnation.process.name)")
  }

  /// Viewers whose sockets this replica holds.
  package var viewerCount: Int { viewers.count }
  var openViewers: [ViewerSocket] { Array(viewers.values) }
  /// Relays to other replicas that end here.
  package var relayCount: Int { relays.count }
  /// Whether nothing is left that belongs to a viewer.
  package var holdsNothing: Bool { viewers.isEmpty && relays.isEmpty && table.holdsNothing }

  package func install() {
    side.viewerEndpoint = self
    side.effects.streams = { [unowned self] in table.take($0, from: $1) }
    side.effects.onConnectionLost = { [unowned self] in table.connectionLost($0) }
    side.effects.onSessionMoved = { [unowned self] in table.lookAtStates(of: [$0]) }
    table.onOccupancy = { [unowned self] in beats.occupied($0, table) }
    let route = RelayRoute(replica) { [unowned self] in takeRelay($0, $1, $2) }
    route.install()
    self.route = route
  }

  package func replicaBecameReady() { directory.begin() }

  package func redisCameBack() { directory.renew() }

  package func replicaWillStop() {
    isStopping = true
    for viewer in Array(viewers.values) { viewer.endFromEdge(.shutdown) }
    table.endAll(.shutdown)
  }

  package func replicaStops(_ done: @escaping () -> Void) {
    table.settle { [unowned self] in directory.remove(done) }
  }

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
      if isStopping { return exchange.respond(HTTPResponse(.serviceUnavailable)) }
      guard let socket = exchange.accept() else { return }
      let viewer = add(socket, exchange, session, user)
      connect(viewer, agentID, presence, triesLeft: StreamTiming.tries)
    }
  }

  private func add(
    _ socket: Socket, _ exchange: HTTPExchange, _ session: StoredSession, _ user: AuthenticatedUser
  ) -> ViewerSocket {
    let number = socket.connection
    let viewer = ViewerSocket(
      replica, socket, session: session.id, user: user, isBinary: exchange.request.offersBinary,
      window: VNCOpen.standardWindow)
    viewers[number] = viewer
    viewer.onEnd = { [unowned self] in viewers.removeValue(forKey: number) }
    beats.serves { [unowned self] in Array(viewers.values) }
    name(viewer)
    if user.id != session.userID { audit(viewer, exchange, session) }
    return viewer
  }

  /// Gives a viewer the id of its next attachment.
  private func name(_ viewer: ViewerSocket) {
    viewer.attachmentID = "att-" + replica.incarnation.decisions.hex(identifiers, digits: 16)
    replica.tell(
      .viewerAccepted(
        session: viewer.session, attachment: viewer.attachmentID, connection: viewer.socket.connection))
  }

  /// An administrator at somebody else's desktop leaves a trace.
  private func audit(_ viewer: ViewerSocket, _ exchange: HTTPExchange, _ session: StoredSession) {
    var changes = JSONObject(reserving: 2)
    changes.add("attachmentId", viewer.attachmentID)
    changes.add("owner", session.userID)
    let parameters: [SQLValue] = [
      .text(viewer.user.id), .text(session.id), .text(JSONWriter.text(of: .object(changes))),
      .text(exchange.clientAddress), .text(session.organisationID),
    ]
    replica.database.execute(StreamingStatements.audit, parameters) { _ in }
  }

  /// Finds the owner and attaches there; looks again when it is not the one any more.
  private func connect(_ viewer: ViewerSocket, _ agentID: String, _ presence: AgentHub.Presence, triesLeft: Int) {
    guard viewer.isOpen else { return }
    let again = { [weak self, weak viewer] in
      guard let self, let viewer else { return }
      lookAgain(viewer, agentID, triesLeft: triesLeft - 1)
    }
    switch presence {
    case .here:
      let isAttached = table.attach(
        id: viewer.attachmentID, session: viewer.session, agentID: agentID, edge: replica.podName, client: viewer,
        connected: { viewer.connected(to: $0) })
      if !isAttached { again() }
    case .elsewhere(let pod):
      // As shipped: the relay that is begun here finds no connection of its own and ends (B-56).
      if policies.reach == .ownAgents {
        _ = viewer.cut()
        return
      }
      directory.address(of: pod) { [weak self, weak viewer] endpoint in
        guard let self, let viewer, viewer.isOpen else { return }
        guard let endpoint else { return again() }
        RelayClient.open(replica, to: endpoint, for: viewer) { [weak self, weak viewer] answer in
          switch answer {
          case .accepted(let relay): viewer?.connected(to: relay)
          case .unknownSession: viewer?.endFromEdge(.sessionEnded)
          case .refused: again()
          case .unanswered:
            // What an owner may have begun under this id is over: the next try is an attachment of its own.
            if let self, let viewer { name(viewer) }
            again()
          }
        }
      }
    case .nowhere: again()
    }
  }

  private func lookAgain(_ viewer: ViewerSocket, _ agentID: String, triesLeft: Int) {
    guard viewer.isOpen else { return }
    guard triesLeft > 0 else { return viewer.endFromEdge(.agentLost) }
    replica.incarnation.after(StreamTiming.retry, Self.retry) { [weak self, weak viewer] in
      self?.replica.hub.locate(agentID) { presence in
        guard let self, let viewer else { return }
        self.connect(viewer, agentID, presence, triesLeft: triesLeft)
      }
    }
  }

  // MARK: The owner

  private func takeRelay(_ claims: RelayClaims, _ agentID: String, _ socket: Socket) {
    let server = RelayServer(replica.incarnation, socket)
    relays[server.number] = server
    server.onEnd = { [unowned self, number = server.number] in relays.removeValue(forKey: number) }
    let isAttached = table.attach(
      id: claims.attachmentID, session: claims.sessionID, agentID: agentID, edge: claims.edgePod, client: server,
      connected: { server.connected(to: $0) })
    if !isAttached { server.attachmentEnded(.agentLost) {} }
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
