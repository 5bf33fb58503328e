import Oracles
import TestEnvironment

/// The extra tables of scenario 9 (spec/06 §9), each with the engines side by side.
struct MigrationTables {
  let runs: [CaseRun]

  /// One table: what names a line, and what each engine measured there.
  private struct Form {
    var table: String
    var title: String
    var note = ""
    var keys: [String]
    var measures: [String]
    /// Shown once, behind the measures.
    var remarks: [String] = []
  }

  private static let forms = [
    Form(
      table: "schema differences", title: "Schema differences",
      note: "Two schemas by their catalogues; differences that nobody declared must be 0.",
      keys: ["schema", "compared with"], measures: ["tables", "columns", "differences"]),
    Form(
      table: "crashes", title: "Broken off at every statement",
      note:
        "A run of migrations that ended at a statement (`version.step/statement`), and the run that started after it.",
      keys: ["statement", "kind"], measures: ["request", "first run", "after restart"]),
    Form(
      table: "runners", title: "Runners that start together", keys: ["what", "runners"],
      measures: ["schedules", "ready", "applied by one"]),
    Form(
      table: "lock times", title: "Lock times", note: "The longest time for which a lock was held without a break.",
      keys: ["version", "step", "table", "mode"], measures: ["longest"]),
    Form(
      table: "data preservation", title: "Data preservation",
      note: "Rows and digests before and after; what is declared to change is left out of the digest.",
      keys: ["what", "table"], measures: ["rows before", "rows after", "checksums"], remarks: ["declared"]),
    Form(
      table: "roll-backs", title: "Roll-backs", note: "What taking a version back costs, as declared.",
      keys: ["version", "name", "loses"], measures: ["schema restored"]),
    Form(
      table: "query lint", title: "Query lint",
      note: "Every SQL text of the control plane against each schema version; `too early`: refused, as it must be.",
      keys: ["version"], measures: ["statements", "prepared", "too early", "problems"]),
    Form(
      table: "step times", title: "Times of the steps", note: "Real time: the simulation's stands still meanwhile.",
      keys: ["step", "name", "kind"], measures: ["statements", "rows", "time"]),
  ]

  /// Tables that stand here.
  static let tables = forms.map(\.table) + ["dialect parity", "dialect exceptions"]

  /// Nil when no case wrote any.
  var text: String? {
    var parts: [String] = []
    for form in Self.forms {
      let lines = TableLines(form.table, of: runs).lines
      guard !lines.isEmpty else { continue }
      parts.append(part(form.title, form.note, Self.table(form, lines)))
      if form.table == "lock times", LockTimeFigure(runs: runs).svg != nil {
        parts.append("![Lock times](\(LockTimeFigure.fileName))\n")
      }
    }
    if let parity { parts.append(parity) }
    let exceptions = TableLines("dialect exceptions", of: runs)
    if !exceptions.lines.isEmpty {
      parts.append(part("Dialect exceptions", Self.exceptionNote, Self.exceptions(exceptions)))
    }
    return parts.isEmpty ? nil : parts.joined(separator: "\n")
  }

  private static let exceptionNote =
    "Where the engines differ by nature and the comparison looks away (docs/database-dialects.md)."

  private func part(_ title: String, _ note: String, _ table: String) -> String {
    "### \(title)\n\n" + (note.isEmpty ? "" : note + "\n\n") + table
  }

  // MARK: Engines side by side

  private struct Row {
    var key: [String]
    var remarks: [String]
    /// By engine and measure: everything that was written there.
    var cells: [String: [String: [Quantity]]] = [:]
  }

  /// Rows in the order in which they were first written. An engine that wrote nothing has no columns.
  private static func table(_ form: Form, _ lines: [TableLines.Line]) -> String {
    var order: [[String]] = []
    var rows: [[String]: Row] = [:]
    for line in lines {
      let key = [line.caseID] + form.keys.map { line[$0] }
      if rows[key] == nil {
        order.append(key)
        rows[key] = Row(key: key, remarks: form.remarks.map { line[$0] })
      }
      for measure in form.measures {
        let values = line.values.first { $0.column == measure }?.values ?? []
        rows[key]?.cells[line["engine"], default: [:]][measure, default: []] += values
      }
    }
    let engines = DatabaseEngineName.allCases.map(\.rawValue).filter { engine in
      lines.contains { $0["engine"] == engine }
    }
    let header =
      ["case"] + form.keys + engines.flatMap { engine in form.measures.map { "\(engine): \($0)" } } + form.remarks
    return Markdown.table(
      header,
      order.compactMap { rows[$0] }.map { row in
        row.key
          + engines.flatMap { engine in
            form.measures.map { row.cells[engine]?[$0].map(TableLines.Line.text) ?? "-" }
          } + row.remarks
      })
  }

  // MARK: Parity

  /// A line for each check, a column for each engine, and whether they agree.
  private var parity: String? {
    let lines = TableLines("dialect parity", of: runs).lines
    guard !lines.isEmpty else { return nil }
    var order: [String] = []
    for line in lines where !order.contains(line["what"]) { order.append(line["what"]) }
    let rows = order.map { what -> [String] in
      let verdicts = DatabaseEngineName.allCases.map { engine in
        lines.filter { $0["what"] == what && $0["engine"] == engine.rawValue }.map { $0["verdict"] }
          .joined(separator: ", ")
      }
      let agree = verdicts.contains("") ? "one only" : Set(verdicts).count == 1 ? "yes" : "**no**"
      return [what] + verdicts.map { $0.isEmpty ? "-" : $0 } + [agree]
    }
    return part(
      "Parity of the engines", "",
      Markdown.table(["what"] + DatabaseEngineName.allCases.map(\.rawValue) + ["equal"], rows))
  }

  private static func exceptions(_ table: TableLines) -> String {
    let columns = ["construct", "PostgreSQL", "SQLite", "where"]
    return Markdown.table(columns, table.lines.map { line in columns.map { line[$0] } })
  }
}
