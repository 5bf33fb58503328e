import StreamSpaceProtocol

/// What results and reports of agents mean for their sessions (C13). Every UPDATE carries its guard: the owning agent,
/// and the states from which the edge is legal. The rows of the commands are the hub's.
package enum CommandResultStatements {
  /// What a message is judged by that did not move its session.
  package static let standing = SQLStatement(
    "sessionStanding", "SELECT state, agent_id, pod_name FROM sessions WHERE id = $1")

  private static let placement = """
    pod_name = COALESCE(NULLIF($3, ''), pod_name), url = CASE WHEN $4 THEN '/api/v1/sessions/' || id || '/vnc' ELSE url END
    """

  /// complete(start) and complete(wake); a `status` frame that came first has moved the row already. `$5` is the state
  /// while the command runs.
  package static let becomeRunning = SQLStatement(
    "sessionBecomesRunning",
    """
    UPDATE sessions SET state = 'running', \(placement), updated_at = NOW(), last_activity = NOW() \
    WHERE id = $1 AND agent_id = $2 AND state IN ($5, 'running')
    """)

  package static let becomeHibernated = SQLStatement(
    "sessionBecomesHibernated",
    """
    UPDATE sessions SET state = 'hibernated', pod_name = '', url = '', updated_at = NOW() \
    WHERE id = $1 AND agent_id = $2 AND state IN ('hibernating', 'hibernated')
    """)

  package static let becomeTerminated = SQLStatement(
    "sessionBecomesTerminated",
    """
    UPDATE sessions SET state = 'terminated', pod_name = '', url = '', terminated_at = COALESCE(terminated_at, NOW()), \
    updated_at = NOW() WHERE id = $1 AND agent_id = $2 AND state IN ('terminating', 'terminated')
    """)

  /// A stop that no request asked for (the command route of the administrator): its session takes both edges.
  package static let becomeTerminating = SQLStatement(
    "sessionBecomesTerminating",
    """
    UPDATE sessions SET state = 'terminating', updated_at = NOW() \
    WHERE id = $1 AND agent_id = $2 AND state IN ('pending', 'running', 'hibernating', 'hibernated', 'waking')
    """)

  /// A failed start; `$3` is the reason.
  package static let startFailed = SQLStatement(
    "sessionStartFailed",
    """
    UPDATE sessions SET state = 'failed', termination_reason = $3, updated_at = NOW() \
    WHERE id = $1 AND agent_id = $2 AND state = 'pending'
    """)

  /// A failed hibernate or wake: the session is what it was, `$3`, before `$4`.
  package static let revert = SQLStatement(
    "revertSession",
    "UPDATE sessions SET state = $3, updated_at = NOW() WHERE id = $1 AND agent_id = $2 AND state = $4")

  // MARK: Status reports

  /// A report without pod or url leaves both (C13). Only a session that was not running counts it as activity.
  package static let reportedRunning = SQLStatement(
    "sessionReportedRunning",
    """
    UPDATE sessions SET \(placement), updated_at = NOW(), \
    last_activity = CASE WHEN state = 'running' THEN last_activity ELSE NOW() END, state = 'running' \
    WHERE id = $1 AND agent_id = $2 AND state IN ('pending', 'waking', 'running')
    """)

  /// The result of the command may have come first: then nothing changes.
  package static let reportedHibernated = SQLStatement(
    "sessionReportedHibernated",
    """
    UPDATE sessions SET updated_at = CASE WHEN state = 'hibernated' THEN updated_at ELSE NOW() END, state = 'hibernated' \
    WHERE id = $1 AND agent_id = $2 AND state IN ('hibernating', 'hibernated')
    """)

  package static let reportedTerminated = SQLStatement(
    "sessionReportedTerminated",
    """
    UPDATE sessions SET terminated_at = COALESCE(terminated_at, NOW()), \
    updated_at = CASE WHEN state = 'terminated' THEN updated_at ELSE NOW() END, state = 'terminated' \
    WHERE id = $1 AND agent_id = $2 AND state IN ('terminating', 'terminated')
    """)

  /// The workload is gone (`workload_lost`) or never came.
  package static let reportedFailed = SQLStatement(
    "sessionReportedFailed",
    """
    UPDATE sessions SET state = 'failed', termination_reason = $3, updated_at = NOW() \
    WHERE id = $1 AND agent_id = $2 AND state IN ('pending', 'running', 'waking')
    """)

  /// Profile `shipped`: whatever any agent says (B-31).
  package static let reportedVerbatim = SQLStatement(
    "sessionReportedVerbatim",
    """
    UPDATE sessions SET state = $2, pod_name = $3, \
    url = CASE WHEN $4 THEN '/api/v1/sessions/' || id || '/vnc' ELSE '' END, updated_at = NOW(), last_activity = NOW() \
    WHERE id = $1
    """)

  // MARK: Corrections

  /// A command that puts a workload right, unless one of the same kind is on its way already.
  package static let correct = SQLStatement(
    "correctWorkload",
    """
    INSERT INTO agent_commands (command_id, agent_id, session_id, action, payload, status, created_at, updated_at) \
    SELECT $1, $2::text, $3::text, $4::text, $5::jsonb, 'pending', clock_timestamp(), clock_timestamp() \
    WHERE NOT EXISTS (SELECT 1 FROM agent_commands c WHERE c.session_id = $3 AND c.agent_id = $2 \
    AND c.action = $4 AND c.status IN ('pending', 'sent', 'ack'))
    """)
}
