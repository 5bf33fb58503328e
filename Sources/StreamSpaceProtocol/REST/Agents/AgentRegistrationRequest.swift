/// Body of `POST /api/v1/agents/register` (spec/01 §1.2).
package struct AgentRegistrationRequest: WireCodable, Hashable {
  package var agentID: String
  /// One of ``Platform``; any text is carried, the rules are in ``FieldRules``.
  package var platform: String
  package var region: String?
  package var capacity: CapacityReport?
  package var metadata: AgentMetadata?

  package init(
    agentID: String, platform: Platform, region: String? = nil, capacity: CapacityReport? = nil,
    metadata: AgentMetadata? = nil
  ) {
    self.agentID = agentID
    self.platform = platform.rawValue
    self.region = region
    self.capacity = capacity
    self.metadata = metadata
  }

  /// Absent texts read as empty: ``FieldRules/registration(_:)`` refuses them with the binder's words.
  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.AgentRegistrationRequest")
    agentID = try reader.text("agentId", default: "")
    platform = try reader.text("platform", default: "")
    region = try reader.optionalText("region")
    capacity = try reader.optional("capacity")
    metadata = try reader.optional("metadata")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 5)
    object.add("agentId", agentID)
    object.add("platform", platform)
    object.addIfPresent("region", region)
    object.addIfPresent("capacity", capacity)
    object.addIfPresent("metadata", metadata)
    return .object(object)
  }

  package var estimatedByteCount: Int { 220 }
}
