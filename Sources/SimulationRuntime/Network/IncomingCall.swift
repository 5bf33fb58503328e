/// An attempt to open a connection, as the server sees it. Answer it with exactly one of ``reply(_:)``,
/// ``accept(latency:)`` and ``drop()``, at once or later.
public final class IncomingCall {
  /// What the caller sent along (an HTTP request); nil for a bare TCP connection.
  public let hello: (any Payload)?
  /// Name of the calling host.
  public let remoteHost: String
  public let owner: Incarnation
  let call: OutgoingCall
  var attachmentSlot = -1
  /// Called once if the caller goes away before the answer.
  public var onAbandoned: (() -> Void)?
  private var isOpen = true
  private var isForwarded = false
  /// The server's end, if it accepted.
  private var socket: Socket?

  private static let broken = EventLabel("network.reset")

  init(hello: (any Payload)?, owner: Incarnation, call: OutgoingCall) {
    self.hello = hello
    remoteHost = call.owner.host.name
    self.owner = owner
    self.call = call
    owner.attachments.append(self)
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

  /// Accepts a lasting connection and returns the server's end; nil if the caller is known to have left.
  /// `latency` replaces the one the connection was opened with.
  public func accept(latency: LatencyModel? = nil) -> Socket? {
    guard isOpen, owner.permitEffect() else { return nil }
    close()
    let end = call.network.establish(call, server: owner, latency: latency ?? call.latency)
    socket = end
    return end
  }

  /// Sends the caller on to `endpoint`, as address translation does: the connection will be between the caller
  /// and that host. `hello` replaces the first message. `refused` is called if nobody listens there; then forward
  /// again, or answer. False if the caller is known to have left.
  @discardableResult
  public func forward(to endpoint: Endpoint, hello: (any Payload)?, refused: @escaping () -> Void) -> Bool {
    guard isOpen, call.state == .pending, owner.permitEffect() else { return false }
    isForwarded = true
    call.network.forward(self, to: endpoint, hello: hello) { [weak self] in
      if self?.isPending == true { refused() }
    }
    return true
  }

  /// Whether a process listens where the call was forwarded to.
  public var isForwardEstablished: Bool { isForwarded && call.isEstablished }

  /// The forwarded call has its answer, or its caller has left.
  func released() {
    if isOpen { close() }
  }

  /// Cuts the connection without an answer (RST).
  public func drop() {
    guard isOpen, owner.permitEffect() else { return }
    close()
    call.network.answer(call, bytes: 0) { $0.finish(.reset) }
  }

  /// Nobody takes the call any more although the machine answers.
  func refuse() {
    guard isOpen else { return }
    close()
    call.network.refuse(call)
  }

  /// The news that the caller has left arrives.
  func callerLeft() {
    if isOpen {
      let callback = onAbandoned
      close()
      callback?()
    } else {
      socket?.finish(.reset)
      socket = nil
    }
  }

  private func close() {
    isOpen = false
    onAbandoned = nil
    owner.attachments.remove(self)
  }
}

extension IncomingCall: NetworkAttachment {
  var remote: Host? { call.owner.host }

  func ownerEnded(silently: Bool) {
    guard isOpen else { return }
    isOpen = false
    onAbandoned = nil
    // A forwarded call goes on without the forwarder, unless it was refused and needs another host.
    if !silently, !isForwarded || call.awaitsForwarder { call.network.answer(call, bytes: 0) { $0.finish(.reset) } }
  }

  func breakOff() -> Bool {
    guard isOpen else { return false }
    call.network.simulation.schedule(after: .zero, for: owner, Self.broken) { [self] in callerLeft() }
    return true
  }

  func discard() {
    onAbandoned = nil
    socket = nil
  }
}
