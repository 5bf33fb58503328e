import SimulationRuntime
import StreamSpaceProtocol

/// The server's end of one connection: what goes out, in order, late when the server is slow.
final class RedisLink {
  enum Form { case bytes, frames }

  let id: ConnectionID
  private let socket: Socket
  private unowned let program: RedisProgram
  /// The form in which the client speaks.
  var form = Form.bytes
  private var bytes: [UInt8] = []
  private var frames: [Frame<RESPReplyPayload>] = []
  /// When the last delayed output goes out; nothing may overtake it.
  private var lastDue = Instant.start
  /// Since when the peer has left too much unread.
  private var isOverSoftLimitSince: Instant?

  private static let delayed = EventLabel("redis.delayed")

  init(_ socket: Socket, id: ConnectionID, program: RedisProgram) {
    self.socket = socket
    self.id = id
    self.program = program
  }

  var hasOutput: Bool { !bytes.isEmpty || !frames.isEmpty }

  /// Takes a value; it leaves with ``flush()``.
  func deliver(_ value: RESPValue, _ version: RESPVersion) {
    switch form {
    case .bytes: bytes.append(value, in: version)
    case .frames:
      let payload = RESPReplyPayload(value, version: version)
      frames.append(Frame(payload, byteCount: payload.byteCount))
    }
  }

  /// Sends what was taken: bytes as one payload, frames one by one.
  func flush() {
    guard hasOutput else { return }
    if exceedsOutputLimit() {
      program.drop(self)
      return socket.reset()
    }
    if !bytes.isEmpty {
      send(Bytes(bytes))
      bytes = []
    }
    for frame in frames { send(frame) }
    frames = []
  }

  /// Sends what is left, then closes.
  func finish() {
    flush()
    perform { $0.close() }
  }

  private func send(_ payload: any Payload) { perform { $0.send(payload) } }

  /// Acts on the socket now, or later when the server is slow.
  private func perform(_ action: @escaping (Socket) -> Void) {
    let incarnation = program.incarnation
    let slowdowns = program.conditions.slowdowns
    guard !slowdowns.isEmpty || lastDue > incarnation.simulation.now else { return action(socket) }
    let now = incarnation.simulation.now
    let stream = incarnation.decisions.stream("redis.slow")
    var due = now
    for slowdown in slowdowns {
      slowdown.record.touch(at: now)
      due = due + incarnation.decisions.draw(stream, slowdown.model)
    }
    lastDue = max(due, lastDue + .nanoseconds(1))
    incarnation.after(lastDue - now, Self.delayed) { [socket] in action(socket) }
  }

  private func exceedsOutputLimit() -> Bool {
    let behaviour = program.conditions.behaviour
    let unread = socket.unreadByPeer + bytes.count
    guard unread > behaviour.softOutputLimit else {
      isOverSoftLimitSince = nil
      return false
    }
    let now = program.incarnation.simulation.now
    let since = isOverSoftLimitSince ?? now
    isOverSoftLimitSince = since
    return unread > behaviour.hardOutputLimit || now - since >= behaviour.softOutputTime
  }
}
