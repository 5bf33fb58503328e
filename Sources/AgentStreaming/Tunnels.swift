import SimulationRuntime
import StreamSpaceProtocol

/// The tunnels of an agent: streams to desktops for the attachments of its connection (C21, C23; spec/00, Streaming).
/// They run beside its commands.
///
/// How a desktop is found and reached is the platform's matter (``dial``), how frames are written the socket's
/// (``send``, ``nextMessage()``).
package final class Tunnels {
  /// What the runtime holds of one tunnel.
  private final class Stream {
    /// Kept by whoever dials: held here it would keep this stream beyond the end of the process.
    weak var attempt: DialAttempt?
    var socket: Socket?
    var deadline = EventToken.none
    var tick = EventToken.none
    var isTicking = false
    var isPaused = false
    /// Whether the last frame ended with padding (C-21).
    var endedPadded = false
  }

  private let incarnation: Incarnation
  private let behaviour: TunnelBehaviour
  private var table = StreamTunnelTable()
  private var streams: [String: Stream] = [:]
  private var shipped: ShippedTunnels
  private let watch: SilenceWatch
  /// Whether the control plane speaks the contract's frames (C33).
  package private(set) var speaksContract = true
  /// Whose data was taken last.
  private var lastServed: String?

  /// Finds the desktop of a session and opens a stream to it.
  package var dial: (DialAttempt) -> Void = { $0.finish(.failed("no platform")) }
  /// Sends a message before all data; false without a connection.
  package var send: (AgentMessage) -> Bool = { _ in false }
  /// There is data to send: ``nextMessage()``.
  package var dataWaits: () -> Void = {}
  /// Frames that wait for the socket.
  package var queuedFrames: () -> Int = { 0 }
  /// Takes what waits to be said for an attachment out of the queue.
  package var withdraw: (_ attachmentID: String) -> Void = { _ in }
  package var observe: (TunnelEvent) -> Void = { _ in }
  /// When the control plane was last heard of, by the clock without steps; nil without a connection.
  package var lastHeard: () -> Instant? {
    get { watch.lastHeard }
    set { watch.lastHeard = newValue }
  }

  private static let late = EventLabel("agent.tunnel.deadline")
  private static let crediting = EventLabel("agent.tunnel.credit")

  package init(_ incarnation: Incarnation, _ behaviour: TunnelBehaviour) {
    self.incarnation = incarnation
    self.behaviour = behaviour
    shipped = ShippedTunnels(incarnation)
    watch = SilenceWatch(incarnation)
    watch.onSilence = { [weak self] in self?.controlPlaneIsSilent() }
  }

  /// Tunnels that are open or being opened.
  package var count: Int { streams.count }

  // MARK: Connection

  /// A connection to a control plane stands.
  package func connected(speaksContract: Bool) {
    if speaksContract != self.speaksContract { endAll(.agentLost) }
    self.speaksContract = speaksContract
  }

  /// The connection is gone, and all its attachments with it. The shipped agent's tunnels outlive it (spec/03 §1.5).
  package func disconnected() {
    if speaksContract { endAll(.agentLost) }
  }

  /// This replica acts no longer: a leader alone tunnels.
  package func stop() {
    shipped.clear()
    endAll(.agentLost)
  }

  private func endAll(_ reason: VNCClose.Reason) {
    for socket in shipped.takeEarly() { socket.close() }
    for id in table.ids { drop(id, reason.rawValue) }
    table.clear()
  }

  /// The attachments end, the connection does not. Where it is dead in one direction alone the control plane hears of it.
  private func controlPlaneIsSilent() {
    for id in table.ids { end(id, .agentLost) }
  }

  // MARK: Sessions

  /// A start of the session was carried out.
  package func sessionStarted(_ session: String) {
    shipped.started(session)
    guard !speaksContract || behaviour.opening == .atStart else { return }
    shipped.plan(session) { [weak self] in self?.openUnasked(session) }
  }

  /// The session is to have no workload, or has lost it.
  package func sessionEnded(_ session: String) {
    if let socket = shipped.ended(session) { socket.close() }
    for id in table.ids(ofSession: session) { end(id, .sessionEnded) }
  }

  /// Without the contract the agent opens by itself (spec/00, Negotiation); with it that is B-62.
  private func openUnasked(_ session: String) {
    guard speaksContract else {
      if case .known = table.opening(session) {
        _ = send(.vncError(VNCError(sessionID: session, error: "tunnel already exists for session \(session)")))
        return
      }
      return begin(session, session: session, attachment: nil, window: nil)
    }
    dial(
      DialAttempt(session, isPatient: false, by: incarnation) { [weak self] outcome in
        guard let self, case .connected(let socket, let port, let podName) = outcome else { return }
        self.shipped.keepEarly(session, socket, port: port, podName: podName)
      })
  }

  // MARK: Messages of the control plane

  /// Frames with an id that is not known, or has ended, are dropped.
  package func receive(_ message: ServerMessage) {
    switch message {
    case .vncOpen(let open): receive(open)
    case .vncData(let data): receive(data, data.attachmentID ?? data.sessionID)
    case .vncCredit(let credit):
      _ = table.change(credit.attachmentID) { $0.credited(credit.bytes) }
      updateReading(credit.attachmentID)
      dataWaits()
    case .vncClose(let close):
      let id = close.attachmentID ?? close.sessionID
      withdraw(id)
      drop(id, close.reason)
    case .command, .ping, .shutdown, .unknown: break
    }
  }

  private func receive(_ open: VNCOpen) {
    switch table.opening(open.attachmentID) {
    case .ended: break
    case .known(let ready):
      if let ready { _ = send(.vncReady(ready)) }
    case .new:
      if behaviour.lifetime == .oneShot, !shipped.useUp(open.sessionID) { return }
      begin(open.attachmentID, session: open.sessionID, attachment: open.attachmentID, window: open.window)
    }
  }

  private func receive(_ data: VNCData, _ id: String) {
    guard let stream = streams[id] else { return }
    guard let bytes = data.data.bytes else { return fail(id, "failed to decode base64") }
    if behaviour.decoding == .joined {
      let isLost = stream.endedPadded
      stream.endedPadded = !isLost && !bytes.count.isMultiple(of: 3)
      if isLost { return }
    }
    guard table.change(id, { $0.accept(bytes) }) ?? true else {
      return fail(id, "more than the window allows was sent")
    }
    write(id)
  }

  // MARK: Opening

  private func begin(_ id: String, session: String, attachment: String?, window: Int?) {
    let tunnel = StreamTunnel(sessionID: session, attachmentID: attachment, window: window)
    let stream = Stream()
    if behaviour.insertion == .withCheck { enter(id, tunnel, stream) }
    let attempt = DialAttempt(session, isPatient: window != nil, by: incarnation) { [weak self] outcome in
      guard let self else { return }
      stream.attempt = nil
      self.incarnation.cancel(stream.deadline)
      switch outcome {
      case .connected(let socket, let port, let podName):
        if self.behaviour.insertion == .afterDial { self.enter(id, tunnel, stream) }
        self.established(id, stream, socket, port: port, podName: podName)
      case .failed(let text): self.refuse(id, tunnel, text)
      }
    }
    stream.attempt = attempt
    stream.deadline = incarnation.after(TunnelTiming.answer, Self.late) { [weak self] in
      guard let self, !attempt.isOver else { return }
      attempt.cancel()
      self.refuse(id, tunnel, "timeout waiting for port-forward")
    }
    if let early = shipped.takeEarly(session) {
      return attempt.finish(.connected(early.socket, port: early.port, podName: early.podName))
    }
    dial(attempt)
  }

  private func enter(_ id: String, _ tunnel: StreamTunnel, _ stream: Stream) {
    table.insert(tunnel)
    streams[id] = stream
    if speaksContract, behaviour.silence == .endsAttachments { watch.begin() }
  }

  private func refuse(_ id: String, _ tunnel: StreamTunnel, _ text: String) {
    forget(id)
    _ = send(.vncError(VNCError(sessionID: tunnel.sessionID, attachmentID: tunnel.attachmentID, error: text)))
  }

  private func established(_ id: String, _ stream: Stream, _ socket: Socket, port: Int, podName: String?) {
    guard let tunnel = table[id] else { return socket.close() }
    let connection = socket.connection
    stream.socket = socket
    socket.window = behaviour.writeBuffer
    socket.onReceive = { [weak self] payload in self?.read(payload, id) }
    socket.onClose = { [weak self] end in self?.desktopEnded(id, connection, end) }
    socket.onWritable = { [weak self] in self?.write(id) }
    let ready = VNCReady(
      sessionID: tunnel.sessionID, attachmentID: tunnel.attachmentID, vncPort: port, podName: podName)
    _ = table.change(id) { $0.opened(ready) }
    observe(.opened(session: tunnel.sessionID, attachment: tunnel.attachmentID, connection: connection))
    _ = send(.vncReady(ready))
    write(id)
  }

  // MARK: Desktop to viewer

  private func read(_ payload: any Payload, _ id: String) {
    guard let bytes = (payload as? Bytes)?.bytes, !bytes.isEmpty else { return }
    _ = table.change(id) { $0.read(bytes) }
    if behaviour.sendQueues == .shared { pushAll(id) }
    updateReading(id)
    dataWaits()
  }

  /// The next message of the tunnel whose turn it is; nil when none has anything to say, or credit for it.
  package func nextMessage() -> AgentMessage? {
    if behaviour.sendQueues == .shared {
      for id in table.ids { updateReading(id) }
      return nil
    }
    // Only now the last message is on the socket: what reading on brings cannot overtake it.
    if let lastServed { updateReading(lastServed) }
    lastServed = nil
    while let (id, outgoing) = table.nextMessage() {
      switch outgoing {
      case .data(let message):
        lastServed = id
        return message
      case .end(let message):
        forget(id)
        if let message { return message }
      }
    }
    return nil
  }

  package var hasMessage: Bool { behaviour.sendQueues == .controlFirst && table.hasMessage }

  /// One queue for all: what was read is put behind everything that waits, credit or not (B-65).
  private func pushAll(_ id: String) {
    while case .data(let message)?? = table.change(id, { $0.nextMessage() }) {
      if case .vncData(let data) = message { _ = table.change(id) { $0.credited(data.data.bytes?.count ?? 0) } }
      _ = send(message)
    }
  }

  private func updateReading(_ id: String) {
    guard let stream = streams[id], let socket = stream.socket, let tunnel = table[id] else { return }
    let wants: Bool
    switch behaviour.sendQueues {
    case .controlFirst: wants = tunnel.wantsReading
    case .shared: wants = queuedFrames() < TunnelTiming.sharedQueue
    }
    guard wants == stream.isPaused else { return }
    stream.isPaused = !wants
    if wants { socket.resumeReading() } else { socket.pauseReading() }
  }

  private func desktopEnded(_ id: String, _ connection: Int, _ end: SocketEnd) {
    guard let stream = streams[id], stream.socket?.connection == connection, let tunnel = table[id] else { return }
    let (session, attachment) = (tunnel.sessionID, tunnel.attachmentID)
    var farewell: AgentMessage?
    let reason: String
    switch end {
    case .closed:
      reason = VNCClose.Reason.desktopClosed.rawValue
      // The shipped agent closes without a word (B-66).
      if attachment != nil, behaviour.desktopEnd == .told {
        farewell = .vncClose(VNCClose(sessionID: session, attachmentID: attachment, reason: .desktopClosed))
      }
    case .reset:
      reason = "read: connection reset by peer"
      farewell = .vncError(VNCError(sessionID: session, attachmentID: attachment, error: reason))
    }
    stream.socket = nil
    incarnation.cancel(stream.tick)
    observe(.closed(session: session, attachment: attachment, connection: connection, reason: reason))
    _ = table.change(id) { $0.desktopEnded(farewell) }
    guard tunnel.unsentBytes == 0 else { return dataWaits() }
    forget(id)
    if let farewell { _ = send(farewell) }
  }

  // MARK: Viewer to desktop

  private func write(_ id: String) {
    guard let stream = streams[id], let socket = stream.socket else { return }
    while socket.isWritable, let bytes = table.change(id, { $0.nextWrite() }) ?? nil {
      put(bytes, on: socket)
      guard let credit = table.change(id, { $0.wrote(bytes.count) }) ?? nil else { continue }
      _ = send(.vncCredit(credit))
    }
    guard table[id]?.hasCredit == true, !stream.isTicking else { return }
    stream.isTicking = true
    stream.tick = incarnation.after(.milliseconds(StreamCredit.tickMilliseconds), Self.crediting) { [weak self] in
      stream.isTicking = false
      guard let self, self.streams[id] === stream, let credit = self.table.change(id, { $0.takeCredit() }) ?? nil else {
        return
      }
      _ = self.send(.vncCredit(credit))
    }
  }

  private func put(_ bytes: [UInt8], on socket: Socket) {
    let room = max(1, socket.window - socket.unreadByPeer)
    if behaviour.shortWrites == .ignored, bytes.count > room { return socket.send(Bytes(Array(bytes.prefix(room)))) }
    socket.send(Bytes(bytes))
  }

  // MARK: Ends

  private func fail(_ id: String, _ text: String) {
    guard let tunnel = table[id] else { return }
    withdraw(id)
    drop(id, text)
    _ = send(.vncError(VNCError(sessionID: tunnel.sessionID, attachmentID: tunnel.attachmentID, error: text)))
  }

  /// Ends a tunnel and tells the control plane why.
  private func end(_ id: String, _ reason: VNCClose.Reason) {
    guard let tunnel = table[id] else { return }
    withdraw(id)
    drop(id, reason.rawValue)
    guard speaksContract else { return }
    _ = send(.vncClose(VNCClose(sessionID: tunnel.sessionID, attachmentID: tunnel.attachmentID, reason: reason)))
  }

  /// Ends a tunnel without a word; what came from the viewer before still goes to the desktop.
  private func drop(_ id: String, _ reason: String) {
    guard let stream = streams[id] else { return }
    stream.attempt?.cancel()
    if let socket = stream.socket, let tunnel = table[id] {
      while let bytes = table.change(id, { $0.nextWrite() }) ?? nil { socket.send(Bytes(bytes)) }
      socket.close()
      observe(
        .closed(
          session: tunnel.sessionID, attachment: tunnel.attachmentID, connection: socket.connection, reason: reason))
    }
    forget(id)
  }

  private func forget(_ id: String) {
    table.end(id)
    guard let stream = streams.removeValue(forKey: id) else { return }
    if streams.isEmpty { watch.stop() }
    incarnation.cancel(stream.deadline)
    incarnation.cancel(stream.tick)
    stream.socket = nil
  }
}
