/// How opening a connection ended for the caller.
public enum CallOutcome {
  /// The server answered with a message and closed (an HTTP response).
  case reply(any Payload)
  /// The server accepted a lasting connection (TCP, or a WebSocket upgrade).
  case connected(Socket)
  /// Nobody listens there.
  case refused
  /// The connection was cut before an answer.
  case reset
  /// No answer within the time the caller allowed.
  case timedOut
}

/// An attempt to open a connection, as the caller holds it.
public final class OutgoingCall {
  enum State { case pending, answered, ended }

  let owner: Incarnation
  unowned let network: Network
  var link: Link
  var back: Link
  var latency: LatencyModel
  var state = State.pending
  /// Counts the hosts this call was sent to: an answer for an earlier one is void.
  var attempt = 0
  /// The connection stands (a process listens there, even if it is frozen): the first message has been sent.
  public internal(set) var isEstablished = false
  /// The call at the host that forwarded this one.
  weak var forwarder: IncomingCall?
  /// Told instead of the caller when the host it was forwarded to refuses.
  var onForwardRefused: (() -> Void)?
  var timer = EventToken.none
  private var completion: ((CallOutcome) -> Void)?
  weak var incoming: IncomingCall?

  init(
    owner: Incarnation, network: Network, link: Link, back: Link, latency: LatencyModel,
    completion: @escaping (CallOutcome) -> Void
  ) {
    self.owner = owner
    self.network = network
    self.link = link
    self.back = back
    self.latency = latency
    self.completion = completion
  }

  /// Gives up: no callback happens any more, the server learns of it one hop later.
  public func cancel() {
    guard state != .ended else { return }
    end()
    network.callerLeft(self)
  }

  func finish(_ outcome: CallOutcome) {
    guard state != .ended else { return }
    if case .refused = outcome, let refused = onForwardRefused {
      state = .pending
      refused()
      return
    }
    let callback = completion
    end()
    callback?(outcome)
  }

  private func end() {
    state = .ended
    completion = nil
    onForwardRefused = nil
    forwarder?.release()
    network.simulation.cancel(timer)
    network.detach(self)
  }

  func discard() { completion = nil }
}

extension OutgoingCall: NetworkAttachment {
  func ownerEnded(silently: Bool) {
    guard state != .ended else { return }
    end()
    if !silently { network.callerLeft(self) }
  }
}

/// An attempt to open a connection, as the server sees it. Answer it with exactly one of ``reply(_:)``,
/// ``accept(latency:)`` and ``drop()``.
public final class IncomingCall {
  /// What the caller sent along (an HTTP request); nil for a bare TCP connection.
  public let hello: (any Payload)?
  /// Name of the calling host.
  public let remoteHost: String
  public let owner: Incarnation
  let call: OutgoingCall
  /// Called once if the caller goes away before the answer.
  public var onAbandoned: (() -> Void)?
  private var isOpen = true

  init(hello: (any Payload)?, remoteHost: String, owner: Incarnation, call: OutgoingCall) {
    self.hello = hello
    self.remoteHost = remoteHost
    self.owner = owner
    self.call = call
  }

  /// Whether an answer is still possible.
  public var isPending: Bool { isOpen && owner.isAlive }

  /// Answers with one message and closes.
  public func reply(_ payload: any Payload) {
    guard isOpen, owner.permitEffect() else { return }
    close()
    let payload = call.network.onWire(payload)
    call.network.answer(call, bytes: payload.byteCount) { $0.finish(.reply(payload)) }
  }

  /// Accepts a lasting connection and returns the server's end; nil if the caller has left.
  /// `latency` replaces the one the connection was opened with.
  public func accept(latency: LatencyModel? = nil) -> Socket? {
    guard isOpen, owner.permitEffect() else { return nil }
    close()
    return call.network.establish(call, server: owner, latency: latency ?? call.latency)
  }

  /// Sends the caller on to `endpoint`, as address translation does: the connection will be between the caller
  /// and that host. `hello` replaces the first message. `refused` is called if nobody listens there; then
  /// forward again or answer. Returns false if the caller has left.
  @discardableResult
  public func forward(to endpoint: Endpoint, hello: (any Payload)?, refused: @escaping () -> Void) -> Bool {
    guard isOpen, call.state == .pending, owner.permitEffect() else { return false }
    call.onForwardRefused = { [weak self] in
      guard let self, self.isOpen, self.owner.isAlive else { return }
      refused()
    }
    call.forwarder = self
    call.network.forward(call, to: endpoint, from: owner, hello: hello)
    return true
  }

  /// Whether a forwarded call has reached a listening process.
  public var isForwardEstablished: Bool { call.isEstablished }

  /// Cuts the connection without an answer (RST).
  public func drop() {
    guard isOpen, owner.permitEffect() else { return }
    close()
    call.network.answer(call, bytes: 0) { $0.finish(.reset) }
  }

  /// The forwarded call has its answer.
  func release() {
    if isOpen { close() }
  }

  func callerLeft() {
    guard isOpen else { return }
    close()
    onAbandoned?()
    onAbandoned = nil
  }

  private func close() {
    isOpen = false
    call.network.detach(self, from: owner)
  }
}

extension IncomingCall: NetworkAttachment {
  func ownerEnded(silently: Bool) {
    guard isOpen else { return }
    isOpen = false
    onAbandoned = nil
    if !silently { call.network.answer(call, bytes: 0) { $0.finish(.reset) } }
  }
}

/// A port that a process listens on.
public final class Listener {
  let endpoint: Endpoint
  let owner: Incarnation
  let handler: (IncomingCall) -> Void
  unowned let network: Network
  fileprivate(set) var isOpen = true

  init(endpoint: Endpoint, owner: Incarnation, network: Network, handler: @escaping (IncomingCall) -> Void) {
    self.endpoint = endpoint
    self.owner = owner
    self.network = network
    self.handler = handler
  }

  /// Stops accepting; established connections stay.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    network.remove(self)
  }
}

extension Listener: NetworkAttachment {
  func ownerEnded(silently: Bool) {
    isOpen = false
    network.remove(self, leavingSilence: silently)
  }
}
