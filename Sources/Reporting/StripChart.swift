import Oracles
import TestEnvironment

/// The lease of a run as SVG: a row per process of the agent, who holds the lock, who leads in which term, and what
/// was done to them.
struct StripChart {
  let run: CaseRun

  /// Where the chart of a case lies, beside the report.
  static func fileName(_ testCase: TestCase) -> String { "figures/\(testCase.id)-lease.svg" }

  /// The run to draw: the first failed one, else that with the most changes of the leader, the first of equals; nil if
  /// none shows an election.
  static func representative(of runs: [CaseRun]) -> CaseRun? {
    var best: (run: CaseRun, rank: Int)?
    for run in runs {
      let facts = ElectionFacts.all(of: run)
      guard facts.contains(where: { !$0.instances.isEmpty }) else { continue }
      let rank = run.verdict == .failed ? Int.max : facts.reduce(0) { $0 + $1.changes }
      if rank > best?.rank ?? -1 { best = (run, rank) }
    }
    return best?.run
  }

  var svg: String {
    let facts = ElectionFacts.all(of: run)
    let rows = facts.flatMap(\.instances)
    let (from, to) = span(facts)
    let variant = run.variant.name.isEmpty ? "" : " (\(run.variant.name))"
    var chart = TimeChart(
      title: "\(run.testCase.id) \(run.testCase.title)\(variant): who leads",
      legend:
        "seed \(run.seed), \(run.profile): pale holds the lock, green leads, amber paused, grey down, red a fault",
      rows: ["faults"] + rows, from: from, to: to)
    for fault in run.faults {
      let end = fault.end ?? to
      chart.bar(
        0, from: fault.start, to: end, fill: "#ef5350", opacity: "0.6", label: fault.name,
        hint: "\(fault.start.secondsText) … \(end.secondsText) \(fault.name)")
    }
    for fact in facts { draw(fact, rows, on: &chart) }
    for (instance, event) in moments(rows) {
      guard let row = rows.firstIndex(of: instance) else { continue }
      chart.dot(row + 1, at: event.time, fill: "#c62828", hint: event.line)
    }
    return chart.svg
  }

  private func draw(_ fact: ElectionFacts, _ rows: [String], on chart: inout TimeChart) {
    func draw(_ spans: [ElectionFacts.Span], _ fill: String, _ opacity: String, _ inset: Int, _ what: String) {
      for span in spans {
        guard let row = rows.firstIndex(of: span.instance) else { continue }
        let term = what == "leads" ? "term \(span.term)" : ""
        chart.bar(
          row + 1, from: span.start, to: span.end, fill: fill, opacity: opacity, inset: inset, label: term,
          hint: "\(span.start.secondsText) … \(span.end.secondsText) \(span.instance) \(what) \(term)")
      }
    }
    draw(fact.held, "#a5d6a7", "0.6", 3, "holds the lock")
    draw(fact.led, "#2e7d32", "0.7", 9, "leads")
    draw(fact.paused, "#ffb300", "0.6", 6, "is paused")
    draw(fact.down, "#9e9e9e", "0.6", 12, "is down")
  }

  /// What the case did to the processes.
  private func moments(_ rows: [String]) -> [(instance: String, event: TimedObservation)] {
    run.observations.compactMap { event in
      switch event.observation {
      case .processEnded(let process, _, _), .processPaused(let process): (process, event)
      case .platformWriteRefused(_, let instance, _, _): (instance, event)
      default: nil
      }
    }
  }

  /// From the first to the last thing that the chart shows, the long steady rest cut off.
  private func span(_ facts: [ElectionFacts]) -> (from: Duration, to: Duration) {
    let spans = facts.flatMap { $0.held + $0.led + $0.paused + $0.down }
    let ends = spans.map(\.start) + run.faults.compactMap(\.end) + run.faults.map(\.start)
    let last = (ends.max() ?? .zero) + .seconds(10)
    return (.zero, min(last, max(run.virtualTime, .seconds(1))))
  }
}
