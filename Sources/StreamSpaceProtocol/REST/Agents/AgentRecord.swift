/// An agent as answers show it (spec/02 §6.4). Keys in declared order.
package struct AgentRecord: WireCodable, Hashable {
  /// UUID of the row.
  package var id: String
  package var agentID: String
  package var platform: String
  package var region: String?
  package var status: String
  package var capacity: AgentCapacity?
  package var lastHeartbeat: Timestamp?
  package var metadata: AgentMetadata?
  /// Empty in registrations and in GET of one agent; only the list fills it.
  package var approvalStatus: String
  package var approvedAt: Timestamp?
  package var approvedBy: String?
  package var createdAt: Timestamp
  package var updatedAt: Timestamp

  package init(
    id: String, agentID: String, platform: String, region: String? = nil, status: String,
    capacity: AgentCapacity? = nil, lastHeartbeat: Timestamp? = nil, metadata: AgentMetadata? = nil,
    approvalStatus: String = "", approvedAt: Timestamp? = nil, approvedBy: String? = nil, createdAt: Timestamp,
    updatedAt: Timestamp
  ) {
    self.id = id
    self.agentID = agentID
    self.platform = platform
    self.region = region
    self.status = status
    self.capacity = capacity
    self.lastHeartbeat = lastHeartbeat
    self.metadata = metadata
    self.approvalStatus = approvalStatus
    self.approvedAt = approvedAt
    self.approvedBy = approvedBy
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.Agent")
    id = try reader.text("id")
    agentID = try reader.text("agentId")
    platform = try reader.text("platform")
    region = try reader.optionalText("region")
    status = try reader.text("status")
    capacity = try reader.optional("capacity")
    lastHeartbeat = try reader.optionalTime("lastHeartbeat")
    metadata = try reader.optional("metadata")
    approvalStatus = try reader.text("approvalStatus", default: "")
    approvedAt = try reader.optionalTime("approvedAt")
    approvedBy = try reader.optionalText("approvedBy")
    createdAt = try reader.time("createdAt")
    updatedAt = try reader.time("updatedAt")
  }

  /// Keys of `metadata` in byte order: the column holds a map.
  package var json: JSONValue {
    var object = JSONObject(reserving: 13)
    object.add("id", id)
    object.add("agentId", agentID)
    object.add("platform", platform)
    object.addIfPresent("region", region)
    object.add("status", status)
    object.addIfPresent("capacity", capacity)
    object.addIfPresent("lastHeartbeat", lastHeartbeat)
    object.addIfPresent("metadata", metadata?.json.sortedByKey)
    object.add("approvalStatus", approvalStatus)
    object.addIfPresent("approvedAt", approvedAt)
    object.addIfPresent("approvedBy", approvedBy)
    object.add("createdAt", createdAt)
    object.add("updatedAt", updatedAt)
    return .object(object)
  }

  package var estimatedByteCount: Int { 460 }
}

/// 200 of `GET /api/v1/admin/agents`.
package struct AgentList: WireCodable, Hashable {
  package var agents: [AgentRecord]
  package var total: Int

  package init(_ agents: [AgentRecord]) {
    self.agents = agents
    total = agents.count
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    agents = try reader.list("agents")
    total = try reader.integer("total")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("agents", agents)
    object.add("total", total)
    return .object(object)
  }

  package var estimatedByteCount: Int { 30 + agents.count * 520 }
}
