/// One message of the browser feed `GET /api/v1/ws/sessions`, every 3 s (spec/02 §5.9).
package struct SessionFeed: WireCodable, Hashable {
  package var organisationID: String
  package var sessions: [Item]
  package var timestamp: Timestamp

  package init(organisationID: String = "default-org", sessions: [Item], timestamp: Timestamp) {
    self.organisationID = organisationID
    self.sessions = sessions
    self.timestamp = timestamp
  }

  /// One session of the feed; times in whole seconds.
  package struct Item: WireCodable, Hashable {
    package var name: String
    package var namespace: String
    package var user: String
    package var template: String
    package var state: String
    package var createdAt: Timestamp
    package var activeConnections: Int
    package var phase: String
    package var podName: String?
    package var url: String?
    package var resources: ResourceAmounts?
    package var platform: String?
    package var agentID: String?
    package var lastActivity: Timestamp?
    package var idle: Idle?

    /// Only for sessions with an idle timeout; seconds.
    package struct Idle: Sendable, Hashable {
      package var duration: Int
      package var threshold: Int
      package var isIdle: Bool
      package var isActive: Bool

      package init(duration: Int, threshold: Int, isIdle: Bool, isActive: Bool) {
        self.duration = duration
        self.threshold = threshold
        self.isIdle = isIdle
        self.isActive = isActive
      }
    }

    package init(json: JSONValue) throws(WireError) {
      let reader = try JSONReader(json)
      name = try reader.text("name")
      namespace = try reader.text("namespace")
      user = try reader.text("user")
      template = try reader.text("template")
      state = try reader.text("state")
      createdAt = try reader.time("createdAt")
      activeConnections = try reader.integer("activeConnections")
      guard let status = try reader.optionalObject("status") else { throw .missing(path: "status") }
      let nested = try JSONReader(.object(status))
      phase = try nested.text("phase")
      podName = try nested.optionalText("podName")
      url = try nested.optionalText("url")
      resources = try reader.optional("resources")
      platform = try reader.optionalText("platform")
      agentID = try reader.optionalText("agent_id")
      lastActivity = try reader.optionalTime("lastActivity")
      if let threshold = try reader.optionalInteger("idleThreshold") {
        idle = Idle(
          duration: try reader.integer("idleDuration"), threshold: threshold, isIdle: try reader.flag("isIdle"),
          isActive: try reader.flag("isActive"))
      }
    }

    package var json: JSONValue {
      var status = JSONObject(reserving: 3)
      status.add("phase", phase)
      status.addIfPresent("podName", podName)
      status.addIfPresent("url", url)
      var object = JSONObject(reserving: 17)
      object.add("activeConnections", activeConnections)
      object.addIfPresent("agent_id", agentID)
      object.add("createdAt", createdAt)
      object.addIfPresent("idleDuration", idle?.duration)
      object.addIfPresent("idleThreshold", idle?.threshold)
      object.addIfPresent("isActive", idle?.isActive)
      object.addIfPresent("isIdle", idle?.isIdle)
      object.addIfPresent("lastActivity", lastActivity)
      object.add("name", name)
      object.add("namespace", namespace)
      object.addIfPresent("platform", platform)
      object.addIfPresent("resources", resources)
      object.add("state", state)
      object.add("status", status)
      object.add("template", template)
      object.add("user", user)
      return .object(object)
    }

    /// The item of a session: its answer without what the feed leaves out.
    package init(_ session: Session, agentID: String?, idle: Idle? = nil) {
      name = session.name
      namespace = session.namespace
      user = session.user
      template = session.template
      state = session.state
      createdAt = session.createdAt.inSeconds
      activeConnections = session.activeConnections
      phase = session.status.phase
      podName = session.status.podName.isEmpty ? nil : session.status.podName
      url = session.status.url.isEmpty ? nil : session.status.url
      resources = session.resources
      platform = session.platform
      self.agentID = agentID
      lastActivity = session.status.lastActivity?.inSeconds
      self.idle = idle
    }
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    guard try reader.text("type") == "sessions_update" else {
      throw .invalid(path: "type", reason: "not a sessions_update")
    }
    organisationID = try reader.text("org_id")
    sessions = try reader.list("sessions")
    timestamp = try reader.time("timestamp")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 5)
    object.add("count", sessions.count)
    object.add("org_id", organisationID)
    object.add("sessions", sessions)
    object.add("timestamp", timestamp)
    object.add("type", "sessions_update")
    return .object(object)
  }

  package var estimatedByteCount: Int { 130 + sessions.count * 480 }
}
