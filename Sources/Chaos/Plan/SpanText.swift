/// How plans write a span of time: seconds with as many decimals as it has, `12.5 s`, `-30 s`. Exact in both directions.
enum SpanText {
  /// Longest span that a plan may hold: two days.
  static let longest: Duration = .seconds(172_800)

  private static let attosecondDigits = 18

  static func text(of span: Duration) -> String {
    var (seconds, attoseconds) = span.components
    let isNegative = seconds < 0 || attoseconds < 0
    if isNegative { (seconds, attoseconds) = (-seconds, -attoseconds) }
    var digits = String(attoseconds)
    digits = String(repeating: "0", count: max(0, attosecondDigits - digits.count)) + digits
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(isNegative ? "-" : "")\(seconds)\(digits.isEmpty ? "" : ".")\(digits) s"
  }

  /// Nil: it is no span, or one beyond ``longest``.
  static func span(of text: String) -> Duration? {
    var rest = Substring(text)
    guard rest.hasSuffix(" s") else { return nil }
    rest.removeLast(2)
    let isNegative = rest.hasPrefix("-")
    if isNegative { rest.removeFirst() }
    let parts = rest.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, let seconds = number(whole, digits: 1...6) else { return nil }
    var attoseconds: Int64 = 0
    if parts.count == 2 {
      guard let value = number(parts[1], digits: 1...attosecondDigits) else { return nil }
      attoseconds = (0..<(attosecondDigits - parts[1].count)).reduce(value) { value, _ in value * 10 }
    }
    let span = Duration(secondsComponent: seconds, attosecondsComponent: attoseconds)
    guard span <= longest else { return nil }
    return isNegative ? .zero - span : span
  }

  private static func number(_ text: Substring, digits: ClosedRange<Int>) -> Int64? {
    guard digits.contains(text.count), text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    return Int64(text)
  }
}
