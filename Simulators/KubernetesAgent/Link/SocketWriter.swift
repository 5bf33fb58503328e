import SimulationRuntime
import StreamSpaceProtocol

/// The one writer of an agent over all its connections: messages, heartbeats, pings (spec/03 §1.4, C26).
///
/// An idle connection costs a heartbeat every 30 s and a ping every 54 s.
final class SocketWriter {
  private let context: PlatformContext
  private var socket: AgentSocket?
  /// What waits while the peer does not read.
  private var backlog: [AgentSocketFrame] = []
  private var writeTimer = EventToken.none
  private var heartbeat: Ticker?
  private var ping: Ticker?
  /// False for ever after a failed write, where the writer does not survive one (B-33).
  private(set) var isAlive = true
  private var lastHeartbeat: Instant?
  private var lastPing: Instant?
  var activeSessions: () -> Int = { 0 }
  /// How often a connection is pinged now.
  var pingPeriod: () -> TimeSpan = { AgentTiming.ping }

  private static let beat = EventLabel("agent.heartbeat")
  private static let pinging = EventLabel("agent.ping")
  private static let stuck = EventLabel("agent.write-deadline")

  init(_ context: PlatformContext) { self.context = context }

  private var incarnation: Incarnation { context.incarnation }

  /// Writes on `socket` from now on. The phase of heartbeats and pings survives a reconnection (spec/03 §1.7).
  func attach(_ socket: AgentSocket) {
    self.socket = socket
    backlog.removeAll()
    incarnation.cancel(writeTimer)
    socket.onWritable { [weak self, weak socket] in
      guard let self, let socket, self.socket === socket else { return }
      self.drain()
    }
    if context.configuration.heartbeatInterval <= .zero, context.behaviour.zeroInterval == .panics {
      return incarnation.panic("non-positive interval for NewTicker")
    }
    if heartbeat == nil {
      heartbeat = incarnation.every(context.configuration.effectiveHeartbeat, Self.beat) { [weak self] in
        self?.sendHeartbeat()
      }
      ping = incarnation.every(pingPeriod(), Self.pinging) { [weak self] in self?.sendPing() }
    }
    ping?.period = pingPeriod()
  }

  /// Writes nothing any more.
  func detach() {
    socket = nil
    backlog.removeAll()
    heartbeat?.stop()
    ping?.stop()
    heartbeat = nil
    ping = nil
    incarnation.cancel(writeTimer)
  }

  /// Sends a message; false when there is no connection to send it on. Nothing is kept for the next connection: the
  /// control plane asks again (C10).
  @discardableResult
  func send(_ message: AgentMessage) -> Bool {
    write(
      .fromAgent(
        AgentEnvelope(
          at: Timestamp(at: incarnation.now), zoneMinutes: context.configuration.zoneMinutes, message)))
  }

  private func write(_ frame: AgentSocketFrame) -> Bool {
    guard isAlive else { return false }
    guard let socket, socket.isOpen else {
      if context.behaviour.writer == .diesOnFailure { isAlive = false }
      return false
    }
    if backlog.isEmpty, socket.isWritable {
      socket.send(frame)
      return true
    }
    if backlog.isEmpty { armWriteDeadline(socket) }
    backlog.append(frame)
    return true
  }

  private func drain() {
    incarnation.cancel(writeTimer)
    while let socket, socket.isWritable, !backlog.isEmpty { socket.send(backlog.removeFirst()) }
    if let socket, !backlog.isEmpty { armWriteDeadline(socket) }
  }

  /// A frame that cannot be written for 10 s is a failed write: the connection is given up.
  private func armWriteDeadline(_ socket: AgentSocket) {
    incarnation.cancel(writeTimer)
    writeTimer = incarnation.after(AgentTiming.writeLimit, Self.stuck) { [weak self, weak socket] in
      guard let self, let socket, self.socket === socket, !self.backlog.isEmpty else { return }
      if self.context.behaviour.writer == .diesOnFailure { self.isAlive = false }
      socket.failWrite()
    }
  }

  private func sendHeartbeat() {
    lastHeartbeat = incarnation.monotonicNow
    guard !twoWritersMeet() else { return }
    let beat = AgentHeartbeat(
      activeSessions: activeSessions(), capacity: context.capacityReport)
    send(.heartbeat(beat))
  }

  private func sendPing() {
    lastPing = incarnation.monotonicNow
    guard !twoWritersMeet() else { return }
    _ = write(.ping)
    // The period may have changed since the last tick.
    ping?.period = pingPeriod()
  }

  /// The library allows one writer: a heartbeat beside a ping ends the process.
  private func twoWritersMeet() -> Bool {
    guard context.behaviour.writers == .two, let lastHeartbeat, lastHeartbeat == lastPing else { return false }
    incarnation.panic("concurrent write to websocket connection")
    return true
  }
}
