/// A session row as the tags routes show it: as stored, in snake case (spec/02 §6.2). Keys in declared order, empty ones
/// left out.
package struct RawSession: WireCodable, Hashable {
  package var id: String
  package var userID: String
  package var organisationID: String
  package var teamID: String?
  package var templateName: String
  package var state: String
  /// Inserted as the empty string, so the column default never applies.
  package var appType: String
  package var activeConnections: Int
  package var url: String?
  package var namespace: String
  package var platform: String
  package var agentID: String?
  package var clusterID: String?
  package var podName: String?
  package var memory: String?
  package var cpu: String?
  package var persistentHome: Bool
  package var idleTimeout: String?
  package var maxSessionDuration: String?
  package var tags: [String]
  package var createdAt: Timestamp
  package var updatedAt: Timestamp
  package var lastConnection: Timestamp?
  package var lastDisconnect: Timestamp?
  package var lastActivity: Timestamp?
  package var streamingProtocol: String
  package var streamingPort: Int
  package var streamingPath: String?

  package init(
    id: String, userID: String, organisationID: String = "default-org", templateName: String, state: String,
    activeConnections: Int = 0, namespace: String = "streamspace",
    platform: String = Platform.kubernetes.rawValue, persistentHome: Bool, tags: [String] = [],
    createdAt: Timestamp, updatedAt: Timestamp, streamingProtocol: String, streamingPort: Int
  ) {
    self.id = id
    self.userID = userID
    self.organisationID = organisationID
    self.templateName = templateName
    self.state = state
    appType = ""
    self.activeConnections = activeConnections
    self.namespace = namespace
    self.platform = platform
    self.persistentHome = persistentHome
    self.tags = tags
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.streamingProtocol = streamingProtocol
    self.streamingPort = streamingPort
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "db.Session")
    id = try reader.text("id")
    userID = try reader.text("user_id")
    organisationID = try reader.text("org_id")
    teamID = try reader.optionalText("team_id")
    templateName = try reader.text("template_name")
    state = try reader.text("state")
    appType = try reader.text("app_type")
    activeConnections = try reader.integer("active_connections")
    url = try reader.optionalText("url")
    namespace = try reader.text("namespace")
    platform = try reader.text("platform")
    agentID = try reader.optionalText("agent_id")
    clusterID = try reader.optionalText("cluster_id")
    podName = try reader.optionalText("pod_name")
    memory = try reader.optionalText("memory")
    cpu = try reader.optionalText("cpu")
    persistentHome = try reader.flag("persistent_home")
    idleTimeout = try reader.optionalText("idle_timeout")
    maxSessionDuration = try reader.optionalText("max_session_duration")
    tags = try reader.optionalTexts("tags") ?? []
    createdAt = try reader.time("created_at")
    updatedAt = try reader.time("updated_at")
    lastConnection = try reader.optionalTime("last_connection")
    lastDisconnect = try reader.optionalTime("last_disconnect")
    lastActivity = try reader.optionalTime("last_activity")
    streamingProtocol = try reader.text("streaming_protocol")
    streamingPort = try reader.integer("streaming_port")
    streamingPath = try reader.optionalText("streaming_path")
  }

  package var json: JSONValue {
    func filled(_ text: String?) -> String? { text?.isEmpty == false ? text : nil }
    var object = JSONObject(reserving: 28)
    object.add("id", id)
    object.add("user_id", userID)
    object.add("org_id", organisationID)
    object.addIfPresent("team_id", filled(teamID))
    object.add("template_name", templateName)
    object.add("state", state)
    object.add("app_type", appType)
    object.add("active_connections", activeConnections)
    object.addIfPresent("url", filled(url))
    object.add("namespace", namespace)
    object.add("platform", platform)
    object.addIfPresent("agent_id", filled(agentID))
    object.addIfPresent("cluster_id", filled(clusterID))
    object.addIfPresent("pod_name", filled(podName))
    object.addIfPresent("memory", filled(memory))
    object.addIfPresent("cpu", filled(cpu))
    object.add("persistent_home", persistentHome)
    object.addIfPresent("idle_timeout", filled(idleTimeout))
    object.addIfPresent("max_session_duration", filled(maxSessionDuration))
    if !tags.isEmpty { object.add("tags", tags) }
    object.add("created_at", createdAt)
    object.add("updated_at", updatedAt)
    object.addIfPresent("last_connection", lastConnection)
    object.addIfPresent("last_disconnect", lastDisconnect)
    object.addIfPresent("last_activity", lastActivity)
    object.add("streaming_protocol", streamingProtocol)
    object.add("streaming_port", streamingPort)
    object.addIfPresent("streaming_path", filled(streamingPath))
    return .object(object)
  }

  package var estimatedByteCount: Int { 720 }
}
