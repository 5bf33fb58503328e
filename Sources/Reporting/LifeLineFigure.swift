import Oracles
import TestEnvironment

/// The life of the containers of a run as SVG: a row for each, from its making to its removal.
struct LifeLineFigure {
  let run: CaseRun

  static func fileName(_ testCase: TestCase) -> String { "figures/\(testCase.id)-containers.svg" }

  /// More rows than this say nothing to a reader; the figure tells how many it leaves out.
  private static let mostRows = 24

  /// The run to draw: the first failed one, else that with the most changes of containers; nil if none has any.
  static func representative(of runs: [CaseRun]) -> CaseRun? {
    var best: (run: CaseRun, rank: Int)?
    for run in runs {
      let count = events(of: run).count
      guard count > 0 else { continue }
      let rank = run.verdict == .failed ? Int.max : count
      if rank > best?.rank ?? -1 { best = (run, rank) }
    }
    return best?.run
  }

  private struct Change {
    var object: String
    var time: Duration
    var event: WorkloadEvent
    var command: String?
  }

  private static func events(of run: CaseRun) -> [Change] {
    run.observations.compactMap { timed in
      guard case .workload(_, _, let object, let event, let command) = timed.observation,
        object.hasPrefix("container/")
      else { return nil }
      return Change(object: object, time: timed.time, event: event, command: command)
    }
  }

  var svg: String {
    let changes = Self.events(of: run)
    var objects: [String] = []
    for change in changes where !objects.contains(change.object) { objects.append(change.object) }
    let shown = Array(objects.prefix(Self.mostRows))
    let end = min(max(run.virtualTime, .seconds(1)), (changes.map(\.time).max() ?? .zero) + .seconds(15))
    let start = max(.zero, (changes.map(\.time).min() ?? .zero) - .seconds(2))
    let left = objects.count > shown.count ? ", \(objects.count - shown.count) more not shown" : ""
    let variant = run.variant.name.isEmpty ? "" : " (\(run.variant.name))"
    var chart = TimeChart(
      title: "\(run.testCase.id) \(run.testCase.title)\(variant): containers",
      legend:
        "seed \(run.seed), \(run.profile): pale created, green runs, amber stopped, red mark removed or failed\(left)",
      rows: ["faults"] + shown.map(Self.label), from: start, to: end)
    for fault in run.faults {
      chart.bar(
        0, from: fault.start, to: fault.end ?? end, fill: "#ef5350", opacity: "0.6", label: fault.name,
        hint: "\(fault.start.secondsText) \(fault.name)")
    }
    for (row, object) in shown.enumerated() {
      draw(changes.filter { $0.object == object }, row + 1, end, on: &chart)
    }
    return chart.svg
  }

  /// The session's part of a container's name: the rest is alike in all.
  private static func label(_ object: String) -> String {
    let prefix = "container/streamspace-"
    return String(object.dropFirst(object.hasPrefix(prefix) ? prefix.count : "container/".count))
  }

  private func draw(_ changes: [Change], _ row: Int, _ end: Duration, on chart: inout TimeChart) {
    for (index, change) in changes.enumerated() {
      let next = index + 1 < changes.count ? changes[index + 1].time : end
      let by = change.command.map { " by \($0)" } ?? ""
      let hint = "\(change.time.secondsText) \(change.event.rawValue)\(by)"
      switch change.event {
      case .created: chart.bar(row, from: change.time, to: next, fill: "#c8e6c9", hint: hint)
      case .ready, .scaledUp:
        chart.bar(row, from: change.time, to: next, fill: "#43a047", label: "runs", hint: hint)
      case .notReady, .scaledToZero:
        chart.bar(row, from: change.time, to: next, fill: "#ffb300", label: "stopped", hint: hint)
      case .failed:
        chart.bar(row, from: change.time, to: next, fill: "#ffccbc", hint: hint)
        chart.dot(row, at: change.time, fill: "#c62828", hint: hint)
      case .deleted: chart.dot(row, at: change.time, fill: "#c62828", hint: hint)
      }
    }
  }
}
