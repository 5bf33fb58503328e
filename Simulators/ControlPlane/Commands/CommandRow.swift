import StreamSpaceProtocol

/// A row of `agent_commands` that may need a send.
struct CommandRow {
  let commandID: String
  let sessionID: String?
  let actionName: String
  private let payloadText: String?
  let status: CommandStatus
  let hasErrorMessage: Bool
  /// Whether its time for a (new) try has come.
  let isDue: Bool

  init(_ row: SQLRow) throws(SQLRowError) {
    commandID = try row.text("command_id")
    sessionID = try row.optionalText("session_id")
    actionName = try row.text("action")
    payloadText = try row.optionalText("payload")
    status = try row.optionalText("status").flatMap(CommandStatus.init(rawValue:)) ?? .pending
    hasErrorMessage = try row.optionalText("error_message") != nil
    isDue = try row.optionalBoolean("is_due") ?? true
  }

  /// Every row that can be read.
  static func rows(of result: SQLResult) -> [CommandRow] { result.rows.compactMap { try? CommandRow($0) } }

  func isRead(by scan: DispatchPolicies.PendingScan) -> Bool {
    switch scan {
    case .toleratesNull: true
    case .skipsNullError: hasErrorMessage || status != .pending
    case .skipsNullSession: sessionID != nil
    }
  }

  /// Whether it takes a place in the window (C34): sent or acked, or claimed just now and not yet called `sent`.
  var isUnderWay: Bool { status == .sent || status == .ack || (status == .pending && !isDue) }

  /// Read when it is sent only: most looks at a row find nothing to send.
  private var payload: JSONValue? { payloadText.flatMap { try? JSONParser.parse($0) } }

  /// What the agent gets.
  var command: AgentCommand {
    AgentCommand(
      commandID: commandID, actionName: actionName,
      payload: CommandPayload(action: AgentAction(rawValue: actionName), json: payload))
  }
}

/// Why the control plane fails a command on its own.
package enum CommandFailureReason {
  /// No result within the deadline of the action (C11).
  package static let overdue = "no result within the deadline"
  /// The agent stayed away for 5 min (C12); the text is the recorded one (spec/01 §3).
  package static let absent = "agent is not connected"
}
