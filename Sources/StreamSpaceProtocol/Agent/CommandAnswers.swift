/// Payload of `ack`: handling of a command begins; under contract, the command has arrived (C26).
package struct CommandAck: WireCodable, Hashable {
  package var commandID: String

  package init(commandID: String) { self.commandID = commandID }

  package init(json: JSONValue) throws(WireError) {
    commandID = try JSONReader(json, "models.AckMessage").text("commandId")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 1)
    object.add("commandId", commandID)
    return .object(object)
  }
}

/// Payload of `complete`.
package struct CommandCompletion: WireCodable, Hashable {
  package var commandID: String
  /// Ignored by the shipped control plane; moves the session under contract (C13).
  package var result: CommandResult?

  package init(commandID: String, result: CommandResult? = nil) {
    self.commandID = commandID
    self.result = result
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.CompleteMessage")
    commandID = try reader.text("commandId")
    result = try reader.optional("result")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("commandId", commandID)
    object.addIfPresent("result", result)
    return .object(object)
  }
}

/// What a finished command leads to (spec/03 §2.2 to §2.4): all keys may be absent.
package struct CommandResult: WireCodable, Hashable {
  package var sessionID: String?
  package var deployment: String?
  package var service: String?
  /// Name of the home volume claim, empty when there is none.
  package var pvc: String?
  package var podName: String?
  package var podIP: String?
  package var vncPort: Int?
  /// `running`, `terminated` or `hibernated`.
  package var state: String?

  package init(
    sessionID: String? = nil, deployment: String? = nil, service: String? = nil, pvc: String? = nil,
    podName: String? = nil, podIP: String? = nil, vncPort: Int? = nil, state: String? = nil
  ) {
    self.sessionID = sessionID
    self.deployment = deployment
    self.service = service
    self.pvc = pvc
    self.podName = podName
    self.podIP = podIP
    self.vncPort = vncPort
    self.state = state
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "map[string]interface {}")
    sessionID = try reader.optionalText("sessionId")
    deployment = try reader.optionalText("deployment")
    service = try reader.optionalText("service")
    pvc = try reader.optionalText("pvc")
    podName = try reader.optionalText("podName")
    podIP = try reader.optionalText("podIP")
    vncPort = try reader.optionalInteger("vncPort")
    state = try reader.optionalText("state")
  }

  /// Keys in byte order: the result is a map.
  package var json: JSONValue {
    var object = JSONObject(reserving: 8)
    object.addIfPresent("deployment", deployment)
    object.addIfPresent("podIP", podIP)
    object.addIfPresent("podName", podName)
    object.addIfPresent("pvc", pvc)
    object.addIfPresent("service", service)
    object.addIfPresent("sessionId", sessionID)
    object.addIfPresent("state", state)
    object.addIfPresent("vncPort", vncPort)
    return .object(object)
  }
}

/// Payload of `failed`.
package struct CommandFailure: WireCodable, Hashable {
  package var commandID: String
  /// The agent's text, stored in `agent_commands.error_message`; the known ones are in spec/03 §8.3.
  package var error: String

  package init(commandID: String, error: String) {
    self.commandID = commandID
    self.error = error
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.FailedMessage")
    commandID = try reader.text("commandId")
    error = try reader.text("error", default: "")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("commandId", commandID)
    object.add("error", error)
    return .object(object)
  }
}
