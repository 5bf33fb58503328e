import SimulationRuntime
import StreamSpaceProtocol

/// A viewer's stay on a session, at the owner: the tunnel of the agent on one side, the viewer or its edge on the other
/// (C21).
package final class Attachment: AttachmentUplink {
  enum State: Equatable {
    /// The viewer before it is being closed.
    case waiting
    /// The agent was asked for the tunnel.
    case opening
    case ready
    case ended(AttachmentEnd)
  }

  package let id: String
  package let session: String
  /// Pod name of the replica that holds the viewer.
  package let edge: String
  let connection: AgentConnection
  private unowned let table: AttachmentTable
  private unowned let incarnation: Incarnation
  private let policies: StreamingPolicies
  private(set) weak var client: (any AttachmentClient)?
  private(set) var state = State.waiting

  /// To the agent: what waits, what it may still get.
  private var queue = ByteQueue()
  private var window: StreamWindow
  private var isWriting = false
  private var isPumping = false
  /// From the agent: bytes that the viewer's side has not taken yet.
  private(set) var unpassed = 0
  private lazy var credit = CreditReturn(incarnation) { [unowned self] in returnCredit($0) }
  /// Bytes of a viewer before, to be mixed in after the first own ones (C-19).
  var leftovers: [[UInt8]] = []
  private var answerTimer = EventToken.none
  /// Most bytes of either direction that were here at a time.
  private(set) var peak = 0

  private static let noAnswer = EventLabel("controlplane.attachment.no-answer")

  init(
    _ table: AttachmentTable, id: String, session: String, edge: String, connection: AgentConnection,
    client: any AttachmentClient
  ) {
    self.table = table
    self.id = id
    self.session = session
    self.edge = edge
    self.connection = connection
    self.client = client
    incarnation = table.replica.incarnation
    policies = table.replica.behaviour.streaming
    window = StreamWindow()
  }

  var isOpen: Bool { if case .ended = state { false } else { true } }
  /// Whether it counts as a viewer of its session.
  var isReady: Bool { state == .ready }
  private var isLegacy: Bool { !connection.speaksContract }
  private var wireID: String? { isLegacy ? nil : id }

  // MARK: The tunnel

  /// Asks the agent for the tunnel; a legacy agent has it already.
  func open() {
    guard state == .waiting else { return }
    state = .opening
    if isLegacy { return ready(vncPort: 0) }
    say(.vncOpen(VNCOpen(sessionID: session, attachmentID: id)))
    answerTimer = incarnation.after(StreamTiming.answer, Self.noAnswer) { [weak self] in
      guard let self, state == .opening else { return }
      table.end(self, .noAnswer)
    }
  }

  /// The tunnel stands. A repeated answer changes nothing.
  func ready(vncPort: Int) {
    guard state == .opening else { return }
    state = .ready
    incarnation.cancel(answerTimer)
    table.becameReady(self)
    client?.attachmentReady(vncPort: vncPort)
    pump()
  }

  /// The end: nothing goes in either direction any more.
  func finish(_ end: AttachmentEnd) {
    guard isOpen else { return }
    state = .ended(end)
    incarnation.cancel(answerTimer)
    credit.stop()
    queue = ByteQueue()
    if let reason = end.told {
      say(.vncClose(VNCClose(sessionID: session, attachmentID: wireID, reason: reason)))
    }
  }

  /// Lets go of the viewer's side and gives it.
  func release() -> (any AttachmentClient)? {
    defer { client = nil }
    return client
  }

  private func say(_ message: ServerMessage) { connection.sendStream(message, at: table.replica.clock.now) }

  // MARK: From the agent

  /// Bytes of the desktop. The agent must stay within its window.
  func take(_ chunk: VNCChunk) {
    guard isOpen, let bytes = chunk.bytes else {
      if isOpen { table.end(self, .badFrames) }
      return
    }
    guard !bytes.isEmpty else { return }
    unpassed += bytes.count
    peak = max(peak, unpassed)
    if isLegacy {
      if unpassed > StreamTiming.legacyBuffer, policies.overflow == .backPressure {
        return table.end(self, .overflowed)
      }
    } else if policies.overflow == .backPressure {
      // One frame more than promised is forgiven.
      if unpassed > VNCOpen.standardWindow + VNCChunk.maximumBytes { return table.end(self, .badFrames) }
    }
    guard let client else { return accepted(bytes.count) }
    client.deliver(bytes)
    if policies.overflow == .dropsFrames { accepted(bytes.count) }
    guard !leftovers.isEmpty else { return }
    for piece in leftovers { client.deliver(piece) }
    leftovers.removeAll()
  }

  /// The agent has passed bytes on to the desktop.
  func credited(_ bytes: Int) {
    guard isOpen else { return }
    window.credited(bytes)
    pump()
  }

  /// Frames that reached the wrong receiver are lost to the viewer, not to the window (B-55).
  func lost(_ chunk: VNCChunk) {
    guard isOpen, let bytes = chunk.bytes else { return }
    unpassed += bytes.count
    accepted(bytes.count)
  }

  func accepted(_ bytes: Int) {
    guard isOpen else { return }
    // Leftovers of another viewer and repeats count for nothing.
    let bytes = min(bytes, unpassed)
    unpassed -= bytes
    if !isLegacy { credit.passed(bytes) }
  }

  private func returnCredit(_ bytes: Int) {
    guard isOpen else { return }
    say(.vncCredit(VNCCredit(sessionID: session, attachmentID: id, bytes: bytes)))
  }

  // MARK: To the agent

  func send(_ bytes: [UInt8]) {
    guard isOpen else { return }
    queue.append(bytes)
    peak = max(peak, queue.byteCount)
    pump()
  }

  /// One frame at a time goes to the agent's socket, so that the attachments take turns.
  private func pump() {
    guard !isPumping else { return }
    isPumping = true
    while state == .ready, !isWriting, let bytes = queue.take(upTo: room) {
      isWriting = true
      let chunk =
        policies.payload == .bytes ? VNCChunk(bytes: bytes) : VNCChunk(text: String(decoding: bytes, as: UTF8.self))
      if !isLegacy { window.sent(policies.payload == .bytes ? bytes.count : chunk.bytes?.count ?? 0) }
      let data = VNCData(sessionID: session, attachmentID: wireID, data: chunk)
      let isQueued = connection.sendStream(.vncData(data), at: table.replica.clock.now) { [weak self] in
        guard let self else { return }
        isWriting = false
        client?.passedOn(bytes.count)
        pump()
      }
      if policies.agentQueue == .oneForAll {
        // The shipped relay ends when the queue is full; until then it waits for nothing.
        isWriting = false
        if !isQueued {
          table.end(self, .overflowed)
          break
        }
      }
    }
    isPumping = false
  }

  private var room: Int {
    if policies.payload == .messageText { return .max }
    if isLegacy || policies.agentQueue == .oneForAll { return VNCChunk.maximumBytes }
    return min(window.room, VNCChunk.maximumBytes)
  }

  func viewerEnded(_ end: AttachmentEnd) { table.viewerEnded(self, end) }
}
