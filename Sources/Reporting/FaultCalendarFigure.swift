import Oracles
import TestEnvironment

/// The fault calendar of scenario 5 as SVG: a row per case with what was done to which part and when, and how long each
/// recovery took.
struct FaultCalendarFigure {
  let cases: [(testCase: TestCase, runs: [CaseRun])]

  static let fileName = "figures/ha-chaos-fault-calendar.svg"
  /// Longer runs are cut: the calendar is that of the first ten minutes (spec/06 §10.4).
  private static let span = Duration.seconds(660)

  /// Nil if no run marks a fault.
  var svg: String? {
    let rows = cases.compactMap { testCase, runs -> (String, CaseRun)? in
      guard let run = Self.representative(of: runs) else { return nil }
      return ("\(testCase.id) \(testCase.title)", run)
    }
    guard !rows.isEmpty else { return nil }
    let last = rows.flatMap { $0.1.marks }.map { $0.end ?? $0.start }.max() ?? .zero
    var chart = TimeChart(
      title: "Fault calendar", legend: "red: a fault; green: a recovery; one run a case, the first 11 minutes",
      rows: rows.map(\.0), from: .zero, to: min(last, Self.span))
    for (row, (_, run)) in rows.enumerated() {
      for mark in run.marks where mark.kind == .recovery {
        let end = mark.end ?? mark.start
        chart.bar(
          row, from: mark.start, to: end, fill: "#43a047", opacity: "0.35", inset: 3,
          hint: "\(mark.start.secondsText) … \(end.secondsText) \(mark.lane): \(mark.text)")
      }
      for mark in run.marks where mark.kind == .fault {
        let hint = "\(mark.start.secondsText) \(mark.lane): \(mark.text)"
        if let end = mark.end {
          chart.bar(row, from: mark.start, to: end, fill: "#e53935", opacity: "0.6", inset: 9, hint: hint)
        } else {
          chart.dot(row, at: mark.start, fill: "#b71c1c", hint: hint)
        }
      }
    }
    return chart.svg
  }

  /// The first run that failed, else the first that marks a fault.
  private static func representative(of runs: [CaseRun]) -> CaseRun? {
    let marked = runs.filter { $0.marks.contains { $0.kind == .fault } }
    return marked.first { $0.verdict == .failed } ?? marked.first
  }
}
