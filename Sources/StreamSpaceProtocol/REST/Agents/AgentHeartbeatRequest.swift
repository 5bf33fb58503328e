/// Body of `POST /api/v1/agents/:agent_id/heartbeat` (spec/01 §1.2).
package struct AgentHeartbeatRequest: WireCodable, Hashable {
  /// `online` or `draining`; the rules are in ``FieldRules``.
  package var status: String
  package var activeSessions: Int
  package var capacity: CapacityReport?

  package init(status: AgentStatus = .online, activeSessions: Int = 0, capacity: CapacityReport? = nil) {
    self.status = status.rawValue
    self.activeSessions = activeSessions
    self.capacity = capacity
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.AgentHeartbeatRequest")
    status = try reader.text("status", default: "")
    activeSessions = try reader.optionalInteger("activeSessions") ?? 0
    capacity = try reader.optional("capacity")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("status", status)
    object.add("activeSessions", activeSessions)
    object.addIfPresent("capacity", capacity)
    return .object(object)
  }

  package var estimatedByteCount: Int { 60 }
}

/// 200 of the same route.
package struct AgentHeartbeatAnswer: WireCodable, Hashable {
  package var agentID: String
  package var lastHeartbeat: Timestamp
  package var message: String
  package var status: String

  package init(agentID: String, lastHeartbeat: Timestamp, status: String) {
    self.agentID = agentID
    self.lastHeartbeat = lastHeartbeat
    message = "Heartbeat updated successfully"
    self.status = status
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    agentID = try reader.text("agentId")
    lastHeartbeat = try reader.time("lastHeartbeat")
    message = try reader.text("message")
    status = try reader.text("status")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 4)
    object.add("agentId", agentID)
    object.add("lastHeartbeat", lastHeartbeat)
    object.add("message", message)
    object.add("status", status)
    return .object(object)
  }

  package var estimatedByteCount: Int { 140 }
}
