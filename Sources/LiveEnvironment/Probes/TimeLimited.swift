import Foundation

/// Work that may not return, with an end.
enum TimeLimited {
  /// Carries out what blocks its thread on one of its own. Nil when it takes longer than `limit`: the thread is left
  /// behind, and what it brings is thrown away.
  static func blocking<Answer: Sendable>(
    _ limit: Duration, _ work: @escaping @Sendable () -> Answer
  ) async -> Answer? {
    let once = Once<Answer>()
    return await withCheckedContinuation { continuation in
      once.continuation = continuation
      Thread.detachNewThread { once.finish(work()) }
      DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(limit / .milliseconds(1)))) {
        once.finish(nil)
      }
    }
  }

  /// Answers once, whoever comes first.
  ///
  /// Unchecked: behind `lock`; the continuation is set before anybody can finish.
  private final class Once<Answer: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    var continuation: CheckedContinuation<Answer?, Never>?

    func finish(_ answer: Answer?) {
      let waiting = lock.withLock {
        defer { continuation = nil }
        return continuation
      }
      waiting?.resume(returning: answer)
    }
  }
}
