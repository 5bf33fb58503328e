import Synchronization

/// How many runs are made at a time, and by whom. What is found never depends on it: it only shortens the wait.
public struct Concurrency: Sendable {
  /// Runs at a time, at least 1.
  public let width: Int
  /// Calls a body for `0 ..< count`, in any order, at once or not, and returns when all calls have.
  let perform: @Sendable (_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Void

  /// One after the other, on the caller's thread.
  public static let none = Concurrency(width: 1) { count, body in
    for index in 0..<count { body(index) }
  }

  public init(
    width: Int, perform: @escaping @Sendable (_ count: Int, _ body: @escaping @Sendable (Int) -> Void) -> Void
  ) {
    self.width = max(width, 1)
    self.perform = perform
  }

  /// The results of `body` for `0 ..< count`, in order.
  public func map<Result: Sendable>(_ count: Int, _ body: @escaping @Sendable (Int) -> Result) -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: count))
    perform(count) { index in
      let result = body(index)
      results.withLock { $0[index] = result }
    }
    return results.withLock { $0.compactMap(\.self) }
  }
}
