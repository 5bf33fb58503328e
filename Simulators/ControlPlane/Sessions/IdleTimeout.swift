/// The idle time-out of a session: a Go duration such as `45m` or `1h30m` (spec/02 §5.2, §6.1).
package struct IdleTimeout: Sendable, Hashable {
  /// Always above 0.
  package let microseconds: Int64

  /// What an idle session gets beyond its time-out (C18).
  package static let graceMicroseconds: Int64 = 300_000_000

  /// Nil for the empty text, for what is no Go duration and for 0: such a session never counts as idle.
  package init?(_ text: String) {
    var rest = Substring(text)
    var total: Int64 = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { ("0"..."9").contains($0) }
      guard let number = Int64(digits), !digits.isEmpty else { return nil }
      rest = rest.dropFirst(digits.count)
      guard let (unit, length) = Self.unit(rest) else { return nil }
      rest = rest.dropFirst(length)
      let (product, overflow) = number.multipliedReportingOverflow(by: unit)
      let (sum, overflowAgain) = total.addingReportingOverflow(product)
      guard !overflow, !overflowAgain else { return nil }
      total = sum
    }
    guard total > 0 else { return nil }
    microseconds = total
  }

  /// Longest names first: `ms` is no `m`.
  private static func unit(_ text: Substring) -> (microseconds: Int64, length: Int)? {
    if text.hasPrefix("ms") { return (1_000, 2) }
    if text.hasPrefix("us") { return (1, 2) }
    if text.hasPrefix("h") { return (3_600_000_000, 1) }
    if text.hasPrefix("m") { return (60_000_000, 1) }
    if text.hasPrefix("s") { return (1_000_000, 1) }
    return nil
  }

  /// Whether a session last active at `activity` counts as idle at `now`, both microseconds since 1970.
  package func hasPassed(since activity: Int64, at now: Int64) -> Bool {
    now - activity >= microseconds + Self.graceMicroseconds
  }
}
