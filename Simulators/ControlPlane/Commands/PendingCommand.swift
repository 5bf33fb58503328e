import StreamSpaceProtocol

/// A waiting row as it is forwarded, or loaded by a replica that starts.
struct PendingCommand {
  let command: AgentCommand
  let sessionID: String?

  /// A row of ``CommandStatements/pendingOf`` or ``CommandStatements/allPending``.
  init(_ row: SQLRow) throws(SQLRowError) {
    let action = try row.text("action")
    let payload = try row.optionalText("payload").flatMap { try? JSONParser.parse($0) }
    command = AgentCommand(
      commandID: try row.text("command_id"), actionName: action,
      payload: CommandPayload(action: AgentAction(rawValue: action), json: payload))
    sessionID = try row.optionalText("session_id")
  }

  static func rows(of result: SQLResult) -> [PendingCommand] { result.rows.compactMap { try? PendingCommand($0) } }
}

/// A row of ``CommandStatements/allPending``: what a shipped replica loads.
struct LoadedCommand {
  let command: AgentCommand
  let agentID: String?

  static func rows(of result: SQLResult, _ scan: DispatchPolicies.PendingScan) -> [LoadedCommand] {
    result.rows.compactMap { row in
      guard let pending = try? PendingCommand(row) else { return nil }
      switch scan {
      case .toleratesNull: break
      case .skipsNullError: guard (try? row.optionalText("error_message")) != nil else { return nil }
      case .skipsNullSession: guard pending.sessionID != nil else { return nil }
      }
      return LoadedCommand(command: pending.command, agentID: (try? row.optionalText("agent_id")) ?? nil)
    }
  }
}
