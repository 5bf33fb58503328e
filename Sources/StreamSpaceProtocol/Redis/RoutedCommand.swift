/// What is published on `pod:P:commands`: the agent's id and the whole envelope as a JSON text inside the JSON
/// (spec/01 §2.1).
package struct RoutedCommand: WireCodable, Hashable {
  package var agentID: String
  /// The encoded envelope. The subscriber of the profile `shipped` forwards any text verbatim.
  package var message: String

  package init(agentID: String, message: String) {
    self.agentID = agentID
    self.message = message
  }

  package init(agentID: String, envelope: ServerEnvelope) {
    self.init(agentID: agentID, message: JSONWriter.text(of: envelope.json))
  }

  /// Both keys must be there and not empty, else the subscriber skips the message (spec/01 §2.2).
  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "map[string]string")
    agentID = try reader.text("agentId")
    message = try reader.text("message")
    if agentID.isEmpty { throw .missing(path: "agentId") }
    if message.isEmpty { throw .missing(path: "message") }
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("agentId", agentID)
    object.add("message", message)
    return .object(object)
  }

  /// The envelope inside.
  package func envelope() throws(WireError) -> ServerEnvelope {
    try ServerEnvelope.decode(Array(message.utf8))
  }
}
