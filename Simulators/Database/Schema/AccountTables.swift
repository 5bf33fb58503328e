/// Organisations, users and what they may use, as a start of the API on an empty database makes them (recording 20).
enum AccountTables {
  static let organizations = TableDefinition(
    "organizations", unique: [["name"]],
    columns: [
      ColumnDefinition("id", .varchar(255), .notNull),
      ColumnDefinition("name", .varchar(255), .notNull),
      ColumnDefinition("display_name", .varchar(255), .notNull),
      ColumnDefinition("description", .text),
      ColumnDefinition("k8s_namespace", .varchar(255), .notNull, default: .text("streamspace")),
      ColumnDefinition("status", .varchar(50), default: .text("active")),
      ColumnDefinition("created_at", .timestamp, default: .now),
      ColumnDefinition("updated_at", .timestamp, default: .now),
    ])

  static let users = TableDefinition(
    "users", unique: [["username"], ["email"]],
    foreignKeys: [
      ForeignKeyDefinition("org_id", "organizations", onDelete: .setNull)
    ],
    columns: [
      ColumnDefinition("id", .varchar(255), .notNull),
      ColumnDefinition("username", .varchar(255), .notNull),
      ColumnDefinition("email", .varchar(255), .notNull),
      ColumnDefinition("full_name", .varchar(255)),
      ColumnDefinition("role", .varchar(50), default: .text("user")),
      ColumnDefinition("provider", .varchar(50), default: .text("local")),
      ColumnDefinition("active", .boolean, default: .boolean(true)),
      ColumnDefinition("password_hash", .varchar(255)),
      ColumnDefinition("created_at", .timestamp, default: .now),
      ColumnDefinition("updated_at", .timestamp, default: .now),
      ColumnDefinition("last_login", .timestamp),
      ColumnDefinition("org_id", .varchar(255)),
    ])

  static let userQuotas = TableDefinition(
    "user_quotas", primaryKey: ["user_id"],
    foreignKeys: [
      ForeignKeyDefinition("user_id", "users", onDelete: .cascade)
    ],
    columns: [
      ColumnDefinition("user_id", .varchar(255), .notNull),
      ColumnDefinition("max_sessions", .integer, default: .integer(5)),
      ColumnDefinition("max_cpu", .varchar(50), default: .text("4000m")),
      ColumnDefinition("max_memory", .varchar(50), default: .text("16Gi")),
      ColumnDefinition("max_storage", .varchar(50), default: .text("100Gi")),
      ColumnDefinition("used_sessions", .integer, default: .integer(0)),
      ColumnDefinition("used_cpu", .varchar(50), default: .text("0")),
      ColumnDefinition("used_memory", .varchar(50), default: .text("0")),
      ColumnDefinition("used_storage", .varchar(50), default: .text("0")),
      ColumnDefinition("created_at", .timestamp, default: .now),
      ColumnDefinition("updated_at", .timestamp, default: .now),
    ])

  static let groups = TableDefinition(
    "groups", unique: [["name"]],
    foreignKeys: [
      ForeignKeyDefinition("parent_id", "groups", onDelete: .cascade)
    ],
    columns: [
      ColumnDefinition("id", .varchar(255), .notNull),
      ColumnDefinition("name", .varchar(255), .notNull),
      ColumnDefinition("display_name", .varchar(255)),
      ColumnDefinition("description", .text),
      ColumnDefinition("type", .varchar(50), default: .text("team")),
      ColumnDefinition("parent_id", .varchar(255)),
      ColumnDefinition("created_at", .timestamp, default: .now),
      ColumnDefinition("updated_at", .timestamp, default: .now),
    ])

  static let groupMemberships = TableDefinition(
    "group_memberships", unique: [["user_id", "group_id"]],
    foreignKeys: [
      ForeignKeyDefinition("group_id", "groups", onDelete: .cascade),
      ForeignKeyDefinition("user_id", "users", onDelete: .cascade),
    ], indexes: [["group_id"]],
    columns: [
      ColumnDefinition("id", .varchar(255), .notNull),
      ColumnDefinition("user_id", .varchar(255)),
      ColumnDefinition("group_id", .varchar(255)),
      ColumnDefinition("role", .varchar(50), default: .text("member")),
      ColumnDefinition("created_at", .timestamp, default: .now),
    ])

  static let licenses = TableDefinition(
    "licenses", unique: [["license_key"]],
    columns: [
      ColumnDefinition("id", .serial, .notNull),
      ColumnDefinition("license_key", .varchar(255), .notNull),
      ColumnDefinition("tier", .varchar(50), .notNull),
      ColumnDefinition("features", .jsonb),
      ColumnDefinition("max_users", .integer),
      ColumnDefinition("max_sessions", .integer),
      ColumnDefinition("max_nodes", .integer),
      ColumnDefinition("issued_at", .timestamp, .notNull),
      ColumnDefinition("expires_at", .timestamp, .notNull),
      ColumnDefinition("activated_at", .timestamp),
      ColumnDefinition("status", .varchar(50), default: .text("active")),
      ColumnDefinition("metadata", .jsonb),
      ColumnDefinition("created_at", .timestamp, default: .now),
      ColumnDefinition("updated_at", .timestamp, default: .now),
    ])

  static let auditLog = TableDefinition(
    "audit_log",
    foreignKeys: [
      ForeignKeyDefinition("org_id", "organizations", onDelete: .cascade)
    ],
    columns: [
      ColumnDefinition("id", .serial, .notNull),
      ColumnDefinition("user_id", .varchar(255)),
      ColumnDefinition("action", .varchar(100)),
      ColumnDefinition("resource_type", .varchar(100)),
      ColumnDefinition("resource_id", .varchar(255)),
      ColumnDefinition("changes", .jsonb),
      ColumnDefinition("timestamp", .timestamp, default: .now),
      ColumnDefinition("ip_address", .varchar(45)),
      ColumnDefinition("org_id", .varchar(255)),
    ])

  static let configuration = TableDefinition(
    "configuration", primaryKey: ["key"],
    columns: [
      ColumnDefinition("key", .varchar(255), .notNull),
      ColumnDefinition("value", .text),
      ColumnDefinition("type", .varchar(50), default: .text("string")),
      ColumnDefinition("category", .varchar(100)),
      ColumnDefinition("description", .text),
      ColumnDefinition("updated_at", .timestamp, default: .now),
      ColumnDefinition("updated_by", .varchar(255)),
    ])
}
