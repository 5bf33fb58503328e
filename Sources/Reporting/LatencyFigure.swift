import Oracles
import TestEnvironment

/// The cumulative distribution of a platform's stream latencies as SVG, one step line for each latency and path.
struct LatencyFigure {
  let runs: [CaseRun]
  let platform: Topology.Agent.Platform

  static let platforms: [Topology.Agent.Platform] = [.kubernetes, .docker]

  static func fileName(_ platform: Topology.Agent.Platform) -> String {
    "figures/\(ScenarioName.vncStreaming.rawValue)-latency-\(platform.rawValue).svg"
  }

  /// A latency over a path with all values of all runs.
  struct Line {
    let latency: StreamLatency
    let path: StreamPath
    let values: [Duration]
  }

  /// Those that have values, in the order of the latencies and paths.
  var lines: [Line] {
    StreamLatency.allCases.flatMap { latency in
      StreamPath.allCases.compactMap { path in
        let name = latency.sampleName(platform, path)
        let values = runs.flatMap(\.samples).filter { $0.name == name }.flatMap(\.values)
        return values.isEmpty ? nil : Line(latency: latency, path: path, values: values)
      }
    }
  }

  private enum Size {
    static let width = 720
    static let height = 340
    static let left = 50
    static let right = 180
    static let top = 34
    static let bottom = 40
    /// Steps of a line: enough for the eye, few enough for a file.
    static let steps = 200
  }

  /// Nil if there is no value.
  var svg: String? {
    let lines = lines
    guard let top = lines.map({ Distribution($0.values).quantile(permille: 999) }).max() else { return nil }
    // Room for the gates of 50 and 100 ms.
    let end = max(top, .milliseconds(120))
    func x(_ time: Duration) -> Int {
      Size.left + Int(min(time, end).nanoseconds * Int64(Size.width - Size.left - Size.right) / end.nanoseconds)
    }
    func y(_ permille: Int) -> Int {
      Size.height - Size.bottom - permille * (Size.height - Size.top - Size.bottom) / 1_000
    }
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Size.width)\" height=\"\(Size.height)\" viewBox=\"0 0 \(Size.width) \(Size.height)\" font-family=\"sans-serif\" font-size=\"11\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      "<text x=\"10\" y=\"18\" font-size=\"13\" font-weight=\"bold\">Latency on \(StreamTables.title(of: platform)): share of values that are no greater</text>",
    ]
    for permille in stride(from: 0, through: 1_000, by: 250) {
      parts.append(
        "<line x1=\"\(Size.left)\" y1=\"\(y(permille))\" x2=\"\(x(end))\" y2=\"\(y(permille))\" stroke=\"#e0e0e0\"/>"
          + "<text x=\"\(Size.left - 6)\" y=\"\(y(permille) + 4)\" text-anchor=\"end\" fill=\"#616161\">\(permille / 10) %</text>"
      )
    }
    let length = end.nanoseconds / 1_000_000
    let step: Int64 = length <= 200 ? 20 : length <= 500 ? 50 : length <= 2_000 ? 200 : 1_000
    for tick in stride(from: 0, through: length, by: Int64.Stride(step)) {
      parts.append(
        "<text x=\"\(x(.milliseconds(tick)))\" y=\"\(y(0) + 16)\" text-anchor=\"middle\" fill=\"#616161\">\(tick) ms</text>"
      )
    }
    for (limit, text) in [(Duration.milliseconds(50), "WS, key ≤ 50 ms"), (.milliseconds(100), "input ≤ 100 ms")] {
      parts.append(
        "<line x1=\"\(x(limit))\" y1=\"\(y(1_000))\" x2=\"\(x(limit))\" y2=\"\(y(0))\" stroke=\"#c62828\" stroke-dasharray=\"4 3\"/>"
          + "<text x=\"\(x(limit) + 4)\" y=\"\(y(0) - 6)\" fill=\"#c62828\">\(text)</text>")
    }
    for (index, line) in lines.enumerated() {
      let color = Self.color(of: line.latency)
      let dash = line.path == .relayed ? " stroke-dasharray=\"6 3\"" : ""
      parts.append(
        "<polyline points=\"\(points(line.values, x: x, y: y))\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\"\(dash)/>"
          + "<text x=\"\(Size.width - Size.right + 12)\" y=\"\(Size.top + 20 + index * 18)\" fill=\"\(color)\">\(line.latency.rawValue), \(line.path.rawValue), n = \(line.values.count)</text>"
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

  private static func color(of latency: StreamLatency) -> String {
    switch latency {
    case .update: "#1565c0"
    case .input: "#6a1b9a"
    case .key: "#2e7d32"
    }
  }
}
