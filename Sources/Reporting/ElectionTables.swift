import Oracles
import TestEnvironment

/// What all runs together show of elections: the overlap matrix, elections per hour, fail-over times by kind.
struct ElectionTables {
  let cases: [(testCase: TestCase, runs: [CaseRun])]

  /// Nil if no run shows an election or a fail-over.
  var text: String? {
    let parts = [overlaps, failOvers].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: "\n")
  }

  private var overlaps: String? {
    var most = 0
    var rows: [(head: [String], overlaps: [String: Duration], tail: [String])] = []
    for (testCase, runs) in cases {
      // Without a lock that all replicas share there is no leader to be the only one (DOCK-13).
      let runs = runs.filter { run in
        !run.variant.topology.agents.contains { $0.election == .file(shared: false) }
      }
      let facts = runs.map(ElectionFacts.all)
      let all = facts.flatMap { $0 }
      guard !all.isEmpty else { continue }
      var overlaps: [String: Duration] = [:]
      for fact in all {
        most = max(most, fact.instances.count)
        for (first, a) in fact.instances.enumerated() {
          for (second, b) in fact.instances.enumerated() where first < second {
            let pair = "\(first + 1) and \(second + 1)"
            overlaps[pair] = max(overlaps[pair] ?? .zero, fact.overlap(a, b))
          }
        }
      }
      let changes = all.reduce(0) { $0 + $1.changes }
      let span = zip(runs, facts).filter { !$0.1.isEmpty }.reduce(Duration.zero) { $0 + $1.0.virtualTime }
      let gap = all.map(\.longestGap).max() ?? .zero
      rows.append(
        (
          [testCase.id, "\(runs.count)"], overlaps,
          [DurationText.short(gap), "\(changes)", ExtraTables.perHour(changes, in: span)]
        ))
    }
    guard !rows.isEmpty else { return nil }
    let pairs = (0..<most).flatMap { first in (first..<most).dropFirst().map { "\(first + 1) and \($0 + 1)" } }
    return
      "### Overlap matrix\n\nThe longest time in any run in which two processes of one agent could act at once (led and "
      + "not paused): must be 0. Processes go by their numbers. Then the longest time in which none could, and changes of "
      + "the leader with their number per hour.\n\n"
      + Markdown.table(
        ["case", "runs"] + pairs + ["longest gap", "changes", "per hour"],
        rows.map { row in row.head + pairs.map { row.overlaps[$0].map(DurationText.short) ?? "-" } + row.tail })
  }

  private var failOvers: String? {
    let kinds = FailOverFigure.kinds(of: cases.flatMap(\.runs))
    guard !kinds.isEmpty else { return nil }
    let rows = kinds.map { kind, values -> [String] in
      let distribution = Distribution(values)
      let limit = FailOverTargets.limit(of: kind, backEnd: "")
      return [
        kind.rawValue, "\(values.count)", DurationText.short(distribution.quantile(permille: 500)),
        DurationText.short(distribution.quantile(permille: 950)), DurationText.short(distribution.maximum),
        "≤ \(DurationText.short(limit))", distribution.maximum <= limit ? "met" : "**missed**",
      ]
    }
    return
      "### Fail-over by kind of loss\n\nFrom the loss of the leader to the next that is connected and may act; partition: "
      + "25 s where the lock is cut off, 60 s where the control plane is (HA-LE-07, -08).\n\n"
      + Markdown.table(["kind", "n", "p50", "p95", "max", "target", "verdict"], rows)
  }
}
