/// The events of one instant that wait for their turn.
///
/// The rule of removal is part of what a decision log means: the chosen event changes places with the first,
/// which is then removed. So the answer 0 takes them in scheduling order, and every answer costs the same
/// however many there are.
struct ReadyEvents {
  private var keys: [EventQueue.Key] = []
  private var head = 0

  var count: Int { keys.count - head }
  var isEmpty: Bool { head == keys.count }

  mutating func append(_ key: EventQueue.Key, _ queue: EventQueue) {
    queue.mark(key, .ready)
    keys.append(key)
  }

  mutating func remove(at index: Int) -> EventQueue.Key {
    let key = keys[head + index]
    keys[head + index] = keys[head]
    head += 1
    if head == keys.count { clear() }
    return key
  }

  /// Index of the life the event belongs to; -1 for the simulation's own.
  func ownerIndex(_ index: Int, _ queue: EventQueue) -> Int {
    queue.owner(keys[head + index])?._withUnsafeGuaranteedRef { $0.index } ?? -1
  }

  /// Drops what was cancelled, or whose life has ended, since it was gathered.
  mutating func dropDead(_ queue: EventQueue) {
    queue.readyChanged = false
    let waiting = keys[head...]
    clear()
    for key in waiting {
      if queue.isDead(key) { _ = queue.take(key) } else { keys.append(key) }
    }
  }

  /// Puts all of them back into the queue, in their places.
  mutating func restore(to queue: EventQueue) {
    let waiting = keys[head...]
    clear()
    for key in waiting { queue.restore(key) }
  }

  private mutating func clear() {
    keys.removeAll(keepingCapacity: true)
    head = 0
  }
}
