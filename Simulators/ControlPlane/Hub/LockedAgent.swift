import StreamSpaceProtocol

/// The row of an agent under the lock of a registration.
struct LockedAgent {
  let isOnline: Bool
  let leaderTerm: Int64
  let takeovers: TakeoverRecord
  /// The replica that its connection is with, or was.
  let pod: String?
  /// Microseconds since 1970, by the database's clock.
  let now: Int64
  /// Microseconds since 1970; 0 without one.
  let lastHeartbeat: Int64

  /// A row of ``AgentStatements/lock``.
  init(_ row: SQLRow) throws(SQLRowError) {
    isOnline = try AgentRow.status(row) != AgentStatus.offline.rawValue
    leaderTerm = try row.optionalInteger("leader_term") ?? 0
    takeovers = TakeoverRecord(try row.optionalText("websocket_id"))
    pod = try row.optionalText("connection_pod")
    now = try row.microseconds("now")
    lastHeartbeat = try row.optionalMicroseconds("last_heartbeat") ?? 0
  }
}

/// Whose connection of an agent is the current one.
struct AgentOwner {
  let pod: String?
  let epoch: Int64?

  /// A row of ``AgentStatements/owner``.
  init(_ row: SQLRow) throws(SQLRowError) {
    pod = try row.optionalText("connection_pod")
    epoch = try row.optionalInteger("connection_epoch")
  }
}
