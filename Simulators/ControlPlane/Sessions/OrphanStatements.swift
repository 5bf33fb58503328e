import StreamSpaceProtocol

/// The list of orphans: workloads that an agent has and no row tells of, as after a restore (DBM-16). They are rows of
/// `configuration` in a category of their own, so that every replica and every later life knows them.
package enum OrphanStatements {
  /// How long an orphan is left alone, unless an administrator acts (spec/06 DBM-16).
  static let patience = "INTERVAL '24 hours'"

  static func key(session: String, agent: String) -> String { "orphan.\(agent).\(session)" }

  /// One that is listed already keeps its time. `$1` key, `$2` session, `$3` agent.
  package static let record = SQLStatement(
    "recordOrphan",
    """
    INSERT INTO configuration (key, value, category, updated_by) VALUES ($1, $2, 'orphan', $3) \
    ON CONFLICT (key) DO NOTHING
    """)

  package static let list = SQLStatement(
    "listOrphans",
    """
    SELECT value AS session_id, updated_by AS agent_id, updated_at AS found_at FROM configuration \
    WHERE category = 'orphan' ORDER BY updated_at, key
    """)

  /// Those whose time is over.
  package static let due = SQLStatement(
    "dueOrphans",
    """
    SELECT value AS session_id, updated_by AS agent_id, updated_at AS found_at FROM configuration \
    WHERE category = 'orphan' AND updated_at < NOW() - \(patience) ORDER BY updated_at, key
    """)

  /// `$1` session: whichever agents have it.
  package static let ofSession = SQLStatement(
    "orphansOfSession",
    """
    SELECT value AS session_id, updated_by AS agent_id, updated_at AS found_at FROM configuration \
    WHERE category = 'orphan' AND value = $1 ORDER BY key
    """)

  /// The stop of one whose session has not come back. `$1` command, `$2` agent, `$3` session, `$4` payload.
  package static let stop = SQLStatement(
    "stopOrphan",
    """
    INSERT INTO agent_commands (command_id, agent_id, session_id, action, payload, status, created_at, updated_at) \
    SELECT $1, $2, $3::text, 'stop_session', $4::jsonb, 'pending', clock_timestamp(), clock_timestamp() \
    WHERE NOT EXISTS (SELECT 1 FROM sessions s WHERE s.id = $3 \
    AND s.state IN ('pending', 'running', 'hibernating', 'hibernated', 'waking'))
    """)

  /// `$1` key.
  package static let remove = SQLStatement("removeOrphan", "DELETE FROM configuration WHERE key = $1")
}

/// A workload without a row.
package struct Orphan: Sendable, Hashable {
  package var session: String
  package var agent: String
  /// When it was first seen, in microseconds since 1970.
  package var foundAt: Int64

  package init(session: String, agent: String, foundAt: Int64) {
    self.session = session
    self.agent = agent
    self.foundAt = foundAt
  }

  init(row: SQLRow) throws(SQLRowError) {
    session = try row.text("session_id")
    agent = try row.text("agent_id")
    foundAt = try row.microseconds("found_at")
  }
}
