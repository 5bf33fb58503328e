/// What an observer is told of a desktop.
package enum VNCServerEvent: Sendable {
  /// A client's stream was accepted: the network's number of the connection.
  case opened(connection: Int)
  /// Bytes were written to a client's stream.
  case wrote(connection: Int, bytes: [UInt8])
  /// Bytes of a client were read.
  case read(connection: Int, bytes: [UInt8])
  /// A pointer or key event was taken; the marker now shows `serial` (spec/06 §4).
  case input(connection: Int, serial: Int, isKey: Bool)
  /// An update was written whose marker shows `serial`; `isVideo`: it carries the video region.
  case updated(connection: Int, serial: Int, isVideo: Bool)
  case closed(connection: Int, reason: String)
}
