import StreamSpaceProtocol

/// Agents and what they were told to do (spec/02 §8.2, spec/00 C10).
enum AgentContents {
  static let agents: [ContentColumn] = [
    .always("id") { $0.uuid() },
    .always("agent_id") { .text($0.contents.agents[$0.row]) },
    .always("platform") { .text(Platform.allCases[$0.row % Platform.allCases.count].rawValue) },
    .text("region", 100),
    .nullable("status", every: 9) { $0.row < 4 ? "online" : $0.pick(AgentStatus.allCases.map(\.rawValue)) },
    .nullable("capacity", every: 5) { cell in
      cell.below(4) == 0
        ? cell.json() : .text("{\"maxSessions\":\(cell.below(200)),\"cpu\":\"64\",\"memory\":\"256Gi\"}")
    },
    // Some are alive whenever they are looked at.
    .nullable("last_heartbeat", every: 3) { $0.row < 6 ? .timestamp(microseconds: ContentCell.farFuture) : $0.time() },
    .text("websocket_id"), .json("metadata"), .created, .updated,
    .nullable("approval_status", every: 9) {
      $0.row < 6 ? "approved" : $0.pick(ApprovalStatus.allCases.map(\.rawValue))
    }, .time("approved_at"),
    .user("approved_by"),
    .text("cluster_id", since: 3), .text("cluster_name", since: 3),
    .nullable("api_key_hash", since: 5, every: 4) { .text("$2a$12$" + ContentText.hex(UInt64($0.below(1 << 60)), 16)) },
    .time("api_key_created_at", since: 5), .time("api_key_last_used_at", since: 5), .organisation,
    .nullable("connection_pod", since: 9, every: 3) { .text("api-\($0.below(5))") },
    .nullable("connection_epoch", since: 9) { $0.bigInteger() },
    .nullable("leader_term", since: 9) { $0.bigInteger() },
    .time("offline_since", since: 9),
    .nullable("issued_key", since: 9, every: 3) { $0.hex(16) },
  ]

  static let commands: [ContentColumn] = [
    .always("id") { $0.uuid() },
    .always("command_id") { .text($0.contents.command($0.row)) },
    .nullable("agent_id", every: 37) { $0.pick($0.contents.agents) },
    .nullable("session_id", every: 12) { cell in
      // No foreign key: some sessions are long gone.
      let sessions = cell.contents.size.sessions
      return .text(cell.contents.session(cell.below(sessions + sessions / 8)))
    },
    .always("action") { .text(AgentAction.allCases[$0.shared(1, below: AgentAction.allCases.count)].rawValue) },
    .nullable("payload", every: 5) { cell in
      cell.below(3) > 0
        ? cell.pick(payloads)
        : .text("{\"sessionId\":\"\(cell.contents.session(cell.below(cell.contents.size.sessions)))\"}")
    },
    .nullable("status", every: 41) { .text(status($0).rawValue) },
    .nullable("error_message", every: 3) { cell in
      status(cell) == .failed ? cell.text(nil) : cell.below(40) == 0 ? "" : .null
    },
    .nullable("created_at", every: 43) { $0.madeTime() },
    .nullable("sent_at", every: 47) { status($0) == .pending ? .null : $0.time() },
    .nullable("acknowledged_at", every: 47) { [.pending, .sent].contains(status($0)) ? .null : $0.time() },
    .nullable("completed_at", every: 47) { [.completed, .failed].contains(status($0)) ? $0.time() : .null },
    .nullable("updated_at", since: 4, every: 53) { $0.changedTime() },
    .nullable("claimed_by", since: 9, every: 2) { .text("api-\($0.below(5))") },
    .time("claim_expires_at", since: 9),
    .nullable("attempts", since: 9) { .integer(Int64($0.below(9))) },
    .time("next_attempt_at", since: 9),
  ]

  /// What the verbs send, and what else a JSONB column can hold.
  private static let payloads =
    [
      #"{"sessionId":"s-1","user":"user-0","template":"firefox","persistentHome":false,"env":{"LANG":"C.UTF-8"}}"#,
      #"{"sessionId":"s-2","deletePVC":false}"#,
      #"{"sessionId": "s-3", "resources": {"cpu": "500m", "memory": "1Gi"}}"#,
    ] + ContentIdentities.documents

  private static func status(_ cell: ContentCell) -> CommandStatus {
    CommandStatus.allCases[cell.shared(2, below: CommandStatus.allCases.count)]
  }
}
