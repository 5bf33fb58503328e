/// Payload of `command`: what is asked of an agent.
package struct AgentCommand: WireCodable, Hashable {
  /// `cmd-` + 8 hexadecimal digits from session handlers, `cmd-` + UUID from the admin route and the reconciler.
  package var commandID: String
  /// One of ``AgentAction``; any text is carried, agents refuse the others.
  package var actionName: String
  package var payload: CommandPayload

  package init(commandID: String, action: AgentAction, payload: CommandPayload) {
    self.init(commandID: commandID, actionName: action.rawValue, payload: payload)
  }

  package init(commandID: String, actionName: String, payload: CommandPayload) {
    self.commandID = commandID
    self.actionName = actionName
    self.payload = payload
  }

  /// The action, nil when the text names none.
  package var action: AgentAction? { AgentAction(rawValue: actionName) }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.CommandMessage")
    commandID = try reader.text("commandId", default: "")
    actionName = try reader.text("action", default: "")
    payload = CommandPayload(action: AgentAction(rawValue: actionName), json: reader.object["payload"])
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("commandId", commandID)
    object.add("action", actionName)
    object.addIfPresent("payload", payload.json)
    return .object(object)
  }

  /// A start with a manifest of 0.5 KB takes about 900 bytes, every other command about 130.
  package var estimatedByteCount: Int {
    if case .start = payload { 900 } else { 130 }
  }
}

/// The inner payload of a command.
package enum CommandPayload: Sendable, Hashable {
  case start(StartSessionPayload)
  /// Stop, hibernate and wake.
  case session(SessionCommandPayload)
  /// What fits neither: an object with other keys or kinds, or no object at all.
  case other(JSONValue)
  /// No payload.
  case none

  /// Reads the payload of an action. Nothing is lost: what the model of the action cannot hold is kept as it is.
  package init(action: AgentAction?, json: JSONValue?) {
    guard let json else {
      self = .none
      return
    }
    self = CommandPayload.typed(action, json) ?? .other(json)
  }

  private static func typed(_ action: AgentAction?, _ json: JSONValue) -> CommandPayload? {
    guard let action, case .object(let object) = json else { return nil }
    let keys = action == .startSession ? StartSessionPayload.keys : SessionCommandPayload.keys
    for member in object.members where !keys.contains(member.key) || (member.value == .null && member.key != "tags") {
      return nil
    }
    do throws(WireError) {
      if action == .startSession { return .start(try StartSessionPayload(json: json)) }
      return .session(try SessionCommandPayload(json: json))
    } catch {
      return nil
    }
  }

  /// The document, nil when there is none.
  package var json: JSONValue? {
    switch self {
    case .start(let payload): payload.json
    case .session(let payload): payload.json
    case .other(let json): json
    case .none: nil
    }
  }

  /// The session the command is about, nil when it names none.
  package var sessionID: String? {
    switch self {
    case .start(let payload): payload.sessionID
    case .session(let payload): payload.sessionID
    case .other(let json): json["sessionId"]?.text
    case .none: nil
    }
  }
}
