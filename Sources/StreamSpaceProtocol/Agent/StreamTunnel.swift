/// One tunnel between a viewer's attachment and its desktop as an agent keeps it: what was read and not yet sent, what
/// came and was not yet written, and how far each side may go on. It does no input or output of its own.
package struct StreamTunnel: Sendable {
  package let sessionID: String
  /// Nil between peers without the contract's frames.
  package let attachmentID: String?
  /// What tells that the tunnel stands; nil while it is being opened.
  package private(set) var ready: VNCReady?

  /// Nil without flow control, as shipped.
  private var window: StreamWindow?
  private var unsent = ByteQueue()
  /// Told when all that was read before has been sent.
  private var farewell: AgentMessage?
  /// Whether the desktop's end of the stream is over.
  package private(set) var isOver = false

  private var unwritten = ByteQueue()
  private var credit = StreamCredit()
  /// Bytes that came and were not credited.
  private var uncredited = 0
  /// Most bytes that may come without credit; nil as shipped.
  private let allowance: Int?

  /// `window`: bytes that may be under way without credit in each direction; nil between peers without it.
  package init(sessionID: String, attachmentID: String?, window: Int?) {
    self.sessionID = sessionID
    self.attachmentID = attachmentID
    self.window = window.map { StreamWindow(size: $0) }
    allowance = window.map { max(1, $0) }
  }

  package mutating func opened(_ ready: VNCReady) { self.ready = ready }

  // MARK: Desktop to viewer

  /// Bytes read from the desktop.
  package mutating func read(_ bytes: [UInt8]) { unsent.append(bytes) }

  /// Whether more may be read from the desktop now: not without credit for what was read (spec/00, Streaming, 3).
  package var wantsReading: Bool { !isOver && unsent.byteCount < (window?.room ?? VNCOpen.standardWindow) }

  /// Bytes read and not yet sent.
  package var unsentBytes: Int { unsent.byteCount }

  /// Bytes sent and not yet credited.
  package var outstandingBytes: Int { window?.outstanding ?? 0 }

  /// The control plane has passed `bytes` on.
  package mutating func credited(_ bytes: Int) { window?.credited(bytes) }

  /// Nothing more comes from the desktop; `farewell` is told after what came before, nil tells nothing.
  package mutating func desktopEnded(_ farewell: AgentMessage?) {
    isOver = true
    self.farewell = farewell
  }

  /// Whether there is something to send now.
  package var hasMessage: Bool {
    unsent.isEmpty ? isOver : (window?.room ?? 1) > 0
  }

  /// What a tunnel says next.
  package enum Outgoing: Sendable, Hashable {
    case data(AgentMessage)
    /// The last there is; nil tells nothing.
    case end(AgentMessage?)
  }

  /// The next message: at most 32768 bytes, and no more than the credit allows.
  package mutating func nextMessage() -> Outgoing? {
    if unsent.isEmpty { return isOver ? .end(farewell) : nil }
    let limit = min(VNCChunk.maximumBytes, window?.room ?? .max)
    guard let bytes = unsent.takeMerged(upTo: limit) else { return nil }
    window?.sent(bytes.count)
    return .data(.vncData(VNCData(sessionID: sessionID, attachmentID: attachmentID, data: VNCChunk(bytes: bytes))))
  }

  // MARK: Viewer to desktop

  /// Bytes that came for the desktop; false if they are more than the window allows.
  package mutating func accept(_ bytes: [UInt8]) -> Bool {
    guard !isOver else { return true }
    if let allowance {
      uncredited += bytes.count
      guard uncredited <= allowance else { return false }
    }
    unwritten.append(bytes)
    return true
  }

  /// Bytes that wait for the desktop.
  package var unwrittenBytes: Int { unwritten.byteCount }

  /// What is to be written next: the bytes of one frame, uncut.
  package mutating func nextWrite() -> [UInt8]? { unwritten.take(upTo: .max) }

  /// `bytes` were passed on to the desktop's socket; the credit to send at once, if a step is full.
  package mutating func wrote(_ bytes: Int) -> VNCCredit? {
    guard allowance != nil else { return nil }
    return told(credit.passed(bytes))
  }

  /// Whether bytes passed on wait to be told.
  package var hasCredit: Bool { credit.pending > 0 }

  /// What the tick tells; nil when there is nothing.
  package mutating func takeCredit() -> VNCCredit? { told(credit.take()) }

  private mutating func told(_ bytes: Int?) -> VNCCredit? {
    guard let bytes, let attachmentID else { return nil }
    uncredited -= bytes
    return VNCCredit(sessionID: sessionID, attachmentID: attachmentID, bytes: bytes)
  }
}
