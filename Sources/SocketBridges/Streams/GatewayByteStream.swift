/// A stream to a peer outside, as the simulation sees it.
///
/// Unchecked: made and touched on the simulation's thread; other threads only carry it into posts.
final class GatewayByteStream: ByteStream, @unchecked Sendable {
  /// The channel's side. All may be called on any thread.
  protocol Port: AnyObject, Sendable {
    func write(_ bytes: [UInt8], _ budget: WriteBudget)
    /// Ends in order after what was written.
    func end()
    /// RST.
    func reset()
    /// One more read.
    func read()
  }

  private let port: any Port
  private let budget: WriteBudget
  private(set) var isOpen = true
  var onReceive: (([UInt8]) -> Void)?
  var onWritable: (() -> Void)?
  var onClose: (() -> Void)?
  var onEndOfInput: (() -> Void)?
  private var isPaused = false
  /// Nothing is delivered before its owner has set the callbacks.
  private var hasBegun = false
  /// A read was asked for and has brought nothing yet.
  private var isReading = false
  private var unread: [[UInt8]] = []
  private var isInputOver = false

  init(_ port: any Port, queue: Int) {
    self.port = port
    budget = WriteBudget(limit: queue)
  }

  var isWritable: Bool { isOpen && budget.isWritable }

  func send(_ bytes: [UInt8]) {
    guard isOpen, !bytes.isEmpty else { return }
    budget.add(bytes.count)
    port.write(bytes, budget)
  }

  func finish() {
    guard isOpen else { return }
    shut()
    port.end()
  }

  func abort() {
    guard isOpen else { return }
    shut()
    port.reset()
  }

  func pauseReading() { isPaused = true }

  func resumeReading() {
    isPaused = false
    drain()
  }

  /// The owner has set its callbacks: reading begins.
  func begin() {
    hasBegun = true
    drain()
  }

  private func drain() {
    guard hasBegun else { return }
    while isOpen, !isPaused, !unread.isEmpty { onReceive?(unread.removeFirst()) }
    guard isOpen, !isPaused else { return }
    if isInputOver { return inputEnded() }
    guard !isReading else { return }
    isReading = true
    port.read()
  }

  private func inputEnded() {
    isInputOver = false
    guard let onEndOfInput else {
      // Nobody asked for half-closed connections.
      port.end()
      return closed()
    }
    self.onEndOfInput = nil
    isReading = true
    onEndOfInput()
  }

  private func shut() {
    isOpen = false
    unread = []
    onReceive = nil
    onWritable = nil
    onClose = nil
    onEndOfInput = nil
  }

  // MARK: Posted by the channel

  func received(_ bytes: [UInt8]) {
    guard isOpen else { return }
    isReading = false
    unread.append(bytes)
    drain()
  }

  /// The peer sends nothing more, but may read on.
  func outsideEndedInput() {
    guard isOpen else { return }
    isReading = false
    isInputOver = true
    drain()
  }

  func hasRoom() {
    if isOpen { onWritable?() }
  }

  /// The connection is gone.
  func closed() {
    guard isOpen else { return }
    let callback = onClose
    let unread = unread
    let onReceive = onReceive
    self.unread = []
    // What came before the end is heard before it.
    for bytes in unread { onReceive?(bytes) }
    shut()
    callback?()
  }
}
