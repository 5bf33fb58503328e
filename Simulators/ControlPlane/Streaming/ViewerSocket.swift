import SimulationRuntime
import StreamSpaceProtocol

/// The WebSocket of one viewer, at the edge: its encoding, its limits, its window, its pings, its end.
final class ViewerSocket: AttachmentClient {
  /// Of the attachment it asks for, or has.
  var attachmentID = ""
  let session: String
  let user: AuthenticatedUser
  let socket: Socket
  let outbox: ViewerOutbox
  private unowned let incarnation: Incarnation
  private let policies: StreamingPolicies
  private static let probing = EventLabel("controlplane.viewer.probe")
  /// The attachment, or the way to it; nil until it is found.
  private(set) var uplink: (any AttachmentUplink)?
  private var window: StreamWindow
  private var inbox = ByteQueue()
  private var isPaused = false
  private var isFlushing = false
  private var watch: LivenessWatch?
  /// Runs while the viewer is not read.
  private var probe: Ticker?
  private var nextProbe = Instant.start
  private var lastHeard: Instant
  /// How it ended; nil while it lives.
  private(set) var end: AttachmentEnd?
  /// Told once when it has ended.
  var onEnd: (() -> Void)?
  /// Most bytes of the viewer that waited or were not credited.
  private(set) var peak = 0

  init(
    _ replica: Replica, _ socket: Socket, session: String, user: AuthenticatedUser,
    isBinary: Bool, window size: Int
  ) {
    incarnation = replica.incarnation
    policies = replica.behaviour.streaming
    self.socket = socket
    self.session = session
    self.user = user
    window = StreamWindow(size: size)
    lastHeard = replica.incarnation.monotonicNow
    let speaksBinary = isBinary && policies.payload == .bytes
    outbox = ViewerOutbox(
      replica.incarnation, socket, isBinary: speaksBinary, isDropping: policies.overflow == .dropsFrames)
    outbox.onAccepted = { [unowned self] in uplink?.accepted($0) }
    outbox.onStall = { [unowned self] in endFromEdge(.stalled) }
    socket.onReceive = { [unowned self] in receive($0) }
    socket.onClose = { [unowned self] _ in viewerLeft() }
    keepAlive()
  }

  var isOpen: Bool { end == nil }
  /// Whether its session's bytes have reached it.
  var hasReceived: Bool { outbox.hasWritten }

  /// The way to the attachment is found.
  func connected(to uplink: any AttachmentUplink) {
    guard isOpen else { return uplink.viewerEnded(end ?? .viewerLeft) }
    self.uplink = uplink
    flush()
  }

  // MARK: From the viewer

  private func receive(_ payload: any Payload) {
    guard isOpen, let frame = (payload as? Frame<WebSocketFrame>)?.value else { return }
    lastHeard = incarnation.monotonicNow
    switch frame {
    case .ping: outbox.sendControl(.pong)
    case .pong: break
    case .close: viewerLeft()
    case .message(let message):
      guard message.byteCount <= StreamTiming.viewerMessageLimit else {
        return endFromEdge(AttachmentEnd(.messageTooBig, "message over 64 KiB", told: .clientDisconnect))
      }
      guard let bytes = content(of: message) else {
        return endFromEdge(AttachmentEnd(.invalidPayload, "text is not base64", told: .clientDisconnect))
      }
      guard !bytes.isEmpty else { return }
      inbox.append(bytes)
      flush()
    }
  }

  /// The bytes for the desktop; nil for a text that is no base64.
  private func content(of message: WebSocketMessage) -> [UInt8]? {
    if policies.payload == .messageText { return message.bytes }
    switch message {
    case .binary(let bytes): return bytes
    case .text(let text): return Base64.decode(text)
    case .documents: return nil
    }
  }

  private func flush() {
    guard !isFlushing else { return }
    isFlushing = true
    while isOpen, let uplink, let bytes = inbox.take(upTo: window.room) {
      window.sent(bytes.count)
      uplink.send(bytes)
    }
    isFlushing = false
    let held = window.outstanding + inbox.byteCount
    peak = max(peak, held)
    // Room for one whole message is kept, so that what is here never exceeds the window.
    let isFull = held + StreamTiming.viewerMessageLimit > window.size
    guard isFull != isPaused, isOpen else { return }
    isPaused = isFull
    probe?.stop()
    probe = nil
    if isFull {
      socket.pauseReading()
      if policies.keepAlive == .pings, policies.viewerWriters == .one { beginProbe() }
    } else {
      socket.resumeReading()
    }
  }

  /// The end of a viewer that is not read lies behind what it has said. What is written tells sooner: the machine of
  /// one that has left answers a ping with RST, and the next write fails (C24). One that is there but takes nothing is
  /// told from it, and keeps its 30 s (rule 5).
  private func beginProbe() {
    let now = incarnation.monotonicNow
    // Pauses of a desktop that takes little at a time do not put it off again and again.
    if now - nextProbe > StreamTiming.hopPing { nextProbe = now + StreamTiming.hopPing }
    let first = max(StreamTiming.shortestProbe, nextProbe - now)
    probe = incarnation.every(StreamTiming.hopPing, first: first, Self.probing) { [unowned self] in
      if socket.failsWrites { return viewerLeft() }
      nextProbe = incarnation.monotonicNow + StreamTiming.hopPing
      ping()
    }
  }

  func passedOn(_ bytes: Int) {
    window.credited(bytes)
    flush()
  }

  // MARK: To the viewer

  func attachmentReady(vncPort: Int) {}

  func deliver(_ bytes: [UInt8]) {
    guard isOpen else { return }
    // To the reaper any traffic counts; to the pings only what the viewer says.
    if policies.keepAlive == .idleReaper { lastHeard = incarnation.monotonicNow }
    outbox.send(bytes)
  }

  // MARK: Life

  private func keepAlive() {
    let isPinged = policies.keepAlive == .pings
    let limit = isPinged ? StreamTiming.viewerSilence : StreamTiming.idleReaper
    let watch = LivenessWatch(
      incarnation, every: StreamTiming.viewerPing, limit: limit,
      lastHeard: { [unowned self] in
        // Its pongs are not read then, but it is seen to take the pings.
        if isPaused { outbox.look() }
        return max(lastHeard, outbox.lastTaken)
      },
      ping: { [unowned self] in if isPinged { ping() } },
      silent: { [unowned self] in
        socket.reset()
        finish(.viewerLeft)
      })
    watch.begin()
    self.watch = watch
  }

  private func ping() {
    if policies.viewerWriters == .two, outbox.isWriting { return incarnation.panic("concurrent write to websocket") }
    outbox.sendControl(.ping)
  }

  private func viewerLeft() {
    guard isOpen else { return }
    socket.close()
    finish(.viewerLeft)
  }

  /// It ends for a reason that is found here.
  func endFromEdge(_ end: AttachmentEnd) {
    guard isOpen else { return }
    close(end)
    finish(end)
  }

  func attachmentEnded(_ end: AttachmentEnd, _ closed: @escaping () -> Void) {
    guard isOpen else { return closed() }
    uplink = nil
    if end.isDrained, !outbox.isQueueEmpty {
      outbox.onDrained = { [unowned self] in endFromEdge(end) }
      return closed()
    }
    close(end)
    finish(end)
    closed()
  }

  func cut() -> [[UInt8]] {
    guard isOpen else { return [] }
    let waiting = outbox.takeQueued()
    uplink = nil
    socket.reset()
    finish(.takenOver)
    return waiting
  }

  private func close(_ end: AttachmentEnd) {
    let frame = WebSocketFrame.close(code: end.code, reason: end.reason)
    socket.close(farewell: Frame(frame, byteCount: frame.byteCount))
  }

  private func finish(_ end: AttachmentEnd) {
    self.end = end
    watch?.stop()
    watch = nil
    probe?.stop()
    probe = nil
    outbox.stop()
    inbox = ByteQueue()
    let attachment = uplink
    uplink = nil
    attachment?.viewerEnded(end)
    onEnd?()
    onEnd = nil
  }
}
