/// Body of `POST /api/v1/users` (spec/02 §4.4); the rules are in ``FieldRules``.
package struct CreateUserRequest: WireCodable, Hashable {
  package var username: String
  package var email: String
  package var fullName: String
  /// Required for provider `local`.
  package var password: String?
  /// Absent means `user`.
  package var role: String?
  /// Absent means `local`.
  package var provider: String?

  package init(
    username: String, email: String, fullName: String, password: String? = nil, role: String? = nil,
    provider: String? = nil
  ) {
    self.username = username
    self.email = email
    self.fullName = fullName
    self.password = password
    self.role = role
    self.provider = provider
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.CreateUserRequest")
    username = try reader.text("username", default: "")
    email = try reader.text("email", default: "")
    fullName = try reader.text("fullName", default: "")
    password = try reader.optionalText("password")
    role = try reader.optionalText("role")
    provider = try reader.optionalText("provider")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 6)
    object.add("username", username)
    object.add("email", email)
    object.add("fullName", fullName)
    object.addIfPresent("password", password)
    object.addIfPresent("role", role)
    object.addIfPresent("provider", provider)
    return .object(object)
  }

  package var estimatedByteCount: Int { 130 }
}

/// Body of `PATCH /api/v1/users/:id`: only keys that are there change.
package struct UpdateUserRequest: WireCodable, Hashable {
  package var email: String?
  package var fullName: String?
  package var role: String?
  package var active: Bool?

  package init(email: String? = nil, fullName: String? = nil, role: String? = nil, active: Bool? = nil) {
    self.email = email
    self.fullName = fullName
    self.role = role
    self.active = active
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.UpdateUserRequest")
    email = try reader.optionalText("email")
    fullName = try reader.optionalText("fullName")
    role = try reader.optionalText("role")
    active = try reader.optionalFlag("active")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 4)
    object.addIfPresent("email", email)
    object.addIfPresent("fullName", fullName)
    object.addIfPresent("role", role)
    object.addIfPresent("active", active)
    return .object(object)
  }

  package var estimatedByteCount: Int { 60 }
}

/// Body of `PUT /api/v1/users/:id/quota`, and with a user name of `PUT /api/v1/admin/quotas`.
package struct UpdateQuotaRequest: WireCodable, Hashable {
  /// Only for the admin route.
  package var username: String?
  package var maxSessions: Int?
  package var maxCPU: String?
  package var maxMemory: String?
  package var maxStorage: String?

  package init(
    username: String? = nil, maxSessions: Int? = nil, maxCPU: String? = nil, maxMemory: String? = nil,
    maxStorage: String? = nil
  ) {
    self.username = username
    self.maxSessions = maxSessions
    self.maxCPU = maxCPU
    self.maxMemory = maxMemory
    self.maxStorage = maxStorage
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.SetQuotaRequest")
    username = try reader.optionalText("username")
    maxSessions = try reader.optionalInteger("maxSessions")
    maxCPU = try reader.optionalText("maxCpu")
    maxMemory = try reader.optionalText("maxMemory")
    maxStorage = try reader.optionalText("maxStorage")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 5)
    object.addIfPresent("username", username)
    object.addIfPresent("maxSessions", maxSessions)
    object.addIfPresent("maxCpu", maxCPU)
    object.addIfPresent("maxMemory", maxMemory)
    object.addIfPresent("maxStorage", maxStorage)
    return .object(object)
  }

  package var estimatedByteCount: Int { 90 }
}
