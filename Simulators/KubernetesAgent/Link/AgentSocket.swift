import SimulationRuntime
import StreamSpaceProtocol

/// One WebSocket of an agent: reading, the read deadline, control frames (spec/03 §1.3).
final class AgentSocket {
  private let context: PlatformContext
  private let socket: Socket
  private var deadline = Instant.start
  private var deadlineTimer = EventToken.none
  private var isOver = false
  private var isPaused = false
  /// Own clock, when the control plane last showed that it hears this agent: by its answer to a ping. Other frames do
  /// not show it, where only one direction is cut (I-LEADER-WORK).
  private(set) var lastAnswer: Instant
  /// Monotonic clock, when the connection was lost: when it was closed, or, where it broke, when the control plane last
  /// answered. The 30 s of a leader run from the loss, not from noticing it (C28, I-LEADER-WORK).
  private(set) var lostSince: Instant?
  /// Own clock, when any frame of the control plane was read last.
  private(set) var lastHeard: Instant
  var received: (ServerMessage) -> Void = { _ in }
  var ended: (AgentSocket, String) -> Void = { _, _ in }

  private static let expiry = EventLabel("agent.read-deadline")

  init(_ context: PlatformContext, _ socket: Socket) {
    self.context = context
    self.socket = socket
    lastAnswer = context.incarnation.monotonicNow
    lastHeard = lastAnswer
    socket.onReceive = { [weak self] payload in self?.receive(payload) }
    socket.onClose = { [weak self] end in self?.closed(end) }
  }

  private var incarnation: Incarnation { context.incarnation }

  /// Begins the read deadline.
  func open() {
    extendDeadline()
    armDeadline()
  }

  var isWritable: Bool { socket.isWritable }
  var isOpen: Bool { !isOver && socket.isOpen }

  func onWritable(_ action: @escaping () -> Void) { socket.onWritable = action }

  func send(_ frame: AgentSocketFrame) { socket.send(Frame(frame, byteCount: frame.byteCount)) }

  /// Close frame, then the end of the stream.
  func close(_ code: WebSocketCloseCode, _ reason: String) {
    guard finish() else { return }
    send(.close(code: code, reason: reason))
    socket.close()
  }

  /// Gives the connection up without a word.
  func abandon() {
    _ = finish()
    socket.reset()
  }

  private func finish() -> Bool {
    guard !isOver else { return false }
    isOver = true
    incarnation.cancel(deadlineTimer)
    return true
  }

  /// A frame could not be written in time.
  func failWrite() { fail("write: i/o timeout") }

  private func fail(_ reason: String, wasClosed: Bool = false) {
    guard finish() else { return }
    lostSince = wasClosed ? incarnation.monotonicNow : lastAnswer
    ended(self, reason)
  }

  // MARK: Read deadline

  private func extendDeadline() { deadline = incarnation.monotonicNow + AgentTiming.pongWait }

  private func armDeadline() {
    deadlineTimer = incarnation.after(deadline - incarnation.monotonicNow, Self.expiry) { [weak self] in
      guard let self, !self.isOver else { return }
      if self.incarnation.monotonicNow < self.deadline { return self.armDeadline() }
      // A reader inside a handler meets the deadline at its next read (B-34).
      if !self.isPaused { self.fail("read: i/o timeout") }
    }
  }

  // MARK: Reading

  /// Stops reading: a handler runs inside the read loop.
  func pauseReading() {
    isPaused = true
    socket.pauseReading()
  }

  /// Reads on; a deadline that passed meanwhile is met first.
  func resumeReading() {
    guard isPaused else { return }
    isPaused = false
    if incarnation.monotonicNow >= deadline { return fail("read: i/o timeout") }
    socket.resumeReading()
  }

  private func closed(_ end: SocketEnd) {
    switch end {
    case .closed(let farewell):
      if case .close(let code, let reason)? = (farewell as? Frame<AgentSocketFrame>)?.value {
        return fail("close \(code.rawValue) \(reason)", wasClosed: true)
      }
      fail("EOF", wasClosed: true)
    case .reset: fail("connection reset by peer")
    }
  }

  private func receive(_ payload: any Payload) {
    guard !isOver, let frame = (payload as? Frame<AgentSocketFrame>)?.value else { return }
    lastHeard = incarnation.monotonicNow
    switch frame {
    case .fromServer(let envelopes): receive(envelopes)
    case .text(let bytes): receive(text: bytes)
    case .ping: send(.pong)
    case .pong:
      lastAnswer = lastHeard
      extendDeadline()
    case .close(let code, let reason):
      send(.close(code: code, reason: ""))
      fail("close \(code.rawValue) \(reason)", wasClosed: true)
    case .binary, .fromAgent: context.observe(.ignored(type: "binary"))
    }
  }

  private func receive(_ envelopes: [ServerEnvelope]) {
    // A reader that takes a message for one document cannot decode several (HZ-03).
    let joined = context.behaviour.joinedDocuments
    guard envelopes.count == 1 || joined != .dropped else { return }
    for envelope in joined == .firstOnly ? envelopes.prefix(1) : envelopes[...] {
      guard (try? envelope.timestamp.check(.dateString)) != nil else { continue }
      guard !isOver else { return }
      received(envelope.message)
    }
  }

  private func receive(text bytes: [UInt8]) {
    let documents = bytes.split(separator: UInt8(ascii: "\n"))
    receive(documents.compactMap { try? ServerEnvelope.decode(Array($0)) })
  }
}
