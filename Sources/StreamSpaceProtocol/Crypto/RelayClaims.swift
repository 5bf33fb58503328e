/// The claims of the token one replica shows another for a relay (spec/00, Relay between replicas).
package struct RelayClaims: WireCodable, Hashable {
  /// POD_NAME of the edge.
  package var edgePod: String
  package var sessionID: String
  package var attachmentID: String
  package var userID: String
  /// Whole seconds since 1970.
  package var expiresAt: Int64

  package static let issuer = "streamspace-internal"
  package static let audience = "vnc-relay"
  /// Lifetime in seconds.
  package static let lifetimeSeconds: Int64 = 60

  package init(edgePod: String, sessionID: String, attachmentID: String, userID: String, now: Timestamp) {
    self.edgePod = edgePod
    self.sessionID = sessionID
    self.attachmentID = attachmentID
    self.userID = userID
    expiresAt = now.secondsSince1970 + RelayClaims.lifetimeSeconds
  }

  /// Issuer and audience must be the relay's.
  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    guard try reader.text("iss") == RelayClaims.issuer else { throw .invalid(path: "iss", reason: "wrong issuer") }
    guard try reader.text("aud") == RelayClaims.audience else {
      throw .invalid(path: "aud", reason: "wrong audience")
    }
    edgePod = try reader.text("sub")
    sessionID = try reader.text("session_id")
    attachmentID = try reader.text("attachment_id")
    userID = try reader.text("user_id")
    expiresAt = Int64(try reader.integer("exp"))
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 7)
    object.add("iss", RelayClaims.issuer)
    object.add("aud", RelayClaims.audience)
    object.add("sub", edgePod)
    object.add("session_id", sessionID)
    object.add("attachment_id", attachmentID)
    object.add("user_id", userID)
    object.add("exp", expiresAt)
    return .object(object)
  }

  /// The signed token.
  package func token(secret: String) -> String { JSONWebToken.sign(json, secret: secret) }

  /// The claims of a relay token that holds at `now`.
  package static func verify(_ token: String, secret: String, now: Timestamp) throws(TokenError) -> RelayClaims {
    let claims = try JSONWebToken.verify(token, secret: secret, now: now)
    do throws(WireError) {
      return try RelayClaims(json: claims)
    } catch {
      throw .malformed(error.description)
    }
  }
}
