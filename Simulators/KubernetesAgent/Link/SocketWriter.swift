import AgentStreaming
import SimulationRuntime
import StreamSpaceProtocol

/// The one writer of an agent over all its connections: messages, heartbeats, pings (spec/03 §1.4, C26).
///
/// An idle connection costs a heartbeat every 30 s and a ping every 54 s.
final class SocketWriter {
  private let context: PlatformContext
  private var socket: AgentSocket?
  /// What waits while the peer does not read: all but the data of tunnels, which goes after it (spec/00, Streaming, 4).
  private var backlog: [AgentSocketFrame] = []
  private var isDraining = false
  /// Where the data comes from.
  weak var tunnels: Tunnels?
  private var writeTimer = EventToken.none
  /// Whether something waits for the socket, and the deadline runs.
  private var isStuck = false
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
    disarmWriteDeadline()
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
    disarmWriteDeadline()
  }

  /// Sends a message; false when there is no connection to send it on. Nothing is kept for the next connection: the
  /// control plane asks again (C10).
  @discardableResult
  func send(_ message: AgentMessage) -> Bool {
    write(frame(message))
  }

  private func frame(_ message: AgentMessage) -> AgentSocketFrame {
    AgentEnvelope(at: Timestamp(at: incarnation.now), message).frame(in: context.configuration.zone)
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
    if !isStuck { armWriteDeadline(socket) }
    backlog.append(frame)
    return true
  }

  /// Frames that wait.
  var queuedFrames: Int { backlog.count }

  private var hasWork: Bool { !backlog.isEmpty || tunnels?.hasMessage == true }

  /// There is data to send.
  func pump() {
    guard isAlive, let socket, socket.isOpen else { return }
    if socket.isWritable { drain() } else if !isStuck { armWriteDeadline(socket) }
  }

  /// Control before data, and no more on the wire than the socket takes.
  private func drain() {
    guard !isDraining else { return }
    isDraining = true
    disarmWriteDeadline()
    while let socket, socket.isWritable {
      if !backlog.isEmpty {
        socket.send(backlog.removeFirst())
      } else if let message = tunnels?.nextMessage() {
        socket.send(frame(message))
      } else if backlog.isEmpty {
        break
      }
    }
    isDraining = false
    if let socket, hasWork { armWriteDeadline(socket) }
  }

  /// Takes what waits to be said for an attachment out of the queue.
  func withdraw(_ attachmentID: String) { backlog.removeAll { $0.attachmentID == attachmentID } }

  /// A frame that cannot be written for 10 s is a failed write: the connection is given up.
  private func armWriteDeadline(_ socket: AgentSocket) {
    disarmWriteDeadline()
    isStuck = true
    writeTimer = incarnation.after(AgentTiming.writeLimit, Self.stuck) { [weak self, weak socket] in
      guard let self, let socket, self.socket === socket, self.isStuck else { return }
      // What waited may have been withdrawn.
      guard self.hasWork else {
        self.isStuck = false
        return
      }
      if self.context.behaviour.writer == .diesOnFailure { self.isAlive = false }
      socket.failWrite()
    }
  }

  private func disarmWriteDeadline() {
    incarnation.cancel(writeTimer)
    isStuck = false
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
