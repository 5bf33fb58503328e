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
  let endpoint: Endpoint
  unowned let network: Network
  private(set) var link: Link
  private(set) var back: Link
  private(set) var latency: LatencyModel
  /// Counts the hosts this call was sent to: what arrives from an earlier one is void.
  private(set) var attempt = 1
  /// The call at the host that forwarded it, and whom to tell instead of the caller when the next host refuses.
  private(set) var forwarder: (call: IncomingCall, refused: () -> Void)?
  /// The host it was forwarded to has refused it, and the forwarder has not sent it on.
  private(set) var awaitsForwarder = false
  var attachmentSlot = -1
  private(set) var state = State.pending
  var timer = EventToken.none
  private var completion: ((CallOutcome) -> Void)?
  /// The server's side, once the call has reached the server's machine.
  var incoming: IncomingCall?
  /// The caller's end of an accepted connection, until the caller hears of it.
  private var socket: Socket?

  private static let broken = EventLabel("network.reset")

  init(
    owner: Incarnation, to endpoint: Endpoint, network: Network, link: Link, back: Link, latency: LatencyModel,
    completion: @escaping (CallOutcome) -> Void
  ) {
    self.owner = owner
    self.endpoint = endpoint
    self.network = network
    self.link = link
    self.back = back
    self.latency = latency
    self.completion = completion
  }

  var text: String { "call \(owner.process.name)#\(owner.number) -> \(endpoint)" }

  /// Gives up: no callback happens any more, the server learns of it one hop later.
  public func cancel() {
    guard state != .ended else { return }
    end(noticed: true)
  }

  /// `forwarder` sends the call on over other links; `refused` is told if nobody listens there.
  func redirect(
    _ forwarder: IncomingCall, link: Link, back: Link, latency: LatencyModel, refused: @escaping () -> Void
  ) {
    self.link = link
    self.back = back
    self.latency = latency
    attempt += 1
    incoming = nil
    awaitsForwarder = false
    self.forwarder = (forwarder, refused)
  }

  /// The refusal of a forwarded call goes to whoever forwarded it.
  func refusedForForwarder() { awaitsForwarder = true }

  /// Whether a process listens where the call went last, even if it is frozen.
  public var isEstablished: Bool { incoming != nil || state != .pending }

  /// The server has answered; the answer is on its way.
  func answered() { state = .answered }

  /// The server has accepted; `socket` is the caller's end, which it gets when it hears of it.
  func accepted(_ socket: Socket) {
    state = .answered
    self.socket = socket
    socket.awaitHandOver()
  }

  /// The news of the accepted connection has arrived.
  func handOver() {
    guard state != .ended, let socket else { return }
    self.socket = nil
    finish(.connected(socket))
    socket.handedOver()
  }

  /// The answer arrived, and the attempt ends with it.
  func finish(_ outcome: CallOutcome) {
    guard state != .ended else { return }
    let callback = completion
    end(noticed: false)
    callback?(outcome)
  }

  func timeOut() {
    guard state != .ended else { return }
    let callback = completion
    end(noticed: true)
    callback?(.timedOut)
  }

  /// `noticed`: the other side learns of it.
  private func end(noticed: Bool) {
    state = .ended
    completion = nil
    network.simulation.cancel(timer)
    owner.attachments.remove(self)
    let incoming = incoming
    self.incoming = nil
    forwarder?.call.released()
    forwarder = nil
    if let socket {
      self.socket = nil
      socket.abandon(silently: !noticed)
    } else if noticed, let incoming {
      network.callerLeft(self, incoming)
    }
  }
}

extension OutgoingCall: NetworkAttachment {
  var remote: Host? { link.to }
  func ownerEnded(silently: Bool) {
    guard state != .ended else { return }
    end(noticed: !silently)
  }

  /// True if the call had reached the other machine: an attempt that has not is no connection yet.
  func breakOff() -> Bool {
    guard incoming != nil, state != .ended else { return false }
    // The caller's end, if there is one already, is cut off by itself.
    socket = nil
    state = .answered
    network.simulation.schedule(after: .zero, for: owner, Self.broken) { [self] in finish(.reset) }
    return true
  }

  func discard() {
    completion = nil
    incoming = nil
    forwarder = nil
    socket = nil
  }
}
