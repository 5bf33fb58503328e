import Chaos
import Foundation
import Synchronization

extension Concurrency {
  /// Runs on `jobs` threads. Each run stays on one thread.
  static func threads(_ jobs: Int) -> Concurrency {
    guard jobs > 1 else { return .none }
    return Concurrency(width: jobs) { count, body in
      let next = Atomic<Int>(0)
      let threads = DispatchGroup()
      let work: @Sendable () -> Void = {
        while true {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < count else { break }
          body(index)
        }
        threads.leave()
      }
      withExtendedLifetime(next) {
        for _ in 0..<min(jobs, count) {
          threads.enter()
          let thread = Thread(block: work)
          // Case bodies and SQLite nest deeper than the 512 KiB of a secondary thread.
          thread.stackSize = 8 << 20
          thread.start()
        }
        threads.wait()
      }
    }
  }

  /// As the user asked for, or one a core.
  static func threads(option jobs: Int?) throws -> Concurrency {
    if let jobs, !(1...64).contains(jobs) { throw UsageError("--jobs: '\(jobs)' is not between 1 and 64") }
    return .threads(min(jobs ?? ProcessInfo.processInfo.activeProcessorCount, 64))
  }
}
