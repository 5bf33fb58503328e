import StreamSpaceProtocol

/// A row that the scan of a replica found (C10 to C12).
struct DueCommand {
  enum Verdict: String {
    /// It has no result within the deadline of its action.
    case overdue
    /// Its agent has been away for 5 min.
    case absent
    /// It may be sent.
    case due
  }

  let commandID: String
  /// Nil: the row names none, so only its end is left.
  let agentID: String?
  let verdict: Verdict

  /// A row of ``CommandStatements/due``.
  init(_ row: SQLRow) throws(SQLRowError) {
    commandID = try row.text("command_id")
    agentID = try row.optionalText("agent_id")
    verdict = Verdict(rawValue: try row.text("verdict")) ?? .due
  }

  static func rows(of result: SQLResult) -> [DueCommand] { result.rows.compactMap { try? DueCommand($0) } }
}
