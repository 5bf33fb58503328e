/// Payload of `heartbeat` over the WebSocket, every 30 s by default (spec/03 §1.7).
package struct AgentHeartbeat: WireCodable, Hashable {
  /// `online` or `draining`; only logged by the shipped control plane.
  package var status: String
  package var activeSessions: Int
  /// Overwrites the stored capacity when present.
  package var capacity: CapacityReport?
  /// Not sent by the agents; the captures' client sent it.
  package var agentID: String?

  package init(
    status: String = AgentStatus.online.rawValue, activeSessions: Int = 0, capacity: CapacityReport? = nil,
    agentID: String? = nil
  ) {
    self.status = status
    self.activeSessions = activeSessions
    self.capacity = capacity
    self.agentID = agentID
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.HeartbeatMessage")
    status = try reader.text("status", default: "")
    activeSessions = try reader.optionalInteger("activeSessions") ?? 0
    capacity = try reader.optional("capacity")
    agentID = try reader.optionalText("agentId")
  }

  /// Keys in byte order, also those of the capacity: agents build maps.
  package var json: JSONValue {
    var object = JSONObject(reserving: 4)
    object.add("activeSessions", activeSessions)
    object.addIfPresent("agentId", agentID)
    object.addIfPresent("capacity", capacity?.json.sortedByKey)
    object.add("status", status)
    return .object(object)
  }
}
