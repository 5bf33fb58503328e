/// 202 of `POST /api/v1/sessions` (spec/02 §6.1).
package struct CreateSessionAnswer: WireCodable, Hashable {
  /// The session's id: `{user}-{template}-{8 hex}`.
  package var name: String
  package var user: String
  package var template: String
  package var namespace: String
  package var resources: ResourceAmounts
  package var persistentHome: Bool
  package var idleTimeout: String
  package var maxSessionDuration: String
  /// Null when the request had none.
  package var tags: [String]?
  package var state: String
  package var phase: String
  /// `Session provisioning in progress (agent: A, command: C)`.
  package var statusMessage: String

  /// The answer for a new session: state `pending`.
  package init(
    name: String, user: String, template: String, namespace: String = "streamspace", resources: ResourceAmounts,
    persistentHome: Bool, idleTimeout: String = "", maxSessionDuration: String = "", tags: [String]? = nil,
    agentID: String, commandID: String
  ) {
    self.name = name
    self.user = user
    self.template = template
    self.namespace = namespace
    self.resources = resources
    self.persistentHome = persistentHome
    self.idleTimeout = idleTimeout
    self.maxSessionDuration = maxSessionDuration
    self.tags = tags
    state = SessionState.pending.rawValue
    phase = SessionState.pending.phase
    statusMessage = CreateSessionAnswer.statusMessage(agentID: agentID, commandID: commandID)
  }

  /// The text of `status.message`.
  package static func statusMessage(agentID: String, commandID: String) -> String {
    "Session provisioning in progress (agent: \(agentID), command: \(commandID))"
  }

  /// The agent named in the message, nil when it has another form.
  package var agentID: String? { part(after: "(agent: ", before: ", command: ") }

  /// The command named in the message, nil when it has another form.
  package var commandID: String? { part(after: ", command: ", before: ")") }

  private func part(after opening: String, before closing: String) -> String? {
    guard let start = statusMessage.firstRange(of: opening)?.upperBound,
      let end = statusMessage[start...].firstRange(of: closing)?.lowerBound
    else { return nil }
    return String(statusMessage[start..<end])
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    name = try reader.text("name")
    user = try reader.text("user")
    template = try reader.text("template")
    namespace = try reader.text("namespace")
    resources = try reader.model("resources")
    persistentHome = try reader.flag("persistentHome")
    idleTimeout = try reader.text("idleTimeout")
    maxSessionDuration = try reader.text("maxSessionDuration")
    tags = try reader.optionalTexts("tags")
    state = try reader.text("state")
    guard let status = try reader.optionalObject("status") else { throw .missing(path: "status") }
    guard let phase = status["phase"]?.text, let message = status["message"]?.text else {
      throw .missing(path: "status.phase")
    }
    self.phase = phase
    statusMessage = message
  }

  package var json: JSONValue {
    var status = JSONObject(reserving: 2)
    status.add("message", statusMessage)
    status.add("phase", phase)
    var object = JSONObject(reserving: 11)
    object.add("idleTimeout", idleTimeout)
    object.add("maxSessionDuration", maxSessionDuration)
    object.add("name", name)
    object.add("namespace", namespace)
    object.add("persistentHome", persistentHome)
    object.add("resources", resources)
    object.add("state", state)
    object.add("status", status)
    object.add("tags", tags?.json ?? .null)
    object.add("template", template)
    object.add("user", user)
    return .object(object)
  }

  package var estimatedByteCount: Int { 380 }
}
