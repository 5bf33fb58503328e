/// Body of `POST /api/v1/admin/agents/:agent_id/command` (spec/02 §5.13).
package struct AdminCommandRequest: WireCodable, Hashable {
  /// One of ``AgentAction``; the rules are in ``FieldRules``.
  package var action: String
  package var sessionID: String?
  /// Any object; it goes to the agent as it is.
  package var payload: JSONObject?

  package init(action: AgentAction, sessionID: String? = nil, payload: JSONObject? = nil) {
    self.action = action.rawValue
    self.sessionID = sessionID
    self.payload = payload
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.AgentCommandRequest")
    action = try reader.text("action", default: "")
    sessionID = try reader.optionalText("sessionId")
    payload = try reader.optionalObject("payload")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("action", action)
    object.addIfPresent("sessionId", sessionID)
    object.addIfPresent("payload", payload)
    return .object(object)
  }

  package var estimatedByteCount: Int { 140 }
}

/// A command row as answers show it (spec/02 §6.5). Keys in declared order.
package struct CommandRecord: WireCodable, Hashable {
  /// UUID of the row.
  package var id: String
  package var commandID: String
  package var agentID: String
  package var sessionID: String?
  package var action: String
  package var payload: JSONObject?
  package var status: String
  package var errorMessage: String?
  package var createdAt: Timestamp
  package var sentAt: Timestamp?
  package var acknowledgedAt: Timestamp?
  package var completedAt: Timestamp?

  package init(
    id: String, commandID: String, agentID: String, sessionID: String? = nil, action: String,
    payload: JSONObject? = nil, status: CommandStatus = .pending, errorMessage: String? = nil, createdAt: Timestamp,
    sentAt: Timestamp? = nil, acknowledgedAt: Timestamp? = nil, completedAt: Timestamp? = nil
  ) {
    self.id = id
    self.commandID = commandID
    self.agentID = agentID
    self.sessionID = sessionID
    self.action = action
    self.payload = payload
    self.status = status.rawValue
    self.errorMessage = errorMessage
    self.createdAt = createdAt
    self.sentAt = sentAt
    self.acknowledgedAt = acknowledgedAt
    self.completedAt = completedAt
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.AgentCommand")
    id = try reader.text("id")
    commandID = try reader.text("commandId")
    agentID = try reader.text("agentId")
    sessionID = try reader.optionalText("sessionId")
    action = try reader.text("action")
    payload = try reader.optionalObject("payload")
    status = try reader.text("status")
    errorMessage = try reader.optionalText("errorMessage")
    createdAt = try reader.time("createdAt")
    sentAt = try reader.optionalTime("sentAt")
    acknowledgedAt = try reader.optionalTime("acknowledgedAt")
    completedAt = try reader.optionalTime("completedAt")
  }

  /// Keys of `payload` in byte order: the column holds a map.
  package var json: JSONValue {
    var object = JSONObject(reserving: 12)
    object.add("id", id)
    object.add("commandId", commandID)
    object.add("agentId", agentID)
    object.addIfPresent("sessionId", sessionID)
    object.add("action", action)
    object.addIfPresent("payload", payload?.sortedByKey)
    object.add("status", status)
    object.addIfPresent("errorMessage", errorMessage)
    object.add("createdAt", createdAt)
    object.addIfPresent("sentAt", sentAt)
    object.addIfPresent("acknowledgedAt", acknowledgedAt)
    object.addIfPresent("completedAt", completedAt)
    return .object(object)
  }
}
