import StreamSpaceProtocol

/// Who uses the platform (spec/02 §8.2).
enum AccountContents {
  static let organisations: [ContentColumn] = [
    .always("id") { .text($0.contents.organisations[$0.row]) },
    .always("name") { .text("Name of " + $0.contents.organisations[$0.row]) },
    .always("display_name") { $0.text() },
    .nullable("description", every: 2) { $0.text(nil) },
    .always("k8s_namespace") { .text("space-\($0.row)") },
    .nullable("status", every: 2) { $0.usually(["active", "suspended"], limit: 50) },
    .nullable("created_at", every: 2) { $0.madeTime() }, .nullable("updated_at", every: 2) { $0.changedTime() },
  ]

  static let users: [ContentColumn] = [
    .always("id") { .text($0.contents.users[$0.row]) },
    .always("username") { .text(unique("login", $0.row)) },
    .always("email") { .text("person\($0.row)+\u{f1}\($0.shared(3, below: 1_000))@example.org") },
    .text("full_name"),
    .choice("role", UserRole.allCases.map(\.rawValue)),
    .choice("provider", ["local", "saml", "oidc"]),
    .nullable("active", every: 10) { .boolean($0.below(8) > 0) },
    .nullable("password_hash", every: 4) { .text("$2a$10$" + ContentText.hex(UInt64($0.below(1 << 40)), 16)) },
    .created, .updated, .time("last_login"), .organisation,
  ]

  private static let quota: [ContentColumn] = [
    .integer("max_sessions"), .choice("max_cpu", ["4000m", "16", "500m"]), .choice("max_memory", ["16Gi", "512Mi"]),
    .choice("max_storage", ["100Gi", "1Ti"]), .integer("used_sessions"), .choice("used_cpu", ["0", "1500m"]),
    .choice("used_memory", ["0", "3Gi"]), .choice("used_storage", ["0", "7Gi"]), .created, .updated,
  ]

  /// Two users of three have one.
  static let userQuotas: [ContentColumn] =
    [.always("user_id") { .text($0.contents.users[$0.row + $0.row / 2]) }] + quota

  static let groupQuotas: [ContentColumn] =
    [.always("group_id") { .text($0.contents.groups[$0.row]) }] + quota

  static let groups: [ContentColumn] = [
    .always("id") { .text($0.contents.groups[$0.row]) },
    .always("name") { .text(unique("group name", $0.row)) },
    .text("display_name"), .text("description", nil), .choice("type", ["team", "department"]),
    .nullable("parent_id", every: 2) { $0.row == 0 ? .null : .text($0.contents.groups[$0.below($0.row)]) },
    .created, .updated,
  ]

  /// No user is twice in a group.
  static let memberships: [ContentColumn] = [
    .always("id") { .text("member-\($0.row)") },
    .nullable("user_id", every: 15) { .text($0.contents.users[$0.row % $0.contents.users.count]) },
    .nullable("group_id", every: 14) {
      let users = $0.contents.users.count
      return .text($0.contents.groups[($0.row / users + $0.row % users) % $0.contents.groups.count])
    },
    .choice("role", ["member", "owner"]), .created,
  ]

  static let configuration: [ContentColumn] = [
    .always("key") { .text(unique("generated", $0.row)) },
    .text("value", nil), .choice("type", ["string", "number", "boolean"]), .text("category", 100),
    .text("description", nil), .updated, .user("updated_by"),
  ]

  static let apiKeys: [ContentColumn] = [
    .serial(),
    .always("key_hash") { .text("\($0.row)-" + ContentText.hex(UInt64($0.below(1 << 60)), 16)) },
    .always("key_prefix") { $0.hex(8) },
    .always("name") { $0.text() },
    .text("description", nil), .user("user_id"), .nullable("scopes", every: 5) { $0.array() }, .integer("rate_limit"),
    .time("expires_at"), .time("last_used_at"), .integer("use_count"),
    .nullable("is_active", every: 8) { $0.boolean() }, .created, .updated, .user("created_by"), .organisation,
  ]

  static let webhooks: [ContentColumn] = [
    .serial(),
    .always("name") { $0.text() },
    .text("description", nil),
    .always("url") { $0.text(nil) },
    .text("secret"),
    .always("events") { $0.json() },
    .json("headers"), .nullable("enabled", every: 8) { $0.boolean() }, .json("retry_policy"), .json("filters"),
    .json("metadata"), .user("created_by"), .created, .updated, .organisation,
  ]

  /// Values of a unique column: plain, and some that only differ in ways a careless comparison overlooks.
  private static func unique(_ prefix: String, _ row: Int) -> String {
    switch row {
    case 6: "\(prefix) \u{e9}"
    case 7: "\(prefix) e\u{301}"
    case 8: prefix.uppercased()
    case 9: prefix
    case 10: "\(prefix) \"\u{1f600}\" \\ '"
    default: "\(prefix)-\(row)"
    }
  }
}
