import StreamSpaceProtocol

/// What a create needs of a row of `catalog_templates`.
struct CatalogTemplate {
  let name: String
  let manifest: JSONValue
  /// False: the column is NULL, which is not the document `null`.
  let hasManifest: Bool
  /// Nil: the row leaves the platform open (C17).
  let platform: String?

  var streaming: StreamingProtocol { StreamingProtocol.detect(manifest: manifest) }

  /// - Throws: when the manifest is no JSON, and what `scan` does not bear.
  init(row: SQLRow, scan: SchemaPolicies.TemplateScan) throws {
    name = try row.optionalText("name") ?? ""
    if scan == .rejectsNull {
      for column in ["display_name", "description", "category", "app_type", "icon_url", "manifest"] {
        _ = try row.text(column)
      }
    }
    if scan == .arrayAsList {
      throw SQLRowError.wrongType("tags", position: 8, value: try row.value("tags"), target: "*[]string")
    }
    let document = try row.optionalText("manifest")
    hasManifest = document != nil
    manifest = try JSONParser.parse(Array((document ?? "null").utf8))
    platform = try row.optionalText("platform").flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// An installed application as a create sees it (spec/02 §5.2 steps 2 to 5).
struct InstalledApplication {
  let isEnabled: Bool
  let installStatus: String
  let platform: String?
  /// Name of its template, nil when it has none.
  let template: String?

  init(row: SQLRow) throws(SQLRowError) {
    isEnabled = try row.optionalBoolean("enabled") ?? true
    installStatus = try row.optionalText("install_status") ?? "pending"
    platform = try row.optionalText("platform").flatMap { $0.isEmpty ? nil : $0 }
    template = try row.optionalText("template_name").flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The first check that fails, nil when a session may be made of it.
  var refusal: Refusal? {
    if !isEnabled { return Refusal(.badRequest, ErrorBody("Application disabled")) }
    if installStatus == "failed" { return Refusal(.badRequest, ErrorBody("Application installation failed")) }
    // `pending` and `creating` are healed when the template is there.
    if installStatus != "installed", template == nil {
      return Refusal(.badRequest, ErrorBody("Application still installing"))
    }
    return template == nil ? Refusal(.badRequest, ErrorBody("Application configuration error")) : nil
  }
}

/// The statements on the catalogue.
package enum CatalogStatements {
  private static let columns = """
    id, repository_id, name, display_name, description, category, app_type, icon_url, manifest, tags, install_count, \
    created_at, updated_at
    """

  package static let forSession = SQLStatement(
    "templateForSession",
    """
    SELECT name, display_name, description, category, app_type, icon_url, manifest, platform FROM catalog_templates \
    WHERE name = $1 ORDER BY id LIMIT 1
    """)

  package static let applicationForSession = SQLStatement(
    "applicationForSession",
    """
    SELECT a.enabled, a.install_status, a.platform, t.name AS template_name FROM installed_applications a \
    LEFT JOIN catalog_templates t ON t.id = a.catalog_template_id WHERE a.id = $1
    """)

  package static let list = SQLStatement("listTemplates", "SELECT \(columns) FROM catalog_templates ORDER BY id")

  package static let ofRepository = SQLStatement(
    "templatesOfRepository",
    """
    SELECT name, display_name, category, manifest, tags FROM catalog_templates WHERE repository_id = $1 \
    AND name IS NOT NULL ORDER BY name
    """)

  package static let find = SQLStatement(
    "findTemplate", "SELECT \(columns) FROM catalog_templates WHERE name = $1 ORDER BY id LIMIT 1")
}
