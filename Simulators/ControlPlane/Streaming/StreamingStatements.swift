import StreamSpaceProtocol

/// The statements about viewers: their count, their activity, and what may end them.
package enum StreamingStatements {
  private static let guarded = """
    WHERE id = $1 AND EXISTS (SELECT 1 FROM agents a WHERE a.agent_id = sessions.agent_id AND a.connection_pod = $2 \
    AND a.connection_epoch = $3)
    """

  /// A viewer is served, and nobody but the agent's current owner says so. $1 session, $2 pod, $3 epoch.
  static let attached = SQLStatement(
    "sessionAttached",
    "UPDATE sessions SET active_connections = 1, last_connection = NOW(), last_activity = NOW() \(guarded)")

  /// As ``attached``, without the activity.
  static let attachedQuietly = SQLStatement(
    "sessionAttachedQuietly",
    "UPDATE sessions SET active_connections = 1, last_connection = NOW() \(guarded)")

  /// Nobody is served. $1 session, $2 pod, $3 epoch.
  static let detached = SQLStatement(
    "sessionDetached", "UPDATE sessions SET active_connections = 0, last_disconnect = NOW() \(guarded)")

  /// One more, and one less but not below 0 (B-68). $1 session.
  static let increment = SQLStatement(
    "sessionViewerAdded",
    """
    UPDATE sessions SET active_connections = active_connections + 1, last_connection = NOW(), \
    last_activity = NOW() WHERE id = $1
    """)
  static let decrement = SQLStatement(
    "sessionViewerRemoved",
    """
    UPDATE sessions SET active_connections = CASE WHEN active_connections > 0 THEN active_connections - 1 ELSE 0 END, \
    last_disconnect = NOW() WHERE id = $1
    """)

  /// $1 sessions with a viewer.
  static let active = SQLStatement(
    "sessionsViewed", "UPDATE sessions SET last_activity = NOW() WHERE id = ANY($1)")

  /// $1 sessions.
  static let states = SQLStatement("sessionStates", "SELECT id, state FROM sessions WHERE id = ANY($1)")

  /// Which sessions a result of ``states`` calls running; those without row are not.
  static func running(_ result: SQLResult) -> [String] {
    result.rows.compactMap { try? ViewedSession($0) }.filter(\.isRunning).map(\.id)
  }

  /// $1 users: those who may go on.
  static let activeUsers = SQLStatement("activeUsers", "SELECT id, active FROM users WHERE id = ANY($1)")

  /// An administrator looks at a session of somebody else. $1 user, $2 session, $3 changes, $4 address, $5 organisation.
  static let audit = SQLStatement(
    "auditAttach",
    """
    INSERT INTO audit_log (user_id, action, resource_type, resource_id, changes, timestamp, ip_address, org_id) \
    VALUES ($1, 'vnc_attach', 'session', $2, $3, NOW(), $4, $5)
    """)

  /// What the owner checks before it takes a relay. $1 session.
  static let relayed = SQLStatement("relayedSession", "SELECT agent_id, state FROM sessions WHERE id = $1")
}
