/// PostgreSQL's session-level advisory locks: re-entrant, held by a connection, granted in order of asking.
struct AdvisoryLocks {
  private struct Held {
    let key: Int64
    var holder: DatabaseSession
    var count: Int
    var waiting: [DatabaseSession] = []
  }

  /// In order of first acquisition: what is released together is granted in this order.
  private var held: [Held] = []

  /// Takes a lock if it is free or held by the same session.
  mutating func acquire(_ key: Int64, for session: DatabaseSession) -> Bool {
    guard let position = position(of: key) else {
      held.append(Held(key: key, holder: session, count: 1))
      return true
    }
    guard held[position].holder == session else { return false }
    held[position].count += 1
    return true
  }

  /// Queues a session for a lock that another holds.
  mutating func wait(for key: Int64, _ session: DatabaseSession) {
    if let position = position(of: key) { held[position].waiting.append(session) }
  }

  /// Whether the session waited; it does no longer.
  mutating func stopWaiting(_ session: DatabaseSession) -> Bool {
    for position in held.indices {
      if let place = held[position].waiting.firstIndex(of: session) {
        held[position].waiting.remove(at: place)
        return true
      }
    }
    return false
  }

  /// Releases one hold of a lock; `next` holds it now.
  mutating func release(_ key: Int64, of session: DatabaseSession) -> (wasHeld: Bool, next: DatabaseSession?) {
    guard let position = position(of: key), held[position].holder == session else { return (false, nil) }
    held[position].count -= 1
    return (true, held[position].count == 0 ? passOn(at: position) : nil)
  }

  /// Releases all locks of a session that has ended; the result are the new holders.
  mutating func release(allOf session: DatabaseSession) -> [DatabaseSession] {
    _ = stopWaiting(session)
    var granted: [DatabaseSession] = []
    for position in held.indices.reversed() where held[position].holder == session {
      if let next = passOn(at: position) { granted.append(next) }
    }
    return granted.reversed()
  }

  private mutating func passOn(at position: Int) -> DatabaseSession? {
    guard !held[position].waiting.isEmpty else {
      held.remove(at: position)
      return nil
    }
    let next = held[position].waiting.removeFirst()
    held[position].holder = next
    held[position].count = 1
    return next
  }

  private func position(of key: Int64) -> Int? { held.firstIndex { $0.key == key } }
}
