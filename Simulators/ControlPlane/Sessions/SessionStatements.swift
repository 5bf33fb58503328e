import StreamSpaceProtocol

/// Every statement on `sessions` and on the commands that belong to a change of a session (C9): one text per purpose,
/// declared once, so that the database prepares each once and a fault plan can name it.
package enum SessionStatements {
  /// States that are not final: they count against quota, licence and capacity (C15). Written as a list, because an
  /// index on `state` serves IN and not NOT IN.
  private static let live = "('pending', 'running', 'hibernating', 'hibernated', 'waking', 'terminating')"

  private static let columns = """
    id, user_id, org_id, template_name, state, app_type, active_connections, url, namespace, platform, agent_id, \
    cluster_id, pod_name, memory, cpu, persistent_home, idle_timeout, max_session_duration, tags, created_at, \
    updated_at, last_connection, last_disconnect, last_activity, streaming_protocol, streaming_port, streaming_path
    """

  // MARK: Reading

  package static let find = SQLStatement("findSession", "SELECT \(columns) FROM sessions WHERE id = $1")

  /// What one user may see, newest first. The id breaks ties of creations at one microsecond.
  package static let listOwned = SQLStatement(
    "listOwnedSessions",
    "SELECT \(columns) FROM sessions WHERE user_id = $1 AND state <> 'deleted' ORDER BY created_at DESC, id")

  /// What an administrator may see (C16): the organisation's. Rows from before organisations belong to the default one.
  package static let listOfOrganisation = SQLStatement(
    "listOrganisationSessions",
    """
    SELECT \(columns) FROM sessions WHERE COALESCE(org_id, 'default-org') = $1 AND state <> 'deleted' \
    ORDER BY created_at DESC, id
    """)

  /// The sessions of all organisations.
  package static let listEverything = SQLStatement(
    "listEverySession", "SELECT \(columns) FROM sessions WHERE state <> $1 ORDER BY created_at DESC, id")

  /// What the feed of figures tells of one organisation, of every one where `$1` is NULL (spec/02 §5.9).
  package static let figures = SQLStatement(
    "sessionFigures",
    """
    SELECT COUNT(*) AS total, COALESCE(SUM(CASE WHEN state = 'running' THEN 1 ELSE 0 END), 0) AS running, \
    COALESCE(SUM(CASE WHEN state = 'hibernated' THEN 1 ELSE 0 END), 0) AS hibernated, \
    COALESCE(SUM(active_connections), 0) AS viewers FROM sessions \
    WHERE ($1::text IS NULL OR COALESCE(org_id, 'default-org') = $1) AND state <> 'terminated'
    """)
  package static let catalogueFigures = SQLStatement(
    "catalogueFigures",
    "SELECT (SELECT COUNT(*) FROM repositories) AS repositories, (SELECT COUNT(*) FROM catalog_templates) AS templates")

  /// Rows with any of the tags `$1` that the caller may see: `$2` the organisation, `$3` the owner or NULL for all.
  package static let listByTags = SQLStatement(
    "listSessionsByTags",
    """
    SELECT \(columns) FROM sessions WHERE tags && $1 AND state <> 'deleted' AND COALESCE(org_id, 'default-org') = $2 \
    AND ($3::text IS NULL OR user_id = $3) ORDER BY created_at DESC, id
    """)

  // MARK: Create (C9, C15, C36, C38)

  private static let ownerColumns = """
    u.id, u.username, u.org_id, u.active, q.user_id AS quota_of, q.max_sessions, q.max_cpu, q.max_memory
    """

  /// The owner with quota row and licence. Locks owner and licence in a statement of their own: those that count follow,
  /// so that they see what the create before this one has committed (READ COMMITTED).
  package static let lockOwner = SQLStatement(
    "lockSessionOwner",
    """
    SELECT \(ownerColumns), l.max_sessions AS licence_limit FROM users u JOIN licenses l ON l.status = 'active' \
    LEFT JOIN user_quotas q ON q.user_id = u.id WHERE u.id = $1 ORDER BY l.id DESC LIMIT 1 FOR UPDATE OF u, l
    """)

  /// The same without an active licence.
  package static let lockOwnerAlone = SQLStatement(
    "lockSessionOwnerAlone",
    """
    SELECT \(ownerColumns), NULL AS licence_limit FROM users u LEFT JOIN user_quotas q ON q.user_id = u.id \
    WHERE u.id = $1 FOR UPDATE OF u
    """)

  /// What the owner's live sessions use.
  package static let usageOfOwner = SQLStatement(
    "usageOfSessionOwner", "SELECT cpu, memory FROM sessions WHERE user_id = $1 AND state = ANY($2)")

  /// As ``usageOfOwner``, by the pods of one cluster: what runs elsewhere is not seen.
  package static let podsOfOwner = SQLStatement(
    "podsOfSessionOwner",
    "SELECT cpu, memory FROM sessions WHERE user_id = $1 AND state = ANY($2) AND platform = 'kubernetes'")

  /// Every approved agent that may still be alive by the database's clock (C31), with the sessions that count on it.
  /// The choice among them is ``AgentSelector``'s. Beside them the live sessions of all users, for the licence (C36).
  package static let agentCandidates = candidates("agentCandidates", and: "a.approval_status = 'approved' AND ")

  /// As ``agentCandidates``, approved or not (B-78).
  package static let unapprovedCandidates = candidates("agentCandidatesUnapproved", and: "")

  private static func candidates(_ name: String, and approved: String) -> SQLStatement {
    SQLStatement(
      name,
      """
      SELECT a.agent_id, a.platform, a.status, a.capacity, a.last_heartbeat, \
      (SELECT COUNT(*) FROM sessions s WHERE s.agent_id = a.agent_id AND s.state IN \(live)) AS live_sessions, \
      (SELECT COUNT(*) FROM sessions t WHERE t.state IN \(live)) AS all_sessions \
      FROM agents a WHERE \(approved)a.status IN ('online', 'offline') \
      AND a.last_heartbeat > NOW() - INTERVAL '90 seconds' ORDER BY a.last_heartbeat DESC, a.agent_id
      """)
  }

  /// Inserts nothing when the name is taken (C38): the shipped upsert would overwrite another user's session.
  package static let insert = SQLStatement(
    "insertSession",
    """
    INSERT INTO sessions (id, user_id, org_id, template_name, state, app_type, active_connections, url, namespace, \
    platform, agent_id, pod_name, memory, cpu, persistent_home, idle_timeout, max_session_duration, tags, created_at, \
    updated_at, streaming_protocol, streaming_port, streaming_path) \
    VALUES ($1, $2, $3, $4, 'pending', '', 0, '', 'streamspace', $5, $6, '', $7, $8, $9, $10, $11, $12, NOW(), NOW(), \
    $13, $14, $15) ON CONFLICT (id) DO NOTHING
    """)

  /// A command to be dispatched. The time of the statement, not of the transaction: commands of one session are sent in
  /// the order of `created_at` (C10), and the later transaction may have begun first.
  package static let insertCommand = SQLStatement(
    "insertSessionCommand",
    """
    INSERT INTO agent_commands (command_id, agent_id, session_id, action, payload, status, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, 'pending', clock_timestamp(), clock_timestamp()) ON CONFLICT (command_id) DO NOTHING
    """)

  /// Whether a transaction whose COMMIT was not answered was done after all (C-13): its command tells.
  package static let commandExists = SQLStatement(
    "sessionCommandExists", "SELECT agent_id FROM agent_commands WHERE command_id = $1")

  // MARK: Verbs (C13)

  /// DELETE: legal from every state that is not final, and not twice.
  package static let beginTermination = SQLStatement(
    "beginSessionTermination",
    """
    UPDATE sessions SET state = 'terminating', updated_at = NOW() \
    WHERE id = $1 AND state IN ('pending', 'running', 'hibernating', 'hibernated', 'waking')
    """)

  package static let beginHibernation = SQLStatement(
    "beginSessionHibernation",
    "UPDATE sessions SET state = 'hibernating', updated_at = NOW() WHERE id = $1 AND state = 'running'")

  package static let beginWake = SQLStatement(
    "beginSessionWake",
    "UPDATE sessions SET state = 'waking', updated_at = NOW() WHERE id = $1 AND state = 'hibernated'")

  /// The end of a session that has no agent to tell (its agent was deregistered, R-35).
  package static let terminateWithoutAgent = SQLStatement(
    "terminateSessionWithoutAgent",
    """
    UPDATE sessions SET state = 'terminated', termination_reason = 'agent_removed', terminated_at = NOW(), \
    updated_at = NOW(), url = '', pod_name = '' WHERE id = $1 AND state = 'terminating' AND agent_id IS NULL
    """)

  // MARK: Batches on rows alone (B-30)

  package static let overwriteState = SQLStatement(
    "overwriteSessionState", "UPDATE sessions SET state = $2 WHERE id = $1 AND user_id = $3")

  package static let delete = SQLStatement("deleteSession", "DELETE FROM sessions WHERE id = $1 AND user_id = $2")

  // MARK: Tags and activity

  package static let setTags = SQLStatement(
    "setSessionTags", "UPDATE sessions SET tags = $2, updated_at = NOW() WHERE id = $1 RETURNING \(columns)")

  /// The client's beat. A session on its way keeps `updated_at`: the reconciler counts from it (C14).
  package static let recordActivity = SQLStatement(
    "recordSessionActivity",
    """
    UPDATE sessions SET last_activity = NOW(), updated_at = CASE WHEN state IN ('pending', 'hibernating', 'waking', \
    'terminating') THEN updated_at ELSE NOW() END WHERE id = $1
    """)
}
