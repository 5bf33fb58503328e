/// Agents, commands, sessions and viewers' connections, as the API makes them by itself (recording 20); what the
/// numbered files and the contract add is in `DatabaseSchema`.
enum SessionTables {
  static let agents = TableDefinition(
    "agents", unique: [["agent_id"]],
    foreignKeys: [
      ForeignKeyDefinition("org_id", "organizations", onDelete: .cascade)
    ], indexes: [["platform", "status"]],
    columns: [
      ColumnDefinition("id", .uuid, .notNull, default: .randomIdentifier),
      ColumnDefinition("agent_id", .varchar(255), .notNull),
      ColumnDefinition("platform", .varchar(50), .notNull),
      ColumnDefinition("region", .varchar(100)),
      ColumnDefinition("status", .varchar(50), default: .text("offline")),
      ColumnDefinition("capacity", .jsonb),
      ColumnDefinition("last_heartbeat", .timestamp),
      ColumnDefinition("websocket_id", .varchar(255)),
      ColumnDefinition("metadata", .jsonb),
      ColumnDefinition("created_at", .timestamp, default: .now),
      ColumnDefinition("updated_at", .timestamp, default: .now),
      ColumnDefinition("cluster_id", .varchar(255)),
      ColumnDefinition("cluster_name", .varchar(255)),
      ColumnDefinition("api_key_hash", .varchar(255)),
      ColumnDefinition("api_key_created_at", .timestamp),
      ColumnDefinition("api_key_last_used_at", .timestamp),
      ColumnDefinition("org_id", .varchar(255)),
      ColumnDefinition("approval_status", .varchar(20), default: .text("approved")),
      ColumnDefinition("approved_at", .timestamp),
      ColumnDefinition("approved_by", .varchar(255)),
    ])

  static let agentCommands = TableDefinition(
    "agent_commands", unique: [["command_id"]],
    foreignKeys: [
      ForeignKeyDefinition("agent_id", "agents", "agent_id", onDelete: .cascade)
    ], indexes: [["agent_id", "status"], ["session_id"], ["status"]],
    columns: [
      ColumnDefinition("id", .uuid, .notNull, default: .randomIdentifier),
      ColumnDefinition("command_id", .varchar(255), .notNull),
      ColumnDefinition("agent_id", .varchar(255)),
      ColumnDefinition("session_id", .varchar(255)),
      ColumnDefinition("action", .varchar(50), .notNull),
      ColumnDefinition("payload", .jsonb),
      ColumnDefinition("status", .varchar(50), default: .text("pending")),
      ColumnDefinition("error_message", .text),
      ColumnDefinition("created_at", .timestamp, default: .now),
      ColumnDefinition("sent_at", .timestamp),
      ColumnDefinition("acknowledged_at", .timestamp),
      ColumnDefinition("completed_at", .timestamp),
    ])

  static let sessions = TableDefinition(
    "sessions",
    foreignKeys: [
      ForeignKeyDefinition("agent_id", "agents", "agent_id", onDelete: .noAction),
      ForeignKeyDefinition("org_id", "organizations", onDelete: .cascade),
      ForeignKeyDefinition("team_id", "groups", onDelete: .setNull),
      ForeignKeyDefinition("user_id", "users", onDelete: .cascade),
    ], indexes: [["agent_id"], ["user_id", "state"], ["state"]],
    columns: [
      ColumnDefinition("id", .varchar(255), .notNull),
      ColumnDefinition("user_id", .varchar(255)),
      ColumnDefinition("team_id", .varchar(255)),
      ColumnDefinition("template_name", .varchar(255)),
      ColumnDefinition("state", .varchar(50)),
      ColumnDefinition("app_type", .varchar(50), default: .text("desktop")),
      ColumnDefinition("active_connections", .integer, default: .integer(0)),
      ColumnDefinition("url", .text),
      ColumnDefinition("namespace", .varchar(255), default: .text("streamspace")),
      ColumnDefinition("created_at", .timestamp, default: .now),
      ColumnDefinition("last_connection", .timestamp),
      ColumnDefinition("last_disconnect", .timestamp),
      ColumnDefinition("updated_at", .timestamp, default: .now),
      ColumnDefinition("snapshot_config", .jsonb, default: .text("{}")),
      ColumnDefinition("platform", .varchar(50), default: .text("kubernetes")),
      ColumnDefinition("controller_id", .varchar(255)),
      ColumnDefinition("pod_name", .varchar(255)),
      ColumnDefinition("memory", .varchar(50)),
      ColumnDefinition("cpu", .varchar(50)),
      ColumnDefinition("persistent_home", .boolean, default: .boolean(false)),
      ColumnDefinition("idle_timeout", .varchar(50)),
      ColumnDefinition("max_session_duration", .varchar(50)),
      ColumnDefinition("last_activity", .timestamp),
      ColumnDefinition("agent_id", .varchar(255)),
      ColumnDefinition("platform_metadata", .jsonb),
      ColumnDefinition("cluster_id", .varchar(255)),
      ColumnDefinition("tags", .textArray),
      ColumnDefinition("org_id", .varchar(255)),
      ColumnDefinition("streaming_protocol", .varchar(50), default: .text("vnc")),
      ColumnDefinition("streaming_port", .integer, default: .integer(5900)),
      ColumnDefinition("streaming_path", .varchar(255)),
    ])

  static let connections = TableDefinition(
    "connections",
    foreignKeys: [
      ForeignKeyDefinition("session_id", "sessions", onDelete: .cascade),
      ForeignKeyDefinition("user_id", "users", onDelete: .cascade),
    ], indexes: [["session_id"]],
    columns: [
      ColumnDefinition("id", .varchar(255), .notNull),
      ColumnDefinition("session_id", .varchar(255)),
      ColumnDefinition("user_id", .varchar(255)),
      ColumnDefinition("client_ip", .varchar(45)),
      ColumnDefinition("user_agent", .text),
      ColumnDefinition("connected_at", .timestamp, default: .now),
      ColumnDefinition("last_heartbeat", .timestamp, default: .now),
    ])
}
