extension Duration {
  /// Seconds with three decimals, cut, by integer arithmetic: `12.345 s`. How messages and reports write a time.
  public var secondsText: String {
    let (seconds, attoseconds) = components
    let thousandths = String(attoseconds / 1_000_000_000_000_000)
    return "\(seconds).\(String(repeating: "0", count: max(0, 3 - thousandths.count)))\(thousandths) s"
  }
}
