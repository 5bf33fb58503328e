import StreamSpaceProtocol

extension ControlPlaneReadPaths {
  static func agents(_ enrolment: EnrolmentPolicies) -> [ReadPath] {
    let tables = ["agents"]
    let untouched = enrolment.registrationStatus == .untouched
    let registration: [SQLValue] = [agent, "kubernetes", nil, nil, nil, nil]
    let record: @Sendable (SQLRow) throws -> AgentRecord = { try AgentRow.record($0, withApproval: true) }
    return [
      each(AgentStatements.credentials, tables, [agent]) { try AgentCredentials($0, enrolment) },
      each(AgentStatements.lock, tables, [agent]) { try LockedAgent($0) },
      each(AgentStatements.owner, tables, [agent]) { try AgentOwner($0) },
      each(AgentStatements.silent, tables, [45_000_000]) { try $0.text("agent_id") },
      each(AgentStatements.list, tables, [nil, nil, nil], record),
      each(AgentStatements.get, tables, [agent], record),
      each(
        AgentStatements.enrol, tables, [.text("agent-that-enrols"), "docker", nil, nil, nil, false], record),
      each(untouched ? AgentStatements.register : AgentStatements.registerOnline, tables, registration, record),
      each(
        untouched ? AgentStatements.httpHeartbeat : AgentStatements.httpHeartbeatAsShipped, tables, [agent, "online"]
      ) { (try AgentRow.status($0), try $0.optionalMicroseconds("last_heartbeat")) },
      each(AgentStatements.replaceKey, tables, [agent, "hash"]) { try $0.microseconds("api_key_created_at") },
    ]
  }

  static func commands(_ dispatch: DispatchPolicies) -> [ReadPath] {
    let tables = ["agent_commands", "agents"]
    let alone = ["agent_commands"]
    let scan = dispatch.pendingScan
    let finished: @Sendable (SQLRow) throws -> FinishedCommand = {
      try FinishedCommand("command-0", nil, $0, .failed("given up"))
    }
    var paths = [
      ReadPath(CommandStatements.open, tables: alone, parameters: [agent, 32]) { result in
        CommandRow.rows(of: result).filter { $0.isRead(by: scan) }.count
      },
      ReadPath(CommandStatements.due, tables: tables, parameters: [.array(["agent-0", "agent-1"]), true]) {
        DueCommand.rows(of: $0).count
      },
      ReadPath(CommandStatements.pendingOf, tables: alone, parameters: [agent, 8]) {
        PendingCommand.rows(of: $0).count
      },
      each(CommandStatements.identify, alone, [command, agent]) { row in
        (try row.optionalText("status"), try FinishedCommand("command-0", "agent-0", row, .failed("late")))
      },
      each(
        CommandStatements.insert, alone, [.text("command-that-is-new"), agent, nil, "stop_session", "{}"]
      ) { (try $0.text("id"), try $0.microseconds("created_at")) },
      each(CommandStatements.failOverdue, alone, [command, "overdue"], finished),
      each(CommandStatements.failAbsent, tables, [command, "absent"], finished),
    ]
    if dispatch.startUp != .nothing {
      paths.append(
        ReadPath(CommandStatements.allPending, tables: alone, parameters: []) {
          LoadedCommand.rows(of: $0, scan).count
        })
    }
    return paths
  }
}
