import AgentStreaming
import SimulationRuntime
import StreamSpaceProtocol

/// One WebSocket to the control plane: what is read, the read deadline, what is written and waits to be (spec/03 §1.3,
/// §1.4; C5, C26).
final class AgentConnection {
  private let context: DockerAgentContext
  private let socket: Socket
  private var isOver = false
  private var isPaused = false
  private var deadline: Instant
  private var deadlineTimer = EventToken.none
  /// What waits while the peer does not read: all but the data of tunnels, which goes after it (spec/00, Streaming, 4).
  private var backlog: [AgentSocketFrame] = []
  private var isDraining = false
  /// Where the data comes from.
  weak var tunnels: Tunnels?
  private var writeTimer = EventToken.none
  /// Whether something waits for the socket, and the deadline runs.
  private var isStuck = false
  /// Own clock, when the control plane last showed that it hears this agent: by its answer to a ping. Other frames do
  /// not show it, where only one direction is cut (I-LEADER-WORK).
  private(set) var lastAnswer: Instant
  /// Own clock, when the connection was lost: when it was closed, or, where it broke, when the control plane last answered.
  /// The 30 s of a leader run from the loss, not from noticing it (C28, I-LEADER-WORK).
  private(set) var lostSince: Instant?
  /// Own clock, when any frame of the control plane was read last.
  private(set) var lastHeard: Instant
  var received: (ServerMessage) -> Void = { _ in }
  /// Whether the control plane ended it for another connection of this agent's id.
  private(set) var wasTakenOver = false
  /// Told once, when the connection was lost rather than closed.
  var lost: (AgentConnection, String) -> Void = { _, _ in }

  private static let silence = EventLabel("docker-agent.read-deadline")
  private static let stuck = EventLabel("docker-agent.write-deadline")

  /// Takes over a socket that stands.
  init(_ context: DockerAgentContext, _ socket: Socket) {
    self.context = context
    self.socket = socket
    lastAnswer = context.now
    lastHeard = context.now
    deadline = context.now + DockerAgentTiming.pongWait
    socket.onReceive = { [weak self] payload in self?.receive(payload) }
    socket.onClose = { [weak self] end in self?.closed(end) }
    socket.onWritable = { [weak self] in self?.drain() }
    armDeadline()
  }

  /// Close frame, then the end of the stream.
  func close(_ reason: String) {
    guard finish() else { return }
    let frame = AgentSocketFrame.close(code: .goingAway, reason: reason)
    socket.send(Frame(frame, byteCount: frame.byteCount))
    socket.close()
  }

  private func fail(_ reason: String, wasClosed: Bool = false) {
    guard finish() else { return }
    lostSince = wasClosed ? context.now : lastAnswer
    socket.reset()
    lost(self, reason)
  }

  private func finish() -> Bool {
    guard !isOver else { return false }
    isOver = true
    backlog.removeAll()
    context.incarnation.cancel(deadlineTimer)
    context.incarnation.cancel(writeTimer)
    return true
  }

  // MARK: Writing

  /// Puts a frame on the socket, or behind those that wait; false when the connection is over.
  func write(_ frame: AgentSocketFrame) -> Bool {
    guard !isOver, socket.isOpen else { return false }
    if backlog.isEmpty, socket.isWritable {
      socket.send(Frame(frame, byteCount: frame.byteCount))
      return true
    }
    if !isStuck { armWriteDeadline() }
    backlog.append(frame)
    return true
  }

  /// Frames that wait.
  var queuedFrames: Int { backlog.count }

  private var hasWork: Bool { !backlog.isEmpty || tunnels?.hasMessage == true }

  /// There is data to send.
  func pump() {
    guard !isOver, socket.isOpen else { return }
    if socket.isWritable { drain() } else if !isStuck { armWriteDeadline() }
  }

  /// Takes what waits to be said for an attachment out of the queue.
  func withdraw(_ attachmentID: String) { backlog.removeAll { $0.attachmentID == attachmentID } }

  /// Control before data, and no more on the wire than the socket takes.
  private func drain() {
    guard !isDraining else { return }
    isDraining = true
    context.incarnation.cancel(writeTimer)
    isStuck = false
    while !isOver, socket.isWritable, let frame = nextFrame() { socket.send(Frame(frame, byteCount: frame.byteCount)) }
    isDraining = false
    if !isOver, hasWork { armWriteDeadline() }
  }

  private func nextFrame() -> AgentSocketFrame? {
    if !backlog.isEmpty { return backlog.removeFirst() }
    if let message = tunnels?.nextMessage() {
      return AgentEnvelope(at: context.calendar, message).frame(in: context.configuration.zone)
    }
    return backlog.isEmpty ? nil : backlog.removeFirst()
  }

  /// A frame that cannot be written for 10 s is a failed write: the connection is given up.
  private func armWriteDeadline() {
    isStuck = true
    writeTimer = context.incarnation.after(DockerAgentTiming.writeLimit, Self.stuck) { [weak self] in
      guard let self, self.isStuck else { return }
      // What waited may have been withdrawn.
      guard self.hasWork else {
        self.isStuck = false
        return
      }
      self.fail("write: i/o timeout")
    }
  }

  // MARK: Read deadline

  private func armDeadline() {
    deadlineTimer = context.incarnation.after(deadline - context.now, Self.silence) { [weak self] in
      guard let self, !self.isOver else { return }
      if self.context.now < self.deadline { return self.armDeadline() }
      // A reader inside a handler meets the deadline at its next read (HZ-23).
      if !self.isPaused { self.fail("read: i/o timeout") }
    }
  }

  /// Stops reading: a handler runs inside the read loop.
  func pauseReading() {
    isPaused = true
    socket.pauseReading()
  }

  /// Reads on; a deadline that passed meanwhile is met first.
  func resumeReading() {
    guard isPaused else { return }
    isPaused = false
    if context.now >= deadline { return fail("read: i/o timeout") }
    socket.resumeReading()
  }

  // MARK: Reading

  private func closed(_ end: SocketEnd) {
    switch end {
    case .closed(let farewell):
      guard case .close(let code, let reason)? = (farewell as? Frame<AgentSocketFrame>)?.value else {
        return fail("EOF", wasClosed: true)
      }
      ended(code, reason)
    case .reset: fail("connection reset by peer")
    }
  }

  private func ended(_ code: WebSocketCloseCode, _ reason: String) {
    wasTakenOver = code == .takenOver
    fail("close \(code.rawValue) \(reason)", wasClosed: true)
  }

  private func receive(_ payload: any Payload) {
    guard !isOver, let frame = (payload as? Frame<AgentSocketFrame>)?.value else { return }
    lastHeard = context.now
    switch frame {
    case .fromServer(let envelopes): deliver(envelopes)
    case .text(let bytes): deliver(decode(bytes))
    case .ping: _ = write(.pong)
    case .pong:
      lastAnswer = lastHeard
      deadline = context.now + DockerAgentTiming.pongWait
    case .close(let code, let reason):
      _ = write(.close(code: code, reason: ""))
      ended(code, reason)
    case .binary, .fromAgent: context.observe(.ignored(type: "binary"))
    }
  }

  private func decode(_ bytes: [UInt8]) -> [ServerEnvelope] {
    bytes.split(separator: UInt8(ascii: "\n")).compactMap { document in
      if let envelope = try? ServerEnvelope(decoding: Array(document)) { return envelope }
      context.observe(.undecodable(type: ""))
      return nil
    }
  }

  private func deliver(_ envelopes: [ServerEnvelope]) {
    // A reader that takes a message for one document can decode none of several (HZ-03).
    guard envelopes.count <= 1 || context.behaviour.joinedDocuments == .accepted else {
      return context.observe(.undecodable(type: "joined"))
    }
    deliver(envelopes[...])
  }

  private func deliver(_ envelopes: ArraySlice<ServerEnvelope>) {
    guard !isOver, let envelope = envelopes.first else { return }
    if (try? envelope.timestamp.check(context.behaviour.inboundTimestamps)) == nil {
      context.observe(.undecodable(type: envelope.message.type))
    } else {
      received(envelope.message)
    }
    guard envelopes.count > 1 else { return }
    context.proceed { [weak self] in self?.deliver(envelopes.dropFirst()) }
  }
}
