/// The `metadata` of a registration: any object, with the keys the contract adds (spec/00, Columns and keys).
package struct AgentMetadata: WireCodable, Hashable {
  /// All members, those the control plane does not know included.
  package var fields: JSONObject

  package init(_ fields: JSONObject = JSONObject()) {
    self.fields = fields
  }

  package init(json: JSONValue) throws(WireError) {
    fields = try JSONReader(json, "map[string]interface {}").object
  }

  package var json: JSONValue { .object(fields) }

  /// The version the agents of this contract speak (C33).
  package static let contractProtocol = "2.1"

  /// The agent protocol, `"2.1"` under contract; nil for a shipped agent.
  package var protocolVersion: String? {
    get { fields["protocol"]?.text }
    set { fields["protocol"] = newValue.map(JSONValue.string) }
  }

  /// Which replica of the agent speaks: POD_NAME or host name (C1).
  package var instanceID: String? {
    get { fields["instanceId"]?.text }
    set { fields["instanceId"] = newValue.map(JSONValue.string) }
  }

  /// The term of the leader; only with election (C28).
  package var leaderTerm: Int64? {
    get { fields["leaderTerm"]?.integer }
    set { fields["leaderTerm"] = newValue.map(JSONValue.int) }
  }

  /// The sessions the agent finds on its platform (C14); nil when it did not say. An item that cannot be read makes the
  /// whole inventory unreadable, which counts as not said.
  package var sessions: [SessionInventoryItem]? {
    get { try? JSONReader(json).optionalList("sessions") }
    set { fields["sessions"] = newValue.map(\.json) }
  }

  /// Whether the agent speaks the frames of the contract.
  package var speaksContract: Bool { protocolVersion == AgentMetadata.contractProtocol }
}

/// One session an agent finds on its platform when it registers.
package struct SessionInventoryItem: WireCodable, Hashable {
  package var sessionID: String
  /// `running`, `hibernated` or `failed`; any text is carried.
  package var state: String
  /// Empty when there is no pod or container.
  package var podName: String

  package init(sessionID: String, state: String, podName: String) {
    self.sessionID = sessionID
    self.state = state
    self.podName = podName
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    sessionID = try reader.text("sessionId")
    state = try reader.text("state")
    podName = try reader.text("podName", default: "")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("sessionId", sessionID)
    object.add("state", state)
    object.add("podName", podName)
    return .object(object)
  }
}
