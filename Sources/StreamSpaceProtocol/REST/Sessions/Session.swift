/// A session as GET and the list show it (spec/02 §6.1). Keys in byte order.
package struct Session: WireCodable, Hashable {
  package var name: String
  package var user: String
  package var template: String
  package var namespace: String
  package var platform: String
  package var state: String
  /// Left out when the row has neither.
  package var resources: ResourceAmounts?
  package var persistentHome: Bool
  package var idleTimeout: String
  package var maxSessionDuration: String
  package var activeConnections: Int
  package var createdAt: Timestamp
  package var streamingProtocol: String
  package var streamingPort: Int
  package var streamingPath: String
  package var status: Status

  /// The nested `status`.
  package struct Status: WireCodable, Hashable {
    /// The state with its first letter in upper case.
    package var phase: String
    package var podName: String
    package var url: String
    /// Left out until there was an activity.
    package var lastActivity: Timestamp?

    package init(phase: String, podName: String = "", url: String = "", lastActivity: Timestamp? = nil) {
      self.phase = phase
      self.podName = podName
      self.url = url
      self.lastActivity = lastActivity
    }

    package init(json: JSONValue) throws(WireError) {
      let reader = try JSONReader(json)
      phase = try reader.text("phase")
      podName = try reader.text("podName", default: "")
      url = try reader.text("url", default: "")
      lastActivity = try reader.optionalTime("lastActivity")
    }

    package var json: JSONValue {
      var object = JSONObject(reserving: 4)
      object.addIfPresent("lastActivity", lastActivity)
      object.add("phase", phase)
      object.add("podName", podName)
      object.add("url", url)
      return .object(object)
    }
  }

  package init(
    name: String, user: String, template: String, namespace: String = "streamspace",
    platform: String = Platform.kubernetes.rawValue, state: String, resources: ResourceAmounts?, persistentHome: Bool,
    idleTimeout: String = "", maxSessionDuration: String = "", activeConnections: Int = 0, createdAt: Timestamp,
    streamingProtocol: String, streamingPort: Int, streamingPath: String = "", podName: String = "",
    url: String = "", lastActivity: Timestamp? = nil
  ) {
    self.name = name
    self.user = user
    self.template = template
    self.namespace = namespace
    self.platform = platform
    self.state = state
    self.resources = resources
    self.persistentHome = persistentHome
    self.idleTimeout = idleTimeout
    self.maxSessionDuration = maxSessionDuration
    self.activeConnections = activeConnections
    self.createdAt = createdAt
    self.streamingProtocol = streamingProtocol
    self.streamingPort = streamingPort
    self.streamingPath = streamingPath
    status = Status(
      phase: GoText.phase(of: state), podName: podName, url: url, lastActivity: lastActivity)
  }

  /// The state, nil when the text names none.
  package var sessionState: SessionState? { SessionState(rawValue: state) }

  /// The url stored with a ready session (R-27: it has no route of its own; the proxy is `/api/v1/vnc/ID`).
  package static func url(of id: String) -> String { "/api/v1/sessions/\(id)/vnc" }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    name = try reader.text("name")
    user = try reader.text("user")
    template = try reader.text("template")
    namespace = try reader.text("namespace")
    platform = try reader.text("platform")
    state = try reader.text("state")
    resources = try reader.optional("resources")
    persistentHome = try reader.flag("persistentHome")
    idleTimeout = try reader.text("idleTimeout")
    maxSessionDuration = try reader.text("maxSessionDuration")
    activeConnections = try reader.integer("activeConnections")
    createdAt = try reader.time("createdAt")
    streamingProtocol = try reader.text("streamingProtocol")
    streamingPort = try reader.integer("streamingPort")
    streamingPath = try reader.text("streamingPath")
    status = try reader.model("status")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 16)
    object.add("activeConnections", activeConnections)
    object.add("createdAt", createdAt)
    object.add("idleTimeout", idleTimeout)
    object.add("maxSessionDuration", maxSessionDuration)
    object.add("name", name)
    object.add("namespace", namespace)
    object.add("persistentHome", persistentHome)
    object.add("platform", platform)
    object.addIfPresent("resources", resources)
    object.add("state", state)
    object.add("status", status)
    object.add("streamingPath", streamingPath)
    object.add("streamingPort", streamingPort)
    object.add("streamingProtocol", streamingProtocol)
    object.add("template", template)
    object.add("user", user)
    return .object(object)
  }

  package var estimatedByteCount: Int { 560 }
}

/// 200 of `GET /api/v1/sessions`.
package struct SessionList: WireCodable, Hashable {
  package var sessions: [Session]
  /// Number of items; there is no paging.
  package var total: Int

  package init(_ sessions: [Session]) {
    self.sessions = sessions
    total = sessions.count
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    sessions = try reader.list("sessions")
    total = try reader.integer("total")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("sessions", sessions)
    object.add("total", total)
    return .object(object)
  }

  package var estimatedByteCount: Int { 30 + sessions.count * 560 }
}
