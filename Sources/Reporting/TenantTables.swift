import Oracles
import TestEnvironment

/// What spec/06 §6 asks of the report of scenario 6 beyond the ten parts: sessions, quota and refusals of each user, who was
/// let in to whose sessions, how long starts took beside others, and what ended sessions left.
struct TenantTables {
  let runs: [CaseRun]

  /// Tables that are printed here, and not among the others.
  static let tables = ["users", "isolation", "orphans"]

  /// Nil if no run has any of it.
  var text: String? {
    let parts = [users, isolation, starts, orphans].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: "\n")
  }

  private func lines(_ table: String) -> [TableLines.Line] { TableLines(table, of: runs).lines }

  // MARK: Users

  private var users: String? {
    let lines = lines("users")
    guard !lines.isEmpty else { return nil }
    let columns = ["user", "quota", "most sessions", "accepted", "denied"]
    return
      "### Users: sessions, quota, denied\n\nThe quota is sessions / CPU / memory; a create is denied with 403.\n\n"
      + Markdown.table(
        ["case"] + columns + ["n"],
        lines.map { line in [line.caseID] + columns.map { line[$0] } + ["\(line.count)"] })
  }

  // MARK: Isolation

  /// One line for each verb, one column for each relation of the actor to the owner: attempts that succeeded, of all.
  private var isolation: String? {
    let lines = lines("isolation")
    guard !lines.isEmpty else { return nil }
    var keys: [[String]] = []
    var cells: [[String]: [String: (asked: Int, letIn: Int)]] = [:]
    for line in lines {
      let key = [line.caseID, line["verb"]]
      if cells[key] == nil { keys.append(key) }
      let old = cells[key]?[line["actor"]] ?? (0, 0)
      cells[key, default: [:]][line["actor"]] = (
        old.asked + line.counts("asked").reduce(0, +), old.letIn + line.counts("let in").reduce(0, +)
      )
    }
    let rows = keys.map { key -> [String] in
      key
        + TenantRelation.allCases.map { relation in
          guard let cell = cells[key]?[relation.rawValue] else { return "-" }
          let text = "\(cell.letIn) of \(cell.asked)"
          return relation == .ownAdministrator || cell.letIn == 0 ? text : "**\(text)**"
        }
    }
    return "### Isolation: who was let in to another's session\n\nActors by their relation to the owner; attempts that "
      + "succeeded, of all. Only administrators of the organisation may.\n\n"
      + Markdown.table(["case", "verb"] + TenantRelation.allCases.map(\.rawValue), rows)
  }

  // MARK: Starts

  private var starts: String? {
    let lines = StartTimeFigure(runs: runs).lines
    guard !lines.isEmpty else { return nil }
    return "### Start times beside others\n\nFrom the first create to `running`: an agent carries out four starts at a "
      + "time (C26).\n\n"
      + Markdown.table(
        ["at once", "n", "p50 / p95 / p99 / max"],
        lines.map { ["\($0.count)", "\($0.values.count)", Distribution($0.values).text] })
      + "\n![Start times](\(StartTimeFigure.fileName))\n"
  }

  // MARK: Orphans

  private var orphans: String? {
    let lines = lines("orphans")
    guard !lines.isEmpty else { return nil }
    return
      "### Orphans\n\nPlatform objects that were made, and those of ended sessions that are left at the end of the "
      + "case.\n\n"
      + Markdown.table(
        ["case", "object", "made", "left", "n"],
        lines.map { line in
          let left = line["left"]
          return [line.caseID, line["object"], line["made"], left == "0" ? left : "**\(left)**", "\(line.count)"]
        })
  }
}
