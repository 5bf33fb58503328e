/// The body of every refusal: `error` and, by family, some of the other keys (spec/02 §3). Keys in byte order, as the
/// maps of the handlers render.
package struct ErrorBody: WireCodable, Hashable, Error {
  /// The short text clients switch on.
  package var error: String
  /// Session, template, user handlers: the long text.
  package var message: String?
  /// Agent handlers and binding.
  package var details: String?
  /// Agent handlers.
  package var agentID: String?
  /// Validation: Go field name in lower case -> text, in byte order.
  package var fields: [Field]?
  /// Seconds to wait before another try (429).
  package var retryAfter: Int?
  /// Status of the agent in the 503 of the admin command route.
  package var status: String?
  /// The term the control plane knows, in the 409 `Stale leader term` (contract).
  package var currentTerm: Int64?

  /// One field that broke its rule.
  package struct Field: Sendable, Hashable {
    package var name: String
    package var text: String

    package init(name: String, text: String) {
      self.name = name
      self.text = text
    }
  }

  package init(
    _ error: String, message: String? = nil, details: String? = nil, agentID: String? = nil, fields: [Field]? = nil,
    retryAfter: Int? = nil, status: String? = nil, currentTerm: Int64? = nil
  ) {
    self.error = error
    self.message = message
    self.details = details
    self.agentID = agentID
    self.fields = fields
    self.retryAfter = retryAfter
    self.status = status
    self.currentTerm = currentTerm
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    error = try reader.text("error")
    message = try reader.optionalText("message")
    details = try reader.optionalText("details")
    agentID = try reader.optionalText("agentId")
    retryAfter = try reader.optionalInteger("retryAfter")
    status = try reader.optionalText("status")
    currentTerm = try reader.optionalInteger("currentTerm").map(Int64.init)
    guard let members = try reader.optionalObject("fields")?.members else { return }
    var fields: [Field] = []
    for member in members {
      guard let text = member.value.text else {
        throw .typeMismatch(path: "fields.\(member.key)", expected: "string", found: member.value.kind)
      }
      fields.append(Field(name: member.key, text: text))
    }
    self.fields = fields
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 4)
    object.addIfPresent("agentId", agentID)
    object.addIfPresent("currentTerm", currentTerm)
    object.addIfPresent("details", details)
    object.add("error", error)
    if let fields {
      object.add(
        "fields", JSONObject(fields.map { JSONObject.Member(key: $0.name, value: .string($0.text)) }).sortedByKey)
    }
    object.addIfPresent("message", message)
    object.addIfPresent("retryAfter", retryAfter)
    object.addIfPresent("status", status)
    return .object(object)
  }

  package var estimatedByteCount: Int { 120 }
}
