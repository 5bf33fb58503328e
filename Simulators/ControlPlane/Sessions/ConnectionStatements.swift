import StreamSpaceProtocol

/// The statements on `connections`: what `connect` writes, any replica's beat refreshes and any replica's tick removes
/// (spec/00 Streaming item 6, B-75).
package enum ConnectionStatements {
  package static let insert = SQLStatement(
    "insertConnection",
    """
    INSERT INTO connections (id, session_id, user_id, client_ip, user_agent, connected_at, last_heartbeat) \
    VALUES ($1, $2, $3, $4, $5, NOW(), NOW())
    """)

  package static let touchSession = SQLStatement(
    "touchConnectedSession", "UPDATE sessions SET last_connection = NOW(), last_activity = NOW() WHERE id = $1")

  /// As shipped: a viewer more, whoever it is (spec/07 §2).
  package static let touchAndCountSession = SQLStatement(
    "touchAndCountConnectedSession",
    """
    UPDATE sessions SET last_connection = NOW(), last_activity = NOW(), active_connections = active_connections + 1 \
    WHERE id = $1
    """)

  package static let beat = SQLStatement(
    "beatConnection", "UPDATE connections SET last_heartbeat = NOW() WHERE id = $1 AND session_id = $2")

  package static let remove = SQLStatement(
    "removeConnection", "DELETE FROM connections WHERE id = $1 AND session_id = $2")

  package static let markDisconnected = SQLStatement(
    "markSessionDisconnected",
    "UPDATE sessions SET last_disconnect = NOW() WHERE id = $1 RETURNING active_connections")

  /// Those without a beat for 60 s, judged by the database's clock (C31).
  package static let removeExpired = SQLStatement(
    "removeExpiredConnections",
    "DELETE FROM connections WHERE last_heartbeat < NOW() - INTERVAL '60 seconds' RETURNING session_id")
}
