/// Template repositories, the catalogue and installed applications (recording 20).
enum CatalogTables {
  static let repositories = TableDefinition(
    "repositories", unique: [["name"]],
    columns: [
      ColumnDefinition("id", .serial, .notNull),
      ColumnDefinition("name", .varchar(255)),
      ColumnDefinition("url", .text, .notNull),
      ColumnDefinition("branch", .varchar(100), default: .text("main")),
      ColumnDefinition("type", .varchar(50), default: .text("template")),
      ColumnDefinition("auth_type", .varchar(50), default: .text("none")),
      ColumnDefinition("auth_secret", .varchar(255)),
      ColumnDefinition("last_sync", .timestamp),
      ColumnDefinition("template_count", .integer, default: .integer(0)),
      ColumnDefinition("status", .varchar(50), default: .text("pending")),
      ColumnDefinition("error_message", .text),
      ColumnDefinition("created_at", .timestamp, default: .now),
      ColumnDefinition("updated_at", .timestamp, default: .now),
    ])

  static let catalogTemplates = TableDefinition(
    "catalog_templates", unique: [["repository_id", "name"]],
    foreignKeys: [
      ForeignKeyDefinition("repository_id", "repositories", onDelete: .cascade)
    ],
    columns: [
      ColumnDefinition("id", .serial, .notNull),
      ColumnDefinition("repository_id", .integer),
      ColumnDefinition("name", .varchar(255)),
      ColumnDefinition("display_name", .varchar(255)),
      ColumnDefinition("description", .text),
      ColumnDefinition("category", .varchar(100)),
      ColumnDefinition("app_type", .varchar(50), default: .text("desktop")),
      ColumnDefinition("icon_url", .text),
      ColumnDefinition("manifest", .jsonb),
      ColumnDefinition("tags", .textArray),
      ColumnDefinition("install_count", .integer, default: .integer(0)),
      ColumnDefinition("created_at", .timestamp, default: .now),
      ColumnDefinition("updated_at", .timestamp, default: .now),
      ColumnDefinition("is_featured", .boolean, default: .boolean(false)),
      ColumnDefinition("version", .varchar(50), default: .text("1.0.0")),
      ColumnDefinition("view_count", .integer, default: .integer(0)),
      ColumnDefinition("avg_rating", .rating, default: .integer(0)),
      ColumnDefinition("rating_count", .integer, default: .integer(0)),
      ColumnDefinition("platform", .varchar(50), default: .text("kubernetes")),
    ])

  static let installedApplications = TableDefinition(
    "installed_applications",
    foreignKeys: [
      ForeignKeyDefinition("catalog_template_id", "catalog_templates", onDelete: .setNull),
      ForeignKeyDefinition("created_by", "users", onDelete: .setNull),
    ],
    columns: [
      ColumnDefinition("id", .varchar(255), .notNull),
      ColumnDefinition("catalog_template_id", .integer),
      ColumnDefinition("name", .varchar(255), .notNull),
      ColumnDefinition("display_name", .varchar(255), .notNull),
      ColumnDefinition("description", .text),
      ColumnDefinition("category", .varchar(100)),
      ColumnDefinition("folder_path", .varchar(255)),
      ColumnDefinition("enabled", .boolean, default: .boolean(true)),
      ColumnDefinition("configuration", .jsonb, default: .text("{}")),
      ColumnDefinition("icon_url", .text),
      ColumnDefinition("icon_data", .bytea),
      ColumnDefinition("icon_media_type", .varchar(100)),
      ColumnDefinition("manifest", .jsonb),
      ColumnDefinition("created_by", .varchar(255)),
      ColumnDefinition("created_at", .timestamp, default: .now),
      ColumnDefinition("updated_at", .timestamp, default: .now),
      ColumnDefinition("install_status", .varchar(50), default: .text("pending")),
      ColumnDefinition("install_message", .text),
      ColumnDefinition("platform", .varchar(50), default: .text("kubernetes")),
    ])
}
