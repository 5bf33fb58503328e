/// How long a user waits after an answer before the next request.
public enum ThinkTime: Sendable, Equatable {
  case constant(Duration)
  /// Each value between the two as likely.
  case uniform(Duration, Duration)
  /// Memoryless, as independent users are.
  case exponential(mean: Duration)

  /// One draw. `choose`: a number in `0 ..< count` from the seed. Never negative.
  public func draw(_ choose: (_ count: Int) -> Int) -> Duration {
    switch self {
    case .constant(let span): return max(.zero, span)
    case .uniform(let low, let high):
      let width = (high - low).inNanoseconds
      guard width > 0 else { return max(.zero, low) }
      let part = Int64(choose(ExponentialQuantiles.resolution))
      return max(.zero, low + .nanoseconds(scaled(width, by: part, over: Int64(ExponentialQuantiles.resolution))))
    case .exponential(let mean):
      guard mean > .zero else { return .zero }
      let billionths = ExponentialQuantiles.billionths(at: choose(ExponentialQuantiles.resolution))
      return .nanoseconds(scaled(mean.inNanoseconds, by: billionths, over: 1_000_000_000))
    }
  }
}

extension Duration {
  /// Whole nanoseconds.
  var inNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}

/// `value * numerator / denominator` for values that are not negative, without overflow on the way; what does not fit
/// in the end is the largest number.
func scaled(_ value: Int64, by numerator: Int64, over denominator: Int64) -> Int64 {
  guard value > 0, numerator > 0, denominator > 0 else { return 0 }
  let (high, low) = value.multipliedFullWidth(by: numerator)
  guard high < denominator / 2 else { return .max }
  return denominator.dividingFullWidth((high, low)).quotient
}
