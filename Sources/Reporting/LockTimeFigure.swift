import Oracles
import TestEnvironment

/// How long the steps of the migrations locked tables on PostgreSQL, as SVG: a bar for each step and table, beside the
/// limit of one second (DBM-15).
struct LockTimeFigure {
  let runs: [CaseRun]

  static let fileName = "figures/\(ScenarioName.databaseMigrations.rawValue)-lock-times.svg"
  static let limit = Duration.seconds(1)

  struct Bar {
    let step: String
    let table: String
    let mode: String
    let longest: Duration
  }

  /// In the order in which they were written; the longest of a step, table and mode.
  var bars: [Bar] {
    let lines = TableLines("lock times", of: runs) { $0["engine"] == .text(DatabaseEngineName.postgreSQL.rawValue) }
      .lines
    return lines.compactMap { line in
      let values = line.values.first { $0.column == "longest" }?.values ?? []
      let durations = values.compactMap { if case .duration(let duration) = $0 { duration } else { nil } }
      return durations.max().map { Bar(step: line["step"], table: line["table"], mode: line["mode"], longest: $0) }
    }
  }

  private enum Size {
    static let width = 820
    static let left = 330
    static let right = 90
    static let top = 40
    static let row = 18
    static let bottom = 30
    /// More bars than this nobody reads: the longest are shown.
    static let most = 40
  }

  /// Nil if no lock was measured.
  var svg: String? {
    let all = bars
    guard !all.isEmpty else { return nil }
    let ranked = all.enumerated().sorted { ($1.element.longest, $0.offset) < ($0.element.longest, $1.offset) }
    let shown = ranked.prefix(Size.most).map(\.offset).sorted().map { all[$0] }
    let end = max(all.map(\.longest).max() ?? .zero, .milliseconds(1_200))
    let height = Size.top + shown.count * Size.row + Size.bottom
    func x(_ time: Duration) -> Int {
      Size.left + Int(time.nanoseconds * Int64(Size.width - Size.left - Size.right) / end.nanoseconds)
    }
    let more = shown.count < all.count ? ", the \(shown.count) longest of \(all.count)" : ""
    let bottom = Size.top + shown.count * Size.row
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Size.width)\" height=\"\(height)\" viewBox=\"0 0 \(Size.width) \(height)\" font-family=\"sans-serif\" font-size=\"11\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      "<text x=\"10\" y=\"18\" font-size=\"13\" font-weight=\"bold\">Longest locks on PostgreSQL by step\(more)</text>",
    ]
    let seconds = end.nanoseconds / 1_000_000
    let step: Int64 = seconds <= 1_500 ? 200 : seconds <= 5_000 ? 1_000 : 10_000
    for tick in stride(from: 0, through: seconds, by: Int64.Stride(step)) {
      let place = x(.milliseconds(tick))
      lines.append(
        "<line x1=\"\(place)\" y1=\"\(Size.top - 8)\" x2=\"\(place)\" y2=\"\(bottom)\" stroke=\"#e0e0e0\"/>"
          + "<text x=\"\(place)\" y=\"\(bottom + 16)\" text-anchor=\"middle\" fill=\"#616161\">\(tick) ms</text>")
    }
    for (index, bar) in shown.enumerated() {
      let y = Size.top + index * Size.row
      let color = bar.longest <= Self.limit ? "#1565c0" : "#c62828"
      let label = JUnitReport.escaped("\(bar.step) \(bar.table) (\(bar.mode))")
      lines.append(
        "<text x=\"\(Size.left - 8)\" y=\"\(y + 12)\" text-anchor=\"end\">\(label)</text>"
          + "<rect x=\"\(Size.left)\" y=\"\(y + 3)\" width=\"\(max(1, x(bar.longest) - Size.left))\" height=\"\(Size.row - 6)\" fill=\"\(color)\"/>"
          + "<text x=\"\(x(bar.longest) + 6)\" y=\"\(y + 12)\" fill=\"#616161\">\(DurationText.short(bar.longest))</text>"
      )
    }
    lines.append(
      "<line x1=\"\(x(Self.limit))\" y1=\"\(Size.top - 8)\" x2=\"\(x(Self.limit))\" y2=\"\(bottom)\" stroke=\"#c62828\" stroke-dasharray=\"4 3\"/>"
        + "<text x=\"\(x(Self.limit) + 4)\" y=\"\(Size.top - 10)\" fill=\"#c62828\">limit 1 s</text>")
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }
}
