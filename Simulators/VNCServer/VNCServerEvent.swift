/// What an observer is told of a desktop.
package enum VNCServerEvent: Sendable, Equatable {
  /// A client's stream was accepted: the network's number of the connection.
  case opened(connection: Int)
  /// A host was turned away before the greeting: too many attempts.
  case refused(connection: Int, host: String)
  /// The handshake is done: ServerInit was written.
  case ready(connection: Int, isShared: Bool)
  /// Bytes were written to a client's stream: the buffer that travels.
  case wrote(connection: Int, bytes: [UInt8])
  /// Bytes of a client were read: the buffer that came, or a part of it under short writes.
  case read(connection: Int, bytes: [UInt8])
  /// A pointer or key event was taken; the marker now shows `serial` (spec/06 §4).
  case input(connection: Int, serial: Int, isKey: Bool)
  /// An update was composed after which the client's marker shows `serial`; `isVideo`: it carries the video region. One
  /// for each FramebufferUpdate on the wire, in their order, before its bytes.
  case updated(connection: Int, serial: Int, isVideo: Bool)
  /// The desktop has another size.
  case resized(width: Int, height: Int)
  /// The desktop's clipboard holds another text, from a client or from the desktop itself (nil).
  case clipboard(connection: Int?, text: String)
  case closed(connection: Int, reason: String)
}
