/// Something of an incarnation that the network must deal with when it ends: a socket, a call, a listener.
protocol NetworkAttachment: AnyObject {
  /// Its place in the list of its owner; -1 outside of any list.
  var attachmentSlot: Int { get set }
  /// The incarnation ended; `silently` means that no peer may notice.
  func ownerEnded(silently: Bool)
  /// The other machine; nil for a listener.
  var remote: Host? { get }
  /// A fault cuts it off; its program learns of it when it next runs. False if there was nothing to cut.
  func breakOff() -> Bool
  /// The run is over: let go of every closure.
  func discard()
}

/// The open ends of one life in the order they were made. Appending and removing are O(1) amortised: a
/// replica holds thousands of sockets while calls come and go.
struct AttachmentList {
  private var slots: [(any NetworkAttachment)?] = []
  private(set) var count = 0

  /// All of them, oldest first.
  var all: [any NetworkAttachment] { slots.compactMap { $0 } }

  mutating func append(_ attachment: any NetworkAttachment) {
    attachment.attachmentSlot = slots.count
    slots.append(attachment)
    count += 1
  }

  /// Forgets `attachment`; does nothing if it is not in the list.
  mutating func remove(_ attachment: any NetworkAttachment) {
    let slot = attachment.attachmentSlot
    guard slots.indices.contains(slot), slots[slot] === attachment else { return }
    slots[slot] = nil
    attachment.attachmentSlot = -1
    count -= 1
    if slots.count > 32, slots.count > 2 * count { compact() }
  }

  /// Empties the list and returns what was in it, oldest first.
  mutating func removeAll() -> [any NetworkAttachment] {
    let removed = all
    for attachment in removed { attachment.attachmentSlot = -1 }
    slots.removeAll()
    count = 0
    return removed
  }

  private mutating func compact() {
    slots = all
    for (slot, attachment) in slots.enumerated() { attachment?.attachmentSlot = slot }
  }
}
