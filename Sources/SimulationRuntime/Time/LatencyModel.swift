/// How long a step takes: a distribution written in integers, so that a draw is the same on every machine.
///
/// A log-normal is a quantile table in thousandths of the median (spec/06 §10.3): linear between the
/// quantiles, constant beyond the first and the last.
public struct LatencyModel: Sendable, Equatable {
  enum Shape: Sendable, Equatable {
    case constant(TimeSpan)
    case uniform(TimeSpan, TimeSpan)
    case lognormal(median: TimeSpan, Sigma)
  }

  /// The sigmas that have a table in spec/06 §10.3.
  public enum Sigma: Int, Sendable, CaseIterable {
    case s030, s035, s060, s070, s100, s116

    /// Value at p1, p10, p25, p50, p75, p90, p95, p99, p99.9 in thousandths of the median (spec/06 §10.3).
    var thousandths: [Int64] {
      switch self {
      case .s030: [498, 681, 817, 1000, 1224, 1469, 1638, 2010, 2527]
      case .s035: [443, 639, 790, 1000, 1266, 1566, 1778, 2257, 2949]
      case .s060: [248, 463, 667, 1000, 1499, 2158, 2683, 4038, 6386]
      case .s070: [196, 408, 624, 1000, 1603, 2453, 3163, 5096, 8698]
      case .s100: [98, 278, 509, 1000, 1963, 3602, 5180, 10240, 21981]
      case .s116: [67, 226, 457, 1000, 2187, 4422, 6740, 14858, 36040]
      }
    }
  }

  let shape: Shape
  private let table: [Int64]

  private init(_ shape: Shape) {
    self.shape = shape
    if case .lognormal(_, let sigma) = shape { table = sigma.thousandths } else { table = [] }
  }

  /// Always `span`.
  public static func constant(_ span: TimeSpan) -> LatencyModel { LatencyModel(.constant(span)) }
  /// Uniform over `a...b`.
  public static func uniform(_ a: TimeSpan, _ b: TimeSpan) -> LatencyModel { LatencyModel(.uniform(a, b)) }
  /// Log-normal around `median`, cut at its p1 and p99.9.
  public static func lognormal(median: TimeSpan, _ sigma: Sigma) -> LatencyModel {
    LatencyModel(.lognormal(median: median, sigma))
  }

  /// Positions of the quantiles in millionths.
  private static let positions: [Int64] = [
    10_000, 100_000, 250_000, 500_000, 750_000, 900_000, 950_000, 990_000, 999_000,
  ]

  /// The span for `u` millionths, `0 ..< 1_000_000`.
  public func span(atMillionth u: Int64) -> TimeSpan {
    switch shape {
    case .constant(let span): return span
    case .uniform(let a, let b):
      return a + .nanoseconds(Self.part(u, of: (b - a).nanoseconds, in: 1_000_000))
    case .lognormal(let median, _):
      let positions = Self.positions
      guard u > positions[0] else { return .nanoseconds(Self.part(table[0], of: median.nanoseconds, in: 1_000)) }
      for i in 1..<positions.count where u <= positions[i] {
        let width = positions[i] - positions[i - 1]
        let rise = (table[i] - table[i - 1]) * (u - positions[i - 1]) / width
        return .nanoseconds(Self.part(table[i - 1] + rise, of: median.nanoseconds, in: 1_000))
      }
      return .nanoseconds(Self.part(table[table.count - 1], of: median.nanoseconds, in: 1_000))
    }
  }

  /// `value * parts / whole` in full width; the longest span where that does not fit.
  private static func part(_ parts: Int64, of value: Int64, in whole: Int64) -> Int64 {
    let product = value.multipliedFullWidth(by: parts)
    guard product.high.magnitude < UInt64(whole) / 2 else { return .max }
    return whole.dividingFullWidth(product).quotient
  }
}
