/// `{"message":...}`: the answer of logout and of routes that only confirm.
package struct MessageAnswer: WireCodable, Hashable {
  package var message: String

  package init(_ message: String) { self.message = message }

  /// The answer of logout [rec 01].
  package static let loggedOut = MessageAnswer("Logged out successfully")

  package init(json: JSONValue) throws(WireError) {
    message = try JSONReader(json).text("message")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 1)
    object.add("message", message)
    return .object(object)
  }

  package var estimatedByteCount: Int { 50 }
}

/// `{}`: the body clients send with routes that take none.
package struct EmptyBody: WireCodable, Hashable {
  package init() {}

  package init(json: JSONValue) throws(WireError) {
    let object = try JSONReader(json).object
    guard object.isEmpty else { throw .invalid(path: object.members[0].key, reason: "no key expected") }
  }

  package var json: JSONValue { .object(JSONObject()) }
  package var estimatedByteCount: Int { 2 }
}
