/// What the control plane says to an agent (spec/01 §1.4 and the frames of the contract).
package enum ServerMessage: Sendable, Hashable {
  case command(AgentCommand)
  case vncOpen(VNCOpen)
  case vncData(VNCData)
  case vncCredit(VNCCredit)
  case vncClose(VNCClose)
  /// Defined, never sent by the control plane; agents answer `pong`.
  case ping
  /// Defined, never sent by the control plane.
  case shutdown(reason: String?)
  /// Any other type, kept whole; logged and ignored by the agents.
  case unknown(type: String, document: JSONObject)

  /// The `type` of the envelope.
  package var type: String {
    switch self {
    case .command: "command"
    case .vncOpen: "vnc_open"
    case .vncData: "vnc_data"
    case .vncCredit: "vnc_credit"
    case .vncClose: "vnc_close"
    case .ping: "ping"
    case .shutdown: "shutdown"
    case .unknown(let type, _): type
    }
  }

  /// Whether the message goes before data in the send queue: all but `vnc_data` (spec/00, Streaming, rule 4).
  package var isControl: Bool {
    if case .vncData = self { false } else { true }
  }
}

/// One message of the control plane with its envelope.
package struct ServerEnvelope: WireCodable, Hashable {
  package var timestamp: EnvelopeTimestamp
  package var message: ServerMessage

  package init(timestamp: EnvelopeTimestamp, _ message: ServerMessage) {
    self.timestamp = timestamp
    self.message = message
  }

  /// A message with the RFC 3339 timestamp the control plane writes.
  package init(at time: Timestamp, _ message: ServerMessage) {
    self.init(timestamp: .at(time), message)
  }

  /// Reads an envelope with any form of timestamp; ``decode(_:rule:)`` is what a peer does.
  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "AgentMessage")
    timestamp = try EnvelopeTimestamp(reading: reader)
    let type = try reader.text("type", default: "")
    switch type {
    case "command": message = .command(try reader.model("payload"))
    case "vnc_open": message = .vncOpen(try reader.model("payload"))
    case "vnc_data": message = .vncData(try reader.model("payload"))
    case "vnc_credit": message = .vncCredit(try reader.model("payload"))
    case "vnc_close": message = .vncClose(try reader.model("payload"))
    case "ping": message = .ping
    case "shutdown":
      message = .shutdown(reason: try reader.optionalObject("payload")?["reason"]?.text)
    default: message = .unknown(type: type, document: reader.object)
    }
  }

  /// Reads bytes as an agent does: under contract and in the Kubernetes agent timestamps are texts, the shipped Docker
  /// agent wants integers.
  package static func decode(
    _ bytes: [UInt8], rule: EnvelopeTimestamp.Rule = .dateString
  ) throws(WireError) -> ServerEnvelope {
    let envelope = try ServerEnvelope(decoding: bytes)
    try envelope.timestamp.check(rule)
    return envelope
  }

  /// Keys in declared order: the control plane writes structs.
  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("type", message.type)
    timestamp.add(to: &object)
    switch message {
    case .command(let payload): object.add("payload", payload.json)
    case .vncOpen(let payload): object.add("payload", payload.json)
    case .vncData(let payload): object.add("payload", payload.json)
    case .vncCredit(let payload): object.add("payload", payload.json)
    case .vncClose(let payload): object.add("payload", payload.json)
    case .ping: object.add("payload", JSONObject())
    case .shutdown(let reason):
      var payload = JSONObject(reserving: 1)
      payload.addIfPresent("reason", reason)
      object.add("payload", payload)
    case .unknown(_, let document): return .object(document)
    }
    return .object(object)
  }

  /// Exact for `vnc_data` with ids that need no escape and a timestamp of nine digits; else an estimate.
  package var estimatedByteCount: Int {
    let payload: Int
    switch message {
    case .command(let command): payload = command.estimatedByteCount
    case .vncData(let data): payload = data.estimatedByteCount
    default: payload = 90
    }
    return 22 + message.type.utf8.count + timestamp.estimatedByteCount + payload
  }
}
