import StreamSpaceProtocol

/// Statements of the environment itself: what fixtures, probes and seeding need.
enum EnvironmentStatements {
  static let insertAgent = SQLStatement(
    "environmentAgent",
    """
    INSERT INTO agents (agent_id, platform, region, status, capacity, api_key_hash, approval_status, approved_at, \
    approved_by) VALUES ($1, $2, 'default', 'offline', $3, $4, 'approved', NOW(), 'admin')
    """)
  static let raiseLicence = SQLStatement("environmentLicence", "UPDATE licenses SET max_sessions = $1")

  static let insertTemplate = SQLStatement(
    "environmentTemplate",
    """
    INSERT INTO catalog_templates (repository_id, name, display_name, description, category, app_type, icon_url, manifest, \
    platform) VALUES ($1, $2, $2, '', 'Test', 'desktop', '', $3, NULL)
    """)
  static let insertOrganisation = SQLStatement(
    "environmentOrganisation",
    "INSERT INTO organizations (id, name, display_name, k8s_namespace) VALUES ($1, $1, $1, 'streamspace')")
  static let changeAccount = SQLStatement(
    "environmentAccount", "UPDATE users SET org_id = $2, role = $3 WHERE id = $1")
  static let changeQuota = SQLStatement(
    "environmentQuota", "UPDATE user_quotas SET max_sessions = $2, max_cpu = $3, max_memory = $4 WHERE user_id = $1")
  static let openTemplates = SQLStatement("environmentTemplates", "UPDATE catalog_templates SET platform = NULL")

  static let agentRow = SQLStatement(
    "probeAgent", "SELECT agent_id, status, last_heartbeat, connection_pod, capacity FROM agents WHERE agent_id = $1")
  static let sessionRow = SQLStatement(
    "probeSession",
    "SELECT id, user_id, state, agent_id, pod_name, active_connections FROM sessions WHERE id = $1")
  static let commandRows = SQLStatement(
    "probeCommands",
    """
    SELECT command_id, agent_id, session_id, action, status, error_message, created_at, sent_at, acknowledged_at, \
    completed_at FROM agent_commands ORDER BY created_at, command_id
    """)
  static let commandRowsOfSession = SQLStatement(
    "probeSessionCommands",
    """
    SELECT command_id, agent_id, session_id, action, status, error_message, created_at, sent_at, acknowledged_at, \
    completed_at FROM agent_commands WHERE session_id = $1 ORDER BY created_at, command_id
    """)

  static let ledger = SQLStatement(
    "probeLedger",
    "SELECT version, step, name, checksum, state, position, applied_by FROM schema_migrations ORDER BY version, step")
  static let restoredSessions = SQLStatement(
    "probeRestoredSessions", "SELECT id, user_id, state, agent_id, cpu, memory FROM sessions ORDER BY id")
  static let command = SQLStatement(
    "probeCommand", "SELECT action, payload FROM agent_commands WHERE command_id = $1 AND agent_id = $2")

  static let insertSession = SQLStatement(
    "seedSession",
    """
    INSERT INTO sessions (id, user_id, org_id, template_name, state, app_type, namespace, platform, agent_id, pod_name, \
    url, memory, cpu, persistent_home, streaming_protocol, streaming_port, last_activity) \
    VALUES ($1, $2, COALESCE((SELECT org_id FROM users WHERE id = $9), 'default-org'), $3, $4, '', 'streamspace', $8, $5, \
    $6, $7, '512Mi', '250m', FALSE, 'vnc', 5900, NOW())
    """)
  static let markTerminating = SQLStatement(
    "seedTerminating", "UPDATE sessions SET state = 'terminating', updated_at = NOW() WHERE id = $1")
  static let insertCommand = SQLStatement(
    "seedCommand",
    """
    INSERT INTO agent_commands (command_id, agent_id, session_id, action, payload, status, claimed_by, claim_expires_at) \
    VALUES ($1, $2, $3, $4, $5, 'pending', $6, $7)
    """)
  static let insertFinishedCommand = SQLStatement(
    "seedFinishedCommand",
    """
    INSERT INTO agent_commands (command_id, agent_id, session_id, action, payload, status, sent_at, acknowledged_at, \
    completed_at) VALUES ($1, $2, $3, $4, $5, 'completed', NOW(), NOW(), NOW())
    """)

  static let all = [
    insertAgent, raiseLicence, insertOrganisation, changeAccount, changeQuota, insertTemplate, openTemplates, agentRow,
    sessionRow, commandRows, commandRowsOfSession,
    command,
    insertSession,
    markTerminating,
    insertCommand, insertFinishedCommand,
  ]
}
