import Oracles
import TestEnvironment

/// The time-line of one run as SVG: a lane per component, faults marked, recoveries shaded.
struct SwimLaneFigure {
  let run: CaseRun

  /// Where the figure of a case lies, beside the report.
  static func fileName(_ testCase: TestCase) -> String { "figures/\(testCase.id).svg" }

  /// The run to draw: the first failed one, else the first with marks; nil if no run has a fault to show.
  static func representative(of runs: [CaseRun]) -> CaseRun? {
    let marked = runs.filter { !$0.marks.isEmpty }
    return marked.first { $0.verdict == .failed } ?? marked.first
  }

  private enum Size {
    static let width = 960
    static let left = 130
    static let right = 20
    static let top = 46
    static let lane = 30
    static let bottom = 34
  }

  /// One thing drawn on a lane.
  private struct Item {
    var lane: String
    var time: Duration
    var glyph: Glyph
    var text: String
  }

  private enum Glyph: String {
    case up = "#2e7d32"
    case down = "#c62828"
    case command = "#1565c0"
    case request = "#616161"
    case refused = "#ef6c00"
    case state = "#6a1b9a"
  }

  var svg: String {
    let items = items
    let lanes = lanes(items)
    let (from, to) = span(items)
    let height = Size.top + lanes.count * Size.lane + Size.bottom
    func x(_ time: Duration) -> Int {
      let length = max((to - from).nanoseconds, 1)
      let clamped = min(max((time - from).nanoseconds, 0), length)
      return Size.left + Int(clamped * Int64(Size.width - Size.left - Size.right) / length)
    }
    func y(_ lane: String) -> Int { Size.top + (lanes.firstIndex(of: lane) ?? 0) * Size.lane }
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Size.width)\" height=\"\(height)\" viewBox=\"0 0 \(Size.width) \(height)\" font-family=\"sans-serif\" font-size=\"11\">",
      "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>",
      "<text x=\"10\" y=\"18\" font-size=\"13\" font-weight=\"bold\">\(JUnitReport.escaped(title))</text>",
      "<text x=\"10\" y=\"34\" fill=\"#616161\">seed \(run.seed), \(JUnitReport.escaped(run.profile)): green up, red down, blue command, orange refused, violet session state, grey request</text>",
    ]
    for (index, lane) in lanes.enumerated() {
      let top = Size.top + index * Size.lane
      let fill = index % 2 == 0 ? "#f5f5f5" : "#ffffff"
      lines.append(
        "<rect x=\"0\" y=\"\(top)\" width=\"\(Size.width)\" height=\"\(Size.lane)\" fill=\"\(fill)\"/>"
          + "<text x=\"8\" y=\"\(top + 19)\">\(JUnitReport.escaped(lane))</text>")
    }
    for mark in run.marks { lines.append(contentsOf: draw(mark, x: x, y: y(mark.lane), end: to)) }
    for item in items where item.time >= from && item.time <= to {
      lines.append(
        "<circle cx=\"\(x(item.time))\" cy=\"\(y(item.lane) + 15)\" r=\"3\" fill=\"\(item.glyph.rawValue)\"><title>\(item.time.secondsText) \(JUnitReport.escaped(item.text))</title></circle>"
      )
    }
    lines.append(contentsOf: axis(from: from, to: to, y: Size.top + lanes.count * Size.lane, x: x))
    lines.append("</svg>")
    return lines.joined(separator: "\n") + "\n"
  }

  private var title: String {
    let variant = run.variant.name.isEmpty ? "" : " (\(run.variant.name))"
    return "\(run.testCase.id) \(run.testCase.title)\(variant): \(run.verdict.rawValue)"
  }

  private func draw(_ mark: TimelineMark, x: (Duration) -> Int, y: Int, end: Duration) -> [String] {
    let start = x(mark.start)
    let stop = mark.end.map(x) ?? start + 3
    let color = mark.kind == .fault ? "#ef5350" : "#81c784"
    let opacity = mark.kind == .fault ? "0.55" : "0.35"
    return [
      "<rect x=\"\(start)\" y=\"\(y + 2)\" width=\"\(max(stop - start, 3))\" height=\"\(Size.lane - 4)\" fill=\"\(color)\" fill-opacity=\"\(opacity)\"><title>\(mark.start.secondsText) \(JUnitReport.escaped(mark.text))</title></rect>",
      "<text x=\"\(start + 4)\" y=\"\(y + 11)\" font-size=\"9\" fill=\"#424242\">\(JUnitReport.escaped(mark.text))</text>",
    ]
  }

  private func axis(from: Duration, to: Duration, y: Int, x: (Duration) -> Int) -> [String] {
    var lines: [String] = []
    let length = (to - from).components.seconds
    let step =
      [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 3_600].first { length / Int64($0) <= 14 } ?? 7_200 as Int
    var tick = Int(from.components.seconds) / step * step
    while Int64(tick) <= to.components.seconds {
      let time = Duration.seconds(tick)
      if time >= from {
        lines.append(
          "<line x1=\"\(x(time))\" y1=\"\(Size.top)\" x2=\"\(x(time))\" y2=\"\(y)\" stroke=\"#bdbdbd\" stroke-width=\"0.5\"/>"
            + "<text x=\"\(x(time))\" y=\"\(y + 14)\" text-anchor=\"middle\" fill=\"#616161\">\(tick) s</text>")
      }
      tick += step
    }
    return lines
  }

  /// From a little before the first mark to a little after the last thing a mark or an expectation says.
  private func span(_ items: [Item]) -> (from: Duration, to: Duration) {
    let starts = run.marks.map(\.start)
    let ends = run.marks.compactMap(\.end) + starts + run.expectations.map(\.time)
    let first = starts.min() ?? .zero
    let last = ends.max() ?? items.last?.time ?? .seconds(1)
    return (max(.zero, first - .seconds(2)), max(last, first + .seconds(1)) + .seconds(2))
  }

  /// Clients, replicas, Redis and database, agents, platform: in the order of a request's way.
  private func lanes(_ items: [Item]) -> [String] {
    let topology = run.variant.topology
    var lanes = ["clients"] + (1...topology.replicas).map { "api-\($0)" }
    if topology.hasRedis { lanes.append("redis") }
    lanes.append("database")
    lanes += topology.agents.map(\.id)
    lanes.append("platform")
    for lane in items.map(\.lane) + run.marks.map(\.lane) where !lanes.contains(lane) { lanes.append(lane) }
    let used = Set(items.map(\.lane) + run.marks.map(\.lane))
    return lanes.filter { used.contains($0) || $0.hasPrefix("api-") }
  }

  private var items: [Item] {
    run.observations.compactMap { timed in
      func item(_ lane: String, _ glyph: Glyph, _ text: String) -> Item {
        Item(lane: lane, time: timed.time, glyph: glyph, text: text)
      }
      switch timed.observation {
      case .replicaReady(let replica, let ready):
        return item(replica, ready ? .up : .down, ready ? "ready" : "not ready")
      case .processEnded(let process, let reason, _):
        return item(lane(ofProcess: process), .down, "\(process) \(reason)")
      case .agentConnected(let agent, let replica, let connection, _, _):
        return item(agent, .up, "connected to \(replica) (connection \(connection))")
      case .agentDisconnected(let agent, let replica, _, let reason):
        return item(agent, .down, "\(replica) dropped its connection: \(reason)")
      case .leadership(_, let instance, let term, let isLeading, let reason):
        return item(
          lane(ofProcess: instance), isLeading ? .up : .down,
          "\(isLeading ? "leads" : "leads no longer") in term \(term)\(reason.isEmpty ? "" : ": \(reason)")")
      case .platformWriteRefused(_, let instance, let term, let object):
        return item(lane(ofProcess: instance), .refused, "write of \(object) in term \(term) is refused")
      case .agentRow(let agent, "offline", _): return item("database", .down, "\(agent) offline")
      case .route(let agent, let key, let value):
        return item("redis", value == nil ? .down : .up, "agent:\(agent):\(key.rawValue) = \(value ?? "(gone)")")
      case .redisAvailable(let up): return item("redis", up ? .up : .down, up ? "up" : "down")
      case .databaseAvailable(let up): return item("database", up ? .up : .down, up ? "up" : "down")
      case .commandSent(let command, _, let replica, _, let attempt):
        return item(replica, .command, "sent \(command), attempt \(attempt)")
      case .commandReceived(let command, let agent, _): return item(agent, .command, "received \(command)")
      case .sessionState(let session, let from, let to, _):
        return item("database", .state, "\(session): \(from) → \(to)")
      case .workload(let session, _, let object, let event, _):
        return item(
          "platform", event == .deleted || event == .failed ? .down : .up, "\(session) \(object) \(event.rawValue)")
      case .requestAnswered(let request):
        let accepted = request.status.map { (200..<300).contains($0) } ?? false
        return item(
          "clients", accepted ? .request : .refused,
          "\(request.method) \(request.path): \(request.status.map(String.init) ?? "no answer")")
      default: return nil
      }
    }
  }

  private func lane(ofProcess process: String) -> String {
    process.hasPrefix("agent-") ? String(process.dropFirst(6)) : process
  }
}
