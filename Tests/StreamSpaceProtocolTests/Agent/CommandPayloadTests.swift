import StreamSpaceProtocol
import Testing

@Suite("Command payloads")
struct CommandPayloadTests {
  @Test("a start as the control plane writes it: all keys in byte order, tags null when there are none")
  func start() {
    let payload = StartSessionPayload(
      sessionID: "S", user: "u01", template: "t", templateManifest: [:], memory: "2Gi", cpu: "1000m",
      persistentHome: true)
    #expect(
      JSONWriter.text(of: payload.json)
        == #"{"cpu":"1000m","idleTimeout":"","maxSessionDuration":"","memory":"2Gi","namespace":"streamspace","persistentHome":true,"sessionId":"S","tags":null,"template":"t","templateManifest":{},"user":"u01"}"#
    )
  }

  @Test("an administrator's short start stays a start with gaps")
  func gaps() throws {
    let payload = CommandPayload(action: .startSession, json: ["sessionId": "ghost-1"])
    guard case .start(let start) = payload else {
      Issue.record("read as \(payload)")
      return
    }
    #expect(start.sessionID == "ghost-1" && start.user == nil && start.tags == .absent)
    #expect(payload.json == ["sessionId": "ghost-1"])
  }

  @Test(
    "what the model cannot hold is kept as it is",
    arguments: [
      (.startSession, ["sessionId": 7]),
      (.startSession, ["sessionId": "s", "color": "blue"]),
      (.stopSession, ["sessionId": "s", "user": "u"]),
      (.stopSession, ["sessionId": nil]),
      (.stopSession, "text"), (.startSession, [1, 2]), (.startSession, nil),
    ] as [(AgentAction, JSONValue)])
  func other(_ action: AgentAction, _ json: JSONValue) {
    #expect(CommandPayload(action: action, json: json) == .other(json))
    #expect(CommandPayload(action: nil, json: json) == .other(json))
  }

  @Test("the session is found in every form")
  func sessionID() {
    #expect(CommandPayload(action: .stopSession, json: ["sessionId": "s"]).sessionID == "s")
    #expect(CommandPayload(action: nil, json: ["sessionId": "s"]).sessionID == "s")
    #expect(CommandPayload.none.sessionID == nil)
  }

  @Test("the route payload holds the envelope as text, keys in byte order")
  func routed() throws {
    let envelope = ServerEnvelope(
      at: Timestamp(nanosecondsSince1970: 0),
      .command(AgentCommand(commandID: "c<1>", action: .wakeSession, payload: .none)))
    let routed = RoutedCommand(agentID: "a", envelope: envelope)
    #expect(
      JSONWriter.text(of: routed.json)
        == #"{"agentId":"a","message":"{\"type\":\"command\",\"timestamp\":\"1970-01-01T00:00:00Z\",\"payload\":{\"commandId\":\"c\\u003c1\\u003e\",\"action\":\"wake_session\"}}"}"#
    )
    #expect(try RoutedCommand(decoding: routed.encoded).envelope() == envelope)
  }

  @Test(
    "a route payload without agent or message is refused",
    arguments: [#"{"agentId":"a"}"#, #"{"message":"m"}"#, #"{"agentId":"","message":"m"}"#, "[]", "garbage"])
  func badRoute(_ text: String) {
    #expect(throws: WireError.self) { try RoutedCommand(decoding: Array(text.utf8)) }
  }

  @Test("keys and channels have the recorded names")
  func routeKeys() {
    #expect(RouteKeys.pod(agent: "k8s-cap-1") == "agent:k8s-cap-1:pod")
    #expect(RouteKeys.connected(agent: "k8s-cap-1") == "agent:k8s-cap-1:connected")
    #expect(RouteKeys.commands(pod: "api-a") == "pod:api-a:commands")
    #expect(RouteKeys.address(pod: "api-a") == "pod:api-a:addr")
    // [rec 01]: the key under which the template list of user admin was looked up.
    #expect(
      RouteKeys.cachedAnswer(uri: "/api/v1/templates", userID: "admin")
        == "response:9659a8889e2a8a9881fcb3f719e249ff88ef4e30823a8aa1e964fde000f88841")
  }
}
