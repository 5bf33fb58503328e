import StreamSpaceProtocol

/// The statements on users, their groups and quotas.
package enum UserStatements {
  private static let columns =
    "u.id, u.username, u.email, u.full_name, u.role, u.provider, u.active, u.created_at, u.updated_at, u.last_login"
  private static let quotaColumns = """
    q.user_id, q.max_sessions, q.max_cpu, q.max_memory, q.max_storage, q.used_sessions, q.used_cpu, q.used_memory, \
    q.used_storage, q.created_at, q.updated_at
    """

  /// What every request with a token asks for (spec/02 §2.3).
  package static let authenticate = SQLStatement(
    "authenticateUser", "SELECT id, username, active, org_id FROM users WHERE id = $1")

  /// The account of a name, a row for each of its groups.
  package static let credentials = SQLStatement(
    "findCredentials",
    """
    SELECT \(columns), u.org_id, u.password_hash, m.group_id FROM users u \
    LEFT JOIN group_memberships m ON m.user_id = u.id WHERE u.username = $1 ORDER BY m.group_id
    """)

  package static let recordLogin = SQLStatement(
    "recordLogin", "UPDATE users SET last_login = NOW(), updated_at = NOW() WHERE id = $1")

  /// `ADMIN_PASSWORD` for the row that the migrations insert without one (spec/02 §2.10): `$1` the hash.
  package static let setFirstAdminPassword = SQLStatement(
    "setFirstAdminPassword",
    """
    UPDATE users SET password_hash = $1, updated_at = NOW() WHERE id = 'admin' \
    AND (password_hash IS NULL OR password_hash = '')
    """)

  package static let find = SQLStatement("findUser", "SELECT \(columns), u.org_id FROM users u WHERE u.id = $1")

  /// By id or name (C16); the id goes first.
  package static let findByIDOrName = SQLStatement(
    "findUserByIDOrName",
    """
    SELECT id, username, org_id FROM users WHERE id = $1 OR username = $1 \
    ORDER BY CASE WHEN id = $1 THEN 0 ELSE 1 END LIMIT 1
    """)

  package static let list = SQLStatement(
    "listUsers",
    """
    SELECT \(columns) FROM users u WHERE ($1 = '' OR u.role = $1) AND ($2 = '' OR u.provider = $2) \
    AND ($3 = '' OR u.active) ORDER BY u.username
    """)

  package static let groups = SQLStatement(
    "groupsOfUser",
    "SELECT group_id FROM group_memberships WHERE user_id = $1 AND group_id IS NOT NULL ORDER BY group_id")

  /// What goes with a user, in this order; sessions go by their key.
  package static let deletion = [
    SQLStatement("deleteMembershipsOfUser", "DELETE FROM group_memberships WHERE user_id = $1"),
    SQLStatement("deleteQuotaOfUser", "DELETE FROM user_quotas WHERE user_id = $1"),
    SQLStatement("deleteUser", "DELETE FROM users WHERE id = $1"),
  ]

  package static let quota = SQLStatement(
    "quotaOfUser",
    "SELECT \(quotaColumns), u.username FROM user_quotas q JOIN users u ON u.id = q.user_id WHERE q.user_id = $1")

  package static let quotaByName = SQLStatement(
    "quotaOfUserName",
    """
    SELECT u.id AS owner, u.username, \(quotaColumns) FROM users u LEFT JOIN user_quotas q ON q.user_id = u.id \
    WHERE u.username = $1
    """)

  package static let quotas = SQLStatement(
    "listQuotas",
    "SELECT \(quotaColumns), u.username FROM user_quotas q JOIN users u ON u.id = q.user_id ORDER BY u.username")

  /// Values that the request leaves out stay, or get the column's default.
  package static let setQuota = SQLStatement(
    "setUserQuota",
    """
    INSERT INTO user_quotas (user_id, max_sessions, max_cpu, max_memory, max_storage, created_at, updated_at) \
    VALUES ($1, COALESCE($2, 5), COALESCE($3, '4000m'), COALESCE($4, '16Gi'), COALESCE($5, '100Gi'), NOW(), NOW()) \
    ON CONFLICT (user_id) DO UPDATE SET max_sessions = COALESCE($2, user_quotas.max_sessions), \
    max_cpu = COALESCE($3, user_quotas.max_cpu), max_memory = COALESCE($4, user_quotas.max_memory), \
    max_storage = COALESCE($5, user_quotas.max_storage), updated_at = NOW()
    """)
}

extension UserAccount {
  /// A row of ``UserStatements``.
  init(row: SQLRow) throws(SQLRowError) {
    self.init(
      id: try row.text("id"), username: try row.text("username"), email: try row.text("email"),
      fullName: try row.optionalText("full_name") ?? "", role: try row.optionalText("role") ?? "",
      provider: try row.optionalText("provider") ?? "", active: try row.optionalBoolean("active") ?? true,
      createdAt: try row.time("created_at"),
      updatedAt: try row.time("updated_at"),
      lastLogin: try row.optionalMicroseconds("last_login").map(Timestamp.init(microseconds:)))
  }
}

extension UserQuota {
  /// A row of ``UserStatements`` about quotas; `showsName`: the admin routes give the name, the user's own do not.
  init(row: SQLRow, showsName: Bool) throws(SQLRowError) {
    self.init(
      userID: try row.text("user_id"), username: showsName ? try row.text("username") : "",
      maxSessions: Int(try row.optionalInteger("max_sessions") ?? 0),
      maxCPU: try row.optionalText("max_cpu") ?? "", maxMemory: try row.optionalText("max_memory") ?? "",
      maxStorage: try row.optionalText("max_storage") ?? "",
      usedSessions: Int(try row.optionalInteger("used_sessions") ?? 0),
      usedCPU: try row.optionalText("used_cpu") ?? "", usedMemory: try row.optionalText("used_memory") ?? "",
      usedStorage: try row.optionalText("used_storage") ?? "",
      createdAt: try row.time("created_at"),
      updatedAt: try row.time("updated_at"))
  }
}
