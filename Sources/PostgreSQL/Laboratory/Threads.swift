import Foundation

/// Work side by side on threads of its own.
enum Threads {
  /// Calls `body` with 0 ..< `count`, each on a thread, and returns what they returned, in order. They begin within
  /// 100 ms (spec/06 DBM-07), some together and some apart, as the seed says.
  static func run<Result>(_ count: Int, seed: UInt64, _ body: @escaping (Int) -> Result) -> [Result] {
    let work = Work(count: count, body: body)
    let group = DispatchGroup()
    for position in 0..<count {
      group.enter()
      let delay = position == 0 ? 0 : Self.delay(seed: seed, position: position)
      Thread.detachNewThread {
        Pause.milliseconds(delay)
        work.perform(position)
        group.leave()
      }
    }
    group.wait()
    return work.results
  }

  /// Every other seed begins all at once.
  private static func delay(seed: UInt64, position: Int) -> Int {
    guard seed % 2 == 1 else { return 0 }
    var mixed = (seed &+ UInt64(position)) &* 0x9E37_79B9_7F4A_7C15
    mixed ^= mixed >> 29
    return Int(mixed % 100)
  }

  /// `@unchecked`: each position is used by one thread only, what they return is kept under the lock, and the caller
  /// reads it after all have ended.
  private final class Work<Result>: @unchecked Sendable {
    private let body: (Int) -> Result
    private let lock = NSLock()
    private var finished: [Result?]

    init(count: Int, body: @escaping (Int) -> Result) {
      self.body = body
      finished = Array(repeating: nil, count: count)
    }

    func perform(_ position: Int) {
      let result = body(position)
      lock.withLock { finished[position] = result }
    }

    var results: [Result] { lock.withLock { finished.compactMap { $0 } } }
  }
}
