/// A port that a process listens on.
public final class Listener {
  let endpoint: Endpoint
  let owner: Incarnation
  private(set) var handler: (IncomingCall) -> Void
  unowned let network: Network
  var attachmentSlot = -1
  /// Whether calls are taken; false from the start if another process of the host has the port.
  public private(set) var isOpen = false

  init(endpoint: Endpoint, owner: Incarnation, network: Network, handler: @escaping (IncomingCall) -> Void) {
    self.endpoint = endpoint
    self.owner = owner
    self.network = network
    self.handler = handler
  }

  func open() {
    isOpen = true
    owner.attachments.append(self)
  }

  /// Stops accepting; established connections stay.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    owner.attachments.remove(self)
    network.remove(self)
    handler = { _ in }
  }
}

extension Listener: NetworkAttachment {
  var remote: Host? { nil }

  func ownerEnded(silently: Bool) {
    isOpen = false
    network.remove(self, leavingSilence: silently)
  }

  func breakOff() -> Bool { false }

  func discard() {
    isOpen = false
    handler = { _ in }
  }
}
