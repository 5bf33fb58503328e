/// One direction of an attachment as its sender sees it: what may be under way without credit (spec/00, Streaming, 3).
package struct StreamWindow: Sendable, Hashable {
  /// Bytes that may be sent and not credited.
  package let size: Int
  /// Bytes sent and not yet credited.
  package private(set) var outstanding = 0

  package init(size: Int = VNCOpen.standardWindow) { self.size = max(1, size) }

  /// Bytes that may be sent now.
  package var room: Int { max(0, size - outstanding) }

  package mutating func sent(_ bytes: Int) { outstanding += bytes }

  /// The receiver has passed `bytes` on. More than is outstanding counts as all of it.
  package mutating func credited(_ bytes: Int) { outstanding = max(0, outstanding - max(0, bytes)) }
}

/// The same direction as its receiver sees it: what it has passed on and not yet told.
package struct StreamCredit: Sendable, Hashable {
  /// Bytes passed on since the last credit.
  package private(set) var pending = 0

  package init() {}

  /// Notes bytes passed on; the credit to send at once, when a step is full (64 KiB).
  package mutating func passed(_ bytes: Int) -> Int? {
    pending += bytes
    return pending >= VNCCredit.step ? take() : nil
  }

  /// What the 100 ms tick sends; nil when there is nothing to tell.
  package mutating func take() -> Int? {
    defer { pending = 0 }
    return pending > 0 ? pending : nil
  }

  /// How long passed bytes may wait for the step to fill, in milliseconds.
  package static let tickMilliseconds: Int64 = 100
}
