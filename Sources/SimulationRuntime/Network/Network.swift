/// The links between hosts, the connections over them, and their faults.
public final class Network {
  unowned let simulation: Simulation
  /// Latency of a connection by its ends and port; the environment sets it (spec/06 §10.3).
  @exclusivity(unchecked) public var latencyPolicy: (_ from: String, _ to: String, _ port: Int) -> LatencyModel = {
    _, _, _ in
    .constant(.milliseconds(1))
  }
  /// Line speed of every connection, 125 MB/s unless changed (spec/06 §10.3).
  @exclusivity(unchecked) public var bytesPerSecond: Int64 = 125_000_000

  /// Replaces every payload as it is sent. An environment uses it to encode and decode typed frames in one
  /// seed per case, which proves that the bytes carry the same (DESIGN §3). Nil: payloads travel as they are.
  @exclusivity(unchecked) public var transcode: ((any Payload) -> any Payload)?

  /// Asked about every payload that a socket sends; it can hold one back (and all behind it) or lose it. For faults
  /// that name a frame, such as a delayed heartbeat. Nil: everything passes.
  @exclusivity(unchecked) public var interceptor: ((_ sender: Socket, _ payload: any Payload) -> Interception)?

  private var links: [UInt64: Link] = [:]
  private(set) var allLinks: [Link] = []
  private var listeners: [Endpoint: Listener] = [:]
  /// Ports whose process died silently.
  private var silentPorts: [Endpoint: Incarnation] = [:]
  /// Connections that a fault has swallowed something of.
  private var losers: [(record: FaultRecord, flow: Flow)] = []
  private var connectionCount = 0
  private let latencies: DecisionStream
  private let decisions: Decisions
  let timeline: Timeline

  private static let arrival = EventLabel("network.call")
  private static let answered = EventLabel("network.answer")
  private static let timeout = EventLabel("network.timeout")
  private static let abandoned = EventLabel("network.abandoned")
  private static let portTaken = EventLabel("network.portTaken")

  init(simulation: Simulation) {
    self.simulation = simulation
    timeline = simulation.timeline
    decisions = simulation.decisions
    latencies = decisions.stream("network.latency")
  }

  // MARK: Opening

  /// Listens on `port` of the owner's host. If the port is taken, the listener is not open and the trace says so.
  @discardableResult
  public func listen(_ owner: Incarnation, port: Int, _ handler: @escaping (IncomingCall) -> Void) -> Listener {
    let listener = Listener(
      endpoint: Endpoint(host: owner.host.name, port: port), owner: owner, network: self, handler: handler)
    guard owner.permitEffect() else { return listener }
    guard listeners[listener.endpoint] == nil else {
      owner.note(Self.portTaken, ("port", .integer(Int64(port))))
      return listener
    }
    listeners[listener.endpoint] = listener
    silentPorts[listener.endpoint] = nil
    listener.open()
    return listener
  }

  /// Opens a connection to `endpoint` with an optional first message. `completion` is called once, in the
  /// caller's life, unless the call is cancelled; without `timeout` a call to a silent host never ends.
  @discardableResult
  public func open(
    from owner: Incarnation, to endpoint: Endpoint, hello: (any Payload)? = nil, timeout: TimeSpan? = nil,
    latency: LatencyModel? = nil, _ completion: @escaping (CallOutcome) -> Void
  ) -> OutgoingCall {
    let target = simulation.host(endpoint.host)
    let call = OutgoingCall(
      owner: owner, to: endpoint, network: self, link: link(owner.host, target), back: link(target, owner.host),
      latency: latency ?? latencyPolicy(owner.host.name, endpoint.host, endpoint.port), completion: completion)
    guard owner.permitEffect() else { return call }
    owner.attachments.append(call)
    let hello = hello.map(onWire)
    if let timeout { call.timer = owner.after(timeout, Self.timeout) { call.timeOut() } }
    dispatch(call, to: endpoint, hello: hello, over: call.link, call.latency)
    return call
  }

  private func dispatch(
    _ call: OutgoingCall, to endpoint: Endpoint, hello: (any Payload)?, over hop: Link, _ latency: LatencyModel
  ) {
    let attempt = call.attempt
    let bytes = hello?.byteCount ?? 0
    let delay = hopDelay(latency, hop, bytes: bytes) + .nanoseconds(transmissionTime(bytes))
    _ = timeline.schedule(after: delay, for: nil, Self.arrival) { [self] in
      // A call that was sent on meanwhile has another link.
      if call.link.isClear { return arrive(call, attempt, at: endpoint, hello: hello) }
      call.link.pass { [self] in arrive(call, attempt, at: endpoint, hello: hello) }
    }
  }

  /// Runs `action` in the life of `owner`, whose machine has just got what it is about: in the same event if it runs,
  /// when it goes on if it is frozen, never if it has ended.
  private func hand(to owner: Incarnation, _ label: EventLabel, _ action: @escaping () -> Void) {
    switch owner.state {
    case .running:
      simulation.trace.attribute(to: owner)
      action()
    case .paused: _ = timeline.schedule(after: .zero, for: owner, label, action)
    case .ended: break
    }
  }

  /// Sends a call on to another host: the connection will be between the caller and that host.
  func forward(
    _ incoming: IncomingCall, to endpoint: Endpoint, hello: (any Payload)?, refused: @escaping () -> Void
  ) {
    let call = incoming.call
    let caller = call.owner.host
    let target = simulation.host(endpoint.host)
    call.redirect(
      incoming, link: link(caller, target), back: link(target, caller),
      latency: latencyPolicy(caller.name, endpoint.host, endpoint.port), refused: refused)
    let hop = link(incoming.owner.host, target)
    dispatch(
      call, to: endpoint, hello: hello.map(onWire), over: hop,
      latencyPolicy(incoming.owner.host.name, endpoint.host, endpoint.port))
  }

  private func arrive(_ call: OutgoingCall, _ attempt: Int, at endpoint: Endpoint, hello: (any Payload)?) {
    guard call.attempt == attempt, call.state == .pending else { return }
    if let fault = call.link.resets.last {
      fault.touch(at: simulation.now)
      return refuse(call)
    }
    guard let listener = listeners[endpoint] else {
      // A machine that is down, and a port whose process died silently, do not answer.
      if silentPorts[endpoint]?.isSilent != true, !call.link.to.isDown { refuse(call) }
      return
    }
    // The machine takes the call, so a crash before the program sees it is noticed by the caller.
    let incoming = IncomingCall(hello: hello, owner: listener.owner, call: call)
    call.incoming = incoming
    hand(to: listener.owner, Self.arrival) {
      guard incoming.isPending else { return }
      if listener.isOpen { listener.handler(incoming) } else { incoming.refuse() }
    }
  }

  func onWire(_ payload: any Payload) -> any Payload { transcode?(payload) ?? payload }

  /// Tells the caller, or whoever forwarded the call, that nobody listens.
  func refuse(_ call: OutgoingCall) {
    guard let forwarder = call.forwarder, forwarder.call.owner.isAlive else {
      return answer(call, bytes: 0) { $0.finish(.refused) }
    }
    call.refusedForForwarder()
    let attempt = call.attempt
    let host = forwarder.call.owner.host
    let back = link(call.link.to, host)
    let latency = latencyPolicy(host.name, call.link.to.name, forwarder.call.call.endpoint.port)
    travel(after: hopDelay(latency, back, bytes: 0), over: back, to: forwarder.call.owner, Self.answered) {
      if call.attempt == attempt { forwarder.refused() }
    }
  }

  /// Brings an answer back to the caller, one hop later.
  func answer(_ call: OutgoingCall, bytes: Int, _ action: @escaping (OutgoingCall) -> Void) {
    guard call.state == .pending else { return }
    call.answered()
    let delay = hopDelay(call.latency, call.back, bytes: bytes) + .nanoseconds(transmissionTime(bytes))
    travel(after: delay, over: call.back, to: call.owner, Self.answered) { action(call) }
  }

  /// Brings news to the machine of `owner` over `link`.
  func travel(
    after delay: TimeSpan, over link: Link, to owner: Incarnation, _ label: EventLabel, _ action: @escaping () -> Void
  ) {
    _ = timeline.schedule(after: delay, for: nil, label) { [self] in
      if link.isClear { return hand(to: owner, label, action) }
      link.pass { [self] in hand(to: owner, label, action) }
    }
  }

  /// Makes both ends of a connection; the caller gets its end one hop later.
  func establish(_ call: OutgoingCall, server: Incarnation, latency: LatencyModel) -> Socket {
    connectionCount += 1
    let outward = Flow(link: call.back, latency: latency, network: self, receiverOwner: call.owner)
    let inward = Flow(link: call.link, latency: latency, network: self, receiverOwner: server)
    let serverEnd = Socket(
      connection: connectionCount, owner: server, remoteHost: call.owner.host.name, outgoing: outward,
      incoming: inward, network: self)
    guard call.state == .pending else {
      // The caller has left and the server has not heard of it: what it sends now meets nobody.
      if call.owner.isSilent {
        outward.lose(.silence)
        call.owner.stranded.append(outward)
      }
      return serverEnd
    }
    let clientEnd = Socket(
      connection: connectionCount, owner: call.owner, remoteHost: server.host.name, outgoing: inward,
      incoming: outward, network: self)
    call.accepted(clientEnd)
    let delay = hopDelay(call.latency, call.back, bytes: 0)
    outward.holdBack(until: simulation.now + delay + .nanoseconds(1))
    let back = call.back
    _ = timeline.schedule(after: delay, for: nil, Self.answered) { [self] in
      if back.isClear { return tell(call, of: outward) }
      back.pass { [self] in tell(call, of: outward) }
    }
    return serverEnd
  }

  /// The news that its call was accepted has reached the caller's machine.
  private func tell(_ call: OutgoingCall, of outward: Flow) {
    // Frames of the server wait behind this, whatever held it up.
    outward.holdBack(until: timeline.now + .nanoseconds(1))
    hand(to: call.owner, Self.answered) { call.handOver() }
  }

  // MARK: Ends

  func remove(_ listener: Listener, leavingSilence: Bool = false) {
    guard listeners[listener.endpoint] === listener else { return }
    listeners[listener.endpoint] = nil
    if leavingSilence { silentPorts[listener.endpoint] = listener.owner }
  }

  func endpointDied(_ owner: Incarnation, silently: Bool) {
    for attachment in owner.attachments.removeAll() { attachment.ownerEnded(silently: silently) }
  }

  /// What was silent answers again: its connections are unknown there.
  func answersAgain(_ life: Incarnation) {
    let flows = life.stranded
    life.stranded.removeAll()
    for flow in flows { flow.lossEnded() }
  }

  /// The caller gave up before the answer; the server learns of it one hop later.
  func callerLeft(_ call: OutgoingCall, _ incoming: IncomingCall) {
    travel(
      after: hopDelay(call.latency, call.link, bytes: 0), over: call.link, to: incoming.owner, Self.abandoned
    ) { incoming.callerLeft() }
  }

  /// `flow` lost something to the fault `record`, and will be told when that ends.
  func remember(_ flow: Flow, lostTo record: FaultRecord) { losers.append((record, flow)) }

  func faultEnded(_ record: FaultRecord) {
    for link in allLinks { link.remove(record) }
    let flows = losers.filter { $0.record === record }.map(\.flow)
    losers.removeAll { $0.record === record }
    for flow in flows { flow.lossEnded() }
  }

  // MARK: Delays

  func hopDelay(_ latency: LatencyModel, _ link: Link, bytes: Int) -> TimeSpan {
    decisions.draw(latencies, latency) + link.extraDelay(bytes: bytes, latencies)
  }

  func transmissionTime(_ bytes: Int) -> Int64 { Self.transmissionTime(bytes, at: bytesPerSecond) }

  /// Nanoseconds that `bytes` occupy a line of `rate` bytes per second.
  static func transmissionTime(_ bytes: Int, at rate: Int64) -> Int64 {
    let (product, overflow) = Int64(bytes).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max / 4 : product / max(rate, 1)
  }

  // MARK: Links

  func link(_ from: Host, _ to: Host) -> Link {
    let key = UInt64(from.index) << 32 | UInt64(to.index)
    if let link = links[key] { return link }
    let link = Link(from: from, to: to, simulation: simulation)
    links[key] = link
    allLinks.append(link)
    return link
  }

  /// The open ends of connections on `host`, oldest first.
  public func openSockets(on host: String) -> [Socket] {
    simulation.host(host).attachments.compactMap { $0 as? Socket }.filter(\.isOpen)
  }

  /// Number of open connections that have an end on `host`.
  public func openConnections(on host: String) -> Int {
    simulation.host(host).attachments.count { ($0 as? Socket)?.isOpen == true }
  }

  /// Calls of living processes that nobody has answered, as a reader wants them named.
  var unansweredCalls: [String] {
    simulation.hosts.flatMap(\.attachments).compactMap { ($0 as? OutgoingCall)?.text }
  }

  func discard() {
    for link in allLinks { link.discard() }
    for (_, flow) in losers { flow.discard() }
    losers.removeAll()
    listeners.removeAll()
    silentPorts.removeAll()
    latencyPolicy = { _, _, _ in .constant(.milliseconds(1)) }
    transcode = nil
    interceptor = nil
  }
}
