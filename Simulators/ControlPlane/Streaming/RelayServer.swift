import SimulationRuntime
import StreamSpaceProtocol

/// The relay at the owner: to the attachment it is the viewer.
final class RelayServer: AttachmentClient {
  private let relay: RelaySocket
  private let credit: CreditReturn
  private var queue = ByteQueue()
  private var window = StreamWindow()
  private weak var attachment: Attachment?
  /// The end that is told when the queue is empty, or was told already.
  private var ending: AttachmentEnd?
  private var hasTold = false
  private var onClosed: (() -> Void)?
  private var isOver = false
  private var linger = EventToken.none
  private unowned let incarnation: Incarnation

  private static let patience = EventLabel("controlplane.relay.linger")
  /// Told once when the relay is over.
  var onEnd: (() -> Void)?
  /// Most bytes that were sent and not credited, or waited.
  private(set) var peak = 0

  init(_ incarnation: Incarnation, _ socket: Socket) {
    self.incarnation = incarnation
    let relay = RelaySocket(incarnation, socket)
    self.relay = relay
    credit = CreditReturn(incarnation) { [weak relay] in relay?.send(.credit(bytes: $0)) }
    relay.onBytes = { [unowned self] in attachment?.send($0) }
    relay.onMessage = { [unowned self] in take($0) }
    relay.onLost = { [unowned self] in lost(.edgeLost) }
    relay.onWritable = { [unowned self] in pump() }
  }

  var number: Int { relay.number }

  func connected(to attachment: Attachment) { self.attachment = attachment }

  private func take(_ message: RelayMessage) {
    switch message {
    case .ready: break
    case .credit(let bytes):
      window.credited(bytes)
      pump()
    case .close(let code, let reason):
      relay.close()
      lost(.fromEdge(code, reason))
    }
  }

  /// The edge is gone, or its viewer.
  private func lost(_ end: AttachmentEnd) {
    finish()?.viewerEnded(end)
  }

  /// Lets go of everything; gives the attachment if it was not told yet.
  private func finish() -> Attachment? {
    isOver = true
    credit.stop()
    incarnation.cancel(linger)
    queue = ByteQueue()
    let left = attachment
    attachment = nil
    let closed = onClosed
    onClosed = nil
    closed?()
    let ended = onEnd
    onEnd = nil
    ended?()
    return left
  }

  // MARK: What the attachment says

  func attachmentReady(vncPort: Int) { relay.send(.ready(vncPort: vncPort)) }

  func deliver(_ bytes: [UInt8]) {
    queue.append(bytes)
    peak = max(peak, queue.byteCount)
    pump()
  }

  func passedOn(_ bytes: Int) { credit.passed(bytes) }

  private func pump() {
    while relay.isWritable, let bytes = queue.take(upTo: min(window.room, VNCChunk.maximumBytes)) {
      window.sent(bytes.count)
      relay.send(bytes)
      attachment?.accepted(bytes.count)
    }
    if queue.isEmpty { tellEnd() }
  }

  func attachmentEnded(_ end: AttachmentEnd, _ closed: @escaping () -> Void) {
    guard !isOver else { return closed() }
    attachment = nil
    ending = end
    onClosed = closed
    if !end.isDrained { queue = ByteQueue() }
    pump()
  }

  /// The edge closes its viewer, and then the relay.
  private func tellEnd() {
    guard let ending, !hasTold else { return }
    hasTold = true
    relay.send(.close(code: ending.code, reason: ending.reason))
    // An edge that answers pings and closes nothing must not be kept for ever.
    linger = incarnation.after(StreamTiming.hopSilence, Self.patience) { [weak self] in
      self?.relay.reset()
      _ = self?.finish()
    }
  }

  func cut() -> [[UInt8]] {
    let waiting = queue.takeAll()
    relay.reset()
    _ = finish()
    return waiting
  }
}
