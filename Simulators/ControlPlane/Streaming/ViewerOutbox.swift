import SimulationRuntime
import StreamSpaceProtocol

/// What is on its way to a viewer: a queue before the socket, the frames that the socket holds, and what the viewer has
/// taken off it. A viewer that takes nothing for 30 s has stalled; one that reads slowly has not (Streaming, rule 5).
final class ViewerOutbox {
  private unowned let incarnation: Incarnation
  private let socket: Socket
  private let isBinary: Bool
  private let isDropping: Bool
  private var queue = ByteQueue()
  /// Frames on the socket that the viewer has not taken: bytes on the wire, bytes of the desktop.
  private var inFlight: [(wire: Int, content: Int)] = []
  private var firstInFlight = 0
  private var wireInFlight = 0
  private var contentInFlight = 0
  private var lastProgress: Instant
  /// When the viewer last took anything, which is a sign of life.
  private(set) var lastTaken = Instant.start
  private var timer = EventToken.none
  /// Whether any data was written.
  private(set) var hasWritten = false
  /// Most bytes of the desktop that were here at a time.
  private(set) var peak = 0
  /// Told of bytes that the viewer has taken.
  var onAccepted: ((Int) -> Void)?
  var onStall: (() -> Void)?
  /// Told once when the queue is empty, if set.
  var onDrained: (() -> Void)?

  private static let tick = EventLabel("controlplane.viewer.progress")
  private static let look = TimeSpan.milliseconds(StreamCredit.tickMilliseconds)

  init(_ incarnation: Incarnation, _ socket: Socket, isBinary: Bool, isDropping: Bool) {
    self.incarnation = incarnation
    self.socket = socket
    self.isBinary = isBinary
    self.isDropping = isDropping
    lastProgress = incarnation.monotonicNow
    socket.window = StreamTiming.viewerSocketWindow
    socket.onWritable = { [unowned self] in pump() }
  }

  /// Bytes of the desktop that the viewer has not taken.
  var byteCount: Int { queue.byteCount + contentInFlight }
  /// Whether a frame is under way to the viewer.
  var isWriting: Bool {
    settle()
    return firstInFlight < inFlight.count
  }
  var isQueueEmpty: Bool { queue.isEmpty }

  func send(_ bytes: [UInt8]) {
    if isDropping, queue.count >= StreamTiming.droppingQueue { return }
    if byteCount == 0 { lastProgress = incarnation.monotonicNow }
    queue.append(bytes)
    peak = max(peak, byteCount)
    pump()
  }

  /// A control frame: it goes before data that waits.
  func sendControl(_ frame: WebSocketFrame) { put(frame, content: 0) }

  /// Finds out now what the viewer has taken.
  func look() { settle() }

  /// Gives up what waits before the socket.
  func takeQueued() -> [[UInt8]] { queue.takeAll() }

  func stop() {
    incarnation.cancel(timer)
    timer = .none
    queue = ByteQueue()
    inFlight.removeAll()
    onAccepted = nil
    onStall = nil
    onDrained = nil
  }

  private func pump() {
    settle()
    while socket.isWritable, let bytes = queue.take(upTo: .max) {
      hasWritten = true
      put(isBinary ? .binary(bytes) : .text(Base64.encode(bytes)), content: bytes.count)
    }
    if queue.isEmpty, let drained = onDrained {
      onDrained = nil
      return drained()
    }
    watch()
  }

  private func put(_ frame: WebSocketFrame, content: Int) {
    let size = frame.byteCount
    inFlight.append((size, content))
    wireInFlight += size
    contentInFlight += content
    socket.send(Frame(frame, byteCount: size))
  }

  /// Finds out what the viewer has taken.
  private func settle() {
    let unread = socket.unreadByPeer
    var taken = 0
    let firstBefore = firstInFlight
    while firstInFlight < inFlight.count, wireInFlight - inFlight[firstInFlight].wire >= unread {
      wireInFlight -= inFlight[firstInFlight].wire
      taken += inFlight[firstInFlight].content
      firstInFlight += 1
    }
    guard firstInFlight > firstBefore else { return }
    lastProgress = incarnation.monotonicNow
    lastTaken = lastProgress
    if firstInFlight > 64, firstInFlight * 2 > inFlight.count {
      inFlight.removeFirst(firstInFlight)
      firstInFlight = 0
    }
    guard taken > 0 else { return }
    contentInFlight -= taken
    onAccepted?(taken)
  }

  /// Looks again soon, while the viewer has anything to take.
  private func watch() {
    guard timer == .none, byteCount > 0 else { return }
    timer = incarnation.after(Self.look, Self.tick) { [weak self] in
      guard let self else { return }
      timer = .none
      settle()
      if byteCount > 0, incarnation.monotonicNow - lastProgress >= StreamTiming.stall {
        onStall?()
        return
      }
      pump()
    }
  }
}
