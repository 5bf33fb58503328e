/// The claims of a login token (spec/02 §2.2).
package struct AccessClaims: WireCodable, Hashable {
  package var userID: String
  /// Always `default-org`.
  package var organisationID: String
  package var organisationName: String
  package var kubernetesNamespace: String
  package var username: String
  package var email: String
  /// Copied from the row at login.
  package var role: String
  /// Always `user`.
  package var organisationRole: String
  /// Group ids; left out when empty.
  package var groups: [String]
  /// `streamspace-api`; not verified.
  package var issuer: String
  package var subject: String
  /// Whole seconds since 1970.
  package var expiresAt: Int64
  package var notBefore: Int64
  package var issuedAt: Int64
  /// 64 hexadecimal digits: the login session's id.
  package var tokenID: String

  /// Lifetime in seconds: 24 h.
  package static let lifetimeSeconds: Int64 = 86_400

  /// The claims of a login at `now`.
  package init(
    userID: String, username: String, email: String, role: String, groups: [String] = [], tokenID: String,
    now: Timestamp
  ) {
    self.userID = userID
    organisationID = "default-org"
    organisationName = "Default Organization"
    kubernetesNamespace = "streamspace"
    self.username = username
    self.email = email
    self.role = role
    organisationRole = "user"
    self.groups = groups
    issuer = "streamspace-api"
    subject = userID
    issuedAt = now.secondsSince1970
    notBefore = issuedAt
    expiresAt = issuedAt + AccessClaims.lifetimeSeconds
    self.tokenID = tokenID
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "auth.Claims")
    userID = try reader.text("user_id")
    organisationID = try reader.text("org_id", default: "")
    organisationName = try reader.text("org_name", default: "")
    kubernetesNamespace = try reader.text("k8s_namespace", default: "")
    username = try reader.text("username", default: "")
    email = try reader.text("email", default: "")
    role = try reader.text("role", default: "")
    organisationRole = try reader.text("org_role", default: "")
    groups = try reader.optionalTexts("groups") ?? []
    issuer = try reader.text("iss", default: "")
    subject = try reader.text("sub", default: "")
    expiresAt = Int64(try reader.integer("exp"))
    notBefore = Int64(try reader.optionalInteger("nbf") ?? 0)
    issuedAt = Int64(try reader.optionalInteger("iat") ?? 0)
    tokenID = try reader.text("jti", default: "")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 15)
    object.add("user_id", userID)
    object.add("org_id", organisationID)
    object.add("org_name", organisationName)
    object.add("k8s_namespace", kubernetesNamespace)
    object.add("username", username)
    object.add("email", email)
    object.add("role", role)
    object.add("org_role", organisationRole)
    if !groups.isEmpty { object.add("groups", groups) }
    object.add("iss", issuer)
    object.add("sub", subject)
    object.add("exp", expiresAt)
    object.add("nbf", notBefore)
    object.add("iat", issuedAt)
    object.add("jti", tokenID)
    return .object(object)
  }

  /// The signed token.
  package func token(secret: String) -> String { JSONWebToken.sign(json, secret: secret) }

  /// Whether claims that were verified once still hold at `now`: only their time passes.
  package func check(at now: Timestamp) throws(TokenError) {
    try JSONWebToken.check(expiry: expiresAt, start: notBefore, at: now)
  }

  /// The claims of a login token that holds at `now`.
  package static func verify(
    _ token: String, secret: String, now: Timestamp
  ) throws(TokenError) -> AccessClaims {
    let claims = try JSONWebToken.verify(token, secret: secret, now: now)
    do throws(WireError) {
      return try AccessClaims(json: claims)
    } catch {
      throw .malformed("could not JSON decode claim: \(error.goText(structName: "Claims"))")
    }
  }
}
