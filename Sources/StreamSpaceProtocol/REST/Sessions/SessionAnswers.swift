/// 202 of DELETE, hibernate and wake (spec/02 §5.3, §5.4).
package struct SessionCommandAnswer: WireCodable, Hashable {
  package var commandID: String
  package var message: String
  package var name: String

  /// The answer to a verb; a start has another answer, ``CreateSessionAnswer``.
  package init(action: AgentAction, name: String, commandID: String) {
    self.commandID = commandID
    self.name = name
    message =
      switch action {
      case .stopSession: "Session termination requested, agent will delete resources"
      case .hibernateSession: "Session hibernation requested, agent will scale down resources"
      case .wakeSession, .startSession: "Session wake requested, agent will scale up resources"
      }
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    commandID = try reader.text("commandId")
    message = try reader.text("message")
    name = try reader.text("name")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("commandId", commandID)
    object.add("message", message)
    object.add("name", name)
    return .object(object)
  }

  package var estimatedByteCount: Int { 140 }
}

/// Body of `PATCH /api/v1/sessions/:id`.
package struct UpdateSessionRequest: WireCodable, Hashable {
  /// `running`, `hibernated` or `terminated`; other texts are answered ``ErrorBody/invalidState``.
  package var state: String?

  package init(state: String?) { self.state = state }

  package init(json: JSONValue) throws(WireError) {
    state = try JSONReader(json, "struct").optionalText("state")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 1)
    object.addIfPresent("state", state)
    return .object(object)
  }

  package var estimatedByteCount: Int { 24 }
}

/// 202 of `PATCH /api/v1/sessions/:id`.
package struct UpdateSessionAnswer: WireCodable, Hashable {
  package var message: String
  package var name: String
  package var state: String

  package init(name: String, state: String) {
    message = "State change requested, waiting for controller"
    self.name = name
    self.state = state
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    message = try reader.text("message")
    name = try reader.text("name")
    state = try reader.text("state")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("message", message)
    object.add("name", name)
    object.add("state", state)
    return .object(object)
  }

  package var estimatedByteCount: Int { 120 }
}

/// 200 of `GET /api/v1/sessions/:id/connect?user=` (spec/02 §5.6).
package struct ConnectAnswer: WireCodable, Hashable {
  package var connectionID: String
  package var message: String
  package var ready: Bool
  package var sessionURL: String
  package var state: String

  /// The answer for a session in that state with that stored url.
  package init(connectionID: String, state: String, url: String) {
    self.connectionID = connectionID
    self.state = state
    sessionURL = url
    let wait: String? =
      switch state {
      case SessionState.hibernated.rawValue: "Session is waking from hibernation - please wait."
      case SessionState.pending.rawValue: "Session is starting up - please wait."
      default: url.isEmpty ? "Waiting for session endpoint - please wait." : nil
      }
    ready = wait == nil
    message = "Connection established." + (wait.map { " \($0)" } ?? "")
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    connectionID = try reader.text("connectionId")
    message = try reader.text("message")
    ready = try reader.flag("ready")
    sessionURL = try reader.text("sessionUrl")
    state = try reader.text("state")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 5)
    object.add("connectionId", connectionID)
    object.add("message", message)
    object.add("ready", ready)
    object.add("sessionUrl", sessionURL)
    object.add("state", state)
    return .object(object)
  }

  package var estimatedByteCount: Int { 200 }
}

/// 200 of `POST /api/v1/sessions/:id/disconnect?connectionId=`.
package struct DisconnectAnswer: WireCodable, Hashable {
  package var activeConnections: Int
  package var message: String

  package init(activeConnections: Int) {
    self.activeConnections = activeConnections
    message = "Connection closed"
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    activeConnections = try reader.integer("activeConnections")
    message = try reader.text("message")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("activeConnections", activeConnections)
    object.add("message", message)
    return .object(object)
  }

  package var estimatedByteCount: Int { 55 }
}

/// 200 of `POST /api/v1/sessions/:id/heartbeat`.
package struct SessionHeartbeatAnswer: WireCodable, Hashable {
  package var message: String
  package var sessionID: String
  package var success: Bool

  package init(sessionID: String) {
    message = "Activity recorded"
    self.sessionID = sessionID
    success = true
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    message = try reader.text("message")
    sessionID = try reader.text("sessionId")
    success = try reader.flag("success")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("message", message)
    object.add("sessionId", sessionID)
    object.add("success", success)
    return .object(object)
  }

  package var estimatedByteCount: Int { 90 }
}
