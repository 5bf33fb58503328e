/// Template repositories, the catalogue and installed applications (recording 20).
enum CatalogTables {
  static let repositories = CoreTable(
    "repositories", unique: [["name"]],
    columns: [
      CoreColumn("id", .serial, .notNull),
      CoreColumn("name", .varchar(255)),
      CoreColumn("url", .text, .notNull),
      CoreColumn("branch", .varchar(100), default: .text("main")),
      CoreColumn("type", .varchar(50), default: .text("template")),
      CoreColumn("auth_type", .varchar(50), default: .text("none")),
      CoreColumn("auth_secret", .varchar(255)),
      CoreColumn("last_sync", .timestamp),
      CoreColumn("template_count", .integer, default: .integer(0)),
      CoreColumn("status", .varchar(50), default: .text("pending")),
      CoreColumn("error_message", .text),
      CoreColumn("created_at", .timestamp, default: .now),
      CoreColumn("updated_at", .timestamp, default: .now),
    ])

  static let catalogTemplates = CoreTable(
    "catalog_templates", unique: [["repository_id", "name"]],
    foreignKeys: [
      CoreForeignKey("repository_id", "repositories", onDelete: .cascade)
    ],
    columns: [
      CoreColumn("id", .serial, .notNull),
      CoreColumn("repository_id", .integer),
      CoreColumn("name", .varchar(255)),
      CoreColumn("display_name", .varchar(255)),
      CoreColumn("description", .text),
      CoreColumn("category", .varchar(100)),
      CoreColumn("app_type", .varchar(50), default: .text("desktop")),
      CoreColumn("icon_url", .text),
      CoreColumn("manifest", .jsonb),
      CoreColumn("tags", .textArray),
      CoreColumn("install_count", .integer, default: .integer(0)),
      CoreColumn("created_at", .timestamp, default: .now),
      CoreColumn("updated_at", .timestamp, default: .now),
      CoreColumn("is_featured", .boolean, default: .boolean(false)),
      CoreColumn("version", .varchar(50), default: .text("1.0.0")),
      CoreColumn("view_count", .integer, default: .integer(0)),
      CoreColumn("avg_rating", .rating, default: .integer(0)),
      CoreColumn("rating_count", .integer, default: .integer(0)),
      CoreColumn("platform", .varchar(50), default: .text("kubernetes")),
    ])

  static let installedApplications = CoreTable(
    "installed_applications",
    foreignKeys: [
      CoreForeignKey("catalog_template_id", "catalog_templates", onDelete: .setNull),
      CoreForeignKey("created_by", "users", onDelete: .setNull),
    ],
    columns: [
      CoreColumn("id", .varchar(255), .notNull),
      CoreColumn("catalog_template_id", .integer),
      CoreColumn("name", .varchar(255), .notNull),
      CoreColumn("display_name", .varchar(255), .notNull),
      CoreColumn("description", .text),
      CoreColumn("category", .varchar(100)),
      CoreColumn("folder_path", .varchar(255)),
      CoreColumn("enabled", .boolean, default: .boolean(true)),
      CoreColumn("configuration", .jsonb, default: .text("{}")),
      CoreColumn("icon_url", .text),
      CoreColumn("icon_data", .bytea),
      CoreColumn("icon_media_type", .varchar(100)),
      CoreColumn("manifest", .jsonb),
      CoreColumn("created_by", .varchar(255)),
      CoreColumn("created_at", .timestamp, default: .now),
      CoreColumn("updated_at", .timestamp, default: .now),
      CoreColumn("install_status", .varchar(50), default: .text("pending")),
      CoreColumn("install_message", .text),
      CoreColumn("platform", .varchar(50), default: .text("kubernetes")),
    ])
}
