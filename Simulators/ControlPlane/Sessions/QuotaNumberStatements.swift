import StreamSpaceProtocol

/// Statements of policies that only defects have: the stored number of sessions (C-28) and the unguarded wake (C-23).
package enum QuotaNumberStatements {
  package static let read = SQLStatement(
    "storedSessionNumber", "SELECT used_sessions FROM user_quotas WHERE user_id = $1")

  package static let raise = SQLStatement(
    "raiseSessionNumber",
    "UPDATE user_quotas SET used_sessions = COALESCE(used_sessions, 0) + 1 WHERE user_id = $1")

  /// By the session.
  package static let lower = SQLStatement(
    "lowerSessionNumber",
    """
    UPDATE user_quotas SET used_sessions = COALESCE(used_sessions, 0) - 1 \
    WHERE user_id = (SELECT user_id FROM sessions WHERE id = $1)
    """)

  package static let wakeUnguarded = SQLStatement(
    "wakeSessionUnguarded", "UPDATE sessions SET state = 'waking', updated_at = NOW() WHERE id = $1")

  static func list(into list: inout StatementList, _ sessions: SessionPolicies) {
    list.add(0, when: sessions.quotaCount == .storedNumber, read, raise, lower)
    list.add(0, when: sessions.wakeGuard == .trustsFirstLook, wakeUnguarded)
  }
}
