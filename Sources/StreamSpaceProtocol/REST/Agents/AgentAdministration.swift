/// 200 of approve: the plain key, shown once (spec/02 §5.12).
package struct ApproveAgentAnswer: WireCodable, Hashable {
  package var agentID: String
  package var apiKey: String
  package var message: String
  package var warning: String

  package init(agentID: String, apiKey: String) {
    self.agentID = agentID
    self.apiKey = apiKey
    message = "Agent approved successfully"
    warning = "Provide this API key to the agent - it will not be shown again"
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    agentID = try reader.text("agentId")
    apiKey = try reader.text("apiKey")
    message = try reader.text("message")
    warning = try reader.text("warning")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 4)
    object.add("agentId", agentID)
    object.add("apiKey", apiKey)
    object.add("message", message)
    object.add("warning", warning)
    return .object(object)
  }

  package var estimatedByteCount: Int { 230 }
}

/// 200 of generate-key and rotate-key.
package struct AgentKeyAnswer: WireCodable, Hashable {
  package var agentID: String
  package var apiKey: String
  package var createdAt: Timestamp
  package var message: String
  /// Only there, and true, after rotate-key.
  package var rotated: Bool?
  package var warning: String

  package init(agentID: String, apiKey: String, createdAt: Timestamp, rotated: Bool) {
    self.agentID = agentID
    self.apiKey = apiKey
    self.createdAt = createdAt
    message =
      rotated ? "API key rotated successfully - old key is now invalid" : "API key generated successfully"
    self.rotated = rotated ? true : nil
    warning = "SAVE THIS KEY NOW - it will not be shown again"
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    agentID = try reader.text("agentId")
    apiKey = try reader.text("apiKey")
    createdAt = try reader.time("createdAt")
    message = try reader.text("message")
    rotated = try reader.optionalFlag("rotated")
    warning = try reader.text("warning")
  }

  package var json: JSONValue {
    var usage = JSONObject(reserving: 2)
    usage.add("header", HTTPHeaderName.agentAPIKey)
    usage.add("value", apiKey)
    var object = JSONObject(reserving: 7)
    object.add("agentId", agentID)
    object.add("apiKey", apiKey)
    object.add("createdAt", createdAt)
    object.add("message", message)
    object.addIfPresent("rotated", rotated)
    object.add("usage", usage)
    object.add("warning", warning)
    return .object(object)
  }

  package var estimatedByteCount: Int { 420 }
}

/// 200 of reject and delete.
package struct AgentMessageAnswer: WireCodable, Hashable {
  package var agentID: String
  package var message: String

  package init(agentID: String, message: String) {
    self.agentID = agentID
    self.message = message
  }

  package static func rejected(_ agentID: String) -> AgentMessageAnswer {
    AgentMessageAnswer(agentID: agentID, message: "Agent rejected")
  }

  package static func deregistered(_ agentID: String) -> AgentMessageAnswer {
    AgentMessageAnswer(agentID: agentID, message: "Agent deregistered successfully")
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    agentID = try reader.text("agentId")
    message = try reader.text("message")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("agentId", agentID)
    object.add("message", message)
    return .object(object)
  }

  package var estimatedByteCount: Int { 80 }
}
