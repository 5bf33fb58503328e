import Oracles
import TestEnvironment

/// The tables of a report beyond the ten parts (spec/06 §2, §3, §8): what the cases wrote, each known table in its own
/// form, any other as it is.
struct ExtraTables {
  let runs: [CaseRun]
  /// Runs of other scenarios that compare election back ends too: their rows of table `backend` are added.
  var others: [CaseRun] = []
  /// Tables that the report prints elsewhere.
  var excluded: [String] = []

  var text: String {
    var tables = TableLines.tables(of: runs).filter { !excluded.contains($0.name) }
    if let place = tables.firstIndex(where: { $0.name == "backend" }) {
      tables[place] = TableLines("backend", of: runs + others)
    }
    let known = Self.order.compactMap { name in tables.first { $0.name == name } }
    let unknown = tables.filter { !Self.order.contains($0.name) }
    return (known.map(section) + unknown.map(section)).joined(separator: "\n")
  }

  private static let order = [
    "overlap", "failover", "elections", "sessions", "interruptions", "backend", "inventory", "conformance", "parity",
    "gaps", "versions",
  ]

  private func section(_ table: TableLines) -> String {
    switch table.name {
    case "overlap":
      return part(
        "Overlap by case", "How long two processes of one agent could act at once: must be 0.", table.markdown)
    case "failover": return part("Fail-over by back end", Self.failOverNote, failOver(table))
    case "elections": return part("Elections", "How often the lock changed hands.", elections(table))
    case "interruptions":
      return part(
        "Interruptions of viewers",
        "From the cause to the end at the last viewer, and to the last one's next picture: p50 / max.", table.markdown)
    case "sessions": return part("Sessions before and after", "What a fault left.", table.markdown)
    case "backend":
      return part(
        "Comparison of the back ends", "Durations are p50 / max.",
        pivot(table, row: ["aspect"], across: "back end", order: Self.aspects))
    case "inventory":
      return part(
        "Objects before and after",
        "`declared` of those that are left may stay: of sessions that live on, homes, the network, keys.",
        table.markdown)
    case "conformance": return part("Conformance: message, direction, platform", "", conformance(table))
    case "parity":
      return part(
        "Parity of the platforms", "Durations are p50 / max; times need not agree.", parity(table))
    case "gaps": return part("Gaps", "", gaps(table))
    case "versions":
      return part("Version skew", "Old control planes and agents beside new ones (C33).", table.markdown)
    default: return part("Table “\(table.name)”", "", table.markdown)
    }
  }

  private func part(_ title: String, _ note: String, _ table: String) -> String {
    "### \(title)\n\n" + (note.isEmpty ? "" : note + "\n\n") + table
  }

  // MARK: Fail-over

  private static let failOverNote =
    "From the loss of the leader to the next holder of the lock, and to the next that is connected and may act: p50 / "
    + "max. Targets: spec/06 §0.2, HA-LE-07, -08, DOCK-13, -14, -15, XP-08."

  private func failOver(_ table: TableLines) -> String {
    let rows = table.lines.map { line -> [String] in
      let backEnd = line["back end"]
      let kind = LeaderLoss(rawValue: line["kind"])
      let worst = (line.values.first { $0.column == "acting" }?.values ?? []).compactMap { value -> Duration? in
        if case .duration(let duration) = value { duration } else { nil }
      }.max()
      let limit = kind.map { FailOverTargets.limit(of: $0, backEnd: backEnd) }
      let verdict = limit.flatMap { limit in worst.map { $0 <= limit ? "met" : "**missed**" } } ?? ""
      return [
        line.caseID, backEnd, line["kind"], line["lock"], line["acting"],
        limit.map { "≤ \(DurationText.short($0))" } ?? "", verdict, "\(line.count)",
      ]
    }
    return Markdown.table(["case", "back end", "kind", "lock", "acting", "target", "verdict", "n"], rows)
  }

  private func elections(_ table: TableLines) -> String {
    let rows = table.lines.map { line -> [String] in
      var elections = 0
      var span = Duration.zero
      for (column, values) in line.values {
        for value in values {
          if column == "elections", case .count(let count) = value { elections += count }
          if column == "span", case .duration(let duration) = value { span += duration }
        }
      }
      return [line.caseID, line["what"], "\(elections)", Self.perHour(elections, in: span), "\(line.count)"]
    }
    return Markdown.table(["case", "what", "elections", "per hour", "n"], rows)
  }

  /// With one decimal, cut.
  static func perHour(_ count: Int, in span: Duration) -> String {
    let nanoseconds = span.nanoseconds
    guard nanoseconds > 0 else { return "-" }
    let tenths = Int64(count) * 36_000 * 1_000 / max(nanoseconds / 1_000_000, 1)
    return "\(tenths / 10).\(tenths % 10)"
  }

  // MARK: Two dimensions

  private static let aspects = [
    "acquire", "renew", "fail-over graceful", "fail-over crash", "fail-over pause", "fail-over partition", "skew",
    "loss",
  ]

  /// One line per value of the `row` columns, one column per value of `across`; `order` first, then as met.
  private func pivot(_ table: TableLines, row: [String], across: String, order: [String] = []) -> String {
    let (columns, lines) = cross(table, row: row, across: across)
    let ranked = lines.enumerated().sorted { a, b in
      let (x, y) = (order.firstIndex(of: a.element.key[0]), order.firstIndex(of: b.element.key[0]))
      return (x ?? order.count, a.offset) < (y ?? order.count, b.offset)
    }
    return Markdown.table(
      row + columns, ranked.map { item in item.element.key + columns.map { text(item.element.cells[$0]) } })
  }

  private typealias Crossed = (key: [String], cells: [String: [Quantity]])

  private func cross(_ table: TableLines, row: [String], across: String) -> (columns: [String], lines: [Crossed]) {
    var columns: [String] = []
    var order: [[String]] = []
    var cells: [[String]: [String: [Quantity]]] = [:]
    for line in table.lines {
      let key = row.map { line[$0] }
      let column = line[across]
      if !columns.contains(column) { columns.append(column) }
      if cells[key] == nil { order.append(key) }
      let values = line.values.first { $0.column == "value" }?.values ?? []
      cells[key, default: [:]][column, default: []] += values
    }
    return (columns.sorted(), order.map { ($0, cells[$0] ?? [:]) })
  }

  private func text(_ values: [Quantity]?) -> String { values.map(TableLines.Line.text) ?? "-" }

  private func parity(_ table: TableLines) -> String {
    let (columns, lines) = cross(table, row: ["what"], across: "platform")
    let rows = lines.map { line -> [String] in
      let texts = columns.map { text(line.cells[$0]) }
      let isTime = columns.contains { column in
        (line.cells[column] ?? []).contains { if case .duration = $0 { true } else { false } }
      }
      let agrees = isTime ? "" : texts.contains("-") ? "one only" : Set(texts).count == 1 ? "yes" : "**no**"
      return line.key + texts + [agrees]
    }
    return Markdown.table(["what"] + columns + ["equal"], rows)
  }

  private func conformance(_ table: TableLines) -> String {
    var platforms: [String] = []
    var order: [[String]] = []
    var cells: [[String]: [String: TableLines.Line]] = [:]
    var meanings: [[String]: String] = [:]
    for line in table.lines {
      let key = [line["message"], line["direction"]]
      if !platforms.contains(line["platform"]) { platforms.append(line["platform"]) }
      if meanings[key] == nil { order.append(key) }
      if meanings[key]?.isEmpty ?? true { meanings[key] = line["meaning"] }
      cells[key, default: [:]][line["platform"]] = line
    }
    platforms.sort()
    let rows = order.map { key -> [String] in
      key
        + platforms.flatMap { platform -> [String] in
          guard let line = cells[key]?[platform] else { return ["-", "-"] }
          return [line["sent"], line["accepted"]]
        } + [meanings[key] ?? ""]
    }
    return Markdown.table(
      ["message", "direction"] + platforms.flatMap { ["\($0): sent", "accepted"] } + ["meaning"], rows)
  }

  private func gaps(_ table: TableLines) -> String {
    let ranked = table.lines.enumerated().sorted {
      ($0.element["severity"], $0.offset) < ($1.element["severity"], $1.offset)
    }
    return Markdown.table(
      ["severity", "platform", "gap", "what happens", "case"],
      ranked.map { _, line in
        [line["severity"], line["platform"], line["gap"], line["what happens"], line.caseID]
      })
  }
}

/// What a fail-over may take at most, from the loss to the next process that may act.
enum FailOverTargets {
  /// Graceful 15 s, else 25 s (spec/06 §0.2, XP-08); a partition may be one from the control plane, where the leader
  /// has 30 s to yield first and 60 s are allowed (HA-LE-08). Docker: DOCK-13, -14, -15.
  static func limit(of kind: LeaderLoss, backEnd: String) -> Duration {
    switch (backEnd, kind) {
    case (_, .partition): .seconds(60)
    case ("file", .crash): .seconds(5)
    case ("file", .pause), ("swarm", .crash), ("swarm", .pause), ("redis", .crash): .seconds(20)
    case ("redis", .graceful): .seconds(10)
    case (_, .graceful): .seconds(15)
    case (_, .crash), (_, .pause): .seconds(25)
    }
  }
}
