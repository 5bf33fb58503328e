extension Duration {
  /// Seconds with three digits, rounded down, for messages: `12.345 s`. A rest below a millisecond is shown in full.
  var text: String {
    let (seconds, attoseconds) = components
    guard seconds >= 0, attoseconds >= 0 else { return "-" + (.zero - self).text }
    let nanoseconds = attoseconds / 1_000_000_000
    let digits = nanoseconds % 1_000_000 == 0 ? 3 : 9
    let fraction = String(digits == 3 ? nanoseconds / 1_000_000 : nanoseconds)
    return "\(seconds).\(String(repeating: "0", count: digits - fraction.count))\(fraction) s"
  }
}
