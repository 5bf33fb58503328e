/// Which tables of the schema SQLite has too.
///
/// A table is made in SQLite when the first statement names it, and its text is brought up to date when the next one
/// does: an empty table costs nothing, however many DDL statements change it.
struct PhysicalTables: Hashable {
  /// Tables that SQLite has.
  var made: Set<String> = []
  /// Tables whose text in SQLite is older than the schema.
  var stale: Set<String> = []
}

/// Secondary indexes that some statement of the control plane uses; those PostgreSQL has besides cost time on every
/// write and no result depends on them (spec/06 §10.4).
enum UsedIndexes {
  static let names: Set<String> = [
    "idx_agent_commands_agent_status", "idx_agent_commands_session_id", "idx_agent_commands_status",
    "idx_agents_platform_status", "idx_connections_session_id", "idx_group_memberships_group_id",
    "idx_sessions_agent_id", "idx_sessions_agent_state", "idx_sessions_state", "idx_sessions_user_state",
  ]

  static func contains(_ index: IndexDefinition) -> Bool { index.isUnique || names.contains(index.name) }
}
