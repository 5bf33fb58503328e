import Oracles
import TestEnvironment

/// The cumulative distribution of start times, warm and cold, whole and by phase, as SVG (spec/06 §7).
struct StartPhasesFigure {
  let runs: [CaseRun]

  static let fileName = "figures/\(ScenarioName.performanceLoad.rawValue)-start-phases.svg"

  private static let wholePrefix = "session start, "
  private static let phasePrefix = "start phase, "
  private static let palette = ["#1565c0", "#6a1b9a", "#2e7d32", "#ef6c00", "#00838f", "#5d4037"]

  /// One line of the figure.
  struct Line {
    /// `warm`, or `warm: pod`.
    let name: String
    let values: [Duration]

    var isWhole: Bool { !name.contains(":") }
    var isCold: Bool { name.hasPrefix("cold") }
  }

  /// The whole first, then the phases in the order in which they were sampled.
  var lines: [Line] {
    var names: [String] = []
    var values: [String: [Duration]] = [:]
    for sample in runs.filter({ $0.testCase.id == "PERF-THR-03" }).flatMap(\.samples) {
      guard let prefix = [Self.wholePrefix, Self.phasePrefix].first(where: { sample.name.hasPrefix($0) }) else {
        continue
      }
      let name = String(sample.name.dropFirst(prefix.count))
      if values[name] == nil { names.append(name) }
      values[name, default: []] += sample.values
    }
    let lines = names.map { Line(name: $0, values: values[$0] ?? []) }
    return lines.filter(\.isWhole) + lines.filter { !$0.isWhole }
  }

  private enum Size {
    static let width = 860
    static let height = 380
    static let left = 50
    static let right = 250
    static let top = 34
    static let bottom = 40
    static let steps = 100
  }

  /// Nil if no start was measured.
  var svg: String? {
    let lines = lines
    guard let longest = lines.flatMap(\.values).max() else { return nil }
    // Room for the gates of 12 and 25 s.
    let end = max(longest, .seconds(26))
    func x(_ time: Duration) -> Int {
      Size.left
        + Int(max(.zero, min(time, end)).nanoseconds * Int64(Size.width - Size.left - Size.right) / end.nanoseconds)
    }
    func y(_ permille: Int) -> Int {
      Size.height - Size.bottom - permille * (Size.height - Size.top - Size.bottom) / 1_000
    }
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Size.width)\" height=\"\(Size.height)\" viewBox=\"0 0 \(Size.width) \(Size.height)\" font-family=\"sans-serif\" font-size=\"11\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      "<text x=\"10\" y=\"18\" font-size=\"13\" font-weight=\"bold\">Start of a session, whole and by phase: share of starts that took no longer</text>",
    ]
    for permille in stride(from: 0, through: 1_000, by: 250) {
      parts.append(
        "<line x1=\"\(Size.left)\" y1=\"\(y(permille))\" x2=\"\(x(end))\" y2=\"\(y(permille))\" stroke=\"#e0e0e0\"/>"
          + "<text x=\"\(Size.left - 6)\" y=\"\(y(permille) + 4)\" text-anchor=\"end\" fill=\"#616161\">\(permille / 10) %</text>"
      )
    }
    let step: Int64 = end > .seconds(60) ? 20 : 5
    for tick in stride(from: 0, through: end.components.seconds, by: Int64.Stride(step)) {
      parts.append(
        "<text x=\"\(x(.seconds(tick)))\" y=\"\(y(0) + 16)\" text-anchor=\"middle\" fill=\"#616161\">\(tick) s</text>")
    }
    for (limit, text) in [(Duration.seconds(12), "p99 warm ≤ 12 s"), (.seconds(25), "p99 cold ≤ 25 s")] {
      parts.append(
        "<line x1=\"\(x(limit))\" y1=\"\(y(1_000))\" x2=\"\(x(limit))\" y2=\"\(y(0))\" stroke=\"#c62828\" stroke-dasharray=\"4 3\"/>"
          + "<text x=\"\(x(limit) - 4)\" y=\"\(y(0) - 6)\" text-anchor=\"end\" fill=\"#c62828\">\(text)</text>")
    }
    var phases: [String] = []
    for (index, line) in lines.enumerated() {
      let phase = line.name.split(separator: ":").dropFirst().first.map(String.init) ?? ""
      if !line.isWhole, !phases.contains(phase) { phases.append(phase) }
      let color =
        line.isWhole ? "#212121" : Self.palette[(phases.firstIndex(of: phase) ?? 0) % Self.palette.count]
      let dash = line.isCold ? " stroke-dasharray=\"6 3\"" : ""
      parts.append(
        "<polyline points=\"\(points(line.values, x: x, y: y))\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"\(line.isWhole ? 3 : 1)\"\(dash)/>"
          + "<text x=\"\(Size.width - Size.right + 12)\" y=\"\(Size.top + 20 + index * 18)\" fill=\"\(color)\">\(JUnitReport.escaped(line.name)), n = \(line.values.count)\(line.isCold ? " (dashed)" : "")</text>"
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
