/// The waits of an agent before its attempts to connect again (C26). Pure; all spans are nanoseconds.
package struct ReconnectSchedule: Sendable {
  /// How a wait follows from its bound.
  package enum Waits: Sendable, Hashable {
    /// Drawn from [b/2, b] with b = 2, 4, 8, 16, 32, 32 .. s.
    case jittered
    /// Exactly 2, 4, 8, 16, 32 s and again from 2: the shipped saw-tooth (spec/03 §1.5).
    case exact
  }

  /// Where the waits begin after a success.
  package enum AfterSuccess: Sendable, Hashable {
    case startsAgain
    /// The counter is never reset: after the fifth incident the agent gives up (C-17).
    case neverReset
  }

  /// The bounds b of the first attempts; the last one stays (spec/03 §1.5).
  package static let bounds: [Int64] = [2, 4, 8, 16, 32].map { $0 * 1_000_000_000 }

  private let waits: Waits
  private let afterSuccess: AfterSuccess
  /// Attempts since the waits began.
  package private(set) var attempts = 0

  package init(_ waits: Waits, _ afterSuccess: AfterSuccess) {
    self.waits = waits
    self.afterSuccess = afterSuccess
  }

  /// The wait before the next attempt; nil when there is to be none. `draw` draws uniformly from a range, both ends
  /// included.
  package mutating func nextWait(_ draw: (Int64, Int64) -> Int64) -> Int64? {
    if afterSuccess == .neverReset, attempts == Self.bounds.count { return nil }
    let last = Self.bounds.count - 1
    let bound: Int64
    switch waits {
    case .jittered: bound = Self.bounds[min(attempts, last)]
    case .exact: bound = Self.bounds[attempts % Self.bounds.count]
    }
    attempts += 1
    return waits == .jittered ? draw(bound / 2, bound) : bound
  }

  /// A connection stands: the next loss begins at 2 s again.
  package mutating func succeeded() {
    if afterSuccess == .startsAgain { attempts = 0 }
  }
}
