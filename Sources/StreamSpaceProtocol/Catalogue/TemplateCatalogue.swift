/// The catalogue every environment starts with (spec/06 §0.1), decoded from the fixture file.
package struct TemplateCatalogue: Sendable, Hashable {
  /// One row of `catalog_templates`.
  package struct Entry: Sendable, Hashable {
    package var id: Int
    package var name: String
    package var displayName: String
    package var description: String
    package var category: String
    package var appType: String
    package var tags: [String]
    /// The document as the repository parser stores it, keys as a `jsonb` column gives them back: so the templates route
    /// shows it. Agents get it with keys in byte order, ``manifestForAgents``.
    package var manifest: JSONValue

    /// The document as `start_session` carries it: read into a map and rendered again.
    package var manifestForAgents: JSONValue { manifest.sortedByKey }

    /// What the control plane stores with a session of this template.
    package var streaming: StreamingProtocol { StreamingProtocol.detect(manifest: manifest) }

    /// The row as the templates route shows it, made at that time.
    package func row(at time: Timestamp) -> Template {
      Template(
        id: id, repositoryID: TemplateCatalogue.repositoryID, name: name, displayName: displayName,
        description: description, category: category, appType: appType, manifest: manifest, tags: tags,
        createdAt: time, updatedAt: time)
    }
  }

  /// All rows belong to repository 2, whose status is `synced`.
  package static let repositoryID = 2
  /// Status of that repository.
  package static let repositoryStatus = "synced"
  /// Bundled manifests that are taken over in flat form, beside the recorded ones.
  package static let bundledNames = ["firefox-browser", "chromium", "libreoffice", "code-server"]

  /// In the order of their ids.
  package var entries: [Entry]

  /// The row of that name.
  package func entry(named name: String) -> Entry? {
    entries.first { $0.name == name }
  }

  /// Decodes the fixture file: the blocks `recorded` and `fixtures` as they are, then ``bundledNames`` in flat form with
  /// the ids after them, then the block `additions`, so that what is added later moves no id.
  package static func decode(_ bytes: [UInt8]) throws(WireError) -> TemplateCatalogue {
    let reader = try JSONReader(JSONParser.parse(bytes))
    var entries = try reader.list("recorded", of: Stored.self).map(\.entry)
    entries += try reader.list("fixtures", of: Stored.self).map(\.entry)
    let bundled = try reader.list("templates", of: Bundled.self)
    for name in bundledNames {
      guard let manifest = bundled.first(where: { $0.name == name && !$0.isFixture }) else {
        throw .missing(path: "templates.\(name)")
      }
      entries.append(manifest.entry(id: (entries.last?.id ?? 0) + 1))
    }
    entries += try reader.list("additions", of: Stored.self).map(\.entry)
    return TemplateCatalogue(entries: entries)
  }

  /// An item of the blocks `recorded`, `fixtures` and `additions`: a row as it is stored.
  private struct Stored: WireDecodable {
    var entry: Entry

    init(json: JSONValue) throws(WireError) {
      let reader = try JSONReader(json)
      guard let manifest = reader.value("manifest") else { throw .missing(path: "manifest") }
      entry = Entry(
        id: try reader.integer("id"), name: try reader.text("name"), displayName: try reader.text("display_name"),
        description: try reader.text("description"), category: try reader.text("category"),
        appType: try reader.text("app_type"), tags: try reader.optionalTexts("tags") ?? [],
        manifest: manifest.inJSONBOrder)
    }
  }

  /// An item of the block `templates`: facts of a shipped manifest.
  private struct Bundled: WireDecodable {
    var name: String
    var isFixture: Bool
    private var reader: JSONReader
    private var resources: ResourceAmounts
    private var tags: [String]

    init(json: JSONValue) throws(WireError) {
      reader = try JSONReader(json)
      name = try reader.text("name")
      isFixture = try reader.optionalText("role") == "fixture"
      tags = try reader.optionalTexts("tags") ?? []
      guard let block = reader.value("resources") else { throw .missing(path: "resources") }
      // The parser wants flat texts; a nested block is flattened to its requests.
      resources = try ResourceAmounts(json: block["requests"] ?? block)
    }

    func entry(id: Int) -> Entry {
      func text(_ key: String) -> String { reader.value(key)?.text ?? "" }
      var metadata = JSONObject(reserving: 2)
      metadata.add("name", name)
      metadata.add("namespace", "streamspace")
      let variables = (reader.value("env")?.members?.members ?? []).map { variable -> JSONValue in
        ["name": .string(variable.key), "value": variable.value]
      }
      var spec = JSONObject(reserving: 9)
      spec.add("displayName", text("display_name"))
      spec.add("description", text("description"))
      spec.add("category", text("category"))
      spec.add("baseImage", text("base_image"))
      spec.add("defaultResources", resources)
      spec.addIfPresent("ports", reader.value("ports"))
      spec.add("env", variables)
      spec.addIfPresent("capabilities", reader.value("capabilities"))
      spec.add("tags", tags)
      var manifest = JSONObject(reserving: 4)
      manifest.add("apiVersion", text("api_version"))
      manifest.add("kind", "Template")
      manifest.add("metadata", metadata)
      manifest.add("spec", spec)
      return Entry(
        id: id, name: name, displayName: text("display_name"), description: text("description"),
        category: text("category"), appType: text("derived_app_type"), tags: tags,
        manifest: JSONValue.object(manifest).inJSONBOrder)
    }
  }
}
