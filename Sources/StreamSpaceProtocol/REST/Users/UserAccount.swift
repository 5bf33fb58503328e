/// A user as answers show it (spec/02 §6.6).
package struct UserAccount: WireCodable, Hashable {
  package var id: String
  /// Never read from the row: empty in every recorded answer.
  package var orgID: String
  package var username: String
  package var email: String
  package var fullName: String
  package var role: String
  package var provider: String
  package var active: Bool
  package var createdAt: Timestamp
  package var updatedAt: Timestamp
  package var lastLogin: Timestamp?
  package var quota: UserQuota?
  package var groups: [String]?

  package init(
    id: String, orgID: String = "", username: String, email: String, fullName: String,
    role: String = UserRole.user.rawValue, provider: String = "local", active: Bool = true, createdAt: Timestamp,
    updatedAt: Timestamp, lastLogin: Timestamp? = nil, quota: UserQuota? = nil, groups: [String]? = nil
  ) {
    self.id = id
    self.orgID = orgID
    self.username = username
    self.email = email
    self.fullName = fullName
    self.role = role
    self.provider = provider
    self.active = active
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.lastLogin = lastLogin
    self.quota = quota
    self.groups = groups
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.User")
    id = try reader.text("id")
    orgID = try reader.text("orgId", default: "")
    username = try reader.text("username")
    email = try reader.text("email")
    fullName = try reader.text("fullName")
    role = try reader.text("role")
    provider = try reader.text("provider")
    active = try reader.flag("active")
    createdAt = try reader.time("createdAt")
    updatedAt = try reader.time("updatedAt")
    lastLogin = try reader.optionalTime("lastLogin")
    quota = try reader.optional("quota")
    groups = try reader.optionalTexts("groups")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 13)
    object.add("id", id)
    object.add("orgId", orgID)
    object.add("username", username)
    object.add("email", email)
    object.add("fullName", fullName)
    object.add("role", role)
    object.add("provider", provider)
    object.add("active", active)
    object.add("createdAt", createdAt)
    object.add("updatedAt", updatedAt)
    object.addIfPresent("lastLogin", lastLogin)
    object.addIfPresent("quota", quota)
    object.addIfPresent("groups", groups)
    return .object(object)
  }
}

/// 200 of `GET /api/v1/users`: items without quota and groups.
package struct UserList: WireCodable, Hashable {
  package var users: [UserAccount]
  package var total: Int

  package init(_ users: [UserAccount]) {
    self.users = users
    total = users.count
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    users = try reader.list("users")
    total = try reader.integer("total")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("total", total)
    object.add("users", users)
    return .object(object)
  }

  package var estimatedByteCount: Int { 25 + users.count * 280 }
}
