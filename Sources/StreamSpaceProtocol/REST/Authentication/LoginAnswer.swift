/// 200 of login and refresh.
package struct LoginAnswer: WireCodable, Hashable {
  package var token: String
  /// 24 h after now, with nanoseconds.
  package var expiresAt: Timestamp
  /// Without quota and groups at login, with both at refresh [rec 01].
  package var user: UserAccount

  package init(token: String, expiresAt: Timestamp, user: UserAccount) {
    self.token = token
    self.expiresAt = expiresAt
    self.user = user
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    token = try reader.text("token")
    expiresAt = try reader.time("expiresAt")
    user = try reader.model("user")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("token", token)
    object.add("expiresAt", expiresAt)
    object.add("user", user)
    return .object(object)
  }

  package var estimatedByteCount: Int { 1100 }
}
