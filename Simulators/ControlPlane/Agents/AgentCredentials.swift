import StreamSpaceProtocol

/// What an agent's row says about who may speak for it.
struct AgentCredentials {
  let agentID: String
  let platform: String
  let status: String
  let metadata: AgentMetadata
  let approval: ApprovalStatus
  let keyHash: String?
  /// The key the administrator's approval made, until its first use.
  let issuedKey: String?
  let leaderTerm: Int64
  let takeovers: TakeoverRecord
  /// Database clock in microseconds.
  let now: Int64

  init(_ row: SQLRow, _ policies: EnrolmentPolicies) throws(SQLRowError) {
    agentID = try row.text("agent_id")
    platform = try row.text("platform")
    status = try AgentRow.status(row)
    metadata = AgentRow.metadata(try row.optionalText("metadata")) ?? AgentMetadata()
    // The column's default makes rows from before the workflow approved (spec/01 §1.2).
    approval = try row.optionalText("approval_status").flatMap(ApprovalStatus.init(rawValue:)) ?? .approved
    keyHash = try row.optionalText("api_key_hash")
    issuedKey = try row.optionalText("issued_key")
    leaderTerm = try row.optionalInteger("leader_term") ?? 0
    if policies.unconnectedRow == .rejected { _ = try row.text("websocket_id") }
    takeovers = TakeoverRecord(try row.optionalText("websocket_id"))
    now = try row.microseconds("now")
  }
}

/// Reads agent rows into the models of answers.
enum AgentRow {
  /// An agent as answers show it; the approval is filled in by the list alone (spec/02 §5.12).
  static func record(_ row: SQLRow, withApproval: Bool) throws(SQLRowError) -> AgentRecord {
    AgentRecord(
      id: try row.text("id"), agentID: try row.text("agent_id"), platform: try row.text("platform"),
      region: try row.optionalText("region"), status: try status(row),
      capacity: capacity(try row.optionalText("capacity")),
      lastHeartbeat: time(try row.optionalMicroseconds("last_heartbeat")),
      metadata: metadata(try row.optionalText("metadata")),
      approvalStatus: withApproval ? try row.optionalText("approval_status") ?? "" : "",
      approvedAt: withApproval ? time(try row.optionalMicroseconds("approved_at")) : nil,
      approvedBy: withApproval ? try row.optionalText("approved_by") : nil,
      createdAt: try row.time("created_at"),
      updatedAt: try row.time("updated_at"))
  }

  /// The column's default where it is NULL.
  static func status(_ row: SQLRow) throws(SQLRowError) -> String {
    try row.optionalText("status") ?? AgentStatus.offline.rawValue
  }

  static func metadata(_ text: String?) -> AgentMetadata? {
    text.flatMap { try? AgentMetadata(decoding: Array($0.utf8)) }
  }

  static func capacity(_ text: String?) -> AgentCapacity? {
    text.flatMap { try? AgentCapacity(decoding: Array($0.utf8)) }
  }

  static func time(_ microseconds: Int64?) -> Timestamp? { microseconds.map(timestamp) }

  static func timestamp(_ microseconds: Int64) -> Timestamp {
    Timestamp(microseconds: microseconds)
  }
}
