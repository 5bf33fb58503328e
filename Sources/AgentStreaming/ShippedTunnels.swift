import SimulationRuntime

/// What an agent keeps per session for tunnels that nobody asked for (spec/03 §7): the shipped way, and that of two
/// defects.
struct ShippedTunnels {
  /// A stream that was opened before any viewer came (B-62).
  struct Early {
    let socket: Socket
    let port: Int
    let podName: String?
  }

  private let incarnation: Incarnation
  /// Sessions started in this life that nobody has viewed yet (B-61).
  private var unused: Set<String> = []
  private var planned: [String: EventToken] = [:]
  private var early: [String: Early] = [:]
  private var earlyOrder: [String] = []

  private static let opening = EventLabel("agent.tunnel.after-start")

  init(_ incarnation: Incarnation) { self.incarnation = incarnation }

  mutating func started(_ session: String) { unused.insert(session) }

  /// Whether the one tunnel of a session is still to be had; then it is used up.
  mutating func useUp(_ session: String) -> Bool { unused.remove(session) != nil }

  /// Does `action` 2 s from now, unless the session ends before.
  mutating func plan(_ session: String, _ action: @escaping () -> Void) {
    if let token = planned[session] { incarnation.cancel(token) }
    planned[session] = incarnation.after(TunnelTiming.afterStart, Self.opening, action)
  }

  /// Keeps a stream for the first viewer; what the desktop says meanwhile is lost.
  mutating func keepEarly(_ session: String, _ socket: Socket, port: Int, podName: String?) {
    takeEarly(session)?.socket.close()
    early[session] = Early(socket: socket, port: port, podName: podName)
    earlyOrder.append(session)
  }

  @discardableResult
  mutating func takeEarly(_ session: String) -> Early? {
    guard let found = early.removeValue(forKey: session) else { return nil }
    earlyOrder.removeAll { $0 == session }
    return found.socket.isOpen ? found : nil
  }

  mutating func takeEarly() -> [Socket] {
    let sockets = earlyOrder.compactMap { early[$0]?.socket }
    early.removeAll()
    earlyOrder.removeAll()
    return sockets
  }

  /// The session is over; the stream that was kept for it, to be closed.
  mutating func ended(_ session: String) -> Socket? {
    unused.remove(session)
    if let token = planned.removeValue(forKey: session) { incarnation.cancel(token) }
    return takeEarly(session)?.socket
  }

  mutating func clear() {
    for session in planned.keys.sorted() { incarnation.cancel(planned[session] ?? .none) }
    planned.removeAll()
    unused.removeAll()
  }
}
