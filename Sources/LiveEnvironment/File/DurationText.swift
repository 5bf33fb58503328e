/// Durations as environment files write them: `250ms`, `90s`, `5m`, `2h`.
package enum DurationText {
  /// Longer than a week is a mistake.
  private static let longest: Duration = .seconds(7 * 86_400)

  /// A positive whole number with a unit, at most a week; nil for anything else.
  package static func parse(_ text: String) -> Duration? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let count = Int64(digits), count > 0, count < 1_000_000_000 else { return nil }
    let duration: Duration
    switch text[digits.endIndex...] {
    case "ms": duration = .milliseconds(count)
    case "s": duration = .seconds(count)
    case "m": duration = .seconds(count * 60)
    case "h": duration = .seconds(count * 3_600)
    default: return nil
    }
    return duration <= longest ? duration : nil
  }
}
