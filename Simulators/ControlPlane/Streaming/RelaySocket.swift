import SimulationRuntime
import StreamSpaceProtocol

/// One WebSocket between edge and owner, from either end: bytes, messages, pings every 5 s, and its end after 10 s
/// without any frame.
final class RelaySocket {
  private unowned let incarnation: Incarnation
  private let socket: Socket
  private var lastHeard: Instant
  private var watch: LivenessWatch?
  var onBytes: (([UInt8]) -> Void)?
  var onMessage: ((RelayMessage) -> Void)?
  /// Told once when the other side is gone: it closed, broke or fell silent.
  var onLost: (() -> Void)?
  var onWritable: (() -> Void)?

  init(_ incarnation: Incarnation, _ socket: Socket) {
    self.incarnation = incarnation
    self.socket = socket
    lastHeard = incarnation.monotonicNow
    socket.onReceive = { [unowned self] in receive($0) }
    socket.onClose = { [unowned self] _ in lost() }
    socket.onWritable = { [unowned self] in onWritable?() }
    let watch = LivenessWatch(
      incarnation, every: StreamTiming.hopPing, limit: StreamTiming.hopSilence,
      lastHeard: { [unowned self] in lastHeard }, ping: { [unowned self] in put(.ping) },
      silent: { [unowned self] in
        socket.reset()
        lost()
      })
    self.watch = watch
    watch.begin()
  }

  var number: Int { socket.connection }
  var isWritable: Bool { socket.isWritable }

  func send(_ bytes: [UInt8]) { put(.binary(bytes)) }
  func send(_ message: RelayMessage) { put(.message(.document(message))) }

  /// Closes in order; ``onLost`` is not called any more.
  func close() {
    stop()
    let frame = WebSocketFrame.close(code: .normal, reason: "")
    socket.close(farewell: Frame(frame, byteCount: frame.byteCount))
  }

  func reset() {
    stop()
    socket.reset()
  }

  private func put(_ frame: WebSocketFrame) { socket.send(Frame(frame, byteCount: frame.byteCount)) }

  private func receive(_ payload: any Payload) {
    guard let frame = (payload as? Frame<WebSocketFrame>)?.value else { return }
    lastHeard = incarnation.monotonicNow
    switch frame {
    case .ping: put(.pong)
    case .pong: break
    case .close: lost()
    case .message(.binary(let bytes)): onBytes?(bytes)
    case .message(let message):
      // What cannot be read is ignored: no message ends a process.
      if let message = try? message.decode(as: RelayMessage.self) { onMessage?(message) }
    }
  }

  private func lost() {
    let callback = onLost
    stop()
    callback?()
  }

  private func stop() {
    watch?.stop()
    watch = nil
    onBytes = nil
    onMessage = nil
    onLost = nil
    onWritable = nil
  }
}
