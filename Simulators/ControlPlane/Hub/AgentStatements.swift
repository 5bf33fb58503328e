import StreamSpaceProtocol

/// The statements on agent rows. Times are those of the database's clock (C31).
enum AgentStatements {
  private static let columns = """
    id, agent_id, platform, region, status, capacity, last_heartbeat, metadata, created_at, updated_at, \
    approval_status, approved_at, approved_by
    """

  private static let credentialColumns = """
    agent_id, platform, status, metadata, approval_status, api_key_hash, issued_key, leader_term, websocket_id, \
    NOW() AS now, last_heartbeat
    """

  /// What authentication and handshake need to know. $1 agent.
  static let credentials = SQLStatement(
    "agentCredentials", "SELECT \(credentialColumns) FROM agents WHERE agent_id = $1")

  /// Whose key it is. $1 key hash.
  static let keyOwner = SQLStatement(
    "agentKeyOwner", "SELECT agent_id FROM agents WHERE api_key_hash = $1 ORDER BY agent_id LIMIT 1")

  /// Gives the row as ``credentials`` does: the check of the key took its time. $1 agent.
  static let keyUsed = SQLStatement(
    "agentKeyUsed",
    """
    UPDATE agents SET api_key_last_used_at = NOW(), updated_at = NOW(), issued_key = NULL WHERE agent_id = $1 \
    RETURNING \(credentialColumns)
    """)

  /// $1 agent, $2 platform, $3 region, $4 capacity, $5 metadata, $6 whether a registration counts as a heartbeat.
  static let enrol = SQLStatement(
    "agentEnrol",
    """
    INSERT INTO agents (agent_id, platform, region, status, capacity, metadata, last_heartbeat, approval_status, \
    created_at, updated_at) VALUES ($1, $2, $3, 'offline', $4, $5, \
    CASE WHEN $6 THEN NOW() ELSE NULL END, 'pending', NOW(), NOW()) \
    RETURNING \(columns)
    """)

  /// $1 agent, $2 platform, $3 region, $4 capacity, $5 metadata, $6 leader term or NULL.
  static let register = SQLStatement(
    "agentRegister",
    """
    UPDATE agents SET platform = $2, region = $3, capacity = $4, metadata = $5, \
    leader_term = GREATEST(leader_term, $6), updated_at = NOW() \
    WHERE agent_id = $1 AND (COALESCE($6, leader_term, 0) >= COALESCE(leader_term, 0)) RETURNING \(columns), leader_term
    """)

  /// As ``register``, with the status a shipped replica writes before any socket exists (H15).
  static let registerOnline = SQLStatement(
    "agentRegisterOnline",
    """
    UPDATE agents SET platform = $2, region = $3, capacity = $4, metadata = $5, \
    leader_term = GREATEST(leader_term, $6), status = 'online', last_heartbeat = NOW(), \
    updated_at = NOW() \
    WHERE agent_id = $1 AND (COALESCE($6, leader_term, 0) >= COALESCE(leader_term, 0)) RETURNING \(columns), leader_term
    """)

  /// The row under the registration's lock. $1 agent.
  static let lock = SQLStatement(
    "agentLock",
    """
    SELECT status, leader_term, websocket_id, connection_pod, NOW() AS now, last_heartbeat FROM agents \
    WHERE agent_id = $1 FOR UPDATE
    """)

  /// A connection becomes the current one. $1 agent, $2 pod, $3 epoch, $4 leader term or NULL, $5 takeover record,
  /// $6 time of the heartbeat or NULL for the database's.
  static let connected = SQLStatement(
    "agentConnected",
    """
    UPDATE agents SET status = CASE WHEN status = 'draining' THEN status ELSE 'online' END, \
    last_heartbeat = COALESCE($6, NOW()), connection_pod = $2, connection_epoch = $3, leader_term = GREATEST(leader_term, $4), \
    offline_since = NULL, websocket_id = $5, updated_at = NOW() \
    WHERE agent_id = $1 AND COALESCE($4, leader_term, 0) >= COALESCE(leader_term, 0)
    """)

  /// No attachment survives a connection. $1 agent.
  static let clearAttachments = SQLStatement(
    "sessionsClearAttachments",
    "UPDATE sessions SET active_connections = 0 WHERE agent_id = $1 AND active_connections <> 0")

  /// What a heartbeat writes besides status and time: the capacity it carries, $5, or NULL.
  private static let beat = "capacity = COALESCE($5, capacity), updated_at = NOW()"

  /// A heartbeat of the current connection. $1 agent, $2 pod, $3 epoch, $4 time or NULL for the database's, $5 capacity
  /// or NULL.
  static let heartbeat = SQLStatement(
    "agentHeartbeat",
    """
    UPDATE agents SET last_heartbeat = COALESCE($4, NOW()), status = CASE WHEN status = 'draining' THEN status ELSE 'online' END, \
    offline_since = NULL, \(beat) WHERE agent_id = $1 AND connection_pod = $2 AND connection_epoch = $3
    """)

  /// As ``heartbeat``, from an agent that says it is draining.
  static let heartbeatDraining = SQLStatement(
    "agentHeartbeatDraining",
    """
    UPDATE agents SET last_heartbeat = COALESCE($4, NOW()), status = 'draining', offline_since = NULL, \(beat) \
    WHERE agent_id = $1 AND connection_pod = $2 AND connection_epoch = $3
    """)

  /// As ``heartbeat``, forcing `online` (H14).
  static let heartbeatOnline = SQLStatement(
    "agentHeartbeatOnline",
    """
    UPDATE agents SET last_heartbeat = COALESCE($4, NOW()), status = 'online', offline_since = NULL, \(beat) \
    WHERE agent_id = $1 AND connection_pod = $2 AND connection_epoch = $3
    """)

  /// As ``heartbeat``, without the status.
  static let heartbeatTimeOnly = SQLStatement(
    "agentHeartbeatTimeOnly",
    """
    UPDATE agents SET last_heartbeat = COALESCE($4, NOW()), \(beat) \
    WHERE agent_id = $1 AND connection_pod = $2 AND connection_epoch = $3
    """)

  /// The capacity a heartbeat over HTTP carries. $1 agent, $2 capacity.
  static let capacity = SQLStatement(
    "agentCapacity", "UPDATE agents SET capacity = $2, updated_at = NOW() WHERE agent_id = $1")

  /// The owner gives up a connection. $1 agent, $2 pod, $3 epoch.
  static let disconnected = SQLStatement(
    "agentDisconnected",
    """
    UPDATE agents SET status = 'offline', offline_since = NOW(), updated_at = NOW() \
    WHERE agent_id = $1 AND connection_pod = $2 AND connection_epoch = $3 AND status <> 'offline'
    """)

  /// As ``disconnected``, whoever is the owner (B-02). $1 agent.
  static let disconnectedBlindly = SQLStatement(
    "agentDisconnectedBlindly",
    "UPDATE agents SET status = 'offline', offline_since = NOW(), updated_at = NOW() WHERE agent_id = $1")

  /// Whose connection is the current one. $1 agent.
  static let owner = SQLStatement(
    "agentOwner", "SELECT connection_pod, connection_epoch FROM agents WHERE agent_id = $1")

  /// All connections of a life end. $1 pod, $2 lowest epoch, $3 first epoch beyond.
  static let podDisconnected = SQLStatement(
    "agentPodDisconnected",
    """
    UPDATE agents SET status = 'offline', offline_since = NOW(), updated_at = NOW() WHERE connection_pod = $1 \
    AND connection_epoch >= $2 AND connection_epoch < $3 AND status <> 'offline'
    """)

  /// The rows nobody keeps fresh. $1 threshold in microseconds.
  static let silent = SQLStatement(
    "agentsSilent",
    """
    SELECT agent_id FROM agents WHERE status <> 'offline' \
    AND (last_heartbeat IS NULL OR last_heartbeat < NOW() - $1 * INTERVAL '1 microsecond') ORDER BY agent_id
    """)

  /// A stale row. $1 agent, $2 threshold in microseconds.
  static let stale = SQLStatement(
    "agentStale",
    """
    UPDATE agents SET status = 'offline', offline_since = NOW(), updated_at = NOW() WHERE agent_id = $1 \
    AND status <> 'offline' AND (last_heartbeat IS NULL OR last_heartbeat < NOW() - $2 * INTERVAL '1 microsecond')
    """)

  /// HTTP heartbeat (C6: it makes nobody online). $1 agent, $2 status.
  static let httpHeartbeat = SQLStatement(
    "agentHTTPHeartbeat",
    """
    UPDATE agents SET status = CASE WHEN status = 'offline' THEN status ELSE $2 END, \
    last_heartbeat = CASE WHEN status = 'offline' THEN last_heartbeat ELSE NOW() END, updated_at = NOW() \
    WHERE agent_id = $1 RETURNING status, last_heartbeat
    """)

  /// As shipped (01 §1.2). $1 agent, $2 status.
  static let httpHeartbeatAsShipped = SQLStatement(
    "agentHTTPHeartbeatAsShipped",
    """
    UPDATE agents SET status = $2, last_heartbeat = NOW(), updated_at = NOW() WHERE agent_id = $1 \
    RETURNING status, last_heartbeat
    """)

  // MARK: Administration

  /// $1 platform, $2 status, $3 region, each NULL for any.
  static let list = SQLStatement(
    "agentList",
    """
    SELECT \(columns) FROM agents WHERE ($1::text IS NULL OR platform = $1) AND ($2::text IS NULL OR status = $2) \
    AND ($3::text IS NULL OR region = $3) ORDER BY created_at DESC, agent_id
    """)

  /// $1 agent.
  static let get = SQLStatement("agentGet", "SELECT \(columns) FROM agents WHERE agent_id = $1")

  /// $1 agent.
  static let delete = SQLStatement("agentDelete", "DELETE FROM agents WHERE agent_id = $1")

  /// $1 agent, $2 key hash, $3 key, $4 administrator.
  static let approve = SQLStatement(
    "agentApprove",
    """
    UPDATE agents SET approval_status = 'approved', approved_at = NOW(), approved_by = $4, api_key_hash = $2, \
    api_key_created_at = NOW(), issued_key = $3, updated_at = NOW() \
    WHERE agent_id = $1 AND approval_status = 'pending'
    """)

  /// $1 agent.
  static let reject = SQLStatement(
    "agentReject",
    """
    UPDATE agents SET approval_status = 'rejected', updated_at = NOW() \
    WHERE agent_id = $1 AND approval_status = 'pending'
    """)

  /// $1 agent, $2 key hash.
  static let replaceKey = SQLStatement(
    "agentReplaceKey",
    """
    UPDATE agents SET api_key_hash = $2, api_key_created_at = NOW(), issued_key = NULL, updated_at = NOW() \
    WHERE agent_id = $1 RETURNING api_key_created_at
    """)

  // MARK: Start-up

  /// The columns of the contract must be there. Reads nothing.
  static let schemaProbe = SQLStatement(
    "schemaProbe",
    """
    SELECT a.connection_epoch, a.offline_since, c.claimed_by, c.next_attempt_at FROM agents a \
    JOIN agent_commands c ON c.agent_id = a.agent_id WHERE a.agent_id = ''
    """)
}
