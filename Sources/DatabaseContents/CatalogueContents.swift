import StreamSpaceProtocol

/// What can be started (spec/02 §8.2).
enum CatalogueContents {
  static let repositoryCount = 16
  static let templateCount = 96

  static let repositories: [ContentColumn] = [
    .serial(),
    .nullable("name", every: 11) { .text("Repository \($0.row) \u{1f4e6}") },
    .always("url") { .text("https://example.org/templates/\($0.row).git") },
    .choice("branch", ["main", "stable/1.x"], limit: 100), .choice("type", ["template", "plugin"]),
    .choice("auth_type", ["none", "token"]), .text("auth_secret"), .time("last_sync"), .integer("template_count"),
    .choice("status", ["pending", "syncing", "synced", "failed"]), .text("error_message", nil), .created, .updated,
  ]

  /// Names repeat from repository to repository, never in one.
  static let templates: [ContentColumn] = [
    .serial(),
    .nullable("repository_id", every: 17) {
      .integer(Int64(ContentGenerator.firstSerial + $0.row % repositoryCount))
    },
    .nullable("name", every: 19) { .text("template-\($0.row / repositoryCount)-\u{e9}") },
    .text("display_name"), .text("description", nil), .text("category", 100),
    .choice("app_type", ["desktop", "webapp"]),
    .text("icon_url", nil), .json("manifest"), .nullable("tags", every: 5) { $0.array() }, .integer("install_count"),
    .created, .updated, .nullable("is_featured", every: 8) { $0.boolean() },
    .choice("version", ["1.0.0", "2.1.0-rc.1"]),
    .integer("view_count"),
    .nullable("avg_rating", every: 6) { cell in
      let hundredths = cell.below(501)
      let (whole, rest) = (hundredths / 100, hundredths % 100)
      return .text("\(whole).\(rest / 10)\(rest % 10)")
    },
    .integer("rating_count"), .choice("platform", Platform.allCases.map(\.rawValue)),
  ]

  /// Two of three know their template.
  static let applications: [ContentColumn] = [
    .always("id") { .text($0.contents.applications[$0.row]) },
    .nullable("catalog_template_id", every: 3) {
      .integer(Int64(ContentGenerator.firstSerial + $0.below(templateCount)))
    },
    .always("name") {
      .text("template-\($0.below(templateCount) / repositoryCount)-" + ContentText.hex(UInt64($0.row), 8))
    },
    .always("display_name") { $0.text() },
    .text("description", nil), .text("category", 100), .text("folder_path"),
    .nullable("enabled", every: 8) { $0.boolean() }, .json("configuration"), .text("icon_url", nil),
    .nullable("icon_data", every: 4) { cell in
      .bytes((0..<cell.below(300)).map { _ in UInt8(cell.below(256)) })
    },
    .choice("icon_media_type", ["image/png", "image/svg+xml"], limit: 100), .json("manifest"), .user("created_by"),
    .created, .updated, .choice("install_status", ["pending", "creating", "installed", "failed"]),
    .text("install_message", nil), .choice("platform", Platform.allCases.map(\.rawValue)),
  ]
}
