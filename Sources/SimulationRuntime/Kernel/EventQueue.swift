/// Refers to a scheduled event; outlives it harmlessly (the generation tells).
public struct EventToken: Sendable, Equatable {
  let slot: Int32
  let generation: UInt32

  /// Refers to nothing; cancelling it does nothing.
  public static let none = EventToken(slot: -1, generation: 0)
}

/// The pending events, earliest first: a 4-ary heap of small keys over stable slots that hold the actions.
///
/// Raw memory, because every event of every run passes here: with arrays the bounds and exclusivity checks
/// cost as much as the work. `schedule` and `pop` are O(log n), `cancel` O(1) (the key is dropped when it surfaces).
final class EventQueue {
  struct Key {
    var time: Int64
    var sequence: UInt64
    var slot: Int32
  }

  struct Slot {
    var action: (() -> Void)?
    var label: EventLabel
    var owner: Int32
    var generation: UInt32
    /// Next free slot while this one is free.
    var nextFree: Int32
  }

  private var keys: UnsafeMutablePointer<Key>
  private var slots: UnsafeMutablePointer<Slot>
  private var capacity: Int
  private var slotCount = 0
  private var freeSlot: Int32 = -1
  private(set) var count = 0
  private var sequence: UInt64 = 0

  init(capacity: Int = 1024) {
    self.capacity = capacity
    keys = .allocate(capacity: capacity)
    slots = .allocate(capacity: capacity)
  }

  deinit {
    slots.deinitialize(count: slotCount)
    keys.deallocate()
    slots.deallocate()
  }

  /// Time of the earliest key, cancelled ones included.
  @inline(__always)
  var earliest: Int64? { count == 0 ? nil : keys[0].time }

  @inline(__always)
  func schedule(at time: Int64, owner: Int32, label: EventLabel, action: @escaping () -> Void) -> EventToken {
    if count == capacity || (freeSlot < 0 && slotCount == capacity) { grow() }
    let slot: Int32
    if freeSlot >= 0 {
      slot = freeSlot
      freeSlot = slots[Int(slot)].nextFree
      slots[Int(slot)].action = action
      slots[Int(slot)].label = label
      slots[Int(slot)].owner = owner
    } else {
      slot = Int32(slotCount)
      slotCount += 1
      (slots + Int(slot)).initialize(to: Slot(action: action, label: label, owner: owner, generation: 1, nextFree: -1))
    }
    push(Key(time: time, sequence: sequence, slot: slot))
    sequence += 1
    return EventToken(slot: slot, generation: slots[Int(slot)].generation)
  }

  /// Forgets the event; false if it already ran or was cancelled.
  func cancel(_ token: EventToken) -> Bool {
    guard isPending(token) else { return false }
    slots[Int(token.slot)].action = nil
    return true
  }

  func isPending(_ token: EventToken) -> Bool {
    token.slot >= 0 && Int(token.slot) < slotCount && slots[Int(token.slot)].generation == token.generation
      && slots[Int(token.slot)].action != nil
  }

  /// Puts a popped key, whose slot was not taken, back for `time`.
  func requeue(_ key: Key, at time: Int64) {
    if count == capacity { grow() }
    push(Key(time: time, sequence: sequence, slot: key.slot))
    sequence += 1
  }

  /// Removes the earliest key; its slot stays taken until ``take``.
  @inline(__always)
  func popKey() -> Key {
    let top = keys[0]
    count -= 1
    if count > 0 { siftDown(keys[count]) }
    return top
  }

  @inline(__always)
  func slotOwner(_ key: Key) -> Int32 { slots[Int(key.slot)].owner }

  @inline(__always)
  func isCancelled(_ key: Key) -> Bool { slots[Int(key.slot)].action == nil }

  /// Frees the slot of a popped key and returns what was in it (no action if it was cancelled).
  @inline(__always)
  func take(_ key: Key) -> (action: (() -> Void)?, label: EventLabel, owner: Int32) {
    let slot = slots + Int(key.slot)
    let action = slot.pointee.action
    slot.pointee.action = nil
    slot.pointee.generation &+= 1
    slot.pointee.nextFree = freeSlot
    freeSlot = key.slot
    return (action, slot.pointee.label, slot.pointee.owner)
  }

  @inline(__always)
  private func precedes(_ a: Key, _ b: Key) -> Bool {
    a.time < b.time || (a.time == b.time && a.sequence < b.sequence)
  }

  @inline(__always)
  private func push(_ key: Key) {
    var index = count
    count += 1
    while index > 0 {
      let parent = (index - 1) >> 2
      guard precedes(key, keys[parent]) else { break }
      keys[index] = keys[parent]
      index = parent
    }
    keys[index] = key
  }

  @inline(__always)
  private func siftDown(_ key: Key) {
    var index = 0
    while true {
      let first = index << 2 + 1
      guard first < count else { break }
      var best = first
      let last = min(first + 3, count - 1)
      var child = first + 1
      while child <= last {
        if precedes(keys[child], keys[best]) { best = child }
        child += 1
      }
      guard precedes(keys[best], key) else { break }
      keys[index] = keys[best]
      index = best
    }
    keys[index] = key
  }

  private func grow() {
    let larger = capacity * 2
    let newKeys = UnsafeMutablePointer<Key>.allocate(capacity: larger)
    newKeys.moveInitialize(from: keys, count: count)
    keys.deallocate()
    keys = newKeys
    let newSlots = UnsafeMutablePointer<Slot>.allocate(capacity: larger)
    newSlots.moveInitialize(from: slots, count: slotCount)
    slots.deallocate()
    slots = newSlots
    capacity = larger
  }
}
