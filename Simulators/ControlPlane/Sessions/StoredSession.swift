import StreamSpaceProtocol

/// A row of table `sessions`, NULLs read as the handlers show them.
package struct StoredSession: Sendable, Hashable {
  package var id: String
  package var userID: String
  package var organisationID: String
  package var template: String
  /// Free text in the column; ``sessionState`` is what the contract knows.
  package var state: String
  package var appType: String
  package var activeConnections: Int
  package var url: String
  package var namespace: String
  package var platform: String
  /// Nil: none, or the agent was deregistered.
  package var agentID: String?
  package var clusterID: String?
  package var podName: String
  package var resources: ResourceAmounts
  package var persistentHome: Bool
  package var idleTimeout: String
  package var maxSessionDuration: String
  package var tags: [String]
  package var createdAt: Timestamp
  package var updatedAt: Timestamp
  package var lastConnection: Timestamp?
  package var lastDisconnect: Timestamp?
  package var lastActivity: Timestamp?
  package var streaming: StreamingProtocol

  /// Rows from before organisations belong to this one.
  static let defaultOrganisation = "default-org"

  init(_ row: SQLRow) throws(SQLRowError) {
    id = try row.text("id")
    userID = try row.optionalText("user_id") ?? ""
    organisationID = try row.optionalText("org_id") ?? Self.defaultOrganisation
    template = try row.optionalText("template_name") ?? ""
    state = try row.optionalText("state") ?? ""
    appType = try row.optionalText("app_type") ?? ""
    activeConnections = Int(try row.optionalInteger("active_connections") ?? 0)
    url = try row.optionalText("url") ?? ""
    namespace = try row.optionalText("namespace") ?? ""
    platform = try row.optionalText("platform") ?? ""
    agentID = try row.optionalText("agent_id").flatMap { $0.isEmpty ? nil : $0 }
    clusterID = try row.optionalText("cluster_id")
    podName = try row.optionalText("pod_name") ?? ""
    resources = ResourceAmounts(
      cpu: try row.optionalText("cpu") ?? "", memory: try row.optionalText("memory") ?? "")
    persistentHome = try row.optionalBoolean("persistent_home") ?? false
    idleTimeout = try row.optionalText("idle_timeout") ?? ""
    maxSessionDuration = try row.optionalText("max_session_duration") ?? ""
    tags = try row.textArray("tags")
    createdAt = try row.time("created_at")
    updatedAt = try row.time("updated_at")
    lastConnection = try row.optionalMicroseconds("last_connection").map(Timestamp.init(microseconds:))
    lastDisconnect = try row.optionalMicroseconds("last_disconnect").map(Timestamp.init(microseconds:))
    lastActivity = try row.optionalMicroseconds("last_activity").map(Timestamp.init(microseconds:))
    streaming = StreamingProtocol(
      name: try row.optionalText("streaming_protocol") ?? StreamingProtocol.vnc.name,
      port: Int(try row.optionalInteger("streaming_port") ?? Int64(StreamingProtocol.vnc.port)),
      path: try row.optionalText("streaming_path") ?? "")
  }

  package var sessionState: SessionState? { SessionState(rawValue: state) }

  /// As GET and the list show it (spec/02 §6.1).
  package var session: Session {
    Session(
      name: id, user: userID, template: template, namespace: namespace, platform: platform, state: state,
      resources: resources == ResourceAmounts() ? nil : resources, persistentHome: persistentHome,
      idleTimeout: idleTimeout, maxSessionDuration: maxSessionDuration, activeConnections: activeConnections,
      createdAt: createdAt, streamingProtocol: streaming.name, streamingPort: streaming.port,
      streamingPath: streaming.path, podName: podName, url: url, lastActivity: lastActivity)
  }
}

/// The row as the tags routes show it: snake case, empty values left out (spec/02 §6.2).
struct RawSessionAnswer: WireEncodable {
  let row: StoredSession

  var json: JSONValue {
    var object = JSONObject(reserving: 28)
    object.add("id", row.id)
    object.add("user_id", row.userID)
    object.add("org_id", row.organisationID)
    object.add("template_name", row.template)
    object.add("state", row.state)
    object.add("app_type", row.appType)
    object.add("active_connections", row.activeConnections)
    object.addIfFilled("url", row.url)
    object.add("namespace", row.namespace)
    object.add("platform", row.platform)
    object.addIfFilled("agent_id", row.agentID)
    object.addIfFilled("cluster_id", row.clusterID)
    object.addIfFilled("pod_name", row.podName)
    object.addIfFilled("memory", row.resources.memory)
    object.addIfFilled("cpu", row.resources.cpu)
    object.add("persistent_home", row.persistentHome)
    object.addIfFilled("idle_timeout", row.idleTimeout)
    object.addIfFilled("max_session_duration", row.maxSessionDuration)
    if !row.tags.isEmpty { object.add("tags", row.tags) }
    object.add("created_at", row.createdAt)
    object.add("updated_at", row.updatedAt)
    object.addIfPresent("last_connection", row.lastConnection)
    object.addIfPresent("last_disconnect", row.lastDisconnect)
    object.addIfPresent("last_activity", row.lastActivity)
    object.add("streaming_protocol", row.streaming.name)
    object.add("streaming_port", row.streaming.port)
    object.addIfFilled("streaming_path", row.streaming.path)
    return .object(object)
  }

  var estimatedByteCount: Int { 640 }
}

/// 200 of `GET /api/v1/sessions/by-tags`: raw rows, null when none matches.
struct TaggedSessionsAnswer: WireEncodable {
  let rows: [StoredSession]
  let tags: [String]

  var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("sessions", rows.isEmpty ? .null : rows.map { RawSessionAnswer(row: $0).json }.json)
    object.add("tags", tags)
    object.add("total", rows.count)
    return .object(object)
  }

  var estimatedByteCount: Int { 60 + rows.count * 640 }
}

extension JSONObject {
  fileprivate mutating func addIfFilled(_ key: String, _ text: String?) {
    guard let text, !text.isEmpty else { return }
    add(key, text)
  }
}

extension Timestamp {
  /// A time as the database gives it: microseconds since 1970.
  /// A row may hold a time that nanoseconds cannot say, such as the year 9999: it becomes the last they can.
  init(microseconds: Int64) {
    let product = microseconds.multipliedReportingOverflow(by: 1_000)
    self.init(nanosecondsSince1970: product.overflow ? (microseconds < 0 ? .min : .max) : product.partialValue)
  }
}

extension SQLRow {
  /// A time that answers show for every row; 1970 where the column is NULL, which its default does not rule out.
  func time(_ column: String) throws(SQLRowError) -> Timestamp {
    Timestamp(microseconds: try optionalMicroseconds(column) ?? 0)
  }
}
