import SimulationRuntime
import StreamSpaceProtocol

/// The one writer of an agent's socket: control messages before data, back-pressure, and a limit on both (spec/01 §1.5,
/// spec/00 Streaming, rule 4).
final class AgentSocketWriter {
  /// Messages that may wait (spec/01 §8.1).
  static let capacity = 256
  /// Time in which a write must get on (spec/01 §1.5).
  static let writeDeadline = TimeSpan.seconds(10)

  private struct Item {
    let frame: AgentSocketFrame
    let onWritten: (() -> Void)?
    /// Whether it counts against ``capacity``: messages of streams have bounds of their own.
    var counts = true
  }

  /// How late the shipped writer may get to run: it is still busy with the frame before, which takes 20 ms at p99
  /// (spec/06 §10.3).
  static let longestWakeUp = TimeSpan.milliseconds(20)

  private unowned let incarnation: Incarnation
  private let wakeUps: DecisionStream
  private let socket: Socket
  private let writing: HubPolicies.FrameWriting
  private let queue: StreamingPolicies.AgentQueue
  private var controls: [AgentSocketFrame] = []
  private var messages: [Item] = []
  private var data: [Item] = []
  private var isStopped = false
  private var isScheduled = false
  private var isPumping = false
  private var deadline = EventToken.none
  /// Told when nothing could be written for ``writeDeadline``.
  var onDeadline: (() -> Void)?

  private static let write = EventLabel("controlplane.agent.write")
  private static let expiry = EventLabel("controlplane.agent.writeDeadline")

  init(
    _ incarnation: Incarnation, socket: Socket, writing: HubPolicies.FrameWriting,
    queue: StreamingPolicies.AgentQueue = .controlFirst
  ) {
    self.incarnation = incarnation
    wakeUps = incarnation.decisions.stream("controlplane.agent.writer")
    self.socket = socket
    self.writing = writing
    self.queue = queue
    socket.onWritable = { [unowned self] in pump() }
  }

  /// Messages that wait and count against ``capacity``.
  private(set) var queued = 0

  /// Queues a message; false when the queue is full.
  func send(_ frame: AgentSocketFrame, isData: Bool, _ onWritten: (() -> Void)?) -> Bool {
    guard !isStopped, queued < Self.capacity else { return false }
    let item = Item(frame: frame, onWritten: onWritten)
    if isData { data.append(item) } else { messages.append(item) }
    queued += 1
    wake()
    return true
  }

  /// Queues a message of a stream, control before data. Nothing of it is refused: each attachment has one data frame here
  /// at a time, so that they take turns (Streaming, rule 4). In the one queue of B-65 it counts like any other.
  func sendStream(_ frame: AgentSocketFrame, isData: Bool, _ onWritten: (() -> Void)?) -> Bool {
    if queue == .oneForAll { return send(frame, isData: false, onWritten) }
    guard !isStopped else { return false }
    let item = Item(frame: frame, onWritten: onWritten, counts: false)
    if isData { data.append(item) } else { messages.append(item) }
    wake()
    return true
  }

  /// Queues a control frame of RFC 6455, which does not count against the queue.
  func sendControl(_ frame: AgentSocketFrame) {
    guard !isStopped else { return }
    controls.append(frame)
    wake()
  }

  /// Nothing is written any more.
  func stop() {
    isStopped = true
    controls.removeAll()
    messages.removeAll()
    data.removeAll()
    queued = 0
    incarnation.cancel(deadline)
  }

  private func wake() {
    switch writing {
    case .oneDocument: pump()
    case .coalesced:
      // The shipped writer is woken by the first message and takes along what is queued when it gets to run.
      guard !isScheduled else { return }
      isScheduled = true
      let delay = incarnation.decisions.draw(wakeUps, from: .zero, to: Self.longestWakeUp)
      incarnation.after(delay, Self.write) { [weak self] in
        self?.isScheduled = false
        self?.pump()
      }
    }
  }

  private func pump() {
    // A sender that is told of its frame queues the next one: it has its turn after the others.
    guard !isPumping else { return }
    isPumping = true
    defer { isPumping = false }
    while !isStopped, socket.isWritable {
      if !controls.isEmpty {
        put(controls.removeFirst())
      } else if !messages.isEmpty {
        writeMessage()
      } else if !data.isEmpty {
        let item = taken(data.removeFirst())
        put(item.frame)
        item.onWritten?()
      } else {
        incarnation.cancel(deadline)
        deadline = .none
        return
      }
    }
    watch()
  }

  private func writeMessage() {
    let item = taken(messages.removeFirst())
    guard writing == .coalesced, case .fromServer(var documents) = item.frame else {
      put(item.frame)
      item.onWritten?()
      return
    }
    var joined = [item]
    while let next = messages.first, case .fromServer(let more) = next.frame {
      documents += more
      joined.append(taken(messages.removeFirst()))
    }
    put(.fromServer(documents))
    for item in joined { item.onWritten?() }
  }

  private func taken(_ item: Item) -> Item {
    if item.counts { queued -= 1 }
    return item
  }

  private func put(_ frame: AgentSocketFrame) {
    socket.send(Frame(frame, byteCount: frame.byteCount))
    guard deadline != .none else { return }
    incarnation.cancel(deadline)
    deadline = .none
  }

  /// Something waits for a socket that takes nothing.
  private func watch() {
    guard !isStopped, deadline == .none else { return }
    deadline = incarnation.after(Self.writeDeadline, Self.expiry) { [weak self] in self?.onDeadline?() }
  }
}
