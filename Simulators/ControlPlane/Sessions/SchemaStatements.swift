import StreamSpaceProtocol

/// Statements that only the defects of ``SchemaPolicies`` send: they name columns that are not there, or read what is NULL.
enum SchemaStatements {
  /// As ``SessionStatements/agentCandidates``.
  static let candidatesByActiveSessions = SQLStatement(
    "agentCandidatesByActiveSessions",
    """
    SELECT a.agent_id, a.platform, a.status, a.capacity, a.last_heartbeat, 0 AS live_sessions, 0 AS all_sessions \
    FROM agents a WHERE a.status = 'online' ORDER BY a.active_sessions, a.agent_id
    """)

  /// As ``SessionStatements/agentCandidates``.
  static let candidatesByStatus = SQLStatement(
    "agentCandidatesByStatus",
    """
    SELECT a.agent_id, a.platform, a.status, a.capacity, a.last_heartbeat, \
    (SELECT COUNT(*) FROM sessions s WHERE s.agent_id = a.agent_id AND s.status IN ('running', 'hibernated')) \
    AS live_sessions, 0 AS all_sessions FROM agents a WHERE a.status = 'online' ORDER BY a.agent_id
    """)

  /// As ``SessionStatements/usageOfOwner``.
  static let usageWithCluster = SQLStatement(
    "usageOfSessionOwnerWithCluster",
    "SELECT cpu, memory, cluster_name FROM sessions WHERE user_id = $1 AND state = ANY($2)")

  /// What the licence has to bound (B-83).
  static let licensedByStatus = SQLStatement(
    "licensedSessionsByStatus",
    "SELECT COUNT(*) AS licensed FROM sessions WHERE status IN ('running', 'hibernated')")

  /// As ``SessionStatements/insertCommand``. $1 command, $2 agent, $3 session, $4 action, $5 payload.
  static let insertCommandReturning = SQLStatement(
    "insertSessionCommandReturning",
    """
    INSERT INTO agent_commands (command_id, agent_id, session_id, action, payload, status, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, 'pending', clock_timestamp(), clock_timestamp()) RETURNING error_message
    """)

  /// $1 session.
  static let controller = SQLStatement("sessionController", "SELECT controller_id FROM sessions WHERE id = $1")

  /// As ``CatalogStatements/forSession``, with the tags. $1 name.
  static let templateWithTags = SQLStatement(
    "templateForSessionWithTags",
    """
    SELECT name, display_name, description, category, app_type, icon_url, manifest, platform, tags \
    FROM catalog_templates WHERE name = $1 ORDER BY id LIMIT 1
    """)

  /// The versions are those that their authors had in mind: none of the first three prepares on any.
  static func list(into list: inout StatementList, _ schema: SchemaPolicies) {
    list.add(0, when: schema.load == .activeSessionsColumn, candidatesByActiveSessions)
    list.add(0, when: schema.load == .countedByStatus, candidatesByStatus)
    list.add(0, when: schema.licenceCount == .byStatus, licensedByStatus)
    list.add(0, when: schema.usage == .withClusterName, usageWithCluster)
    list.add(4, when: schema.insertedCommand == .errorMessage, insertCommandReturning)
    list.add(0, when: schema.holder == .controller, controller)
    list.add(0, when: schema.templateScan == .arrayAsList, templateWithTags)
  }
}

extension SessionPolicies {
  /// The statement that finds what an owner uses.
  var usage: SQLStatement {
    if schema.usage == .withClusterName { return SchemaStatements.usageWithCluster }
    return quotaCount == .podsOnly ? SessionStatements.podsOfOwner : SessionStatements.usageOfOwner
  }

  /// The statement that finds the agents for a create.
  var candidates: SQLStatement {
    switch schema.load {
    case .countedByState:
      eligibility == .approved ? SessionStatements.agentCandidates : SessionStatements.unapprovedCandidates
    case .activeSessionsColumn: SchemaStatements.candidatesByActiveSessions
    case .countedByStatus: SchemaStatements.candidatesByStatus
    }
  }
}
