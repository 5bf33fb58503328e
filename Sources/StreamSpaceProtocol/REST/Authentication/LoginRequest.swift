/// Body of `POST /api/v1/auth/login`.
package struct LoginRequest: WireCodable, Hashable {
  package var username: String
  package var password: String

  package init(username: String, password: String) {
    self.username = username
    self.password = password
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "auth.LoginRequest")
    username = try reader.text("username")
    password = try reader.text("password")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("username", username)
    object.add("password", password)
    return .object(object)
  }

  package var estimatedByteCount: Int { 60 }
}

/// Body of `POST /api/v1/auth/refresh`.
package struct RefreshRequest: WireCodable, Hashable {
  package var token: String

  package init(token: String) { self.token = token }

  package init(json: JSONValue) throws(WireError) {
    token = try JSONReader(json, "auth.RefreshRequest").text("token")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 1)
    object.add("token", token)
    return .object(object)
  }

  package var estimatedByteCount: Int { 700 }
}
