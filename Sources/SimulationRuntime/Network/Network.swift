/// The links between hosts, the connections over them, and their faults.
public final class Network {
  unowned let simulation: Simulation
  /// Latency of a connection by its ends and port; the environment sets it (spec/06 §10.3).
  public var latencyPolicy: (_ from: String, _ to: String, _ port: Int) -> LatencyModel = { _, _, _ in
    .constant(.milliseconds(1))
  }
  /// Line speed of every connection, 125 MB/s unless changed (spec/06 §10.3).
  public var bytesPerSecond: Int64 = 125_000_000

  /// Replaces every payload as it is sent. An environment uses it to encode and decode typed frames in one
  /// seed per case, which proves that the bytes carry the same (DESIGN §3). Nil: payloads travel as they are.
  public var transcode: ((any Payload) -> any Payload)?

  /// Asked about every payload that a socket sends; it can hold one back (and all behind it) or lose it. For faults
  /// that name a frame, such as a delayed heartbeat. Nil: everything passes.
  public var interceptor: ((_ sender: Socket, _ payload: any Payload) -> Interception)?

  private var links: [UInt64: Link] = [:]
  private var linkList: [Link] = []
  private var listeners: [Endpoint: Listener] = [:]
  /// Endpoints whose process died silently: dials get no answer.
  private var silent: Set<Endpoint> = []
  private var connectionCount = 0
  private let latencies: DecisionStream
  private var sockets: [WeakSocket] = []

  private struct WeakSocket { weak var socket: Socket? }

  private static let arrival = EventLabel("network.call")
  private static let answered = EventLabel("network.answer")
  private static let refusal = EventLabel("network.refused")
  private static let resetLabel = EventLabel("network.reset")
  private static let timeout = EventLabel("network.timeout")
  private static let abandoned = EventLabel("network.abandoned")

  init(simulation: Simulation) {
    self.simulation = simulation
    latencies = simulation.decisions.stream("network.latency")
  }

  // MARK: Opening

  /// Listens on `port` of the owner's host.
  @discardableResult
  public func listen(_ owner: Incarnation, port: Int, _ handler: @escaping (IncomingCall) -> Void) -> Listener {
    let listener = Listener(
      endpoint: Endpoint(host: owner.host.name, port: port), owner: owner, network: self, handler: handler)
    guard owner.permitEffect() else { return listener }
    listeners[listener.endpoint] = listener
    silent.remove(listener.endpoint)
    owner.attachments.append(listener)
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
      owner: owner, network: self, link: link(owner.host, target), back: link(target, owner.host),
      latency: latency ?? latencyPolicy(owner.host.name, endpoint.host, endpoint.port), completion: completion)
    guard owner.permitEffect() else { return call }
    owner.attachments.append(call)
    let hello = hello.map(onWire)
    if let timeout {
      call.timer = owner.after(timeout, Self.timeout) { [weak call, weak self] in
        guard let call, let self, call.state != .ended else { return }
        call.finish(.timedOut)
        self.callerLeft(call)
      }
    }
    dispatch(call, to: endpoint, hello: hello, over: call.link, latency: call.latency)
    return call
  }

  private func dispatch(
    _ call: OutgoingCall, to endpoint: Endpoint, hello: (any Payload)?, over hop: Link, latency: LatencyModel
  ) {
    call.attempt += 1
    let attempt = call.attempt
    let bytes = hello?.byteCount ?? 0
    let delay = hopDelay(latency, hop, bytes: bytes) + .nanoseconds(transmissionTime(bytes))
    simulation.schedule(after: delay, Self.arrival) { [self] in
      call.link.arrive {
        if call.attempt == attempt { self.arrive(call, at: endpoint, hello: hello) }
      }
    }
  }

  /// Sends a call on to another host; the connection will be between the caller and that host.
  func forward(_ call: OutgoingCall, to endpoint: Endpoint, from forwarder: Incarnation, hello: (any Payload)?) {
    let caller = call.owner.host
    let target = simulation.host(endpoint.host)
    call.link = link(caller, target)
    call.back = link(target, caller)
    call.latency = latencyPolicy(caller.name, endpoint.host, endpoint.port)
    call.isEstablished = false
    let latency = latencyPolicy(forwarder.host.name, endpoint.host, endpoint.port)
    dispatch(call, to: endpoint, hello: hello, over: link(forwarder.host, target), latency: latency)
  }

  private func arrive(_ call: OutgoingCall, at endpoint: Endpoint, hello: (any Payload)?) {
    guard call.state == .pending else { return }
    if let fault = call.link.resets.last {
      fault.touch(at: simulation.now)
      refuse(call)
      return
    }
    guard let listener = listeners[endpoint], listener.owner.isAlive else {
      if !silent.contains(endpoint) { refuse(call) }
      return
    }
    let attempt = call.attempt
    call.isEstablished = true
    simulation.schedule(after: .zero, for: listener.owner, Self.arrival) { [self] in
      guard call.state == .pending, call.attempt == attempt else { return }
      guard listener.isOpen else {
        refuse(call)
        return
      }
      let incoming = IncomingCall(
        hello: hello, remoteHost: call.owner.host.name, owner: listener.owner, call: call)
      call.incoming = incoming
      listener.owner.attachments.append(incoming)
      listener.handler(incoming)
    }
  }

  func onWire(_ payload: any Payload) -> any Payload { transcode?(payload) ?? payload }

  private func refuse(_ call: OutgoingCall) {
    answer(call, bytes: 0) { $0.finish(.refused) }
  }

  /// Brings an answer back to the caller, one hop later.
  func answer(_ call: OutgoingCall, bytes: Int, _ action: @escaping (OutgoingCall) -> Void) {
    guard call.state == .pending else { return }
    call.state = .answered
    let delay = hopDelay(call.latency, call.back, bytes: bytes) + .nanoseconds(transmissionTime(bytes))
    simulation.schedule(after: delay, Self.answered) { [self] in
      call.back.arrive {
        self.simulation.schedule(after: .zero, for: call.owner, Self.answered) { action(call) }
      }
    }
  }

  /// Makes both ends of a connection; the caller gets its end one hop later.
  func establish(_ call: OutgoingCall, server: Incarnation, latency: LatencyModel) -> Socket? {
    guard call.state == .pending, call.owner.isAlive else { return nil }
    connectionCount += 1
    let outward = Flow(link: call.back, latency: latency, network: self, receiverOwner: call.owner)
    let inward = Flow(link: call.link, latency: latency, network: self, receiverOwner: server)
    let serverEnd = Socket(
      connection: connectionCount, owner: server, remoteHost: call.owner.host.name, outgoing: outward,
      incoming: inward, network: self)
    let clientEnd = Socket(
      connection: connectionCount, owner: call.owner, remoteHost: server.host.name, outgoing: inward,
      incoming: outward, network: self)
    serverEnd.peer = clientEnd
    clientEnd.peer = serverEnd
    inward.receiver = serverEnd
    outward.receiver = clientEnd
    attach(serverEnd)
    attach(clientEnd)
    call.state = .answered
    let delay = hopDelay(call.latency, call.back, bytes: 0)
    outward.holdBack(until: simulation.now + delay + .nanoseconds(1))
    simulation.schedule(after: delay, Self.answered) { [self] in
      call.back.arrive {
        // Frames of the server wait behind this, whatever held it up.
        outward.holdBack(until: self.simulation.now + .nanoseconds(1))
        self.simulation.schedule(after: .zero, for: call.owner, Self.answered) {
          if call.state == .ended { clientEnd.reset() } else { call.finish(.connected(clientEnd)) }
        }
      }
    }
    return serverEnd
  }

  // MARK: Ends

  private func attach(_ socket: Socket) {
    socket.owner.attachments.append(socket)
    sockets.append(WeakSocket(socket: socket))
    if sockets.count > 64, sockets.count & (sockets.count - 1) == 0 { sockets.removeAll { $0.socket == nil } }
  }

  func detach(_ socket: Socket) { socket.owner.attachments.removeAll { $0 === socket } }
  func detach(_ call: OutgoingCall) { call.owner.attachments.removeAll { $0 === call } }
  func detach(_ call: IncomingCall, from owner: Incarnation) { owner.attachments.removeAll { $0 === call } }

  func remove(_ listener: Listener, leavingSilence: Bool = false) {
    if listeners[listener.endpoint] === listener { listeners[listener.endpoint] = nil }
    if leavingSilence { silent.insert(listener.endpoint) }
    listener.owner.attachments.removeAll { $0 === listener }
  }

  func endpointDied(_ owner: Incarnation, silently: Bool) {
    let attachments = owner.attachments
    owner.attachments.removeAll()
    for attachment in attachments { attachment.ownerEnded(silently: silently) }
  }

  /// A process started on `host`: what was silent there answers with refusals and resets again.
  func hostCameBack(_ host: Host) {
    for endpoint in silent.filter({ $0.host == host.name }) { silent.remove(endpoint) }
  }

  func callerLeft(_ call: OutgoingCall) {
    simulation.schedule(after: hopDelay(call.latency, call.link, bytes: 0), Self.abandoned) { [self] in
      call.link.arrive {
        guard let incoming = call.incoming, incoming.owner.isAlive else { return }
        self.simulation.schedule(after: .zero, for: incoming.owner, Self.abandoned) { incoming.callerLeft() }
      }
    }
  }

  /// RST to the other end of `socket`, one hop later.
  func resetPeer(of socket: Socket) {
    guard let peer = socket.peer else { return }
    sendReset(to: peer, over: socket.outgoing)
  }

  /// RST to whoever sends on `flow`: the receiving end does not know this connection.
  func resetSender(of flow: Flow) {
    guard let sender = liveSockets.first(where: { $0.outgoing === flow }) else { return }
    sendReset(to: sender, over: sender.incoming)
  }

  private func sendReset(to socket: Socket, over flow: Flow) {
    simulation.schedule(after: hopDelay(flow.latency, flow.link, bytes: 0), Self.resetLabel) { [weak self] in
      flow.link.arrive {
        guard let self, socket.isOpen else { return }
        self.simulation.schedule(after: .zero, for: socket.owner, Self.resetLabel) { socket.finish(.reset) }
      }
    }
  }

  /// Something was sent to an end that is gone. If its host lives again, it answers with RST; else silence.
  func sentIntoVoid(_ flow: Flow) {
    guard flow.voidRecord == nil, flow.link.to.processes.contains(where: { $0.current != nil }) else { return }
    resetSender(of: flow)
  }

  func redeliver(_ flow: Flow) {
    simulation.schedule(after: .zero, for: flow.receiverOwner, Self.arrival) { flow.deliver() }
  }

  // MARK: Delays

  func hopDelay(_ latency: LatencyModel, _ link: Link, bytes: Int) -> TimeSpan {
    simulation.decisions.draw(latencies, latency) + link.extraDelay(bytes: bytes, latencies)
  }

  func transmissionTime(_ bytes: Int) -> Int64 { Int64(bytes) * 1_000_000_000 / bytesPerSecond }

  // MARK: Links and faults

  func link(_ from: Host, _ to: Host) -> Link {
    let key = UInt64(from.index) << 32 | UInt64(to.index)
    if let link = links[key] { return link }
    let link = Link(from: from, to: to, simulation: simulation)
    links[key] = link
    linkList.append(link)
    return link
  }

  var allLinks: [Link] { linkList }

  /// Open ends, oldest connection first.
  var liveSockets: [Socket] { sockets.compactMap(\.socket).filter(\.isOpen) }

  /// Number of open connections that have an end on `host`.
  public func openConnections(on host: String) -> Int {
    liveSockets.filter { $0.owner.host.name == host }.count
  }

  func discard() {
    for socket in sockets.compactMap(\.socket) { socket.discard() }
    for link in linkList { link.discard() }
    listeners.removeAll()
  }
}
