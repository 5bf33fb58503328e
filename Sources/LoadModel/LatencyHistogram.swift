import Histogram

/// Latencies in microseconds, three significant digits: memory does not grow with the number of values.
///
/// All ranks are counted in integers, so a percentile is the same on every machine.
public struct LatencyHistogram: Sendable {
  private var counts = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
  /// Exact sum, for the mean.
  private var sum: Duration = .zero
  private var least: Duration?
  private var greatest: Duration?

  public init() {}

  public init(_ values: some Sequence<Duration>) {
    for value in values { record(value) }
  }

  /// Counts a latency; a negative one counts as zero.
  public mutating func record(_ value: Duration) {
    let value = max(.zero, value)
    guard counts.record(UInt64(value.inNanoseconds / 1_000)) else { return }
    sum += value
    least = least.map { min($0, value) } ?? value
    greatest = greatest.map { max($0, value) } ?? value
  }

  /// Adds what another counted.
  public mutating func merge(_ other: LatencyHistogram) {
    guard let low = other.least, let high = other.greatest else { return }
    counts.add(other.counts)
    sum += other.sum
    least = least.map { min($0, low) } ?? low
    greatest = greatest.map { max($0, high) } ?? high
  }

  public var count: Int { Int(counts.totalCount) }
  /// Exact; nil: nothing was counted.
  public var minimum: Duration? { least }
  /// Exact; nil: nothing was counted.
  public var maximum: Duration? { greatest }
  /// Exact to a nanosecond; nil: nothing was counted.
  public var mean: Duration? { count > 0 ? .nanoseconds(sum.inNanoseconds / Int64(count)) : nil }
  /// Exact sum of all values.
  public var total: Duration { sum }

  /// The smallest value that at least so many of 1 000 are not above: 500 is the median, 990 the p99. Within a
  /// thousandth, never above the maximum; nil: nothing was counted.
  public func quantile(perMille: Int) -> Duration? { quantile(perMyriad: perMille * 10) }

  /// As ``quantile(perMille:)`` in ten-thousandths: 9 990 is the p99.9.
  public func quantile(perMyriad: Int) -> Duration? {
    guard let greatest, let least else { return nil }
    let share = UInt64(min(max(0, perMyriad), 10_000))
    let rank = max(1, (counts.totalCount * share + 9_999) / 10_000)
    for step in counts.recordedValues() where step.totalCountToThisValue >= rank {
      return min(greatest, max(least, .microseconds(Int64(step.value))))
    }
    return greatest
  }

  public var p50: Duration? { quantile(perMille: 500) }
  public var p95: Duration? { quantile(perMille: 950) }
  public var p99: Duration? { quantile(perMille: 990) }

  /// How many values are not above `limit`, within the precision of the values.
  public func count(upTo limit: Duration) -> Int {
    guard limit >= .zero, count > 0 else { return 0 }
    return Int(counts.count(within: 0...UInt64(limit.inNanoseconds / 1_000)))
  }

  /// A row of a distribution: so many of 1 000 values are not above `value`.
  public struct Row: Sendable, Equatable {
    public var perMille: Int
    public var value: Duration
  }

  /// The distribution in `rows` equal steps of its height, up to 1 000; empty if nothing was counted.
  public func distribution(rows: Int = 20) -> [Row] {
    guard count > 0, rows > 0 else { return [] }
    return (1...rows).compactMap { row in
      let perMille = 1_000 * row / rows
      return quantile(perMille: perMille).map { Row(perMille: perMille, value: $0) }
    }
  }
}
