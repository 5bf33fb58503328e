/// The flat `command_response` of the shipped Docker agent (spec/03 §2.5): its `timestamp` is a number, so the control
/// plane refuses the whole message; and it names no command.
package struct DockerCommandResponse: Sendable, Hashable {
  package var success: Bool
  package var sessionID: String
  /// `running` or `terminated`.
  package var status: String?
  package var container: Container?
  package var error: String?

  package init(
    success: Bool, sessionID: String, status: String? = nil, container: Container? = nil, error: String? = nil
  ) {
    self.success = success
    self.sessionID = sessionID
    self.status = status
    self.container = container
    self.error = error
  }

  /// The container a session got.
  package struct Container: WireCodable, Hashable {
    package var id: String
    package var ip: String

    package init(id: String, ip: String) {
      self.id = id
      self.ip = ip
    }

    package init(json: JSONValue) throws(WireError) {
      let reader = try JSONReader(json)
      id = try reader.text("id")
      ip = try reader.text("ip")
    }

    package var json: JSONValue {
      var object = JSONObject(reserving: 2)
      object.add("id", id)
      object.add("ip", ip)
      return .object(object)
    }
  }

  init(reading reader: JSONReader) throws(WireError) {
    success = try reader.flag("success")
    sessionID = try reader.text("sessionId")
    status = try reader.optionalText("status")
    container = try reader.optional("container")
    error = try reader.optionalText("error")
  }

  func add(to object: inout JSONObject) {
    object.add("success", success)
    object.add("sessionId", sessionID)
    object.addIfPresent("status", status)
    object.addIfPresent("container", container)
    object.addIfPresent("error", error)
  }
}

/// The flat `command_error` of the shipped Docker agent.
package struct DockerCommandError: Sendable, Hashable {
  package var commandID: String
  package var error: String

  package init(commandID: String, error: String) {
    self.commandID = commandID
    self.error = error
  }

  init(reading reader: JSONReader) throws(WireError) {
    commandID = try reader.text("commandId")
    error = try reader.text("error")
  }

  func add(to object: inout JSONObject) {
    object.add("commandId", commandID)
    object.add("error", error)
  }
}
