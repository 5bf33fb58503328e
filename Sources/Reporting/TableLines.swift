import Oracles
import TestEnvironment

/// The rows that cases wrote for one named table, merged over runs: rows with the same text cells become one line.
struct TableLines {
  /// The same row from several runs, or several times from one.
  struct Line {
    var caseID: String
    /// Text cells by column, durations and counts as they came.
    var cells: [TableEntry.Cell]
    var values: [(column: String, values: [Quantity])]
    var count: Int

    /// What the line says in `column`; empty if it has no such column.
    subscript(column: String) -> String {
      guard let values = values.first(where: { $0.column == column })?.values else { return "" }
      return Self.text(of: values)
    }

    /// One value as it is; durations as `p50 / max`, counts as their range, texts each once.
    static func text(of values: [Quantity]) -> String {
      let durations = values.compactMap { if case .duration(let duration) = $0 { duration } else { nil } }
      if durations.count == values.count, durations.count > 1 {
        let distribution = Distribution(durations)
        let middle = DurationText.short(distribution.quantile(permille: 500))
        let most = DurationText.short(distribution.maximum)
        return middle == most ? most : "\(middle) / \(most)"
      }
      let counts = values.compactMap { if case .count(let count) = $0 { count } else { nil } }
      if counts.count == values.count, let low = counts.min(), let high = counts.max(), low != high {
        return "\(low) … \(high)"
      }
      var texts: [String] = []
      for text in values.map(DurationText.of) where !texts.contains(text) { texts.append(text) }
      return texts.joined(separator: ", ")
    }
  }

  let name: String
  /// In the order in which rows first had them.
  let columns: [String]
  let lines: [Line]

  /// The tables of the runs, in the order in which they were first written. Lines of different cases are kept apart.
  static func tables(of runs: [CaseRun]) -> [TableLines] {
    var names: [String] = []
    for entry in runs.flatMap(\.tables) where !names.contains(entry.table) { names.append(entry.table) }
    return names.map { TableLines($0, of: runs) }
  }

  /// `isWanted`: which rows of the table are taken.
  init(_ name: String, of runs: [CaseRun], where isWanted: (TableEntry) -> Bool = { _ in true }) {
    self.name = name
    var columns: [String] = []
    var order: [String] = []
    var lines: [String: Line] = [:]
    for run in runs {
      for entry in run.tables where entry.table == name && isWanted(entry) {
        for cell in entry.cells where !columns.contains(cell.column) { columns.append(cell.column) }
        let key = Self.key(run.testCase.id, entry)
        if lines[key] == nil {
          order.append(key)
          lines[key] = Line(
            caseID: run.testCase.id, cells: entry.cells, values: entry.cells.map { ($0.column, [$0.value]) }, count: 1)
          continue
        }
        lines[key]?.count += 1
        for (place, cell) in entry.cells.enumerated() { lines[key]?.values[place].values.append(cell.value) }
      }
    }
    self.columns = columns
    self.lines = order.compactMap { lines[$0] }
  }

  /// Case, columns, and the text cells, which name the row.
  private static func key(_ caseID: String, _ entry: TableEntry) -> String {
    let cells = entry.cells.map { cell in
      if case .text(let text) = cell.value { return "\(cell.column)=\(text)" }
      return cell.column
    }
    return ([caseID] + cells).joined(separator: "\u{0}")
  }

  /// The table as it is: case, its columns, and how often each line was written.
  var markdown: String {
    Markdown.table(
      ["case"] + columns + ["n"],
      lines.map { line in [line.caseID] + columns.map { line[$0] } + ["\(line.count)"] })
  }
}
