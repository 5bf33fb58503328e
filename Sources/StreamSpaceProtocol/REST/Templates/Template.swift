/// A row of `catalog_templates` as `GET /api/v1/templates` shows it (spec/02 §6.3). Keys in declared order, snake case.
package struct Template: WireCodable, Hashable {
  package var id: Int
  package var repositoryID: Int
  package var name: String
  package var displayName: String
  package var description: String
  package var category: String
  package var appType: String
  package var iconURL: String
  /// The whole document; see ``TemplateManifest``.
  package var manifest: JSONValue
  package var tags: [String]
  package var installCount: Int
  package var createdAt: Timestamp
  package var updatedAt: Timestamp

  package init(
    id: Int, repositoryID: Int, name: String, displayName: String, description: String, category: String,
    appType: String, iconURL: String = "", manifest: JSONValue, tags: [String], installCount: Int = 0,
    createdAt: Timestamp, updatedAt: Timestamp
  ) {
    self.id = id
    self.repositoryID = repositoryID
    self.name = name
    self.displayName = displayName
    self.description = description
    self.category = category
    self.appType = appType
    self.iconURL = iconURL
    self.manifest = manifest
    self.tags = tags
    self.installCount = installCount
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    id = try reader.integer("id")
    repositoryID = try reader.integer("repository_id")
    name = try reader.text("name")
    displayName = try reader.text("display_name")
    description = try reader.text("description")
    category = try reader.text("category")
    appType = try reader.text("app_type")
    iconURL = try reader.text("icon_url")
    guard let manifest = reader.value("manifest") else { throw .missing(path: "manifest") }
    self.manifest = manifest
    tags = try reader.optionalTexts("tags") ?? []
    installCount = try reader.integer("install_count")
    createdAt = try reader.time("created_at")
    updatedAt = try reader.time("updated_at")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 13)
    object.add("id", id)
    object.add("repository_id", repositoryID)
    object.add("name", name)
    object.add("display_name", displayName)
    object.add("description", description)
    object.add("category", category)
    object.add("app_type", appType)
    object.add("icon_url", iconURL)
    object.add("manifest", manifest)
    object.add("tags", tags)
    object.add("install_count", installCount)
    object.add("created_at", createdAt)
    object.add("updated_at", updatedAt)
    return .object(object)
  }

  package var estimatedByteCount: Int { 850 }
}
