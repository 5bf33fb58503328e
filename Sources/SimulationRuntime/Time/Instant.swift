/// A point of virtual time: nanoseconds since the start of the run.
public struct Instant: Hashable, Comparable, Sendable {
  /// Nanoseconds since the run began; never negative on the kernel's clock.
  public let nanoseconds: Int64

  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The moment a run begins.
  public static let start = Instant(nanoseconds: 0)
  /// Later than every event.
  public static let distantFuture = Instant(nanoseconds: .max)

  @inlinable
  public static func < (a: Instant, b: Instant) -> Bool { a.nanoseconds < b.nanoseconds }
  @inlinable
  public static func + (a: Instant, span: TimeSpan) -> Instant {
    let (sum, overflow) = a.nanoseconds.addingReportingOverflow(span.nanoseconds)
    return Instant(nanoseconds: overflow ? (span.nanoseconds < 0 ? .min : .max) : sum)
  }
  @inlinable
  public static func - (a: Instant, b: Instant) -> TimeSpan { .nanoseconds(a.nanoseconds - b.nanoseconds) }
  @inlinable
  public static func - (a: Instant, span: TimeSpan) -> Instant {
    Instant(nanoseconds: a.nanoseconds - span.nanoseconds)
  }
}

extension Instant: CustomStringConvertible {
  /// Seconds since the start with six decimals (`10.250000`).
  public var description: String { DecimalSeconds.text(nanoseconds, decimals: 6) }
}

/// The calendar moment at which every run begins: 2026-01-01T00:00:00Z. Fixed, so that time stamps repeat.
public enum Epoch {
  /// Seconds from 1970-01-01T00:00:00Z to the start of a run.
  public static let unixSeconds: Int64 = 1_767_225_600
}
