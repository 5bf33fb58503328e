import Oracles
import TestEnvironment

/// The cumulative distribution of fail-over times as SVG, one step line for each kind of loss.
struct FailOverFigure {
  let runs: [CaseRun]

  static func fileName(_ scenario: ScenarioName) -> String { "figures/\(scenario.rawValue)-fail-over.svg" }

  /// The samples of each kind that has any, in the order of the kinds.
  static func kinds(of runs: [CaseRun]) -> [(kind: LeaderLoss, values: [Duration])] {
    LeaderLoss.allCases.compactMap { kind in
      let values = runs.flatMap(\.samples).filter { $0.name == kind.sampleName }.flatMap(\.values)
      return values.isEmpty ? nil : (kind, values)
    }
  }

  private enum Size {
    static let width = 720
    static let height = 340
    static let left = 50
    static let right = 150
    static let top = 34
    static let bottom = 40
  }

  /// Nil if there is no sample.
  var svg: String? {
    let kinds = Self.kinds(of: runs)
    guard let top = kinds.flatMap(\.values).max() else { return nil }
    // Room for the targets of 15 and 25 s, which are what the reader looks for.
    let end = max(top + .seconds(2), .seconds(30))
    func x(_ time: Duration) -> Int {
      Size.left + Int(time.nanoseconds * Int64(Size.width - Size.left - Size.right) / end.nanoseconds)
    }
    func y(_ permille: Int) -> Int {
      Size.height - Size.bottom - permille * (Size.height - Size.top - Size.bottom) / 1_000
    }
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Size.width)\" height=\"\(Size.height)\" viewBox=\"0 0 \(Size.width) \(Size.height)\" font-family=\"sans-serif\" font-size=\"11\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      "<text x=\"10\" y=\"18\" font-size=\"13\" font-weight=\"bold\">Fail-over: share of losses after which another may act</text>",
    ]
    for permille in stride(from: 0, through: 1_000, by: 250) {
      lines.append(
        "<line x1=\"\(Size.left)\" y1=\"\(y(permille))\" x2=\"\(x(end))\" y2=\"\(y(permille))\" stroke=\"#e0e0e0\"/>"
          + "<text x=\"\(Size.left - 6)\" y=\"\(y(permille) + 4)\" text-anchor=\"end\" fill=\"#616161\">\(permille / 10) %</text>"
      )
    }
    let length = end.components.seconds
    let step: Int64 = length <= 40 ? 5 : length <= 100 ? 10 : 30
    for tick in stride(from: 0, through: length, by: Int64.Stride(step)) {
      lines.append(
        "<text x=\"\(x(.seconds(tick)))\" y=\"\(y(0) + 16)\" text-anchor=\"middle\" fill=\"#616161\">\(tick) s</text>")
    }
    for (limit, text) in [(Duration.seconds(15), "graceful ≤ 15 s"), (.seconds(25), "others ≤ 25 s")] {
      lines.append(
        "<line x1=\"\(x(limit))\" y1=\"\(y(1_000))\" x2=\"\(x(limit))\" y2=\"\(y(0))\" stroke=\"#c62828\" stroke-dasharray=\"4 3\"/>"
          + "<text x=\"\(x(limit) + 4)\" y=\"\(y(0) - 6)\" fill=\"#c62828\">\(text)</text>")
    }
    for (index, (kind, values)) in kinds.enumerated() {
      let color = Self.color(of: kind)
      lines.append(
        "<polyline points=\"\(points(values, end: end, x: x, y: y))\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\"/>"
          + "<text x=\"\(Size.width - Size.right + 12)\" y=\"\(Size.top + 20 + index * 18)\" fill=\"\(color)\">\(kind.rawValue), n = \(values.count)</text>"
      )
    }
    return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private func points(_ values: [Duration], end: Duration, x: (Duration) -> Int, y: (Int) -> Int) -> String {
    var points = ["\(x(.zero)),\(y(0))"]
    var share = 0
    for (index, value) in values.sorted().enumerated() {
      points.append("\(x(value)),\(y(share))")
      share = (index + 1) * 1_000 / values.count
      points.append("\(x(value)),\(y(share))")
    }
    return (points + ["\(x(end)),\(y(1_000))"]).joined(separator: " ")
  }

  private static func color(of kind: LeaderLoss) -> String {
    switch kind {
    case .graceful: "#2e7d32"
    case .crash: "#6a1b9a"
    case .pause: "#ef6c00"
    case .partition: "#1565c0"
    }
  }
}
