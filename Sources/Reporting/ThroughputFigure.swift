import Oracles
import TestEnvironment

/// Sessions a minute over the number of creates at once, one line for each topology, beside what one handler an agent
/// would do (spec/06 §7: throughput against concurrency, parallel against serial handlers).
struct ThroughputFigure {
  let runs: [CaseRun]

  static let fileName = "figures/\(ScenarioName.performanceLoad.rawValue)-throughput.svg"

  /// A level of a topology: medians over the runs.
  struct Point {
    let sessions: Int
    let perMinute: Int
    /// What serial handlers would come to: the same work, one after the other.
    let serial: Int?
  }

  private static let colors = ["#1565c0", "#2e7d32", "#6a1b9a", "#ef6c00"]

  /// Points by topology, in the order met, each by the number of sessions.
  var curves: [(topology: String, points: [Point])] {
    var topologies: [String] = []
    var rows: [String: [Int: [(perMinute: Int, speedUp: Int?)]]] = [:]
    for entry in runs.flatMap(\.tables) where entry.table == "throughput" {
      guard case .text(let topology)? = entry["topology"], case .text(let level)? = entry["sessions"],
        let sessions = Int(level), case .count(let perMinute)? = entry["per minute"]
      else { continue }
      var speedUp: Int?
      if case .count(let tenths)? = entry["speed-up (tenths)"] { speedUp = tenths }
      if rows[topology] == nil { topologies.append(topology) }
      rows[topology, default: [:]][sessions, default: []].append((perMinute, speedUp))
    }
    return topologies.map { topology in
      let levels = (rows[topology] ?? [:]).sorted { $0.key < $1.key }
      let points = levels.map { level -> Point in
        let rate = Self.median(level.value.map(\.perMinute))
        let speedUps = level.value.compactMap(\.speedUp).filter { $0 > 0 }
        return Point(
          sessions: level.key, perMinute: rate,
          serial: speedUps.isEmpty ? nil : rate * 10 / max(10, Self.median(speedUps)))
      }
      return (topology, points)
    }
  }

  private static func median(_ values: [Int]) -> Int { values.isEmpty ? 0 : values.sorted()[values.count / 2] }

  private enum Size {
    static let width = 720
    static let height = 320
    static let left = 60
    static let right = 190
    static let top = 34
    static let bottom = 44
  }

  /// Nil if no burst was measured.
  var svg: String? {
    let curves = curves
    let points = curves.flatMap(\.points)
    guard let most = points.map(\.sessions).max(), let fastest = points.map(\.perMinute).max() else { return nil }
    let top = max(20, (fastest + 19) / 20 * 20)
    func x(_ sessions: Int) -> Int { Size.left + sessions * (Size.width - Size.left - Size.right) / max(1, most) }
    func y(_ rate: Int) -> Int { Size.height - Size.bottom - rate * (Size.height - Size.top - Size.bottom) / top }
    var parts = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Size.width)\" height=\"\(Size.height)\" viewBox=\"0 0 \(Size.width) \(Size.height)\" font-family=\"sans-serif\" font-size=\"11\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      "<text x=\"10\" y=\"18\" font-size=\"13\" font-weight=\"bold\">Sessions a minute over creates at once</text>",
    ]
    for rate in stride(from: 0, through: top, by: max(20, top / 100 * 20)) {
      parts.append(
        "<line x1=\"\(Size.left)\" y1=\"\(y(rate))\" x2=\"\(x(most))\" y2=\"\(y(rate))\" stroke=\"#e0e0e0\"/>"
          + "<text x=\"\(Size.left - 6)\" y=\"\(y(rate) + 4)\" text-anchor=\"end\" fill=\"#616161\">\(rate)</text>")
    }
    for level in Set(points.map(\.sessions)).sorted() {
      parts.append(
        "<text x=\"\(x(level))\" y=\"\(y(0) + 16)\" text-anchor=\"middle\" fill=\"#616161\">\(level)</text>")
    }
    parts.append(
      "<line x1=\"\(Size.left)\" y1=\"\(y(10))\" x2=\"\(x(most))\" y2=\"\(y(10))\" stroke=\"#c62828\" stroke-dasharray=\"4 3\"/>"
        + "<text x=\"\(x(most) + 6)\" y=\"\(y(10) + 4)\" fill=\"#c62828\">gate: 10 a minute</text>")
    for (index, curve) in curves.enumerated() {
      let color = Self.colors[index % Self.colors.count]
      let line = curve.points.map { "\(x($0.sessions)),\(y($0.perMinute))" }.joined(separator: " ")
      let serial = curve.points.compactMap { point in point.serial.map { "\(x(point.sessions)),\(y($0))" } }
        .joined(separator: " ")
      parts.append(
        "<polyline points=\"\(line)\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\"/>"
          + "<polyline points=\"\(serial)\" fill=\"none\" stroke=\"\(color)\" stroke-dasharray=\"5 4\"/>"
          + "<text x=\"\(Size.width - Size.right + 30)\" y=\"\(Size.top + 14 + index * 18)\" fill=\"\(color)\">\(JUnitReport.escaped(curve.topology)) (dashed: serial)</text>"
      )
      for point in curve.points {
        parts.append("<circle cx=\"\(x(point.sessions))\" cy=\"\(y(point.perMinute))\" r=\"3\" fill=\"\(color)\"/>")
      }
    }
    return (parts + ["</svg>"]).joined(separator: "\n") + "\n"
  }
}
