import StreamSpaceProtocol

/// The statements on command rows (C10 to C12, C34). Times are those of the database's clock (C31).
enum CommandStatements {
  /// Rows of one agent that may need a send: those under way first, then the oldest that wait. $1 agent, $2 limit.
  static let open = SQLStatement(
    "commandsOpen",
    """
    SELECT command_id, session_id, action, payload, status, error_message, attempts, \
    (next_attempt_at IS NULL OR next_attempt_at <= NOW()) AS is_due FROM agent_commands \
    WHERE agent_id = $1 AND status IN ('pending', 'sent', 'ack') \
    ORDER BY CASE WHEN status = 'pending' THEN 1 ELSE 0 END, created_at, command_id LIMIT $2
    """)

  private static func claim(_ name: String, attempts: String, wait: String, free: String) -> SQLStatement {
    SQLStatement(
      name,
      """
      UPDATE agent_commands SET claimed_by = $2, claim_expires_at = NOW() + INTERVAL '15 seconds', \
      attempts = \(attempts), next_attempt_at = NOW() + \(wait), updated_at = NOW() \
      WHERE command_id = ANY($1) AND status IN ('pending', 'sent', 'ack')\(free) \
      AND EXISTS (SELECT 1 FROM agents WHERE agents.agent_id = $3 AND agents.connection_pod = $2 \
      AND agents.connection_epoch = $4) RETURNING command_id, attempts
      """)
  }

  /// A replica takes rows to send them: only the holder of the agent's current connection, and none that another has
  /// just claimed. Waits of 10, 20, 40, 60, 60 .. s before the next try. $1 commands, $2 pod, $3 agent, $4 epoch.
  static let claim = claim(
    "commandsClaim", attempts: "COALESCE(attempts, 0) + 1",
    wait: """
      CASE WHEN COALESCE(attempts, 0) = 0 THEN INTERVAL '10 seconds' WHEN attempts = 1 THEN INTERVAL '20 seconds' \
      WHEN attempts = 2 THEN INTERVAL '40 seconds' ELSE INTERVAL '60 seconds' END
      """,
    free: " AND (claimed_by IS NULL OR claimed_by = $2 OR claim_expires_at <= NOW())")

  /// As ``claim`` at a (re)connect: claims of earlier holders are void, the waits begin anew.
  static let claimAnew = claim(
    "commandsClaimAnew", attempts: "1", wait: "INTERVAL '10 seconds'", free: "")

  /// $1 commands.
  static let sent = SQLStatement(
    "commandsSent",
    """
    UPDATE agent_commands SET status = 'sent', sent_at = COALESCE(sent_at, NOW()), updated_at = NOW() \
    WHERE command_id = ANY($1) AND status = 'pending'
    """)

  /// As ``sent``, whatever the row says by now (B-17).
  static let sentUnconditionally = SQLStatement(
    "commandsSentUnconditionally",
    "UPDATE agent_commands SET status = 'sent', sent_at = NOW(), updated_at = NOW() WHERE command_id = ANY($1)")

  /// The same statement against a table without `updated_at`, which refuses it (A-08, B-24).
  private static func withoutColumn(_ statement: SQLStatement) -> SQLStatement {
    SQLStatement(
      statement.name + "WithoutColumn",
      statement.text.replacing("updated_at = NOW()", with: "absent_updated_at = NOW()"))
  }

  static let sentWithoutColumn = withoutColumn(sent)
  static let acknowledgedWithoutColumn = withoutColumn(acknowledged)
  static let completedWithoutColumn = withoutColumn(completed)
  static let failedWithoutColumn = withoutColumn(failed)

  private static let byOwner = """
    AND EXISTS (SELECT 1 FROM agents WHERE agents.agent_id = $2 AND agents.connection_pod = $3 \
    AND agents.connection_epoch = $4)
    """

  /// $1 command, $2 agent, $3 pod, $4 epoch.
  static let acknowledged = SQLStatement(
    "commandAcknowledged",
    """
    UPDATE agent_commands SET status = 'ack', sent_at = COALESCE(sent_at, NOW()), acknowledged_at = NOW(), \
    next_attempt_at = NULL, updated_at = NOW() \
    WHERE command_id = $1 AND agent_id = $2 AND status IN ('pending', 'sent') \(byOwner)
    """)

  /// $1 command, $2 agent, $3 pod, $4 epoch.
  static let completed = SQLStatement(
    "commandCompleted",
    """
    UPDATE agent_commands SET status = 'completed', sent_at = COALESCE(sent_at, NOW()), \
    acknowledged_at = COALESCE(acknowledged_at, NOW()), completed_at = NOW(), claimed_by = NULL, \
    claim_expires_at = NULL, next_attempt_at = NULL, updated_at = NOW() \
    WHERE command_id = $1 AND agent_id = $2 AND status IN ('pending', 'sent', 'ack') \(byOwner) \
    RETURNING session_id, action
    """)

  /// $1 command, $2 agent, $3 pod, $4 epoch, $5 reason.
  static let failed = SQLStatement(
    "commandFailed",
    """
    UPDATE agent_commands SET status = 'failed', sent_at = COALESCE(sent_at, NOW()), error_message = $5, \
    acknowledged_at = COALESCE(acknowledged_at, NOW()), completed_at = NOW(), claimed_by = NULL, \
    claim_expires_at = NULL, next_attempt_at = NULL, updated_at = NOW() \
    WHERE command_id = $1 AND agent_id = $2 AND status IN ('pending', 'sent', 'ack') \(byOwner) \
    RETURNING session_id, action
    """)

  // As shipped: by command and agent alone (B-18).

  /// $1 command, $2 agent.
  static let acknowledgedUnconditionally = SQLStatement(
    "commandAcknowledgedUnconditionally",
    """
    UPDATE agent_commands SET status = 'ack', acknowledged_at = NOW(), updated_at = NOW() \
    WHERE command_id = $1 AND agent_id = $2
    """)

  /// $1 command, $2 agent.
  static let completedUnconditionally = SQLStatement(
    "commandCompletedUnconditionally",
    """
    UPDATE agent_commands SET status = 'completed', completed_at = NOW(), updated_at = NOW() \
    WHERE command_id = $1 AND agent_id = $2 RETURNING session_id, action
    """)

  /// $1 command, $2 agent, $3 reason.
  static let failedUnconditionally = SQLStatement(
    "commandFailedUnconditionally",
    """
    UPDATE agent_commands SET status = 'failed', error_message = $3, completed_at = NOW(), updated_at = NOW() \
    WHERE command_id = $1 AND agent_id = $2 RETURNING session_id, action
    """)

  /// Who a row is, for an answer that came too late. $1 command, $2 agent.
  static let identify = SQLStatement(
    "commandIdentify",
    "SELECT session_id, action, status FROM agent_commands WHERE command_id = $1 AND agent_id = $2")

  /// What a replica must look at: due rows of the agents it holds, results that are overdue (C11), and rows whose agent
  /// has been away for 5 min (C12). $1 own agents, $2 whether this replica has been ready for 5 min.
  static let due = SQLStatement(
    "commandsDue",
    """
    SELECT c.command_id, c.agent_id, c.session_id, c.action, c.status, c.error_message, \
    CASE WHEN c.status = 'ack' THEN 'overdue' WHEN c.agent_id = ANY($1) THEN 'due' ELSE 'absent' END AS verdict \
    FROM agent_commands c LEFT JOIN agents a ON a.agent_id = c.agent_id \
    WHERE c.status IN ('pending', 'sent', 'ack') AND ( \
    (c.status <> 'ack' AND c.agent_id = ANY($1) AND (c.next_attempt_at IS NULL OR c.next_attempt_at <= NOW())) \
    OR (c.status = 'ack' AND c.acknowledged_at <= NOW() - CASE WHEN c.action = 'start_session' \
    THEN INTERVAL '5 minutes' ELSE INTERVAL '2 minutes' END) \
    OR ($2 AND c.status <> 'ack' AND a.status = 'offline' AND c.created_at <= NOW() - INTERVAL '5 minutes' \
    AND (a.offline_since IS NULL OR a.offline_since <= NOW() - INTERVAL '5 minutes'))) \
    ORDER BY c.created_at, c.command_id LIMIT 500
    """)

  /// A deadline passed. $1 command, $2 reason.
  static let failOverdue = SQLStatement(
    "commandFailOverdue",
    """
    UPDATE agent_commands SET status = 'failed', error_message = $2, completed_at = NOW(), claimed_by = NULL, \
    claim_expires_at = NULL, next_attempt_at = NULL, updated_at = NOW() \
    WHERE command_id = $1 AND status = 'ack' RETURNING agent_id, session_id, action
    """)

  /// The agent stayed away. $1 command, $2 reason.
  static let failAbsent = SQLStatement(
    "commandFailAbsent",
    """
    UPDATE agent_commands SET status = 'failed', error_message = $2, completed_at = NOW(), claimed_by = NULL, \
    claim_expires_at = NULL, next_attempt_at = NULL, updated_at = NOW() \
    WHERE command_id = $1 AND status IN ('pending', 'sent') AND EXISTS (SELECT 1 FROM agents \
    WHERE agents.agent_id = agent_commands.agent_id AND agents.status = 'offline') \
    RETURNING agent_id, session_id, action
    """)

  /// At once, whatever else (B-14). $1 command, $2 reason.
  static let failAtOnce = SQLStatement(
    "commandFailAtOnce",
    """
    UPDATE agent_commands SET status = 'failed', error_message = $2, updated_at = NOW() \
    WHERE command_id = $1 AND status = 'pending'
    """)

  /// All pending rows, oldest first: what a shipped replica loads at its start (B-15, B-16).
  static let allPending = SQLStatement(
    "commandsAllPending",
    """
    SELECT command_id, agent_id, session_id, action, payload, error_message FROM agent_commands \
    WHERE status = 'pending' ORDER BY created_at, command_id LIMIT 1000
    """)

  /// Pending rows of one agent, oldest first. $1 agent, $2 limit.
  static let pendingOf = SQLStatement(
    "commandsPendingOf",
    """
    SELECT command_id, session_id, action, payload FROM agent_commands \
    WHERE agent_id = $1 AND status = 'pending' ORDER BY created_at, command_id LIMIT $2
    """)

  /// A leaving replica gives its claims back. $1 pod.
  static let releaseClaims = SQLStatement(
    "commandsReleaseClaims",
    """
    UPDATE agent_commands SET claimed_by = NULL, claim_expires_at = NULL, next_attempt_at = NULL \
    WHERE claimed_by = $1 AND status IN ('pending', 'sent')
    """)

  /// $1 command, $2 agent, $3 session or NULL, $4 action, $5 payload.
  static let insert = SQLStatement(
    "commandInsert",
    """
    INSERT INTO agent_commands (command_id, agent_id, session_id, action, payload, status, created_at) \
    VALUES ($1, $2, $3, $4, $5, 'pending', NOW()) \
    RETURNING id, command_id, agent_id, session_id, action, payload, status, created_at
    """)
}
