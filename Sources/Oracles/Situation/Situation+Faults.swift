import TestEnvironment

/// What faults there were, and what they cost.
extension Situation {
  /// Whether a fault that `matches` was there at some moment of `from ... to`.
  func hadFault(from: Duration, to: Duration, _ matches: (FaultSpan) -> Bool) -> Bool {
    faults.contains { $0.overlaps(from: from, to: to) && matches($0) }
  }

  /// Four calls' worth of the delays that slow faults added since `from`.
  func slowness(since from: Duration) -> Duration {
    faults.reduce(.zero) { sum, span in
      guard let delay = span.fault?.delay, span.overlaps(from: from, to: now) else { return sum }
      return sum + delay * 4
    }
  }
}
