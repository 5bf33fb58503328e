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
/// cost as much as the work. `schedule` and `popKey` are O(log n), `cancel` O(1) amortised (the key is dropped
/// when it surfaces, or when half of the keys are dead).
final class EventQueue {
  /// Orders one event: by time, then by the order of scheduling.
  struct Key {
    var time: Int64
    var sequence: UInt64
    var slot: Int32
  }

  /// Where the key of a taken slot is.
  enum Place: UInt8 {
    /// In the heap.
    case pending
    /// Popped, and waiting for its turn among simultaneous events.
    case ready
    /// Popped, and waiting for the resumption of its life.
    case held
  }

  struct Slot {
    /// Nil once cancelled, or while the slot is free.
    var action: (() -> Void)?
    /// Whose event it is; lives are kept by the simulation for as long as it lives.
    var owner: Unmanaged<Incarnation>?
    var label: EventLabel
    var generation: UInt32
    /// Next free slot while this one is free.
    var nextFree: Int32
    var place: Place
  }

  @exclusivity(unchecked) private var keys: UnsafeMutablePointer<Key>
  @exclusivity(unchecked) private var slots: UnsafeMutablePointer<Slot>
  @exclusivity(unchecked) private var capacity: Int
  @exclusivity(unchecked) private var slotCount = 0
  @exclusivity(unchecked) private var freeSlot: Int32 = -1
  /// Keys in the heap, cancelled ones included.
  @exclusivity(unchecked) private(set) var count = 0
  @exclusivity(unchecked) private var cancelled = 0
  @exclusivity(unchecked) private var sequence: UInt64 = 0
  /// By slot, the number in the trace of the event that scheduled this one (-1: none did); nil unless causes are kept.
  @exclusivity(unchecked) private var causes: [Int]?
  /// The number in the trace of the event that runs now; -1 before the first.
  @exclusivity(unchecked) var present = -1
  /// An event that waits for its turn was cancelled: whoever keeps the ready keys must look through them.
  @exclusivity(unchecked) var readyChanged = false

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

  /// Time of the earliest event that can still happen; dead ones before it are dropped.
  @inline(__always)
  var earliest: Int64? {
    while count > 0 {
      let key = keys[0]
      if !isDead(key) { return key.time }
      _ = take(popKey())
    }
    return nil
  }

  /// Whether some key, dead or not, is due at `time` or earlier.
  @inline(__always)
  func hasKey(dueBy time: Int64) -> Bool { count > 0 && keys[0].time <= time }

  @inline(__always)
  func schedule(
    at time: Int64, owner: Unmanaged<Incarnation>?, label: EventLabel, action: @escaping () -> Void
  ) -> EventToken {
    if count == capacity || (freeSlot < 0 && slotCount == capacity) { grow() }
    let slot: Int32
    let generation: UInt32
    if freeSlot >= 0 {
      slot = freeSlot
      let entry = slots + Int(slot)
      freeSlot = entry.pointee.nextFree
      entry.pointee.action = action
      entry.pointee.label = label
      entry.pointee.owner = owner
      entry.pointee.place = .pending
      generation = entry.pointee.generation
    } else {
      slot = Int32(slotCount)
      slotCount += 1
      generation = 1
      (slots + Int(slot)).initialize(
        to: Slot(action: action, owner: owner, label: label, generation: 1, nextFree: -1, place: .pending))
    }
    push(Key(time: time, sequence: sequence, slot: slot))
    sequence += 1
    if causes != nil { rememberCause(of: slot) }
    return EventToken(slot: slot, generation: generation)
  }

  // MARK: Causes

  /// From now on it is remembered which event scheduled which.
  func rememberCauses() { causes = Array(repeating: -1, count: slotCount) }

  /// The number in the trace of the event that scheduled `key`; -1 if none did.
  func cause(of key: Key) -> Int {
    guard let causes, Int(key.slot) < causes.count else { return -1 }
    return causes[Int(key.slot)]
  }

  /// What `body` schedules follows from the event `cause`.
  func following(_ cause: Int, _ body: () -> Void) {
    let outer = present
    present = cause
    body()
    present = outer
  }

  private func rememberCause(of slot: Int32) {
    while (causes?.count ?? 0) <= Int(slot) { causes?.append(-1) }
    causes?[Int(slot)] = present
  }

  // MARK: Slots

  /// Forgets the event; false if it already ran or was cancelled.
  func cancel(_ token: EventToken) -> Bool {
    guard isPending(token) else { return false }
    let slot = slots + Int(token.slot)
    // Released last: letting go of the action may run code that uses this queue.
    let action = slot.pointee.action.take()
    switch slot.pointee.place {
    case .pending:
      cancelled += 1
      if cancelled > 64, cancelled * 2 > count { compact() }
    case .ready: readyChanged = true
    case .held: break
    }
    withExtendedLifetime(action) {}
    return true
  }

  func isPending(_ token: EventToken) -> Bool {
    token.slot >= 0 && Int(token.slot) < slotCount && slots[Int(token.slot)].generation == token.generation
      && slots[Int(token.slot)].action != nil
  }

  /// Puts a popped key, whose slot was not taken, back for `time`, behind what is due then.
  func requeue(_ key: Key, at time: Int64) {
    restore(Key(time: time, sequence: sequence, slot: key.slot))
    sequence += 1
  }

  /// Puts a popped key, whose slot was not taken, back in its place.
  func restore(_ key: Key) {
    if count == capacity { grow() }
    slots[Int(key.slot)].place = .pending
    push(key)
  }

  /// Removes the earliest key; its slot stays taken until ``take``. The queue must not be empty.
  @inline(__always)
  func popKey() -> Key {
    let top = keys[0]
    count -= 1
    if count > 0 { siftDown(keys[count], from: 0) }
    return top
  }

  /// Notes where a popped key waits.
  @inline(__always)
  func mark(_ key: Key, _ place: Place) { slots[Int(key.slot)].place = place }

  @inline(__always)
  func owner(_ key: Key) -> Unmanaged<Incarnation>? { slots[Int(key.slot)].owner }

  func label(_ key: Key) -> EventLabel { slots[Int(key.slot)].label }

  /// Whether the event can no longer happen: it was cancelled, or its life has ended.
  @inline(__always)
  func isDead(_ key: Key) -> Bool {
    let slot = slots + Int(key.slot)
    guard slot.pointee.action != nil else { return true }
    guard let owner = slot.pointee.owner else { return false }
    return owner._withUnsafeGuaranteedRef { $0.state == .ended }
  }

  /// Frees the slot of a popped key and returns the action (nil if it was cancelled).
  @inline(__always)
  func take(_ key: Key) -> (() -> Void)? {
    let slot = slots + Int(key.slot)
    let action = slot.pointee.action.take()
    if action == nil, slot.pointee.place == .pending { cancelled -= 1 }
    slot.pointee.generation &+= 1
    slot.pointee.nextFree = freeSlot
    freeSlot = key.slot
    return action
  }

  /// Forgets everything and frees every action.
  func removeAll() {
    while count > 0 {
      // The action may hold the last reference to something whose end uses this queue.
      withExtendedLifetime(take(popKey())) {}
    }
    cancelled = 0
  }

  // MARK: The heap

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
  private func siftDown(_ key: Key, from start: Int) {
    var index = start
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

  /// Drops the keys of dead events. The order of the others does not change: it is total.
  private func compact() {
    var kept = 0
    for index in 0..<count {
      let key = keys[index]
      if slots[Int(key.slot)].action == nil {
        _ = take(key)
      } else {
        keys[kept] = key
        kept += 1
      }
    }
    count = kept
    cancelled = 0
    guard count > 1 else { return }
    for index in stride(from: (count - 2) >> 2, through: 0, by: -1) { siftDown(keys[index], from: index) }
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
