/// A dictionary with byte strings as keys that remembers the order in which keys were added.
///
/// Keyspaces, hashes and sets are such tables: their order can be seen (`KEYS`, `SCAN`, `HGETALL`), so it must not be the
/// order of a hash function. Every key has a serial number, ascending, that it keeps until it is removed: the cursor of
/// a scan is such a number, which makes scans exact under concurrent changes. All operations take constant amortised time.
struct ByteTable<Value: Sendable>: Sendable {
  private struct Slot: Sendable {
    let serial: UInt64
    let key: ByteString
    /// Nil marks a removed key whose slot has not been reclaimed.
    var value: Value?
  }

  private var slots: [Slot] = []
  private var positions: [ByteString: Int] = [:]
  private var nextSerial: UInt64 = 1

  /// Slots of removed keys that are tolerated before the first clean-up.
  private static var toleratedHoles: Int { 32 }

  var count: Int { positions.count }
  var isEmpty: Bool { positions.isEmpty }

  subscript(key: ByteString) -> Value? {
    guard let position = positions[key] else { return nil }
    return slots[position].value
  }

  /// Stores a value and returns the one before.
  @discardableResult
  mutating func update(_ key: ByteString, to value: Value) -> Value? {
    if let position = positions[key] {
      let old = slots[position].value
      slots[position].value = value
      return old
    }
    positions[key] = slots.count
    slots.append(Slot(serial: nextSerial, key: key, value: value))
    nextSerial += 1
    return nil
  }

  /// Removes a key and returns its value.
  @discardableResult
  mutating func remove(_ key: ByteString) -> Value? {
    guard let position = positions.removeValue(forKey: key) else { return nil }
    let old = slots[position].value
    slots[position].value = nil
    if slots.count - positions.count > Self.toleratedHoles, slots.count > positions.count * 2 { compact() }
    return old
  }

  /// The keys and values in the order in which the keys were added.
  var entries: some Sequence<(key: ByteString, value: Value)> {
    slots.lazy.compactMap { slot in slot.value.map { (slot.key, $0) } }
  }

  /// Visits at most `limit` entries from a cursor on, in order.
  ///
  /// - Parameter cursor: 0 to begin, else what the call before returned; any other number is legal too.
  /// - Returns: the entries, and the cursor for the rest, 0 at the end. A key that is there during the whole scan comes
  ///   exactly once.
  func scan(from cursor: UInt64, limit: Int) -> (entries: [(key: ByteString, value: Value)], next: UInt64) {
    var index = firstSlot(notBefore: cursor)
    var found: [(key: ByteString, value: Value)] = []
    while index < slots.count {
      if let value = slots[index].value {
        if found.count == limit { return (found, slots[index].serial) }
        found.append((slots[index].key, value))
      }
      index += 1
    }
    return (found, 0)
  }

  private func firstSlot(notBefore serial: UInt64) -> Int {
    var low = 0
    var high = slots.count
    while low < high {
      let middle = (low + high) / 2
      if slots[middle].serial < serial { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func compact() {
    slots.removeAll { $0.value == nil }
    for (position, slot) in slots.enumerated() { positions[slot.key] = position }
  }
}
