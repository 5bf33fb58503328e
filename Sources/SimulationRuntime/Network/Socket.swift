/// Why a connection ended for one of its ends.
public enum SocketEnd: Sendable {
  /// The peer closed in order, perhaps with a last word.
  case closed((any Payload)?)
  /// RST: the peer crashed, refused, or never knew this connection.
  case reset
}

/// One end of an established connection.
public final class Socket {
  /// Unique in the run; both ends have the same.
  public let connection: Int
  public let owner: Incarnation
  /// Name of the host at the other end.
  public let remoteHost: String
  let outgoing: Flow
  let incoming: Flow
  let network: Network
  var attachmentSlot = -1

  /// Called with each arriving payload. Set it before returning from the callback that delivered the socket.
  @exclusivity(unchecked) public var onReceive: ((any Payload) -> Void)?
  /// Called once when the connection ends by the other side's doing.
  @exclusivity(unchecked) public var onClose: ((SocketEnd) -> Void)?
  /// Called when the socket is writable again after the window was full.
  @exclusivity(unchecked) public var onWritable: (() -> Void)?
  /// Bytes that may be sent and not yet read by the peer before ``isWritable`` turns false.
  @exclusivity(unchecked) public var window = 262_144

  /// Whether this end may send and receive.
  @exclusivity(unchecked) public private(set) var isOpen = true
  /// The program wants what arrives.
  @exclusivity(unchecked) private var isReading = true
  /// The program has this end (a caller gets it one hop after the server accepted).
  @exclusivity(unchecked) private var isHandedOver = true
  @exclusivity(unchecked) private var isDraining = false
  private var unread: [Flow.Item] = []
  @exclusivity(unchecked) private var firstUnread = 0
  @exclusivity(unchecked) private var outstanding = 0
  /// The window was full and the sender has not heard of any room since.
  @exclusivity(unchecked) private var isBlocked = false
  @exclusivity(unchecked) private var isUnblocking = false

  private static let broken = EventLabel("network.reset")
  private static let room = EventLabel("network.window")

  init(
    connection: Int, owner: Incarnation, remoteHost: String, outgoing: Flow, incoming: Flow, network: Network
  ) {
    self.connection = connection
    self.owner = owner
    self.remoteHost = remoteHost
    self.outgoing = outgoing
    self.incoming = incoming
    self.network = network
    outgoing.sender = self
    incoming.receiver = self
    owner.attachments.append(self)
  }

  // MARK: Sending

  /// Sends `payload`; nothing happens on a closed socket. Check ``isWritable`` to respect back-pressure.
  public func send(_ payload: any Payload) {
    guard isOpen, owner.permitEffect() else { return }
    let payload = network.onWire(payload)
    var held = TimeSpan.zero
    if let interceptor = network.interceptor {
      switch interceptor(self, payload) {
      case .pass: break
      case .drop: return
      case .delay(let span): held = span
      }
    }
    let bytes = payload.byteCount
    outstanding += bytes
    if outstanding >= window { isBlocked = true }
    outgoing.send(.payload(payload, bytes: bytes), bytes: bytes, heldBack: held)
  }

  /// Bytes sent and not yet read by the peer's program.
  public var unreadByPeer: Int { outstanding }
  /// Whether RST has arrived behind payloads that this end does not read: reading on comes to it last, but a write
  /// fails from now on (EPIPE), as it does in TCP.
  public var failsWrites: Bool { if case .reset? = unread.last { true } else { false } }
  /// Whether the window has room, as far as the sender has heard.
  public var isWritable: Bool { isOpen && !isBlocked }

  /// Closes in order: what was sent arrives first, then `farewell`.
  public func close(farewell: (any Payload)? = nil) {
    guard isOpen, owner.permitEffect() else { return }
    let farewell = farewell.map(network.onWire)
    outgoing.send(.end(farewell), bytes: farewell?.byteCount ?? 0)
    shut()
  }

  /// Drops the connection: the peer gets what was sent, then RST.
  public func reset() {
    guard isOpen, owner.permitEffect() else { return }
    abandon(silently: false)
  }

  /// Changes the latency of both directions, for example after a WebSocket upgrade.
  public func setLatency(_ model: LatencyModel) {
    outgoing.latency = model
    incoming.latency = model
  }

  // MARK: Receiving

  /// Leaves arriving payloads unread: the sender's window fills.
  public func pauseReading() { isReading = false }

  /// Reads what waited, in order, and goes on.
  public func resumeReading() {
    isReading = true
    drain()
  }

  /// The caller's program gets this end only now: what arrives meanwhile waits.
  func awaitHandOver() { isHandedOver = false }

  /// The program has set its callbacks.
  func handedOver() {
    isHandedOver = true
    drain()
  }

  func receive(_ item: Flow.Item) {
    if isReading, isHandedOver, !isDraining, firstUnread == unread.count { return consume(item) }
    unread.append(item)
  }

  private func drain() {
    // A callback that pauses and resumes must not be overtaken by what waits behind its own payload.
    guard !isDraining else { return }
    isDraining = true
    while isReading, isHandedOver, isOpen, firstUnread < unread.count {
      let item = unread[firstUnread]
      unread[firstUnread] = .nothing
      firstUnread += 1
      consume(item)
    }
    isDraining = false
    if firstUnread >= unread.count { forgetUnread() }
  }

  private func consume(_ item: Flow.Item) {
    switch item {
    case .payload(let payload, let bytes):
      incoming.sender?.wasRead(bytes)
      onReceive?(payload)
    case .end(let farewell): finish(.closed(farewell))
    case .reset: finish(.reset)
    case .nothing: break
    }
  }

  private func forgetUnread() {
    unread.removeAll()
    firstUnread = 0
  }

  // MARK: Back-pressure

  private func wasRead(_ bytes: Int) {
    outstanding -= bytes
    guard isBlocked, outstanding < window, !isUnblocking else { return }
    // The sender hears of the room one hop later.
    isUnblocking = true
    let delay = network.hopDelay(incoming.latency, incoming.link, bytes: 0)
    network.travel(after: delay, over: incoming.link, to: owner, Self.room) { [self] in unblock() }
  }

  private func unblock() {
    isUnblocking = false
    guard isOpen, outstanding < window else { return }
    isBlocked = false
    onWritable?()
  }

  // MARK: Ending

  /// The connection ended by the other side's doing.
  func finish(_ reason: SocketEnd) {
    guard isOpen else { return }
    let callback = onClose
    shut()
    callback?(reason)
  }

  /// Ends this end without a callback; the peer gets RST unless `silently`.
  func abandon(silently: Bool) {
    guard isOpen else { return }
    // A dead end sends nothing again: what a cut held up is lost, what is on the wire arrives.
    if outgoing.link.isCut { outgoing.clear() }
    if silently {
      incoming.lose(.silence)
      owner.stranded.append(incoming)
    } else {
      outgoing.send(.reset, bytes: 0)
    }
    shut()
  }

  private func shut() {
    isOpen = false
    outgoing.sender = nil
    incoming.receiver = nil
    forgetUnread()
    owner.attachments.remove(self)
    // No callback happens any more, and what they capture may be this socket.
    onReceive = nil
    onClose = nil
    onWritable = nil
  }
}

extension Socket: NetworkAttachment {
  var remote: Host? { outgoing.link.to }

  func ownerEnded(silently: Bool) { abandon(silently: silently) }

  func breakOff() -> Bool {
    guard isOpen else { return false }
    let callback = onClose
    outgoing.clear()
    shut()
    if let callback { network.simulation.schedule(after: .zero, for: owner, Self.broken) { callback(.reset) } }
    return true
  }

  func discard() {
    isOpen = false
    onReceive = nil
    onClose = nil
    onWritable = nil
    forgetUnread()
    outgoing.discard()
    incoming.discard()
  }
}
