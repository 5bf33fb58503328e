import StreamSpaceProtocol
import Testing

/// Frames from a peer that means harm: every one is read or refused, none ends the process (C24).
@Suite("Hostile frames")
struct HostileFrameTests {
  private static let types = [
    "heartbeat", "ack", "complete", "failed", "status", "vnc_ready", "vnc_data", "vnc_credit", "vnc_close", "vnc_error",
    "pong", "command_response", "command_error", "shutdown_ack", "command", "vnc_open", "ping", "shutdown", "weather",
  ]

  @Test("a known type with a random payload is read or refused, and what is read can be written", arguments: types)
  func randomPayload(_ type: String) throws {
    var dice = Dice(seed: 42)
    let time = Timestamp(nanosecondsSince1970: 0)
    for round in 0..<60 {
      var document = JSONObject([.init(key: "type", value: .string(type)), .init(key: "timestamp", value: time.json)])
      document["payload"] = payload(&dice)
      let bytes = JSONWriter.bytes(of: document.json)
      if let envelope = try? AgentEnvelope.decode(bytes) {
        #expect(try AgentEnvelope.decode(envelope.encoded) == envelope, "round \(round)")
      }
      if let envelope = try? ServerEnvelope.decode(bytes) {
        #expect(try ServerEnvelope.decode(envelope.encoded) == envelope, "round \(round)")
      }
    }
  }

  @Test("random bytes are refused", arguments: 0..<20)
  func randomBytes(_ seed: Int) {
    var dice = Dice(seed: UInt64(seed))
    let bytes = dice.bytes(1 + dice.roll(200))
    #expect(throws: WireError.self, "seed \(seed)") { try AgentEnvelope.decode(bytes) }
    #expect(throws: WireError.self, "seed \(seed)") { try ServerEnvelope.decode(bytes) }
  }

  /// An object whose keys are those of real payloads and whose values are anything.
  private func payload(_ dice: inout Dice) -> JSONValue {
    let keys = [
      "sessionId", "attachmentId", "commandId", "action", "payload", "data", "bytes", "vncPort", "reason", "error",
      "state", "status", "capacity", "result", "platformMetadata", "window", "activeSessions", "vncReady", "tags",
      "success",
    ]
    var object = JSONObject()
    for key in keys where dice.roll(2) == 0 {
      object[key] = dice.roll(2) == 0 ? "text" : JSONPropertyTests.document(&dice, depth: 2)
    }
    return .object(object)
  }
}
