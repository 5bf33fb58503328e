/// What an observer is told of an agent's tunnels.
package enum TunnelEvent: Sendable, Hashable {
  /// The stream to the desktop stands; `connection` is the number of its socket.
  case opened(session: String, attachment: String?, connection: Int)
  /// It is over.
  case closed(session: String, attachment: String?, connection: Int, reason: String)
}
