import StreamSpaceProtocol

/// The statements of the reconciler, the idle sweep and the comparison of inventories (C14, C18).
package enum ReconcilerStatements {
  /// Whether a round would find anything: all that a replica asks when nothing is wrong.
  package static let work = SQLStatement(
    "reconcilerWork",
    """
    SELECT (SELECT COUNT(*) FROM sessions WHERE state IN ('pending', 'hibernating', 'waking', 'terminating') \
    AND updated_at < NOW() - INTERVAL '5 minutes') AS stuck, \
    (SELECT COUNT(*) FROM sessions WHERE state = 'running' AND active_connections = 0 \
    AND idle_timeout IS NOT NULL AND idle_timeout <> '') AS idle, \
    (SELECT COUNT(*) FROM configuration WHERE category = 'orphan' AND updated_at < NOW() - \
    \(OrphanStatements.patience)) AS lost
    """)

  /// Sessions on their way for over 5 min by the database's clock, oldest first, with all the decision needs.
  /// A command counts as re-driven when it is clearly younger than the change of state: the request's own command is
  /// written in the same transaction.
  package static let stuck = SQLStatement(
    "stuckSessions",
    """
    SELECT s.id, s.state, s.agent_id, s.updated_at < NOW() - INTERVAL '10 minutes' AS is_expired, \
    a.status AS agent_status, \
    a.offline_since IS NOT NULL AND a.offline_since > NOW() - INTERVAL '5 minutes' AS is_just_offline, \
    (SELECT COUNT(*) FROM agent_commands c WHERE c.session_id = s.id AND c.status IN ('pending', 'sent', 'ack')) \
    AS open_commands, \
    (SELECT COUNT(*) FROM agent_commands c WHERE c.session_id = s.id AND (c.status IN ('pending', 'ack') \
    OR (c.status = 'sent' AND c.sent_at > NOW() - INTERVAL '2 minutes'))) AS working_commands, \
    (SELECT COUNT(*) FROM agent_commands c WHERE c.session_id = s.id \
    AND c.created_at > s.updated_at + INTERVAL '1 minute') AS redriven, \
    (SELECT COUNT(*) FROM agent_commands c WHERE c.session_id = s.id \
    AND c.created_at > NOW() - INTERVAL '55 seconds') AS recent_commands \
    FROM sessions s LEFT JOIN agents a ON a.agent_id = s.agent_id \
    WHERE s.state IN ('pending', 'hibernating', 'waking', 'terminating') \
    AND s.updated_at < NOW() - INTERVAL '5 minutes' ORDER BY s.updated_at, s.id LIMIT 1000
    """)

  /// A new command for a session that still is as it was seen, when none is open. A start takes the payload of the
  /// first one: the row does not hold the manifest (B-25).
  package static let redriveStart = SQLStatement(
    "redriveStart",
    """
    INSERT INTO agent_commands (command_id, agent_id, session_id, action, payload, status, created_at, updated_at) \
    SELECT $1, c.agent_id, c.session_id, c.action, c.payload, 'pending', clock_timestamp(), clock_timestamp() \
    FROM agent_commands c JOIN sessions s ON s.id = c.session_id \
    WHERE c.session_id = $2 AND c.action = 'start_session' AND s.state = 'pending' AND s.agent_id = c.agent_id \
    AND NOT EXISTS (SELECT 1 FROM agent_commands o WHERE o.session_id = $2 AND o.status IN ('pending', 'sent', 'ack')) \
    ORDER BY c.created_at LIMIT 1
    """)

  /// As ``redriveStart`` for the other verbs: `$3` the action, `$4` the payload, `$5` the state it belongs to.
  package static let redrive = SQLStatement(
    "redriveCommand",
    """
    INSERT INTO agent_commands (command_id, agent_id, session_id, action, payload, status, created_at, updated_at) \
    SELECT $1, s.agent_id, s.id, $3, $4::jsonb, 'pending', clock_timestamp(), clock_timestamp() \
    FROM sessions s WHERE s.id = $2 AND s.state = $5 AND s.agent_id IS NOT NULL \
    AND NOT EXISTS (SELECT 1 FROM agent_commands o WHERE o.session_id = $2 AND o.status IN ('pending', 'sent', 'ack'))
    """)

  /// As the shipped reconciler writes it, whatever else is on its way (B-27): `$2` the session.
  package static let redriveStopUnbounded = SQLStatement(
    "redriveStopUnbounded",
    """
    INSERT INTO agent_commands (command_id, agent_id, session_id, action, payload, status, created_at, updated_at) \
    SELECT $1, s.agent_id, s.id, 'stop_session', $3::jsonb, 'pending', clock_timestamp(), clock_timestamp() \
    FROM sessions s WHERE s.id = $2 AND s.state = 'terminating' AND s.agent_id IS NOT NULL
    """)

  /// The end of patience: `$2` the state it was in, `$3` the one it gets, `$4` the reason.
  package static let giveUp = SQLStatement(
    "giveUpSession",
    """
    UPDATE sessions SET state = $3::text, termination_reason = $4, \
    terminated_at = CASE WHEN $3::text = 'terminated' THEN NOW() ELSE terminated_at END, updated_at = NOW() \
    WHERE id = $1 AND state = $2 AND updated_at < NOW() - INTERVAL '5 minutes'
    """)

  /// What was still open for a session given up: it must not be delivered any more.
  package static let failOpenCommands = SQLStatement(
    "failOpenCommands",
    """
    UPDATE agent_commands SET status = 'failed', error_message = $2, completed_at = clock_timestamp(), \
    updated_at = clock_timestamp() WHERE session_id = $1 AND status IN ('pending', 'sent', 'ack')
    """)

  // MARK: Idle sessions (C18)

  package static let idleCandidates = SQLStatement(
    "idleCandidates",
    """
    SELECT id, agent_id, idle_timeout, COALESCE(last_activity, created_at) AS active_at, NOW() AS observed_at \
    FROM sessions WHERE state = 'running' AND active_connections = 0 AND agent_id IS NOT NULL \
    AND idle_timeout IS NOT NULL AND idle_timeout <> '' ORDER BY id
    """)

  /// Decided on a count read before a viewer came, the sweep must not hit it (C-24): count and activity are tested again.
  package static let hibernateIdle = SQLStatement(
    "hibernateIdleSession",
    """
    UPDATE sessions SET state = 'hibernating', updated_at = NOW() WHERE id = $1 AND state = 'running' \
    AND active_connections = 0 AND COALESCE(last_activity, created_at) <= $2
    """)

  // MARK: Inventory

  /// The agent's rows that should have a workload, with the commands that are still on their way, and the rows the
  /// agent names, whosever they are.
  package static let rowsForInventory = SQLStatement(
    "rowsForInventory",
    """
    SELECT s.id, s.state, s.agent_id, s.pod_name, s.updated_at < NOW() - INTERVAL '30 seconds' AS is_settled, \
    (SELECT COUNT(*) FROM agent_commands c WHERE c.session_id = s.id AND c.status IN ('pending', 'sent', 'ack')) \
    AS open_commands FROM sessions s \
    WHERE (s.agent_id = $1 AND s.state IN ('pending', 'running', 'hibernating', 'hibernated', 'waking', 'terminating')) \
    OR s.id = ANY($2) ORDER BY s.id
    """)

  /// What the inventory says of a session on its way: it has arrived. `$3` the state seen, `$4` the one adopted.
  package static let adopt = SQLStatement(
    "adoptWorkload",
    """
    UPDATE sessions SET state = $4::text, pod_name = COALESCE(NULLIF($5, ''), pod_name), \
    url = CASE WHEN $4::text = 'running' THEN '/api/v1/sessions/' || id || '/vnc' ELSE url END, updated_at = NOW() \
    WHERE id = $1 AND agent_id = $2 AND state = $3
    """)

  /// A hibernated session without its definition cannot be woken: it ends.
  package static let endLost = SQLStatement(
    "endLostSession",
    """
    UPDATE sessions SET state = 'terminating', termination_reason = 'workload_lost', updated_at = NOW() \
    WHERE id = $1 AND agent_id = $2 AND state = 'hibernated'
    """)
}
