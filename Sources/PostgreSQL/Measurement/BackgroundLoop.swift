import Foundation
import StreamSpaceProtocol

/// Something done again and again on a thread of its own until it is stopped.
///
/// `@unchecked`: `step` and what it uses belong to the thread from the start to its end, which ``stop()`` waits for; the
/// flag has a lock.
final class BackgroundLoop: @unchecked Sendable {
  private let lock = NSLock()
  private var isStopped = false
  private let ended = DispatchSemaphore(value: 0)
  private let step: () -> Bool

  /// Begins. Every `interval` milliseconds, or when the last has ended if that is later; until `step` returns false.
  init(everyMilliseconds interval: Int, _ step: @escaping () -> Bool) {
    self.step = step
    let clock = ContinuousClock()
    Thread.detachNewThread { [self] in
      var next = clock.now
      while !lock.withLock({ isStopped }), self.step() {
        next = max(next + .milliseconds(interval), clock.now)
        let wait = clock.now.duration(to: next).milliseconds
        if wait > 0 { Pause.milliseconds(wait) }
      }
      ended.signal()
    }
  }

  /// Asks it to end, and waits until it has.
  func stop() {
    lock.withLock { isStopped = true }
    ended.wait()
  }
}

extension Duration {
  /// Whole milliseconds.
  fileprivate var milliseconds: Int {
    Int(components.seconds) * 1_000 + Int(components.attoseconds / 1_000_000_000_000_000)
  }
}
