import StreamSpaceProtocol

/// An agent that may be chosen for a new session.
package struct AgentCandidate: Sendable, Hashable {
  package var agentID: String
  package var platform: String
  package var isOnline: Bool
  /// Sessions it says it can carry; 0 or less: it did not say, so there is no limit.
  package var maxSessions: Int
  /// Microseconds since 1970.
  package var lastHeartbeat: Int64
  /// Its sessions that are not final.
  package var liveSessions: Int

  package init(
    agentID: String, platform: String, isOnline: Bool, maxSessions: Int, lastHeartbeat: Int64, liveSessions: Int
  ) {
    self.agentID = agentID
    self.platform = platform
    self.isOnline = isOnline
    self.maxSessions = maxSessions
    self.lastHeartbeat = lastHeartbeat
    self.liveSessions = liveSessions
  }

  /// A row of ``SessionStatements/agentCandidates``.
  init(row: SQLRow) throws(SQLRowError) {
    agentID = try row.text("agent_id")
    platform = try row.text("platform")
    isOnline = try row.optionalText("status") == AgentStatus.online.rawValue
    lastHeartbeat = try row.microseconds("last_heartbeat")
    liveSessions = Int(try row.integer("live_sessions"))
    maxSessions = 0
    if let text = try row.optionalText("capacity"), let capacity = try? AgentCapacity(decoding: Array(text.utf8)) {
      maxSessions = capacity.maxSessions
    }
  }

  var hasRoom: Bool { maxSessions <= 0 || liveSessions < maxSessions }
}

/// Which agent gets a new session (C15, spec/02 §5.2): a pure decision over the rows of
/// ``SessionStatements/agentCandidates``.
package enum AgentSelector {
  package enum Choice: Sendable, Hashable {
    case agent(String)
    case none(ErrorBody.NoAgentReason)
  }

  /// The fewest live sessions win, then the latest heartbeat, then the id in byte order.
  ///
  /// Agents that are online come first; only when the platform has none, those that went offline within the last 90 s
  /// are taken: the command then waits for them (C12).
  package static func choose(
    among candidates: [AgentCandidate], platform: String, policy: SessionPolicies.Placement = .leastLoadedWithinCapacity
  ) -> Choice {
    let eligible = policy == .leastLoaded ? candidates.filter(\.isOnline) : candidates
    guard !eligible.isEmpty else { return .none(.noneOnline) }
    let matching = eligible.filter { $0.platform == platform }
    guard !matching.isEmpty else { return .none(.noMatch) }
    let online = matching.filter(\.isOnline)
    let pool = online.isEmpty ? matching : online
    let open = policy == .leastLoaded ? pool : pool.filter(\.hasRoom)
    guard let best = open.min(by: precedes) else { return .none(.allFull) }
    return .agent(best.agentID)
  }

  private static func precedes(_ left: AgentCandidate, _ right: AgentCandidate) -> Bool {
    if left.liveSessions != right.liveSessions { return left.liveSessions < right.liveSessions }
    if left.lastHeartbeat != right.lastHeartbeat { return left.lastHeartbeat > right.lastHeartbeat }
    return left.agentID.utf8.lexicographicallyPrecedes(right.agentID.utf8)
  }
}
