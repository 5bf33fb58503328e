import SimulationRuntime

/// The waits before the attempts to connect again (C26). Pure.
struct ReconnectSchedule {
  /// The bounds b of the first attempts; the last one stays (spec/03 §1.5).
  static let bounds: [TimeSpan] = [.seconds(2), .seconds(4), .seconds(8), .seconds(16), .seconds(32)]

  private let reconnect: AgentBehaviour.Reconnect
  private let backOff: AgentBehaviour.BackOff
  /// Attempts since the waits began.
  private(set) var attempts = 0

  init(_ reconnect: AgentBehaviour.Reconnect, _ backOff: AgentBehaviour.BackOff) {
    self.reconnect = reconnect
    self.backOff = backOff
  }

  /// The wait before the next attempt; nil when there is to be none. `draw` draws uniformly from a range.
  mutating func nextWait(_ draw: (TimeSpan, TimeSpan) -> TimeSpan) -> TimeSpan? {
    if backOff == .neverReset, attempts == Self.bounds.count { return nil }
    let last = Self.bounds.count - 1
    let bound: TimeSpan
    switch reconnect {
    case .jittered: bound = Self.bounds[min(attempts, last)]
    case .exact: bound = Self.bounds[attempts % Self.bounds.count]
    }
    attempts += 1
    return reconnect == .jittered ? draw(bound / 2, bound) : bound
  }

  /// A connection stands: the next loss begins at 2 s again.
  mutating func succeeded() {
    if backOff == .startsAgain { attempts = 0 }
  }
}
