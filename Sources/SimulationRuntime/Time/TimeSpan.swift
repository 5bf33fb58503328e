/// A length of virtual time in whole nanoseconds. Negative spans exist only as differences.
public struct TimeSpan: Hashable, Comparable, Sendable {
  /// Nanoseconds; the range is about ±292 years.
  public let nanoseconds: Int64

  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  @inlinable
  public static func nanoseconds(_ n: Int64) -> TimeSpan { TimeSpan(nanoseconds: n) }
  @inlinable
  public static func microseconds(_ n: Int64) -> TimeSpan { TimeSpan(nanoseconds: n * 1_000) }
  @inlinable
  public static func milliseconds(_ n: Int64) -> TimeSpan { TimeSpan(nanoseconds: n * 1_000_000) }
  @inlinable
  public static func seconds(_ n: Int64) -> TimeSpan { TimeSpan(nanoseconds: n * 1_000_000_000) }
  @inlinable
  public static func minutes(_ n: Int64) -> TimeSpan { .seconds(n * 60) }
  public static let zero = TimeSpan(nanoseconds: 0)

  /// Whole milliseconds, rounded toward zero.
  public var milliseconds: Int64 { nanoseconds / 1_000_000 }
  /// Whole microseconds, rounded toward zero.
  public var microseconds: Int64 { nanoseconds / 1_000 }

  @inlinable
  public static func < (a: TimeSpan, b: TimeSpan) -> Bool { a.nanoseconds < b.nanoseconds }
  @inlinable
  public static func + (a: TimeSpan, b: TimeSpan) -> TimeSpan { .nanoseconds(a.nanoseconds + b.nanoseconds) }
  @inlinable
  public static func - (a: TimeSpan, b: TimeSpan) -> TimeSpan { .nanoseconds(a.nanoseconds - b.nanoseconds) }
  @inlinable
  public static func * (a: TimeSpan, n: Int64) -> TimeSpan { .nanoseconds(a.nanoseconds * n) }
  @inlinable
  public static func / (a: TimeSpan, n: Int64) -> TimeSpan { .nanoseconds(a.nanoseconds / n) }
}

extension TimeSpan: CustomStringConvertible {
  /// Seconds with three decimals, cut (`12.345s`).
  public var description: String { "\(DecimalSeconds.text(nanoseconds, decimals: 3))s" }
}

/// Seconds written by integer arithmetic, so that no floating point reaches an output (DESIGN §3).
public enum DecimalSeconds {
  /// `nanoseconds` as seconds with `decimals` (0...9) digits after the point, cut, not rounded.
  public static func text(_ nanoseconds: Int64, decimals: Int) -> String {
    let magnitude = nanoseconds.magnitude
    let whole = magnitude / 1_000_000_000
    var fraction = String(magnitude % 1_000_000_000)
    fraction = String(repeating: "0", count: 9 - fraction.count) + fraction
    let sign = nanoseconds < 0 ? "-" : ""
    return decimals == 0 ? "\(sign)\(whole)" : "\(sign)\(whole).\(fraction.prefix(decimals))"
  }
}
