import SimulationRuntime
import StreamSpaceProtocol

/// One WebSocket of an agent, as the replica holds it: frames in, frames out, and the timers that judge it
/// (spec/01 §1.5, §1.6).
package final class AgentConnection {
  /// Largest message of an agent (spec/01 §1.6).
  package static let messageLimit = 524_288
  /// Time between pings to the agent (spec/01 §1.5).
  package static let pingPeriod = TimeSpan.seconds(54)
  /// Control frames must come at least this often (spec/01 §1.6).
  package static let readDeadline = TimeSpan.seconds(60)

  package private(set) var identity: AgentConnectionIdentity
  /// Leader term the agent presented; nil without election.
  package let term: Int64?
  /// Whether the agent speaks the frames of the contract (C33).
  package let speaksContract: Bool
  /// What the agent found on its platform, from its last registration (C14).
  let inventory: [SessionInventoryItem]?
  let writer: AgentSocketWriter
  private unowned let hub: AgentHub
  private unowned let incarnation: Incarnation
  private let socket: Socket

  /// Commands sent here that belong to no session: with their end nothing else changes.
  var sessionlessCommands: Set<String> = []
  /// When the last heartbeat came; connecting counts as one.
  var lastHeartbeat: Instant
  /// When the last frame of any kind came.
  private(set) var lastFrame: Instant
  /// The same, on the host's clock without its steps.
  private(set) var lastHeard: Instant
  /// Whether the row names this connection; messages wait until then.
  private(set) var isRegistered = false
  /// Whether its registration is being written.
  var isPersisting = false
  /// Why it ended; nil while it lives.
  private(set) var end: ControlPlaneEvent.DisconnectReason?
  private var deadline = EventToken.none
  private var pinger: Ticker?
  /// Messages that move rows: handled one after the other, as the shipped reader does.
  private var inbox: [AgentMessage] = []
  private var isHandling = false
  private var expire: () -> Void = {}

  private static let ping = EventLabel("controlplane.agent.ping")
  private static let deadlineLabel = EventLabel("controlplane.agent.readDeadline")

  init(
    hub: AgentHub, incarnation: Incarnation, socket: Socket, identity: AgentConnectionIdentity, term: Int64?,
    speaksContract: Bool, inventory: [SessionInventoryItem]?, writing: HubPolicies.FrameWriting,
    queue: StreamingPolicies.AgentQueue
  ) {
    self.hub = hub
    self.incarnation = incarnation
    self.socket = socket
    self.identity = identity
    self.term = term
    self.speaksContract = speaksContract
    self.inventory = inventory
    writer = AgentSocketWriter(incarnation, socket: socket, writing: writing, queue: queue)
    lastHeartbeat = incarnation.monotonicNow
    lastFrame = incarnation.monotonicNow
    lastHeard = incarnation.monotonicNow
    expire = { [weak self] in self?.finish(.readDeadline, farewell: nil) }
    writer.onDeadline = { [unowned self] in finish(.writeDeadline, farewell: nil) }
    socket.onReceive = { [unowned self] in receive($0) }
    socket.onClose = { [unowned self] in lost($0) }
    extendDeadline()
    pinger = incarnation.every(Self.pingPeriod, Self.ping) { [unowned self] in writer.sendControl(.ping) }
  }

  package var agentID: String { identity.agentID }
  package var isOpen: Bool { end == nil }

  /// Whether it sent a frame within the last 15 s (C1).
  var isLively: Bool { isOpen && incarnation.monotonicNow - lastFrame <= TakeoverRecord.liveliness }

  /// Queues a message for the agent; false when the queue is full or the connection is gone. `onWritten` is called when
  /// the frame is on the socket.
  package func send(_ message: ServerMessage, at time: Timestamp, onWritten: (() -> Void)? = nil) -> Bool {
    guard isOpen else { return false }
    return writer.send(.fromServer([ServerEnvelope(at: time, message)]), isData: !message.isControl, onWritten)
  }

  /// Queues a `vnc_*` message. Its senders bound what waits, so it is never refused but by a connection that is gone;
  /// under B-65 it takes a place in the one queue.
  @discardableResult
  func sendStream(_ message: ServerMessage, at time: Timestamp, onWritten: (() -> Void)? = nil) -> Bool {
    guard isOpen else { return false }
    let frame = AgentSocketFrame.fromServer([ServerEnvelope(at: time, message)])
    return writer.sendStream(frame, isData: !message.isControl, onWritten)
  }

  /// Asks for a sign of life.
  func ping() { writer.sendControl(.ping) }

  /// Queues a frame as it is.
  func sendRaw(_ frame: AgentSocketFrame) -> Bool { isOpen && writer.send(frame, isData: false, nil) }

  /// Ends the connection from this side; with `farewell` in order, else by dropping the TCP connection.
  func finish(_ reason: ControlPlaneEvent.DisconnectReason, farewell: AgentSocketFrame?) {
    guard isOpen else { return }
    stop(reason)
    if let farewell {
      socket.close(farewell: Frame(farewell, byteCount: farewell.byteCount))
    } else {
      socket.reset()
    }
    hub.connectionEnded(self)
  }

  /// The row names this connection now: messages that came meanwhile are handled.
  func registered() {
    isRegistered = true
    handleNext()
  }

  // MARK: Frames

  private func receive(_ payload: any Payload) {
    guard isOpen, let frame = (payload as? Frame<AgentSocketFrame>)?.value else { return }
    lastFrame = incarnation.monotonicNow
    lastHeard = incarnation.monotonicNow
    switch frame {
    case .ping:
      if hub.policies.readCredit == .everyControlFrame { extendDeadline() }
      writer.sendControl(.pong)
    case .pong: extendDeadline()
    case .close: finish(.closedByAgent, farewell: .close(code: .normal, reason: ""))
    case .fromAgent(let envelope): take(envelope, size: frame.payloadByteCount)
    case .text(let bytes), .binary(let bytes):
      if bytes.count > Self.messageLimit { return tooBig() }
      guard let envelope = try? AgentEnvelope.decode(bytes) else { return }
      take(envelope, size: bytes.count)
    case .fromServer: break
    }
  }

  private func take(_ envelope: AgentEnvelope, size: Int) {
    if size > Self.messageLimit { return tooBig() }
    // A numeric timestamp makes the whole message invalid; it is logged and skipped (spec/01 §1.4).
    if case .unixSeconds = envelope.timestamp { return }
    switch envelope.message {
    case .heartbeat(let beat): hub.heartbeat(beat, from: self)
    case .ack, .complete, .failed, .status:
      inbox.append(envelope.message)
      handleNext()
    case .vncReady, .vncData, .vncCredit, .vncClose, .vncError: hub.streamMessage(envelope.message, from: self)
    case .pong, .commandResponse, .commandError, .shutdownAck, .unknown: break
    }
  }

  private func tooBig() {
    finish(.messageTooBig, farewell: .close(code: .messageTooBig, reason: ""))
  }

  private func handleNext() {
    guard isRegistered, !isHandling, !inbox.isEmpty else { return }
    isHandling = true
    hub.handle(inbox.removeFirst(), from: self) { [weak self] in
      guard let self else { return }
      isHandling = false
      handleNext()
    }
  }

  private func lost(_ reason: SocketEnd) {
    guard isOpen else { return }
    switch reason {
    case .closed: stop(.closedByAgent)
    case .reset: stop(.reset)
    }
    hub.connectionEnded(self)
  }

  private func stop(_ reason: ControlPlaneEvent.DisconnectReason) {
    end = reason
    incarnation.cancel(deadline)
    pinger?.stop()
    pinger = nil
    writer.stop()
  }

  private func extendDeadline() {
    incarnation.cancel(deadline)
    deadline = incarnation.after(Self.readDeadline, Self.deadlineLabel, expire)
  }
}
