#if Live
  import StreamSpaceProtocol

  /// A WebSocket to a peer outside, as the simulation sees it.
  ///
  /// Unchecked: made and touched on the simulation's thread; other threads only carry it into posts.
  final class GatewayWebSocket: WebSocketStream, @unchecked Sendable {
    private let port: WebSocketHandler
    private let budget: WriteBudget
    private(set) var isOpen = true
    var onWritable: (() -> Void)?
    var onFrame: ((StreamSpaceProtocol.WebSocketFrame) -> Void)?
    var onReset: (() -> Void)?
    private var isPaused = false
    private var hasBegun = false
    private var isReading = false
    private var unread: [StreamSpaceProtocol.WebSocketFrame] = []
    private var isDraining = false
    private var isGone = false

    init(_ port: WebSocketHandler, queue: Int) {
      self.port = port
      budget = WriteBudget(limit: queue)
    }

    var isWritable: Bool { isOpen && budget.isWritable }

    func send(_ frame: StreamSpaceProtocol.WebSocketFrame) {
      guard isOpen else { return }
      switch frame {
      case .message(let message):
        let bytes = message.bytes
        // A frame counts with its header.
        budget.add(bytes.count + WebSocketHandler.header)
        port.write(bytes, isBinary: message.isBinary, budget)
      case .ping: port.ping()
      case .pong: port.pong()
      case .close(let code, let reason):
        shut()
        port.close(code, reason)
      }
    }

    func pauseReading() { isPaused = true }

    func resumeReading() {
      isPaused = false
      drain()
    }

    func abort() {
      guard isOpen else { return }
      shut()
      port.reset()
    }

    /// The owner has set its callbacks: reading begins.
    func begin() {
      hasBegun = true
      drain()
    }

    private func drain() {
      guard hasBegun, !isDraining else { return }
      isDraining = true
      while isOpen, !isPaused, !unread.isEmpty { deliver(unread.removeFirst()) }
      isDraining = false
      guard isOpen, !isPaused else { return }
      if isGone { return reset() }
      guard !isReading else { return }
      isReading = true
      port.read()
    }

    private func deliver(_ frame: StreamSpaceProtocol.WebSocketFrame) {
      let callback = onFrame
      if case .close = frame { shut() }
      callback?(frame)
    }

    private func reset() {
      let callback = onReset
      shut()
      callback?()
    }

    private func shut() {
      isOpen = false
      unread = []
      onFrame = nil
      onWritable = nil
      onReset = nil
    }

    // MARK: Posted by the channel

    func received(_ frames: [StreamSpaceProtocol.WebSocketFrame]) {
      guard isOpen else { return }
      isReading = false
      unread += frames
      drain()
    }

    func hasRoom() {
      if isOpen { onWritable?() }
    }

    /// The connection is gone; what came before is heard first.
    func gone() {
      guard isOpen else { return }
      isGone = true
      isPaused = false
      drain()
    }
  }

  extension WebSocketMessage {
    fileprivate var isBinary: Bool { if case .binary = self { true } else { false } }
  }
#endif
