import StreamSpaceProtocol
import Testing

@Suite("Agent envelope")
struct EnvelopeTests {
  private let time = Timestamp(nanosecondsSince1970: 1_795_391_772_123_456_789)

  private func text(_ value: some WireEncodable) -> String { JSONWriter.text(of: value.json) }

  @Test("an agent renders its envelope with keys in byte order, the control plane in declared order")
  func keyOrder() {
    #expect(
      text(AgentEnvelope(at: time, .ack(CommandAck(commandID: "c"))))
        == #"{"payload":{"commandId":"c"},"timestamp":"2026-11-22T23:56:12.123456789Z","type":"ack"}"#)
    #expect(
      text(ServerEnvelope(at: time, .vncClose(VNCClose(sessionID: "s", reason: .clientDisconnect))))
        == #"{"type":"vnc_close","timestamp":"2026-11-22T23:56:12.123456789Z","payload":{"sessionId":"s","reason":"client_disconnect"}}"#
    )
  }

  @Test("the shipped status frame has no timestamp key")
  func shippedStatus() throws {
    let report = SessionStatusReport(
      sessionID: "s", state: .running, vncReady: true, vncPort: 3000,
      platformMetadata: .init(podName: "p", podIP: "10.0.0.1"))
    let envelope = AgentEnvelope(timestamp: .absent, .status(report))
    #expect(
      text(envelope)
        == #"{"payload":{"platformMetadata":{"podIP":"10.0.0.1","podName":"p"},"sessionId":"s","state":"running","vncPort":3000,"vncReady":true},"type":"status"}"#
    )
    #expect(try AgentEnvelope.decode(envelope.encoded) == envelope)
  }

  @Test("a numeric timestamp makes the message invalid for the control plane, a text for the shipped Docker agent")
  func timestampRules() throws {
    let response = AgentEnvelope(
      timestamp: .unixSeconds(1_795_391_772),
      .commandResponse(DockerCommandResponse(success: true, sessionID: "s", status: "terminated")))
    #expect(throws: WireError.typeMismatch(path: "timestamp", expected: "time.Time", found: .number)) {
      try AgentEnvelope.decode(response.encoded)
    }
    #expect(throws: WireError.self) { try response.timestamp.check(.dateString) }
    let ping = ServerEnvelope(at: time, .ping)
    #expect(throws: WireError.typeMismatch(path: "timestamp", expected: "int64", found: .string)) {
      try ServerEnvelope.decode(ping.encoded, rule: .integer)
    }
    #expect(try ServerEnvelope.decode(ping.encoded) == ping)
    let bare = ServerEnvelope(timestamp: .absent, .ping)
    #expect(try ServerEnvelope.decode(bare.encoded, rule: .integer) == bare)
    #expect(try ServerEnvelope.decode(bare.encoded, rule: .dateString) == bare)
  }

  @Test(
    "a timestamp that is neither text nor integer, or no time, makes the message invalid",
    arguments: ["1.5", "true", "\"yesterday\"", "{}"])
  func badTimestamp(_ literal: String) {
    #expect(throws: WireError.self) {
      try AgentEnvelope.decode(Array(#"{"type":"pong","timestamp":\#(literal)}"#.utf8))
    }
  }

  @Test("unknown types are kept whole, in both directions")
  func unknownTypes() throws {
    let text = #"{"type":"weather","timestamp":"2026-11-22T23:56:12Z","payload":{"b":1,"a":[2]},"extra":true}"#
    let fromAgent = try AgentEnvelope.decode(Array(text.utf8))
    #expect(fromAgent.message.type == "weather")
    #expect(JSONWriter.text(of: fromAgent.json) == text)
    let fromServer = try ServerEnvelope.decode(Array(text.utf8))
    #expect(fromServer.message.type == "weather")
    #expect(JSONWriter.text(of: fromServer.json) == text)
  }

  @Test(
    "a message without payload, or with one of the wrong kind, is an error that names the place",
    arguments: [
      (#"{"type":"ack"}"#, WireError.missing(path: "payload")),
      (#"{"type":"ack","payload":{}}"#, .missing(path: "payload.commandId")),
      (#"{"type":"ack","payload":7}"#, .typeMismatch(path: "payload", expected: "models.AckMessage", found: .number)),
      (
        #"{"type":"vnc_credit","payload":{"sessionId":"s","attachmentId":"a","bytes":"9"}}"#,
        .typeMismatch(path: "payload.bytes", expected: "int", found: .string)
      ),
    ])
  func badPayload(_ text: String, _ expected: WireError) {
    #expect(throws: expected) { try AgentEnvelope.decode(Array(text.utf8)) }
  }

  @Test("every message of an agent reads back equal", arguments: EnvelopeTests.agentMessages)
  func agentRoundTrip(_ message: AgentMessage) throws {
    let envelope = AgentEnvelope(at: time, message)
    #expect(try AgentEnvelope.decode(envelope.encoded) == envelope)
    #expect(message.isControl == (message.type != "vnc_data"))
  }

  @Test("every message of the control plane reads back equal", arguments: EnvelopeTests.serverMessages)
  func serverRoundTrip(_ message: ServerMessage) throws {
    let envelope = ServerEnvelope(at: time, message)
    #expect(try ServerEnvelope.decode(envelope.encoded) == envelope)
    #expect(message.isControl == (message.type != "vnc_data"))
  }

  @Test("a message cut at any byte is an error", arguments: EnvelopeTests.agentMessages.prefix(4))
  func truncated(_ message: AgentMessage) {
    let bytes = AgentEnvelope(at: time, message).encoded
    for length in bytes.indices {
      #expect(throws: WireError.self) { try AgentEnvelope.decode(Array(bytes[..<length])) }
    }
  }

  @Test("the contract's frames read as the contract writes them")
  func contractFrames() {
    let id = "att-0123456789abcdef"
    #expect(
      text(VNCOpen(sessionID: "S", attachmentID: id))
        == #"{"sessionId":"S","attachmentId":"att-0123456789abcdef","window":262144}"#)
    #expect(
      text(VNCCredit(sessionID: "S", attachmentID: id, bytes: VNCCredit.step))
        == #"{"sessionId":"S","attachmentId":"att-0123456789abcdef","bytes":65536}"#)
    #expect(
      text(VNCClose(sessionID: "S", attachmentID: id, reason: .takenOver))
        == #"{"sessionId":"S","attachmentId":"att-0123456789abcdef","reason":"taken_over"}"#)
  }

  @Test("the size of a data frame is known without encoding it", arguments: [0, 1, 2, 3, 1000, 32_767, 32_768])
  func dataByteCount(_ count: Int) {
    for attachment in [nil, "att-0123456789abcdef"] {
      let data = VNCData(
        sessionID: "u01-rfb-desktop-0a1b2c3d", attachmentID: attachment,
        data: VNCChunk(bytes: [UInt8](repeating: 0xfb, count: count)))
      let toServer = AgentEnvelope(at: time, .vncData(data))
      #expect(toServer.estimatedByteCount == toServer.encoded.count)
      let toAgent = ServerEnvelope(at: time, .vncData(data))
      #expect(toAgent.estimatedByteCount == toAgent.encoded.count)
    }
    #expect(Base64.encodedCount(32_768) == 43_692)
  }

  @Test("estimates lie within a factor of two of the truth")
  func estimates() {
    for message in EnvelopeTests.agentMessages where message.type != "pong" {
      let envelope = AgentEnvelope(at: time, message)
      let (estimate, truth) = (envelope.estimatedByteCount, envelope.encoded.count)
      #expect(estimate <= 2 * truth && truth <= 2 * estimate, "\(message.type): \(estimate) for \(truth)")
    }
  }

  static let agentMessages: [AgentMessage] = [
    .heartbeat(
      AgentHeartbeat(
        activeSessions: 2, capacity: .standard(AgentCapacity(maxSessions: 100, cpu: "64 cores", memory: "256Gi")))),
    .heartbeat(AgentHeartbeat(capacity: .shippedDocker(DockerCapacity(maxCPU: 1, maxMemory: 2, maxSessions: 3)))),
    .ack(CommandAck(commandID: "cmd-1")),
    .complete(
      CommandCompletion(
        commandID: "cmd-1",
        result: CommandResult(
          sessionID: "s", deployment: "s", service: "s", pvc: "", podName: "p", podIP: "10.0.0.1", vncPort: 3000,
          state: "running"))),
    .complete(CommandCompletion(commandID: "cmd-1")),
    .failed(CommandFailure(commandID: "cmd-1", error: "pod not ready: timeout waiting for pod to be ready")),
    .status(
      SessionStatusReport(sessionID: "s", state: .failed, vncReady: false, reason: SessionStatusReport.workloadLost)),
    .vncReady(VNCReady(sessionID: "s", attachmentID: "att-0123456789abcdef", vncPort: 5900, podName: "p")),
    .vncData(VNCData(sessionID: "s", attachmentID: "att-0123456789abcdef", data: VNCChunk(bytes: Array(0...255)))),
    .vncCredit(VNCCredit(sessionID: "s", attachmentID: "att-0123456789abcdef", bytes: 65_536)),
    .vncClose(VNCClose(sessionID: "s", attachmentID: "att-0123456789abcdef", reason: .desktopClosed)),
    .vncError(VNCError(sessionID: "s", error: "timeout waiting for port-forward")),
    .pong(agentID: nil), .pong(agentID: "docker-1"),
    .commandError(DockerCommandError(commandID: "cmd-1", error: "unknown command action: x")),
    .shutdownAck(agentID: "docker-1"),
  ]

  static let serverMessages: [ServerMessage] = [
    .command(
      AgentCommand(
        commandID: "cmd-1", action: .startSession,
        payload: .start(
          StartSessionPayload(
            sessionID: "s", user: "u01", template: "xterm-vnc", templateManifest: ["kind": "Template"], memory: "512Mi",
            cpu: "250m", persistentHome: false, tags: ["a"])))),
    .command(
      AgentCommand(
        commandID: "cmd-2", action: .stopSession, payload: .session(.reconcilerStop(sessionID: "s")))),
    .command(AgentCommand(commandID: "cmd-3", actionName: "reboot", payload: .other(["x": 1]))),
    .command(AgentCommand(commandID: "cmd-4", action: .wakeSession, payload: .none)),
    .vncOpen(VNCOpen(sessionID: "s", attachmentID: "att-0123456789abcdef")),
    .vncData(VNCData(sessionID: "s", data: VNCChunk(text: "no base64, carried verbatim"))),
    .vncCredit(VNCCredit(sessionID: "s", attachmentID: "att-0123456789abcdef", bytes: 1)),
    .vncClose(VNCClose(sessionID: "s", reason: .clientDisconnect)),
    .ping, .shutdown(reason: "test"), .shutdown(reason: nil),
  ]
}
