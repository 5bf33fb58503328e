/// Organisations, users and what they may use, as a start of the API on an empty database makes them (recording 20).
enum AccountTables {
  static let organizations = CoreTable(
    "organizations", unique: [["name"]],
    columns: [
      CoreColumn("id", .varchar(255), .notNull),
      CoreColumn("name", .varchar(255), .notNull),
      CoreColumn("display_name", .varchar(255), .notNull),
      CoreColumn("description", .text),
      CoreColumn("k8s_namespace", .varchar(255), .notNull, default: .text("streamspace")),
      CoreColumn("status", .varchar(50), default: .text("active")),
      CoreColumn("created_at", .timestamp, default: .now),
      CoreColumn("updated_at", .timestamp, default: .now),
    ])

  static let users = CoreTable(
    "users", unique: [["username"], ["email"]],
    foreignKeys: [
      CoreForeignKey("org_id", "organizations", onDelete: .setNull)
    ],
    columns: [
      CoreColumn("id", .varchar(255), .notNull),
      CoreColumn("username", .varchar(255), .notNull),
      CoreColumn("email", .varchar(255), .notNull),
      CoreColumn("full_name", .varchar(255)),
      CoreColumn("role", .varchar(50), default: .text("user")),
      CoreColumn("provider", .varchar(50), default: .text("local")),
      CoreColumn("active", .boolean, default: .boolean(true)),
      CoreColumn("password_hash", .varchar(255)),
      CoreColumn("created_at", .timestamp, default: .now),
      CoreColumn("updated_at", .timestamp, default: .now),
      CoreColumn("last_login", .timestamp),
      CoreColumn("org_id", .varchar(255)),
    ])

  static let userQuotas = CoreTable(
    "user_quotas", primaryKey: ["user_id"],
    foreignKeys: [
      CoreForeignKey("user_id", "users", onDelete: .cascade)
    ],
    columns: [
      CoreColumn("user_id", .varchar(255), .notNull),
      CoreColumn("max_sessions", .integer, default: .integer(5)),
      CoreColumn("max_cpu", .varchar(50), default: .text("4000m")),
      CoreColumn("max_memory", .varchar(50), default: .text("16Gi")),
      CoreColumn("max_storage", .varchar(50), default: .text("100Gi")),
      CoreColumn("used_sessions", .integer, default: .integer(0)),
      CoreColumn("used_cpu", .varchar(50), default: .text("0")),
      CoreColumn("used_memory", .varchar(50), default: .text("0")),
      CoreColumn("used_storage", .varchar(50), default: .text("0")),
      CoreColumn("created_at", .timestamp, default: .now),
      CoreColumn("updated_at", .timestamp, default: .now),
    ])

  static let groups = CoreTable(
    "groups", unique: [["name"]],
    foreignKeys: [
      CoreForeignKey("parent_id", "groups", onDelete: .cascade)
    ],
    columns: [
      CoreColumn("id", .varchar(255), .notNull),
      CoreColumn("name", .varchar(255), .notNull),
      CoreColumn("display_name", .varchar(255)),
      CoreColumn("description", .text),
      CoreColumn("type", .varchar(50), default: .text("team")),
      CoreColumn("parent_id", .varchar(255)),
      CoreColumn("created_at", .timestamp, default: .now),
      CoreColumn("updated_at", .timestamp, default: .now),
    ])

  static let groupMemberships = CoreTable(
    "group_memberships", unique: [["user_id", "group_id"]],
    foreignKeys: [
      CoreForeignKey("group_id", "groups", onDelete: .cascade),
      CoreForeignKey("user_id", "users", onDelete: .cascade),
    ], indexes: [["group_id"]],
    columns: [
      CoreColumn("id", .varchar(255), .notNull),
      CoreColumn("user_id", .varchar(255)),
      CoreColumn("group_id", .varchar(255)),
      CoreColumn("role", .varchar(50), default: .text("member")),
      CoreColumn("created_at", .timestamp, default: .now),
    ])

  static let licenses = CoreTable(
    "licenses", unique: [["license_key"]],
    columns: [
      CoreColumn("id", .serial, .notNull),
      CoreColumn("license_key", .varchar(255), .notNull),
      CoreColumn("tier", .varchar(50), .notNull),
      CoreColumn("features", .jsonb),
      CoreColumn("max_users", .integer),
      CoreColumn("max_sessions", .integer),
      CoreColumn("max_nodes", .integer),
      CoreColumn("issued_at", .timestamp, .notNull),
      CoreColumn("expires_at", .timestamp, .notNull),
      CoreColumn("activated_at", .timestamp),
      CoreColumn("status", .varchar(50), default: .text("active")),
      CoreColumn("metadata", .jsonb),
      CoreColumn("created_at", .timestamp, default: .now),
      CoreColumn("updated_at", .timestamp, default: .now),
    ])

  static let auditLog = CoreTable(
    "audit_log",
    foreignKeys: [
      CoreForeignKey("org_id", "organizations", onDelete: .cascade)
    ],
    columns: [
      CoreColumn("id", .serial, .notNull),
      CoreColumn("user_id", .varchar(255)),
      CoreColumn("action", .varchar(100)),
      CoreColumn("resource_type", .varchar(100)),
      CoreColumn("resource_id", .varchar(255)),
      CoreColumn("changes", .jsonb),
      CoreColumn("timestamp", .timestamp, default: .now),
      CoreColumn("ip_address", .varchar(45)),
      CoreColumn("org_id", .varchar(255)),
    ])

  static let configuration = CoreTable(
    "configuration", primaryKey: ["key"],
    columns: [
      CoreColumn("key", .varchar(255), .notNull),
      CoreColumn("value", .text),
      CoreColumn("type", .varchar(50), default: .text("string")),
      CoreColumn("category", .varchar(100)),
      CoreColumn("description", .text),
      CoreColumn("updated_at", .timestamp, default: .now),
      CoreColumn("updated_by", .varchar(255)),
    ])
}
