import StreamSpaceProtocol

/// Rows of a real control plane at one moment, as far as invariants and cases look at them. Times are in microseconds since
/// 1970.
package struct ControlPlaneRows: Sendable {
  package struct Agent: Sendable, Equatable {
    var id: String
    var status: String?
    var lastHeartbeat: Int64?
    var pod: String?
    var epoch: Int64
    var updated: Int64?

    /// Whether somebody holds a connection of it, by the row.
    var isConnected: Bool { status != "offline" && pod != nil && epoch > 0 }
  }

  package struct Session: Sendable, Equatable {
    var id: String
    var user: String?
    var state: String?
    var agent: String?
    var podName: String?
    var activeConnections: Int64?
    var cpu: String?
    var memory: String?
    var hasPersistentHome: Bool?
    var created: Int64?
    var updated: Int64?
  }

  package struct Command: Sendable, Equatable {
    var id: String
    var agent: String?
    var session: String?
    var action: String
    var status: String?
    var created: Int64?
    var sent: Int64?
    var acknowledged: Int64?
    var completed: Int64?
  }

  package var agents: [Agent] = []
  package var sessions: [Session] = []
  package var commands: [Command] = []

  /// What to ask for them, in this order; each may fail where the schema is older.
  package static let statements = [
    SQLStatement(
      "watchCommands",
      """
      SELECT command_id, agent_id, session_id, action, status, created_at, sent_at, acknowledged_at, completed_at \
      FROM agent_commands ORDER BY created_at, command_id
      """),
    SQLStatement(
      "watchSessions",
      """
      SELECT id, user_id, state, agent_id, pod_name, active_connections, cpu, memory, persistent_home, created_at, \
      updated_at FROM sessions ORDER BY id
      """),
    SQLStatement(
      "watchAgents",
      """
      SELECT agent_id, status, last_heartbeat, connection_pod, COALESCE(connection_epoch, 0) AS connection_epoch, \
      updated_at FROM agents ORDER BY agent_id
      """),
  ]

  /// The answers to ``statements``.
  package init(commands: SQLResult?, sessions: SQLResult?, agents: SQLResult?) throws {
    self.commands = try (commands?.rows ?? []).map { row in
      Command(
        id: try row.text("command_id"), agent: try row.optionalText("agent_id"),
        session: try row.optionalText("session_id"), action: try row.text("action"),
        status: try row.optionalText("status"), created: try row.optionalMicroseconds("created_at"),
        sent: try row.optionalMicroseconds("sent_at"), acknowledged: try row.optionalMicroseconds("acknowledged_at"),
        completed: try row.optionalMicroseconds("completed_at"))
    }
    self.sessions = try (sessions?.rows ?? []).map { row in
      Session(
        id: try row.text("id"), user: try row.optionalText("user_id"), state: try row.optionalText("state"),
        agent: try row.optionalText("agent_id"), podName: try row.optionalText("pod_name"),
        activeConnections: try row.optionalInteger("active_connections"), cpu: try row.optionalText("cpu"),
        memory: try row.optionalText("memory"), hasPersistentHome: try row.optionalBoolean("persistent_home"),
        created: try row.optionalMicroseconds("created_at"), updated: try row.optionalMicroseconds("updated_at"))
    }
    self.agents = try (agents?.rows ?? []).map { row in
      Agent(
        id: try row.text("agent_id"), status: try row.optionalText("status"),
        lastHeartbeat: try row.optionalMicroseconds("last_heartbeat"), pod: try row.optionalText("connection_pod"),
        epoch: try row.integer("connection_epoch"), updated: try row.optionalMicroseconds("updated_at"))
    }
  }
}
