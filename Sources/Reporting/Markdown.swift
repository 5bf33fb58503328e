import TestEnvironment

/// Markdown by hand: the few forms a report needs.
enum Markdown {
  /// A table; cells are escaped.
  static func table(_ header: [String], _ rows: [[String]]) -> String {
    let lines = [row(header), "|" + String(repeating: "---|", count: header.count)] + rows.map(row)
    return lines.joined(separator: "\n") + "\n"
  }

  private static func row(_ cells: [String]) -> String {
    "| " + cells.map(escaped).joined(separator: " | ") + " |"
  }

  private static func escaped(_ text: String) -> String {
    String(text.map { $0.isNewline ? " " : $0 }).replacing("|", with: "\\|")
  }
}

/// Durations as a report writes them, by integer arithmetic.
enum DurationText {
  /// `350 ms` below ten seconds, else `12.3 s`.
  static func short(_ duration: Duration) -> String {
    let nanoseconds = duration.nanoseconds
    let milliseconds = nanoseconds / 1_000_000
    if nanoseconds != 0, milliseconds == 0 { return "\(nanoseconds / 1_000) µs" }
    if milliseconds < 10_000 { return "\(milliseconds) ms" }
    return "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s"
  }

  static func of(_ quantity: Quantity) -> String {
    switch quantity {
    case .duration(let duration): short(duration)
    case .count(let count): String(count)
    case .text(let text): text
    }
  }

  static func of(_ target: Target) -> String {
    switch target {
    case .reported: "reported"
    case .equal(let wanted): "= \(of(wanted))"
    case .atMost(let limit): "≤ \(of(limit))"
    case .atLeast(let limit): "≥ \(of(limit))"
    case .between(let low, let high): "\(of(low)) … \(of(high))"
    }
  }
}

extension Duration {
  /// Whole nanoseconds, cut.
  var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
