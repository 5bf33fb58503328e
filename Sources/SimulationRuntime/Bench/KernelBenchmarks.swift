/// Programs that measure the kernel itself (DESIGN §3, budgets). The caller brings the clock, because nothing
/// in this layer may read one.
public enum KernelBenchmarks {
  /// What one program reached.
  public struct Measurement: Sendable, Equatable {
    /// Name of the program, for example `timers`.
    public let name: String
    /// What `value` counts, for example `events/s`.
    public let unit: String
    /// Units reached, whole.
    public let value: Int64
    /// Units demanded by DESIGN §3; 0 where it demands nothing.
    public let budget: Int64
    /// Fingerprint of the measured run: two measurements of one size did the same work.
    public let fingerprint: String

    /// Whether `value` reaches the budget.
    public var met: Bool { value >= budget }
  }

  /// Reads a monotonic clock in nanoseconds.
  public typealias Clock = () -> UInt64

  /// Runs every program once. `scale` multiplies their sizes; 1 takes about a second in all.
  public static func all(scale: Int = 1, clock: Clock) throws -> [Measurement] {
    let factor = max(scale, 1)
    return [
      try timers(events: 1_000_000 * factor, clock: clock),
      try pingpong(messages: 500_000 * factor, clock: clock),
      try caseSleeps(sleeps: 300_000 * factor, clock: clock),
      try idle(span: .seconds(100_000 * Int64(factor)), clock: clock),
    ]
  }

  /// `amount` per second, when it took from `start` to `end`.
  static func rate(_ amount: Int64, from start: UInt64, to end: UInt64) -> Int64 {
    let elapsed = end > start ? end - start : 1
    let (quotient, _) = elapsed.dividingFullWidth(UInt64(max(amount, 0)).multipliedFullWidth(by: 1_000_000_000))
    return Int64(clamping: quotient)
  }
}
