import Oracles
import TestEnvironment

/// What spec/06 §7 asks of the report of scenario 7 about throughput: the curve over concurrency, start times by phase,
/// parallel against serial handlers, the latencies of the API.
struct ThroughputTables {
  let runs: [CaseRun]

  /// Tables that are printed here, and not among the others.
  static let tables = ["throughput", "start phases", "latency", "flow"]

  /// Nil if no run shows any of it.
  var text: String? {
    let parts = [throughput, starts, latencies, flow].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: "\n")
  }

  private func lines(_ table: String) -> TableLines? {
    let lines = TableLines(table, of: runs)
    return lines.lines.isEmpty ? nil : lines
  }

  private var throughput: String? {
    guard let lines = lines("throughput") else { return nil }
    return "### Throughput against concurrency\n\n"
      + "Creates side by side until all run. Speed-up: the work of the busiest agent's handlers in all, over the time it "
      + "took, in tenths: 10 is one after the other (profile `shipped`), 40 the four handlers of C26.\n\n"
      + lines.markdown
      + (ThroughputFigure(runs: runs).svg == nil ? "" : "\n![Throughput](\(ThroughputFigure.fileName))\n")
  }

  private var starts: String? {
    guard let lines = lines("start phases") else { return nil }
    return "### Start times by phase\n\nMedians of the phases; p50 and p99 of the whole start.\n\n" + lines.markdown
      + (StartPhasesFigure(runs: runs).svg == nil ? "" : "\n![Start times](\(StartPhasesFigure.fileName))\n")
  }

  private var latencies: String? {
    guard let lines = lines("latency") else { return nil }
    return "### Latency of the API\n\nAccepted requests, from their arrival to their answer at the client.\n\n"
      + lines.markdown
  }

  private var flow: String? {
    guard let lines = lines("flow") else { return nil }
    return "### Flow\n\nBy Little's law the number inside is the rate times the mean stay; both are measured apart.\n\n"
      + lines.markdown
  }
}
