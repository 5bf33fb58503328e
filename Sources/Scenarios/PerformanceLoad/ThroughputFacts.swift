import LoadModel
import TestEnvironment

/// What the throughput cases share.
enum ThroughputFacts {
  /// A template whose image no node has at first.
  static let coldTemplate = "libreoffice"
  static let coldImage = "linuxserver/libreoffice:latest"

  /// So many in `span`, by the minute, cut.
  static func perMinute(_ count: Int, in span: Duration) -> Int {
    let milliseconds = span.components.seconds * 1_000 + span.components.attoseconds / 1_000_000_000_000_000
    return count * 60_000 / max(1, Int(milliseconds))
  }
}

/// A create of a burst.
struct BurstStart: Sendable {
  let user: String
  /// Nil: it was refused.
  let session: String?
  let asked: Duration
  var isCold = false
}

/// When a start came to which point, since the start of the run.
struct StartTime: Sendable {
  let session: String
  let asked: Duration
  /// The command row was committed.
  let committed: Duration
  /// The agent had the frame.
  let received: Duration
  /// Its objects stood on the platform.
  let objects: Duration
  /// The workload was ready.
  let ready: Duration
  /// The command row said `completed`.
  let completed: Duration
  /// The row of the session said `running`.
  let running: Duration

  var total: Duration { running - asked }

  /// How long the row of the session was behind that of the command.
  var stateDelay: Duration { max(.zero, running - completed) }

  /// In order; they add up to ``total`` where nothing overlaps.
  var phases: [(name: String, span: Duration)] {
    [
      ("API and commit", committed - asked), ("delivery and queue", received - committed),
      ("objects", objects - received), ("pod", ready - objects), ("poll and report", running - ready),
    ]
  }
}

extension TableEntry {
  /// Table `throughput`: one burst of creates.
  static func throughput(
    _ topology: String, sessions: Int, perMinute: Int, until all: Duration, average: Duration, worst: Duration,
    peakTogether: Int, speedUpTenths: Int?
  ) -> TableEntry {
    TableEntry(
      table: "throughput",
      row: [
        "topology": .text(topology), "sessions": .text("\(sessions)"), "per minute": .count(perMinute),
        "until all run": .duration(all), "average start": .duration(average), "slowest": .duration(worst),
        "at the agents at once": .count(peakTogether),
        "speed-up (tenths)": speedUpTenths.map { .count($0) } ?? .text("-"),
      ])
  }

  /// Table `start phases`: the median of each phase and of the whole.
  static func startPhases(_ kind: String, _ times: [StartTime]) -> TableEntry {
    var cells = [Cell("kind", .text(kind)), Cell("starts", .count(times.count))]
    let names = times.first?.phases.map(\.name) ?? []
    for (index, name) in names.enumerated() {
      cells.append(Cell(name, .duration(LatencyHistogram(times.map { $0.phases[index].span }).p50 ?? .zero)))
    }
    let whole = LatencyHistogram(times.map(\.total))
    cells += [Cell("p50", .duration(whole.p50 ?? .zero)), Cell("p99", .duration(whole.p99 ?? .zero))]
    return TableEntry(table: "start phases", cells: cells)
  }

  /// Table `latency`: what the API answered to one verb.
  static func latency(_ verb: String, _ latencies: LatencyHistogram, target: String) -> TableEntry {
    TableEntry(
      table: "latency",
      row: [
        "request": .text(verb), "target": .text(target), "answers": .count(latencies.count),
        "p50": .duration(latencies.p50 ?? .zero), "p95": .duration(latencies.p95 ?? .zero),
        "p99": .duration(latencies.p99 ?? .zero), "slowest": .duration(latencies.maximum ?? .zero),
      ])
  }
}
