import Foundation
import Synchronization

/// How many sockets may be open at once (`spec/08 §5`): at the limit accepting pauses, until one has ended.
package final class SocketAllowance: Sendable {
  private struct State {
    var open = 0
    /// By the listener that waits.
    var waiting: [ObjectIdentifier: @Sendable () -> Void] = [:]
  }

  /// Most sockets at once.
  package let limit: Int
  private let state = Mutex(State())

  /// Most sockets of one process (`spec/08 §5`).
  private static let most = 100_000
  /// Descriptors left for files, pipes and what is opened outwards (`spec/08 §5`).
  private static let reserve = 100

  package init(limit: Int) { self.limit = max(1, limit) }

  /// That of this process, shared by all gateways.
  package static let process = SocketAllowance(limit: min(most, descriptorLimit - reserve))

  private static var descriptorLimit: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
    return Int(clamping: limit.rlim_cur)
  }

  /// Sockets that are open now.
  package var open: Int { state.withLock { $0.open } }

  /// A socket was accepted.
  func took() { state.withLock { $0.open += 1 } }

  /// A socket has ended; whoever waits for room hears of it.
  func gaveBack() {
    state.withLock { state in
      state.open -= 1
      guard state.open < limit else { return }
      // Under the lock: after ``forget(_:)`` nobody is called.
      for resume in state.waiting.values { resume() }
      state.waiting = [:]
    }
  }

  /// Whether `listener` may open another socket; if not, `resume` is called once when it may be tried again. It is called
  /// on any thread and must not come back here at once.
  func hasRoom(for listener: ObjectIdentifier, orElse resume: @escaping @Sendable () -> Void) -> Bool {
    state.withLock { state in
      if state.open < limit { return true }
      state.waiting[listener] = resume
      return false
    }
  }

  /// `listener` has ended.
  func forget(_ listener: ObjectIdentifier) { state.withLock { $0.waiting[listener] = nil } }
}
