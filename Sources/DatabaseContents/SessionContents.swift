import StreamSpaceProtocol

/// Sessions and what hangs on them (spec/02 §8.2).
enum SessionContents {
  /// The states of the contract and the one that only the shipped control plane writes.
  private static let states = SessionState.allCases.map(\.rawValue) + ["deleted"]

  static let sessions: [ContentColumn] = [
    .always("id") { .text($0.contents.session($0.row)) },
    .user("user_id", every: 23),
    .nullable("team_id", every: 2) { $0.pick($0.contents.groups) },
    .choice("template_name", ["firefox", "ubuntu-desktop", "blender"], limit: 255),
    .nullable("state", every: 29) { .text(states[$0.row % states.count]) },
    .choice("app_type", ["desktop", "webapp"]),
    .nullable("active_connections", every: 8) { .integer(Int64($0.below(3))) },
    .nullable("url", every: 3) { $0.usually(["", "/api/v1/sessions/x/vnc"], limit: nil) },
    .choice("namespace", ["streamspace", "space-1"], limit: 255),
    .nullable("created_at", every: 31) { $0.madeTime() },
    .nullable("updated_at", every: 37) { $0.changedTime() },
    .time("last_connection"), .time("last_disconnect", every: 2), .time("last_activity"), .json("snapshot_config"),
    .nullable("platform", every: 9) { $0.pick(Platform.allCases.map(\.rawValue)) },
    .nullable("controller_id", every: 4) { $0.text() }, .nullable("pod_name", every: 4) { $0.text() },
    .choice("memory", ["2Gi", "512Mi", "64Gi"]), .choice("cpu", ["1000m", "500m", "16"]),
    .nullable("persistent_home", every: 10) { $0.boolean() },
    .nullable("idle_timeout", every: 3) { $0.usually(["30m", "1h", ""], limit: 50) },
    .nullable("max_session_duration", every: 3) { $0.usually(["8h", ""], limit: 50) },
    .nullable("agent_id", every: 6) { $0.pick($0.contents.agents) },
    .json("platform_metadata"),
    .nullable("tags", since: 1, every: 5) { $0.array() },
    .text("cluster_id", since: 2), .organisation,
    .nullable("termination_reason", since: 7, every: 2) { $0.usually(["agent_removed", "workload_lost"]) },
    .time("terminated_at", since: 7),
    .nullable("streaming_protocol", since: 8, every: 6) { $0.usually(protocols, limit: 50) },
    .nullable("streaming_port", since: 8) { .integer([5900, 3000, 6901, 8080][$0.below(4)]) },
    .nullable("streaming_path", since: 8, every: 3) { $0.usually(["", "/websockify", "/guacamole"]) },
  ]

  /// Every protocol of the template rules (spec/02 §8.2).
  private static let protocols = ["vnc", "selkies", "guacamole"]

  static let connections: [ContentColumn] = [
    .always("id") { .text("conn-\($0.row)") },
    .nullable("session_id", every: 11) { cell in .text(cell.contents.session(cell.below(cell.contents.size.sessions)))
    },
    .user("user_id"),
    .nullable("client_ip", every: 5) { $0.usually(["10.0.0.1", "2001:db8::1"], limit: 45) },
    .text("user_agent", nil),
    .nullable("connected_at", every: 8) { $0.madeTime() },
    .nullable("last_heartbeat", every: 7) { $0.changedTime() },
  ]

  /// One share a session at most.
  static let shares: [ContentColumn] = [
    .always("id") { .text("share-\($0.row)") },
    .nullable("session_id", every: 13) { .text($0.contents.session($0.row % $0.contents.size.sessions)) },
    .user("owner_user_id"), .user("shared_with_user_id"), .choice("permission_level", ["view", "collaborate"]),
    .nullable("share_token", every: 4) { .text("\($0.row)-" + ContentText.hex(UInt64($0.below(1 << 60)), 16)) },
    .time("expires_at"), .time("accepted_at"), .time("revoked_at", every: 2), .created,
  ]

  static let audit: [ContentColumn] = [
    .serial(), .user("user_id"), .choice("action", ["vnc_attach", "create", "delete"], limit: 100),
    .choice("resource_type", ["session", "agent"], limit: 100),
    .nullable("resource_id") { cell in .text(cell.contents.session(cell.below(cell.contents.size.sessions))) },
    .json("changes"), .nullable("timestamp", every: 12) { $0.madeTime() },
    .nullable("ip_address", every: 6) { $0.usually(["10.0.0.1", "::1"], limit: 45) }, .organisation,
  ]
}
