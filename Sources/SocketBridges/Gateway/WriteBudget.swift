import Synchronization

/// Counts what was given to a socket and has not reached the kernel (`spec/08 §5`: 1 MiB, then reading from its source
/// stops). Added to on the simulation's thread, taken from on the event loop.
final class WriteBudget: Sendable {
  private struct State {
    var outstanding = 0
    var isBlocked = false
  }

  let limit: Int
  private let state = Mutex(State())

  init(limit: Int) { self.limit = limit }

  var isWritable: Bool { state.withLock { !$0.isBlocked } }

  /// Bytes given and not yet written.
  var outstanding: Int { state.withLock { $0.outstanding } }

  func add(_ bytes: Int) {
    state.withLock {
      $0.outstanding += bytes
      if $0.outstanding >= limit { $0.isBlocked = true }
    }
  }

  /// True when there is room again after there was none: half of the limit, so that not every write wakes the source.
  func remove(_ bytes: Int) -> Bool {
    state.withLock {
      $0.outstanding -= bytes
      guard $0.isBlocked, $0.outstanding <= limit / 2 else { return false }
      $0.isBlocked = false
      return true
    }
  }
}
