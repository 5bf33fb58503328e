import Oracles
import TestEnvironment

/// What spec/06 §4 asks of the report of scenario 4 beyond the ten parts: handshakes, latencies, throughput, stalls, byte
/// integrity and interruptions, one part for each platform, and the two side by side.
struct StreamTables {
  let runs: [CaseRun]

  /// Tables that are printed here, and not among the others.
  static let tables = ["handshake", "throughput", "stalls", "integrity", "interruptions"]

  /// Nil if no run shows a stream.
  var text: String? {
    let parts = LatencyFigure.platforms.compactMap(part)
    guard !parts.isEmpty else { return nil }
    return (parts + [difference, Screenshots(runs: runs).text].compactMap { $0 }).joined(separator: "\n")
  }

  static func title(of platform: Topology.Agent.Platform) -> String {
    platform == .kubernetes ? "Kubernetes" : "Docker"
  }

  // MARK: One platform

  private func part(_ platform: Topology.Agent.Platform) -> String? {
    let sections = [
      handshake(platform), latencies(platform), throughput(platform),
      section("Stall gaps", "stalls", platform, "Video as the viewer saw it: 15 frames a second are 75 in 5 s."),
      section(
        "Byte integrity", "integrity", platform, "SHA-256 of what was sent and what came, over a desktop that echoes."),
      section(
        "Interruptions", "interruptions", platform,
        "From the cause to the end at the last viewer (≤ 15 s), and to the last one's next picture: p50 / max."),
    ].compactMap { $0 }
    return sections.isEmpty
      ? nil : (["### Streams on \(Self.title(of: platform))\n"] + sections).joined(separator: "\n")
  }

  private func lines(_ table: String, _ platform: Topology.Agent.Platform) -> TableLines? {
    let lines = TableLines(table, of: runs, where: { $0["platform"] == .text(platform.rawValue) })
    return lines.lines.isEmpty ? nil : lines
  }

  private func section(_ title: String, _ table: String, _ platform: Topology.Agent.Platform, _ note: String) -> String?
  {
    guard let lines = lines(table, platform) else { return nil }
    let columns = lines.columns.filter { $0 != "platform" }
    return "#### \(title)\n\n\(note)\n\n"
      + Markdown.table(
        ["case"] + columns + ["n"],
        lines.lines.map { line in [line.caseID] + columns.map { line[$0] } + ["\(line.count)"] })
  }

  /// Durations of a step over all cases, by path.
  private func steps(_ platform: Topology.Agent.Platform) -> [(path: String, step: String, values: [Duration])] {
    guard let lines = lines("handshake", platform) else { return [] }
    var order: [[String]] = []
    var values: [[String]: [Duration]] = [:]
    for line in lines.lines {
      let key = [line["path"], line["step"]]
      if values[key] == nil { order.append(key) }
      values[key, default: []] += line.durations("after the request")
    }
    let paths = StreamPath.allCases.map(\.rawValue)
    return paths.flatMap { path in
      order.filter { $0[0] == path }.map { (path, $0[1], values[$0] ?? []) }
    }
  }

  private func handshake(_ platform: Topology.Agent.Platform) -> String? {
    let steps = steps(platform)
    guard !steps.isEmpty else { return nil }
    return
      "#### Handshake\n\nTime from the viewer's request to the end of each step. *direct*: the viewer's replica holds the "
      + "agent; *relayed*: another does.\n\n"
      + Markdown.table(
        ["path", "step", "n", "p50 / p95 / p99 / max"],
        steps.map { [$0.path, $0.step, "\($0.values.count)", Distribution($0.values).text] })
  }

  /// Gates of spec/06 §0.2.
  private static func limit(of latency: StreamLatency) -> Duration {
    switch latency {
    case .update, .key: .milliseconds(50)
    case .input: .milliseconds(100)
    }
  }

  private func latencies(_ platform: Topology.Agent.Platform) -> String? {
    let lines = LatencyFigure(runs: runs, platform: platform).lines
    guard !lines.isEmpty else { return nil }
    let rows = lines.map { line -> [String] in
      let distribution = Distribution(line.values)
      let limit = Self.limit(of: line.latency)
      return [
        line.latency.rawValue, line.path.rawValue, "\(line.values.count)", distribution.text,
        "p95 ≤ \(DurationText.short(limit))", distribution.quantile(permille: 950) <= limit ? "met" : "**missed**",
      ]
    }
    return
      "#### Latency\n\nWS: from the desktop's write of an update to its decoding at the viewer. Key: from the viewer's "
      + "write to the desktop's receipt. Input: from the viewer's write of an event to the decoding of its marker. "
      + "Design values of the hops: viewer to balancer 5 ms, balancer to API 5 ms, API to agent 10 ms, agent to pod 10 "
      + "ms; what a relay between replicas adds is the difference of the paths.\n\n"
      + Markdown.table(["latency", "path", "n", "p50 / p95 / p99 / max", "target", "verdict"], rows)
      + "\n![Latency on \(Self.title(of: platform))](\(LatencyFigure.fileName(platform)))\n"
  }

  private func throughput(_ platform: Topology.Agent.Platform) -> String? {
    guard let lines = lines("throughput", platform) else { return nil }
    let rows = lines.lines.map { line -> [String] in
      let bytes = line.counts("bytes").reduce(0, +)
      let span = line.durations("span").reduce(.zero, +)
      return [line.caseID, line["what"], line["bytes"], line["span"], Self.rate(bytes, in: span), "\(line.count)"]
    }
    return "#### Throughput\n\n" + Markdown.table(["case", "what", "bytes", "span", "MB/s", "n"], rows)
  }

  /// Megabytes a second with two decimals, cut.
  static func rate(_ bytes: Int, in span: Duration) -> String {
    let microseconds = span.nanoseconds / 1_000
    guard microseconds > 0 else { return "-" }
    let hundredths = Int64(bytes) * 100 / microseconds
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
  }

  // MARK: Both

  /// The steps of the handshake and the latencies side by side, over the direct path.
  private var difference: String? {
    var rows: [(what: String, values: [Topology.Agent.Platform: [Duration]])] = []
    func add(_ what: String, _ platform: Topology.Agent.Platform, _ values: [Duration]) {
      if let place = rows.firstIndex(where: { $0.what == what }) {
        rows[place].values[platform] = values
      } else {
        rows.append((what, [platform: values]))
      }
    }
    for platform in LatencyFigure.platforms {
      for step in steps(platform) where step.path == StreamPath.direct.rawValue {
        add("request to \(step.step)", platform, step.values)
      }
    }
    for platform in LatencyFigure.platforms {
      for line in LatencyFigure(runs: runs, platform: platform).lines where line.path == .direct {
        add("\(line.latency.rawValue) latency", platform, line.values)
      }
    }
    let both = rows.filter { $0.values.count == LatencyFigure.platforms.count }
    guard !both.isEmpty else { return nil }
    return "### Difference of the platforms\n\nMedians over the direct path.\n\n"
      + Markdown.table(
        ["what"] + LatencyFigure.platforms.map(Self.title) + ["difference"],
        both.map { row in
          let medians = LatencyFigure.platforms.map { Distribution(row.values[$0] ?? []).quantile(permille: 500) }
          let change = medians[1] - medians[0]
          let text = change < .zero ? "-\(DurationText.short(.zero - change))" : "+\(DurationText.short(change))"
          return [row.what] + medians.map(DurationText.short) + [text]
        })
  }
}

extension TableLines.Line {
  func durations(_ column: String) -> [Duration] {
    (values.first { $0.column == column }?.values ?? []).compactMap {
      if case .duration(let duration) = $0 { duration } else { nil }
    }
  }

  func counts(_ column: String) -> [Int] {
    (values.first { $0.column == column }?.values ?? []).compactMap {
      if case .count(let count) = $0 { count } else { nil }
    }
  }
}
