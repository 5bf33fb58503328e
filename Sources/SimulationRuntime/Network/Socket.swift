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
  weak var peer: Socket?
  unowned let network: Network

  /// Called with each arriving payload. Set it before returning from the callback that delivered the socket.
  public var onReceive: ((any Payload) -> Void)?
  /// Called once when the connection ends by the other side's doing.
  public var onClose: ((SocketEnd) -> Void)?
  /// Called when the bytes not yet read by the peer fall below ``window`` again.
  public var onWritable: (() -> Void)?
  /// Bytes that may be sent and not yet read by the peer before ``isWritable`` turns false.
  public var window = 262_144

  public private(set) var isOpen = true
  private var isReading = true
  private var unread: [Flow.Item] = []
  private var outstanding = 0
  private var wasFull = false

  init(
    connection: Int, owner: Incarnation, remoteHost: String, outgoing: Flow, incoming: Flow, network: Network
  ) {
    self.connection = connection
    self.owner = owner
    self.remoteHost = remoteHost
    self.outgoing = outgoing
    self.incoming = incoming
    self.network = network
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
    if outstanding >= window { wasFull = true }
    outgoing.send(.payload(payload), bytes: bytes, heldBack: held)
  }

  /// Bytes sent and not yet read by the peer's program.
  public var unreadByPeer: Int { outstanding }
  /// Whether the window has room.
  public var isWritable: Bool { isOpen && outstanding < window }

  /// Closes in order: what was sent arrives first, then `farewell`.
  public func close(farewell: (any Payload)? = nil) {
    guard isOpen, owner.permitEffect() else { return }
    isOpen = false
    outgoing.send(.end(farewell), bytes: farewell?.byteCount ?? 0)
    network.detach(self)
    incoming.receiver = nil
    unread.removeAll()
  }

  /// Drops the connection at once (RST).
  public func reset() {
    guard isOpen, owner.permitEffect() else { return }
    abandon(silently: false)
    network.detach(self)
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
    guard !isReading else { return }
    isReading = true
    while isReading, isOpen, !unread.isEmpty { consume(unread.removeFirst()) }
  }

  func receive(_ item: Flow.Item) {
    guard isOpen else { return }
    if isReading && unread.isEmpty { consume(item) } else { unread.append(item) }
  }

  private func consume(_ item: Flow.Item) {
    switch item {
    case .payload(let payload):
      peer?.wasRead(payload.byteCount)
      onReceive?(payload)
    case .end(let farewell): finish(.closed(farewell))
    }
  }

  private func wasRead(_ bytes: Int) {
    outstanding -= bytes
    guard wasFull, outstanding < window else { return }
    wasFull = false
    if isOpen, owner.state == .running { onWritable?() }
  }

  /// The connection ended by the other side's doing.
  func finish(_ reason: SocketEnd) {
    guard isOpen else { return }
    isOpen = false
    incoming.receiver = nil
    unread.removeAll()
    network.detach(self)
    onClose?(reason)
  }

  /// Ends this end without a callback; the peer gets RST unless `silently`.
  func abandon(silently: Bool) {
    guard isOpen else { return }
    isOpen = false
    incoming.receiver = nil
    unread.removeAll()
    outgoing.clear()
    if silently { incoming.isVoid = true } else { network.resetPeer(of: self) }
  }

  func discard() {
    onReceive = nil
    onClose = nil
    onWritable = nil
    unread.removeAll()
  }
}

extension Socket: NetworkAttachment {
  func ownerEnded(silently: Bool) { abandon(silently: silently) }
}
