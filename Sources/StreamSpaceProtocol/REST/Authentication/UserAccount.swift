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

/// A row of `user_quotas` as answers show it.
package struct UserQuota: WireCodable, Hashable {
  package var userID: String
  /// Empty in every recorded answer.
  package var username: String
  package var maxSessions: Int
  package var maxCPU: String
  package var maxMemory: String
  package var maxStorage: String
  /// The `used` values are never updated.
  package var usedSessions: Int
  package var usedCPU: String
  package var usedMemory: String
  package var usedStorage: String
  package var createdAt: Timestamp
  package var updatedAt: Timestamp

  package init(
    userID: String, username: String = "", maxSessions: Int, maxCPU: String, maxMemory: String,
    maxStorage: String = "100Gi", usedSessions: Int = 0, usedCPU: String = "0", usedMemory: String = "0",
    usedStorage: String = "0", createdAt: Timestamp, updatedAt: Timestamp
  ) {
    self.userID = userID
    self.username = username
    self.maxSessions = maxSessions
    self.maxCPU = maxCPU
    self.maxMemory = maxMemory
    self.maxStorage = maxStorage
    self.usedSessions = usedSessions
    self.usedCPU = usedCPU
    self.usedMemory = usedMemory
    self.usedStorage = usedStorage
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.UserQuota")
    userID = try reader.text("userId")
    username = try reader.text("username", default: "")
    maxSessions = try reader.integer("maxSessions")
    maxCPU = try reader.text("maxCpu")
    maxMemory = try reader.text("maxMemory")
    maxStorage = try reader.text("maxStorage")
    usedSessions = try reader.integer("usedSessions")
    usedCPU = try reader.text("usedCpu")
    usedMemory = try reader.text("usedMemory")
    usedStorage = try reader.text("usedStorage")
    createdAt = try reader.time("createdAt")
    updatedAt = try reader.time("updatedAt")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 12)
    object.add("userId", userID)
    object.add("username", username)
    object.add("maxSessions", maxSessions)
    object.add("maxCpu", maxCPU)
    object.add("maxMemory", maxMemory)
    object.add("maxStorage", maxStorage)
    object.add("usedSessions", usedSessions)
    object.add("usedCpu", usedCPU)
    object.add("usedMemory", usedMemory)
    object.add("usedStorage", usedStorage)
    object.add("createdAt", createdAt)
    object.add("updatedAt", updatedAt)
    return .object(object)
  }
}
