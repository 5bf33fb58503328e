import StreamSpaceProtocol

/// A session as whoever serves its viewers looks at it.
struct ViewedSession {
  let id: String
  let isRunning: Bool

  /// A row of ``StreamingStatements/states``.
  init(_ row: SQLRow) throws(SQLRowError) {
    id = try row.text("id")
    isRunning = try row.optionalText("state") == SessionState.running.rawValue
  }
}

/// A session as the replica looks at it that another wants to hand a viewer on to.
struct RelayedSession {
  let isRunning: Bool
  let agentID: String?

  /// A row of ``StreamingStatements/relayed``.
  init(_ row: SQLRow) throws(SQLRowError) {
    isRunning = try row.optionalText("state") == SessionState.running.rawValue
    agentID = try row.optionalText("agent_id")
  }
}

/// Whether a user who looks at a session may go on.
struct ViewingUser {
  let id: String
  /// NULL counts as active, as at the login.
  let isActive: Bool

  /// A row of ``StreamingStatements/activeUsers``.
  init(_ row: SQLRow) throws(SQLRowError) {
    id = try row.text("id")
    isActive = try row.optionalBoolean("active") ?? true
  }
}
