/// One direction of a connection: in order, never duplicated, cut off by a reset.
final class Flow {
  enum Item {
    case payload(any Payload)
    /// The sender closed in order, perhaps with a last word (a WebSocket close frame).
    case end((any Payload)?)
  }

  let link: Link
  var latency: LatencyModel
  unowned let network: Network
  /// The end that receives; nil once the connection is gone.
  weak var receiver: Socket?
  /// Owner of the receiving end, for pauses.
  let receiverOwner: Incarnation
  /// Earliest time of the next arrival: a frame arrives no earlier than the one before it.
  private var lastArrival: Int64 = 0
  /// When the sender's line is free again (transmission time of what was sent).
  private var lineFree: Int64 = 0
  private var items: [Item] = []
  private var head = 0
  /// The other end is gone and the sender does not know (half-open, silent death).
  var isVoid = false
  var voidRecord: FaultRecord?
  private var arrival: () -> Void = {}

  private static let delivery = EventLabel("network.delivery")

  init(link: Link, latency: LatencyModel, network: Network, receiverOwner: Incarnation) {
    self.link = link
    self.latency = latency
    self.network = network
    self.receiverOwner = receiverOwner
    arrival = { [unowned self] in
      let flow = self
      if flow.link.isClear { flow.deliver() } else { flow.link.arrive { flow.network.redeliver(flow) } }
    }
  }

  /// Puts `item` on its way; `bytes` is its length, `heldBack` an extra delay.
  func send(_ item: Item, bytes: Int, heldBack: TimeSpan = .zero) {
    let simulation = link.simulation
    if isVoid {
      voidRecord?.touch(at: simulation.now)
      network.sentIntoVoid(self)
      return
    }
    items.append(item)
    let now = simulation.now.nanoseconds
    lineFree = max(lineFree, now) + network.transmissionTime(bytes)
    let delay = network.hopDelay(latency, link, bytes: bytes)
    lastArrival = max(lineFree + delay.nanoseconds + heldBack.nanoseconds, lastArrival + 1)
    simulation.schedule(
      after: .nanoseconds(lastArrival - now), for: receiverOwner, Self.delivery, arrival)
  }

  /// Nothing sent from now on arrives before `time`.
  func holdBack(until time: Instant) { lastArrival = max(lastArrival, time.nanoseconds) }

  /// Hands the oldest item to the receiver.
  func deliver() {
    guard head < items.count else { return }
    let item = items[head]
    head += 1
    if head == items.count {
      items.removeAll(keepingCapacity: true)
      head = 0
    } else if head > 64, head * 2 > items.count {
      items.removeFirst(head)
      head = 0
    }
    guard let receiver else {
      if !isVoid { network.resetSender(of: self) }
      return
    }
    receiver.receive(item)
  }

  /// Forgets what is on its way.
  func clear() {
    items.removeAll()
    head = 0
  }
}
