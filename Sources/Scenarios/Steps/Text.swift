/// How durations are written in messages.
enum Text {
  /// Seconds with three decimals, cut, by integer arithmetic.
  static func seconds(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    let thousandths = String(attoseconds / 1_000_000_000_000_000)
    return "\(seconds).\(String(repeating: "0", count: max(0, 3 - thousandths.count)))\(thousandths) s"
  }
}
