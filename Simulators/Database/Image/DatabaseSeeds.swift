import StreamSpaceProtocol

/// The rows that a first start of the API inserts (spec/data migrations.json, `startup.seeds`), as far as they lie in
/// the core tables.
enum DatabaseSeeds {
  /// Statements and parameters; `now` is the time of the start, microseconds since 1970.
  static func rows(at now: Int64) -> [(SQLStatement, [SQLValue])] {
    var rows: [(SQLStatement, [SQLValue])] = [
      (insertOrganization, ["default-org", "default", "Default Organization", "streamspace"]),
      (insertUser, ["admin", "admin", "admin@streamspace.local", "Administrator", "admin", "default-org"]),
      (insertQuota, ["admin", 100, "64000m", "256Gi", "1Ti"]),
      (insertGroup, ["all-users", "all_users", "All Users", "system"]),
      (insertMembership, ["admin-all-users", "admin", "all-users", "member"]),
      (insertRepository, ["Official Plugins", "https://github.com/JoshuaAFerguson/streamspace-plugins", "plugin"]),
      (
        insertRepository,
        ["Official Templates", "https://github.com/JoshuaAFerguson/streamspace-templates", "template"]
      ),
      (
        insertLicense,
        [
          "COMMUNITY-DEFAULT", "community", 10, 20, 3, .timestamp(microseconds: now),
          .timestamp(microseconds: now + licenseValidity),
        ]
      ),
    ]
    for (key, value, category) in configuration {
      rows.append((insertConfiguration, [.text(key), .text(value), .text(category)]))
    }
    return rows
  }

  /// 100 years of 365.25 days: the licence never ends in a simulation.
  private static let licenseValidity: Int64 = 36_525 * 86_400_000_000

  private static let configuration: [(key: String, value: String, category: String)] = [
    ("ingress.domain", "streamspace.local", "ingress"), ("ingress.class", "traefik", "ingress"),
    ("storage.defaultSize", "50Gi", "storage"), ("storage.className", "nfs-client", "storage"),
    ("resources.defaultMemory", "2Gi", "resources"), ("resources.defaultCPU", "1000m", "resources"),
    ("features.enableMetrics", "true", "features"), ("features.enableIngress", "true", "features"),
    ("session.defaultIdleTimeout", "30m", "session"), ("session.enableAutoHibernation", "true", "session"),
  ]

  private static let insertOrganization = SQLStatement(
    "seedOrganization",
    "INSERT INTO organizations (id, name, display_name, k8s_namespace) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING"
  )
  private static let insertUser = SQLStatement(
    "seedUser",
    "INSERT INTO users (id, username, email, full_name, role, org_id) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING"
  )
  private static let insertQuota = SQLStatement(
    "seedQuota",
    "INSERT INTO user_quotas (user_id, max_sessions, max_cpu, max_memory, max_storage) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id) DO NOTHING"
  )
  private static let insertGroup = SQLStatement(
    "seedGroup",
    "INSERT INTO groups (id, name, display_name, type) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING")
  private static let insertMembership = SQLStatement(
    "seedMembership",
    "INSERT INTO group_memberships (id, user_id, group_id, role) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING")
  private static let insertRepository = SQLStatement(
    "seedRepository", "INSERT INTO repositories (name, url, type) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING")
  private static let insertLicense = SQLStatement(
    "seedLicense",
    "INSERT INTO licenses (license_key, tier, max_users, max_sessions, max_nodes, issued_at, expires_at, activated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $6) ON CONFLICT (license_key) DO NOTHING"
  )
  private static let insertConfiguration = SQLStatement(
    "seedConfiguration",
    "INSERT INTO configuration (key, value, category) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING")
}
