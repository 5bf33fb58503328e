/// The value of a `session:<jti>` key (spec/02 §2.4).
package struct LoginSession: WireCodable, Hashable {
  package var sessionID: String
  package var userID: String
  package var username: String
  package var role: String
  package var organisationID: String
  package var createdAt: Timestamp
  package var expiresAt: Timestamp
  /// Left out by the refresh route.
  package var ipAddress: String?
  package var userAgent: String?

  /// Lifetime of the key in seconds: 24 h.
  package static let lifetimeSeconds = 86_400

  package init(
    sessionID: String, userID: String, username: String, role: String, organisationID: String = "default-org",
    createdAt: Timestamp, expiresAt: Timestamp, ipAddress: String? = nil, userAgent: String? = nil
  ) {
    self.sessionID = sessionID
    self.userID = userID
    self.username = username
    self.role = role
    self.organisationID = organisationID
    self.createdAt = createdAt
    self.expiresAt = expiresAt
    self.ipAddress = ipAddress
    self.userAgent = userAgent
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    sessionID = try reader.text("session_id")
    userID = try reader.text("user_id")
    username = try reader.text("username")
    role = try reader.text("role")
    organisationID = try reader.text("org_id")
    createdAt = try reader.time("created_at")
    expiresAt = try reader.time("expires_at")
    ipAddress = try reader.optionalText("ip_address")
    userAgent = try reader.optionalText("user_agent")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 9)
    object.add("session_id", sessionID)
    object.add("user_id", userID)
    object.add("username", username)
    object.add("role", role)
    object.add("org_id", organisationID)
    object.add("created_at", createdAt)
    object.add("expires_at", expiresAt)
    object.addIfPresent("ip_address", ipAddress)
    object.addIfPresent("user_agent", userAgent)
    return .object(object)
  }
}
