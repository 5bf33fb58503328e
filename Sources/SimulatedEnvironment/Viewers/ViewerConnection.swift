import SimulationRuntime
import StreamSpaceProtocol

/// The viewer's end of its WebSocket: messages as bytes, pings answered, the end told once.
final class ViewerConnection {
  /// How it ended.
  struct End {
    /// Of the close frame; nil after a reset.
    var code: Int?
    var reason: String?
    /// The viewer left of its own accord.
    var isOwn: Bool
  }

  let socket: Socket
  /// Frames are raw bytes; else base64 text (C25).
  private let isBinary: Bool
  private let pace: ReadingPace
  private(set) var bytesReceived = 0
  private(set) var bytesSent = 0
  var onBytes: (([UInt8]) -> Void)?
  var onEnd: ((End) -> Void)?

  /// Mask of a client's frame (RFC 6455 §5.3).
  private static let mask = 4

  init(_ socket: Socket, isBinary: Bool, of incarnation: Incarnation) {
    self.socket = socket
    self.isBinary = isBinary
    pace = ReadingPace(incarnation, socket)
    socket.onReceive = { [weak self] in self?.receive($0) }
    socket.onClose = { [weak self] in self?.closed($0) }
  }

  var isWritable: Bool { socket.isWritable }

  /// Told when the socket takes more after ``isWritable`` was false.
  func whenWritable(_ action: @escaping () -> Void) { socket.onWritable = action }

  func limitReading(to bytesPerSecond: Int?) {
    if socket.isOpen { pace.limit(to: bytesPerSecond) }
  }

  // MARK: Sending

  /// One message.
  func send(_ bytes: [UInt8]) {
    guard socket.isOpen else { return }
    bytesSent += bytes.count
    put(isBinary ? .binary(bytes) : .text(Base64.encode(bytes)))
  }

  private func put(_ frame: WebSocketFrame) { socket.send(Frame(frame, byteCount: frame.byteCount + Self.mask)) }

  /// Leaves, with a close frame or by dropping the connection.
  func leave(abruptly: Bool) {
    guard socket.isOpen else { return }
    if abruptly {
      socket.reset()
    } else {
      let farewell = WebSocketFrame.close(code: .normal, reason: "")
      socket.close(farewell: Frame(farewell, byteCount: farewell.byteCount + Self.mask))
    }
    finish(End(code: abruptly ? nil : Int(WebSocketCloseCode.normal.rawValue), reason: nil, isOwn: true))
  }

  // MARK: Receiving

  private func receive(_ payload: any Payload) {
    guard let frame = (payload as? Frame<WebSocketFrame>)?.value else { return }
    switch frame {
    case .message(.binary(let bytes)): deliver(bytes)
    case .message(let text):
      // A text that is no base64 comes as it is: somebody put raw bytes into it (B-63).
      let bytes = text.bytes
      deliver(Base64.decode(String(decoding: bytes, as: UTF8.self)) ?? bytes)
    case .ping: put(.pong)
    case .close(let code, let reason):
      socket.close()
      finish(End(code: Int(code.rawValue), reason: reason, isOwn: false))
    case .pong: break
    }
    pace.paid(for: payload.byteCount)
  }

  private func deliver(_ bytes: [UInt8]) {
    bytesReceived += bytes.count
    onBytes?(bytes)
  }

  private func closed(_ end: SocketEnd) {
    switch end {
    case .closed(let farewell):
      guard case .close(let code, let reason)? = (farewell as? Frame<WebSocketFrame>)?.value else {
        // TCP's end without a close frame.
        return finish(End(code: nil, reason: nil, isOwn: false))
      }
      finish(End(code: Int(code.rawValue), reason: reason, isOwn: false))
    case .reset: finish(End(code: nil, reason: nil, isOwn: false))
    }
  }

  private func finish(_ end: End) {
    pace.stop()
    let callback = onEnd
    onBytes = nil
    onEnd = nil
    callback?(end)
  }
}
