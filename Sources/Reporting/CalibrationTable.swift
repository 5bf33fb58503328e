import Oracles
import TestEnvironment

/// The latency model beside what StreamSpace measured (spec/06 §10.1), with the sanity checks of §10.3.
struct CalibrationTable {
  let runs: [CaseRun]

  /// What StreamSpace measured, and within which bounds the model must lie; nil: no check is prescribed.
  private struct Reference {
    var measured: String
    /// Bounds of the median.
    var median: (low: Duration, high: Duration)?
    /// Bounds of every value.
    var all: (low: Duration, high: Duration)?
  }

  /// Nil if no run has a sample of it.
  var text: String? {
    let rows = Calibration.allCases.compactMap(row)
    guard !rows.isEmpty else { return nil }
    return
      "### Calibration of the latency model\n\nThe model of spec/06 §10.3 beside what StreamSpace measured (§10.1: one "
      + "machine, cached images, single runs) and the checks of §10.3 on its median.\n\n"
      + Markdown.table(
        ["quantity", "n", "model: min / p50 / p95 / max", "StreamSpace", "check", "verdict"], rows)
  }

  private func row(_ quantity: Calibration) -> [String]? {
    let values = runs.flatMap(\.samples).filter { $0.name == quantity.rawValue }.flatMap(\.values)
    guard let least = values.min() else { return nil }
    let distribution = Distribution(values)
    let median = distribution.quantile(permille: 500)
    let reference = Self.reference(of: quantity)
    var checks: [String] = []
    var holds = true
    if let (low, high) = reference.median {
      checks.append("median \(DurationText.short(low)) … \(DurationText.short(high))")
      holds = holds && low <= median && median <= high
    }
    if let (low, high) = reference.all {
      checks.append("all \(DurationText.short(low)) … \(DurationText.short(high))")
      holds = holds && low <= least && distribution.maximum <= high
    }
    let model = [least, median, distribution.quantile(permille: 950), distribution.maximum].map(DurationText.short)
    return [
      String(quantity.rawValue.dropFirst("calibration: ".count)), "\(values.count)", model.joined(separator: " / "),
      reference.measured, checks.joined(separator: ", "),
      checks.isEmpty ? "reported" : holds ? "agrees" : "**differs**",
    ]
  }

  private static func reference(of quantity: Calibration) -> Reference {
    switch quantity {
    case .sessionStart: Reference(measured: "6 s, repeated; 7 s; 3 s", median: (.seconds(5), .seconds(8)))
    case .fiveSerialStarts: Reference(measured: "28 s", median: (.seconds(25), .seconds(35)))
    case .stop: Reference(measured: "< 1 s; seen gone at 15 s")
    case .tunnel: Reference(measured: "2 s")
    case .agentRollout: Reference(measured: "23 s", median: (.seconds(20), .seconds(27)))
    case .hostingReplicaLoss: Reference(measured: "2 s", median: (.seconds(2), .seconds(4)))
    case .gracefulLeaderChange:
      Reference(measured: "7 s; 1 s; recorded 0.9 s", median: (.milliseconds(900), .seconds(8)))
    case .crashLeaderChange:
      Reference(
        measured: "recorded 18.2 s", median: (.seconds(15), .seconds(20)), all: (.seconds(13), .seconds(24)))
    case .leaseAcquisition: Reference(measured: "26-30 ms")
    case .forwardedCommand:
      Reference(measured: "about 30 ms", median: (.milliseconds(20), .milliseconds(50)))
    case .registration: Reference(measured: "5 ms, before there were keys; 280 ms key check since")
    case .handshake: Reference(measured: "1-2.3 ms; 10 ms")
    case .firstHeartbeat: Reference(measured: "30 s")
    case .dockerStart: Reference(measured: "none; a tiny image: create 10-25 ms, start 220-280 ms")
    case .dockerElection: Reference(measured: "2 s after start; the contract watches for 15 s first")
    case .badHeartbeatCut: Reference(measured: "47 s", median: (.seconds(45), .seconds(55)))
    case .leaderlessEviction: Reference(measured: "every 2 s")
    }
  }
}
