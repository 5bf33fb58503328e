/// One message of an agent with its envelope.
package struct AgentEnvelope: WireCodable, Hashable {
  package var timestamp: EnvelopeTimestamp
  package var message: AgentMessage

  package init(timestamp: EnvelopeTimestamp, _ message: AgentMessage) {
    self.timestamp = timestamp
    self.message = message
  }

  /// A message with the usual RFC 3339 timestamp.
  package init(at time: Timestamp, zoneMinutes: Int = 0, _ message: AgentMessage) {
    self.init(timestamp: EnvelopeTimestamp(time, zoneMinutes: zoneMinutes), message)
  }

  /// Reads an envelope with any form of timestamp; ``decode(_:rule:)`` is what a peer does.
  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "models.AgentMessage")
    timestamp = try EnvelopeTimestamp(reading: reader)
    message = try AgentMessage(type: try reader.text("type", default: ""), reading: reader)
  }

  /// Reads bytes as the control plane does: a numeric timestamp makes the message invalid.
  package static func decode(
    _ bytes: [UInt8], rule: EnvelopeTimestamp.Rule = .dateString
  ) throws(WireError) -> AgentEnvelope {
    let envelope = try AgentEnvelope(decoding: bytes, limits: .agentFrame)
    try envelope.timestamp.check(rule)
    return envelope
  }

  /// Keys in byte order at the top, as the agents' maps render.
  package var json: JSONValue {
    if case .unknown(_, let document) = message { return .object(document) }
    var object = JSONObject(reserving: 4)
    if let payload = message.payload {
      object.add("payload", payload.json)
      timestamp.add(to: &object)
      object.add("type", message.type)
      return .object(object)
    }
    timestamp.add(to: &object)
    object.add("type", message.type)
    switch message {
    case .pong(let agentID): object.addIfPresent("agentId", agentID)
    case .commandResponse(let response): response.add(to: &object)
    case .commandError(let error): error.add(to: &object)
    case .shutdownAck(let agentID): object.add("agentId", agentID)
    default: break
    }
    return .object(object.sortedByKey)
  }

  /// Exact for `vnc_data` with ids that need no escape and a timestamp of nine digits; else an estimate.
  package var estimatedByteCount: Int {
    let payload: Int
    switch message {
    case .vncData(let data): payload = data.estimatedByteCount
    case .complete(let completion): payload = completion.result == nil ? 40 : 200
    case .status: payload = 180
    default: payload = 90
    }
    return 22 + message.type.utf8.count + timestamp.estimatedByteCount + payload
  }
}

extension AgentMessage {
  init(type: String, reading reader: JSONReader) throws(WireError) {
    switch type {
    case "heartbeat": self = .heartbeat(try reader.model("payload"))
    case "ack": self = .ack(try reader.model("payload"))
    case "complete": self = .complete(try reader.model("payload"))
    case "failed": self = .failed(try reader.model("payload"))
    case "status": self = .status(try reader.model("payload"))
    case "vnc_ready": self = .vncReady(try reader.model("payload"))
    case "vnc_data": self = .vncData(try reader.model("payload"))
    case "vnc_credit": self = .vncCredit(try reader.model("payload"))
    case "vnc_close": self = .vncClose(try reader.model("payload"))
    case "vnc_error": self = .vncError(try reader.model("payload"))
    case "pong": self = .pong(agentID: try reader.optionalText("agentId"))
    case "command_response": self = .commandResponse(try DockerCommandResponse(reading: reader))
    case "command_error": self = .commandError(try DockerCommandError(reading: reader))
    case "shutdown_ack": self = .shutdownAck(agentID: try reader.text("agentId"))
    default: self = .unknown(type: type, document: reader.object)
    }
  }
}
