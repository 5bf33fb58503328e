/// Agents, commands, sessions and viewers' connections, as the API makes them by itself (recording 20); what the
/// numbered files and the contract add is in `CoreTables`.
enum SessionTables {
  static let agents = CoreTable(
    "agents", unique: [["agent_id"]],
    foreignKeys: [
      CoreForeignKey("org_id", "organizations", onDelete: .cascade)
    ], indexes: [["platform", "status"]],
    columns: [
      CoreColumn("id", .uuid, .notNull, default: .randomIdentifier),
      CoreColumn("agent_id", .varchar(255), .notNull),
      CoreColumn("platform", .varchar(50), .notNull),
      CoreColumn("region", .varchar(100)),
      CoreColumn("status", .varchar(50), default: .text("offline")),
      CoreColumn("capacity", .jsonb),
      CoreColumn("last_heartbeat", .timestamp),
      CoreColumn("websocket_id", .varchar(255)),
      CoreColumn("metadata", .jsonb),
      CoreColumn("created_at", .timestamp, default: .now),
      CoreColumn("updated_at", .timestamp, default: .now),
      CoreColumn("cluster_id", .varchar(255)),
      CoreColumn("cluster_name", .varchar(255)),
      CoreColumn("api_key_hash", .varchar(255)),
      CoreColumn("api_key_created_at", .timestamp),
      CoreColumn("api_key_last_used_at", .timestamp),
      CoreColumn("org_id", .varchar(255)),
      CoreColumn("approval_status", .varchar(20), default: .text("approved")),
      CoreColumn("approved_at", .timestamp),
      CoreColumn("approved_by", .varchar(255)),
    ])

  static let agentCommands = CoreTable(
    "agent_commands", unique: [["command_id"]],
    foreignKeys: [
      CoreForeignKey("agent_id", "agents", "agent_id", onDelete: .cascade)
    ], indexes: [["agent_id", "status"], ["session_id"], ["status"]],
    columns: [
      CoreColumn("id", .uuid, .notNull, default: .randomIdentifier),
      CoreColumn("command_id", .varchar(255), .notNull),
      CoreColumn("agent_id", .varchar(255)),
      CoreColumn("session_id", .varchar(255)),
      CoreColumn("action", .varchar(50), .notNull),
      CoreColumn("payload", .jsonb),
      CoreColumn("status", .varchar(50), default: .text("pending")),
      CoreColumn("error_message", .text),
      CoreColumn("created_at", .timestamp, default: .now),
      CoreColumn("sent_at", .timestamp),
      CoreColumn("acknowledged_at", .timestamp),
      CoreColumn("completed_at", .timestamp),
    ])

  static let sessions = CoreTable(
    "sessions",
    foreignKeys: [
      CoreForeignKey("agent_id", "agents", "agent_id", onDelete: .noAction),
      CoreForeignKey("org_id", "organizations", onDelete: .cascade),
      CoreForeignKey("team_id", "groups", onDelete: .setNull),
      CoreForeignKey("user_id", "users", onDelete: .cascade),
    ], indexes: [["agent_id"], ["user_id", "state"], ["state"]],
    columns: [
      CoreColumn("id", .varchar(255), .notNull),
      CoreColumn("user_id", .varchar(255)),
      CoreColumn("team_id", .varchar(255)),
      CoreColumn("template_name", .varchar(255)),
      CoreColumn("state", .varchar(50)),
      CoreColumn("app_type", .varchar(50), default: .text("desktop")),
      CoreColumn("active_connections", .integer, default: .integer(0)),
      CoreColumn("url", .text),
      CoreColumn("namespace", .varchar(255), default: .text("streamspace")),
      CoreColumn("created_at", .timestamp, default: .now),
      CoreColumn("last_connection", .timestamp),
      CoreColumn("last_disconnect", .timestamp),
      CoreColumn("updated_at", .timestamp, default: .now),
      CoreColumn("snapshot_config", .jsonb, default: .text("{}")),
      CoreColumn("platform", .varchar(50), default: .text("kubernetes")),
      CoreColumn("controller_id", .varchar(255)),
      CoreColumn("pod_name", .varchar(255)),
      CoreColumn("memory", .varchar(50)),
      CoreColumn("cpu", .varchar(50)),
      CoreColumn("persistent_home", .boolean, default: .boolean(false)),
      CoreColumn("idle_timeout", .varchar(50)),
      CoreColumn("max_session_duration", .varchar(50)),
      CoreColumn("last_activity", .timestamp),
      CoreColumn("agent_id", .varchar(255)),
      CoreColumn("platform_metadata", .jsonb),
      CoreColumn("cluster_id", .varchar(255)),
      CoreColumn("tags", .textArray),
      CoreColumn("org_id", .varchar(255)),
      CoreColumn("streaming_protocol", .varchar(50), default: .text("vnc")),
      CoreColumn("streaming_port", .integer, default: .integer(5900)),
      CoreColumn("streaming_path", .varchar(255)),
    ])

  static let connections = CoreTable(
    "connections",
    foreignKeys: [
      CoreForeignKey("session_id", "sessions", onDelete: .cascade),
      CoreForeignKey("user_id", "users", onDelete: .cascade),
    ], indexes: [["session_id"]],
    columns: [
      CoreColumn("id", .varchar(255), .notNull),
      CoreColumn("session_id", .varchar(255)),
      CoreColumn("user_id", .varchar(255)),
      CoreColumn("client_ip", .varchar(45)),
      CoreColumn("user_agent", .text),
      CoreColumn("connected_at", .timestamp, default: .now),
      CoreColumn("last_heartbeat", .timestamp, default: .now),
    ])
}
