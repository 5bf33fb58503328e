import StreamSpaceProtocol
import Testing

@Suite("WebSocket messages")
struct WebSocketTests {
  private let time = Timestamp(nanosecondsSince1970: 1_795_391_772_000_000_000)

  private func command(_ id: String) -> ServerEnvelope {
    ServerEnvelope(
      at: time,
      .command(
        AgentCommand(
          commandID: id, action: .stopSession, payload: .session(SessionCommandPayload(sessionID: "s-1")))))
  }

  @Test("one document travels typed and reads the same from bytes")
  func oneDocument() throws {
    let message = WebSocketMessage.document(command("c1"))
    #expect(try message.decode() == command("c1"))
    #expect(try message.asBytes.decode() == command("c1"))
  }

  @Test("joined documents fail as one, as in the shipped agents, and are read one by one under contract")
  func joined() throws {
    let message = WebSocketMessage.documents([command("c1"), command("c2")])
    for form in [message, message.asBytes] {
      #expect(throws: WireError.self) { try form.decode(as: ServerEnvelope.self) }
      #expect(try form.decodeEach(as: ServerEnvelope.self).map { try $0.get() } == [command("c1"), command("c2")])
    }
  }

  @Test("one bad document does not spoil the others")
  func oneBad() throws {
    let text = JSONWriter.text(of: command("c1").json) + "\nnot json\n" + JSONWriter.text(of: command("c2").json)
    let results = WebSocketMessage.text(text).decodeEach(as: ServerEnvelope.self)
    #expect(results.count == 3)
    #expect(try results[0].get() == command("c1"))
    #expect(throws: WireError.self) { try results[1].get() }
    #expect(try results[2].get() == command("c2"))
  }

  @Test("a frame over the read limit of an agent is refused")
  func readLimit() {
    let long = WebSocketMessage.text("\"" + String(repeating: "y", count: 524_288) + "\"")
    #expect(throws: WireError.syntax(JSONSyntaxError(.tooLong(limit: 524_288), at: 524_288))) {
      try long.decode(as: AgentEnvelope.self)
    }
  }

  @Test("a close reason keeps 123 bytes and whole characters")
  func closeReason() {
    #expect(WebSocketCloseCode.reason("short") == "short")
    #expect(WebSocketCloseCode.reason(String(repeating: "a", count: 123)).utf8.count == 123)
    #expect(WebSocketCloseCode.reason(String(repeating: "a", count: 124)).utf8.count == 123)
    let cut = WebSocketCloseCode.reason(String(repeating: "é", count: 62))
    #expect(cut == String(repeating: "é", count: 61))
  }

  @Test("relay messages read back")
  func relay() throws {
    let messages: [RelayMessage] = [
      .ready(vncPort: 5900), .credit(bytes: 65_536), .close(code: .takenOver, reason: "taken_over"),
    ]
    for message in messages { #expect(try RelayMessage(decoding: message.encoded) == message) }
    #expect(JSONWriter.text(of: messages[2].json) == #"{"type":"close","code":4001,"reason":"taken_over"}"#)
    #expect(throws: WireError.self) { try RelayMessage(decoding: Array(#"{"type":"open"}"#.utf8)) }
    #expect(throws: WireError.self) { try RelayMessage(decoding: Array(#"{"type":"close","code":70000}"#.utf8)) }
  }
}
