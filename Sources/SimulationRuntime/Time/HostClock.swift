/// The clock of one host: it may stand off true time (skew) and run fast or slow (rate).
///
/// Local time = true time * (1_000_000 + rate) / 1_000_000 + skew, counted from the last change, in integers.
public struct HostClock: Sendable, Equatable {
  /// Parts per million by which this clock runs faster than true time; between -500_000 and 1_000_000.
  public private(set) var ratePPM: Int64 = 0
  private var anchorTrue = Instant.start
  private var anchorLocal = Instant.start
  /// Sum of all steps so far.
  public private(set) var stepped = TimeSpan.zero

  public init() {}

  /// What this clock shows at the true time `now`.
  @inlinable
  public func local(at now: Instant) -> Instant {
    if isExact { return now }
    return skewed(at: now)
  }

  /// Whether the clock shows true time.
  public var isExact: Bool { ratePPM == 0 && anchorLocal == anchorTrue }

  @usableFromInline
  func skewed(at now: Instant) -> Instant {
    let elapsed = now.nanoseconds - anchorTrue.nanoseconds
    return Instant(nanoseconds: anchorLocal.nanoseconds + elapsed + Self.scale(elapsed, by: ratePPM, over: 1_000_000))
  }

  /// The true span that passes while this clock counts `span`.
  @inlinable
  public func trueSpan(forLocal span: TimeSpan) -> TimeSpan {
    if ratePPM == 0 { return span }
    return slowSpan(span)
  }

  @usableFromInline
  func slowSpan(_ span: TimeSpan) -> TimeSpan {
    // A span that would not fit is the longest there is: its timer never fires.
    guard span.nanoseconds <= .max / 2 else { return .nanoseconds(.max) }
    let product = span.nanoseconds.multipliedFullWidth(by: 1_000_000)
    let (quotient, remainder) = (1_000_000 + ratePPM).dividingFullWidth(product)
    return .nanoseconds(quotient + (remainder > 0 ? 1 : 0))
  }

  /// Steps the clock by `skew` at the true time `now`.
  mutating func step(by skew: TimeSpan, at now: Instant) {
    anchorLocal = local(at: now) + skew
    stepped = stepped + skew
    anchorTrue = now
  }

  /// Changes the rate at the true time `now`; the reading does not jump.
  mutating func setRate(ppm: Int64, at now: Instant) {
    let reading = local(at: now)
    anchorLocal = reading
    anchorTrue = now
    ratePPM = min(max(ppm, -500_000), 1_000_000)
  }

  private static func scale(_ value: Int64, by numerator: Int64, over denominator: Int64) -> Int64 {
    denominator.dividingFullWidth(value.multipliedFullWidth(by: numerator)).quotient
  }
}
