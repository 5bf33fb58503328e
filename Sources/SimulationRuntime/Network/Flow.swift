/// One direction of a connection: in order, never duplicated, cut off by a reset.
///
/// Everything that travels on a connection travels here, the closing and the reset too: so a reset never
/// overtakes what was sent before it.
final class Flow {
  /// What travels.
  enum Item {
    case payload(any Payload, bytes: Int)
    /// The sender closed in order, perhaps with a last word (a WebSocket close frame).
    case end((any Payload)?)
    /// RST.
    case reset
    /// What a fault took off the wire; it keeps the place of its arrival event.
    case nothing
  }

  /// Why nothing arrives although the sender has not been told.
  enum Loss {
    /// The receiver died silently: over when its host answers again.
    case silence
    /// A half-open or black-hole fault: over when the fault is.
    case fault(FaultRecord)
  }

  let link: Link
  @exclusivity(unchecked) var latency: LatencyModel
  let network: Network
  private let timeline: Timeline
  /// The end that sends; nil once it has closed.
  @exclusivity(unchecked) var sender: Socket?
  /// The end that receives; nil once it has closed.
  @exclusivity(unchecked) var receiver: Socket?
  /// Owner of the receiving end, for pauses.
  let receiverOwner: Incarnation
  @exclusivity(unchecked) private(set) var loss: Loss?
  /// Something was lost that the sender's TCP goes on sending again.
  private var isRetransmitting = false
  /// Earliest time of the next arrival: a frame arrives no earlier than the one before it.
  @exclusivity(unchecked) private var lastArrival: Int64 = 0
  /// When the sender's line is free again (transmission time of what was sent).
  @exclusivity(unchecked) private var lineFree: Int64 = 0
  @exclusivity(unchecked) private var items: [Item] = []
  @exclusivity(unchecked) private var head = 0

  private static let delivery = EventLabel("network.delivery")
  private static let closing = EventLabel("network.close")
  private static let reset = EventLabel("network.reset")
  private static let healed = EventLabel("network.healed")

  init(link: Link, latency: LatencyModel, network: Network, receiverOwner: Incarnation) {
    self.link = link
    self.latency = latency
    self.network = network
    timeline = network.timeline
    self.receiverOwner = receiverOwner
  }

  // MARK: Sending

  /// Puts `item` on its way, unless it is lost; `heldBack` is an extra delay, for it and all behind it.
  func send(_ item: Item, bytes: Int, heldBack: TimeSpan = .zero) {
    if loss == nil || isLossOver { return transmit(item, bytes: bytes, heldBack: heldBack) }
    isRetransmitting = true
    if case .fault(let record) = loss { record.touch(at: timeline.now) }
  }

  private func transmit(_ item: Item, bytes: Int, heldBack: TimeSpan = .zero) {
    items.append(item)
    let now = timeline.clock
    lineFree = max(lineFree, now) + network.transmissionTime(bytes)
    let delay = network.hopDelay(latency, link, bytes: bytes)
    lastArrival = max(lineFree + delay.nanoseconds + heldBack.nanoseconds, lastArrival + 1)
    let label =
      switch item {
      case .payload, .nothing: Self.delivery
      case .end: Self.closing
      case .reset: Self.reset
      }
    schedule(after: .nanoseconds(lastArrival - now), label)
  }

  private func schedule(after span: TimeSpan, _ label: EventLabel) {
    // The machine of a dead process still answers.
    let owner = receiverOwner.isAlive ? receiverOwner : nil
    _ = timeline.schedule(after: span, for: owner, label) { [self] in arrive() }
  }

  /// Nothing sent from now on arrives before `time`.
  func holdBack(until time: Instant) { lastArrival = max(lastArrival, time.nanoseconds) }

  // MARK: Arriving

  private func arrive() {
    if link.isClear { return deliver() }
    switch link.obstacle {
    case .loss(let record):
      record.touch(at: timeline.now)
      lose(.fault(record))
      _ = removeFirst()
    case .cut(let record):
      record.touch(at: timeline.now)
      let sending = timeline.queue.present
      // The cause of a late arrival is what was sent, not only the heal that let it pass.
      link.park { [self] in timeline.queue.following(sending) { schedule(after: .zero, Self.healed) } }
    case nil: deliver()
    }
  }

  /// Hands the oldest item to the receiver.
  private func deliver() {
    guard let item = removeFirst() else { return }
    // Behind a gap nothing can be delivered, even if the receiver still waits for it.
    if loss == nil, let receiver { return receiver.receive(item) }
    if case .payload = item { resetSender() }
  }

  private func removeFirst() -> Item? {
    guard head < items.count else { return nil }
    let item = items[head]
    items[head] = .nothing
    head += 1
    if head == items.count {
      items.removeAll(keepingCapacity: true)
      head = 0
    } else if head > 64, head * 2 > items.count {
      items.removeFirst(head)
      head = 0
    }
    return item
  }

  // MARK: Losing

  /// From now on nothing arrives, and what is on its way is lost.
  func lose(_ loss: Loss) {
    guard self.loss == nil else { return }
    self.loss = loss
    if head < items.count { isRetransmitting = true }
    clear()
    if case .fault(let record) = loss { network.remember(self, lostTo: record) }
  }

  private var isLossOver: Bool {
    switch loss {
    case .silence: !receiverOwner.isSilent
    case .fault(let record): record.end != nil
    case nil: false
    }
  }

  /// What kept this flow silent is over: whoever still sends learns that nobody knows the connection.
  func lossEnded() { if isRetransmitting { resetSender() } }

  /// RST to whoever sends here: the receiving end does not know this connection.
  private func resetSender() {
    // It answers on the way back, also when that way had lost something.
    sender?.incoming.sendReset()
  }

  /// A reset ends the connection whatever is missing before it.
  private func sendReset() {
    loss = nil
    transmit(.reset, bytes: 0)
  }

  /// Takes what is on its way off the wire.
  func clear() {
    // Payloads are let go of when the list is whole again.
    let dropped = items
    items = Array(repeating: .nothing, count: dropped.count)
    withExtendedLifetime(dropped) {}
  }

  /// Lets go of everything at the end of the run.
  func discard() {
    let dropped = items
    items = []
    head = 0
    withExtendedLifetime(dropped) {}
    sender = nil
    receiver = nil
  }
}
