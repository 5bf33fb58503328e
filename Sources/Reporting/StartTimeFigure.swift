import Oracles
import TestEnvironment

/// The cumulative distribution of start times as SVG, one line for each number of starts at once.
struct StartTimeFigure {
  let runs: [CaseRun]

  static let fileName = "figures/\(ScenarioName.multiUserConcurrent.rawValue)-start-times.svg"

  /// So many starts at once, with all values of all runs.
  struct Line {
    let count: Int
    let values: [Duration]
  }

  /// Those that have values, by their number.
  var lines: [Line] {
    var values: [Int: [Duration]] = [:]
    for (name, samples) in runs.flatMap(\.samples) where name.hasPrefix(TableEntry.startSamplePrefix) {
      let digits = name.dropFirst(TableEntry.startSamplePrefix.count).prefix { $0.isNumber }
      guard let count = Int(digits), count > 1 else { continue }
      values[count, default: []] += samples
    }
    return values.keys.sorted().map { Line(count: $0, values: values[$0] ?? []) }
  }

  private enum Size {
    static let width = 720
    static let height = 340
    static let left = 50
    static let right = 130
    static let top = 34
    static let bottom = 40
    /// Steps of a line: enough for the eye, few enough for a file.
    static let steps = 200
  }

  private static let colors = ["#1565c0", "#6a1b9a", "#2e7d32", "#ef6c00", "#c62828", "#00838f"]

  /// Nil if there is no value.
  var svg: String? {
    let lines = lines
    guard let longest = lines.flatMap(\.values).max(), longest > .zero else { return nil }
    // Room for the gate of 12 s, and up to whole tens of seconds.
    let end = Duration.seconds((max(longest, .seconds(15)).components.seconds / 10 + 1) * 10)
    func x(_ time: Duration) -> Int {
      Size.left + Int(min(time, end).nanoseconds * Int64(Size.width - Size.left - Size.right) / end.nanoseconds)
    }
    func y(_ permille: Int) -> Int {
      Size.height - Size.bottom - permille * (Size.height - Size.top - Size.bottom) / 1_000
    }
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Size.width)\" height=\"\(Size.height)\" viewBox=\"0 0 \(Size.width) \(Size.height)\" font-family=\"sans-serif\" font-size=\"11\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      "<text x=\"10\" y=\"18\" font-size=\"13\" font-weight=\"bold\">Starts side by side: share that ran by then</text>",
    ]
    for permille in stride(from: 0, through: 1_000, by: 250) {
      parts.append(
        "<line x1=\"\(x(.zero))\" y1=\"\(y(permille))\" x2=\"\(x(end))\" y2=\"\(y(permille))\" stroke=\"#e0e0e0\"/>"
          + "<text x=\"\(Size.left - 6)\" y=\"\(y(permille) + 4)\" text-anchor=\"end\" fill=\"#616161\">\(permille / 10) %</text>"
      )
    }
    let seconds = end.components.seconds
    for tick in stride(from: 0, through: seconds, by: Int64.Stride(seconds <= 40 ? 5 : seconds <= 100 ? 10 : 30)) {
      parts.append(
        "<text x=\"\(x(.seconds(tick)))\" y=\"\(y(0) + 16)\" text-anchor=\"middle\" fill=\"#616161\">\(tick) s</text>")
    }
    for (index, line) in lines.enumerated() {
      let color = Self.colors[index % Self.colors.count]
      parts.append(
        "<polyline points=\"\(points(line.values, x: x, y: y))\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\"/>"
          + "<text x=\"\(Size.width - Size.right + 12)\" y=\"\(Size.top + 20 + index * 18)\" fill=\"\(color)\">\(line.count) at once, n = \(line.values.count)</text>"
      )
    }
    return (parts + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private func points(_ values: [Duration], x: (Duration) -> Int, y: (Int) -> Int) -> String {
    let distribution = Distribution(values)
    return (0...Size.steps).map { step in
      let permille = step * 1_000 / Size.steps
      let value = permille == 0 ? distribution.sorted[0] : distribution.quantile(permille: permille)
      return "\(x(value)),\(y(permille))"
    }.joined(separator: " ")
  }
}
