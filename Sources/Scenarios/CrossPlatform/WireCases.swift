import StreamSpaceProtocol
import TestEnvironment

extension CrossPlatform {
  /// Every message, both ways, both agents.
  static let wireCases: [TestCase] = [wireConformance]

  static let wireConformance = TestCase(
    "XP-06", "Wire conformance", in: .crossPlatform, source: "[P heartbeat bugs]", variants: eachPlatform(),
    needs: ["replicas:1", "frames", "config"], checks: ["I-CMD-LIVE", "I-AUTHN"],
    kills: ["A-11", "A-12", "A-49", "B-31", "B-44", "B-45"],
    limits: "messages of the VNC tunnel (and B-63 with them) until VNC streaming is part of the simulation"
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    try await environment.captureFrames(of: agent)
    // A foreign session: of an agent that has none of its own here.
    let foreign = try await environment.seededSessions(1, on: agent, firstUser: 3)[0]
    let (session, _) = try await environment.running(SessionRequest(), by: "u01")
    let user = environment.user("u01")
    _ = try await user.hibernate(session.name, at: nil)
    try await environment.awaitState("hibernated", of: session.name)
    _ = try await user.wake(session.name, at: nil)
    try await environment.awaitState("running", of: session.name)
    let broken = try await environment.begin(.imagePullFailure(image: "linuxserver/libreoffice:latest"), for: nil)
    let failing = try await environment.created(SessionRequest(template: "libreoffice"), by: "u02")
    try await environment.awaitState("failed", of: failing.name, within: .seconds(180))
    try await environment.end(broken)
    try await environment.sleep(for: .seconds(35))
    await environment.judgeOwnMessages(of: agent)
    try await environment.judgeStrangeMessages(to: agent, session)
    try await environment.judgeStrangeMessages(from: agent, foreign)
    _ = try await user.stop(session.name, at: nil)
    try await environment.awaitState("terminated", of: session.name)
    for command in try await environment.commandRows(session: session.name) {
      environment.expect("\(command.action) ends as", equals: "completed", command.status)
    }
  }
}

extension Environment {
  /// Each message that the agent sends by itself has the shape that both sides agreed on.
  fileprivate func judgeOwnMessages(of agent: String) async {
    let rows: [(type: String, keys: [String], meaning: String)] = [
      ("heartbeat", ["status", "activeSessions", "capacity"], "the agent lives; its capacity"),
      ("ack", ["commandId"], "the command has arrived"), ("complete", ["commandId", "result"], "it took effect"),
      ("failed", ["commandId", "error"], "it did not, and why"),
      ("status", ["sessionId", "state"], "the session has a new state"),
    ]
    for row in rows {
      let sent = capturedFrames.filter { $0.agent == agent && $0.isFromAgent && $0.type == row.type }
      expect("\(row.type) messages", .atLeast(.count(1)), sent.count)
      var wrong: [String] = []
      for frame in sent {
        guard let document = try? JSONParser.parse(Array(frame.text.utf8)) else {
          wrong.append("not JSON")
          continue
        }
        let payload = document["payload"]
        wrong += row.keys.filter { payload?[$0] == nil }.map { "no \($0)" }
        if let stamp = document["timestamp"]?.text, Timestamp(rfc3339: stamp) == nil { wrong.append("time \(stamp)") }
      }
      expect("\(row.type): what is wrong with them", equals: "", wrong.joined(separator: ", "))
      record.add(
        .conformance(
          message: row.type, direction: "to API", platform: platform, sent: !sent.isEmpty, accepted: wrong.isEmpty,
          meaning: row.meaning))
    }
    let commands = capturedFrames.filter { $0.agent == agent && !$0.isFromAgent && $0.type == "command" }
    let answered = commands.filter { command in
      capturedFrames.contains { $0.isFromAgent && $0.type == "ack" && $0.command == command.command }
    }
    expect("commands sent", .atLeast(.count(4)), commands.count)
    expect("commands acknowledged", .equal(.count(commands.count)), answered.count)
    record.add(
      .conformance(
        message: "command", direction: "to agent", platform: platform, sent: !commands.isEmpty,
        accepted: answered.count == commands.count, meaning: "do this for a session"))
  }

  /// Whatever arrives at the agent, it neither ends nor loses its connection, and asks and answers go on.
  fileprivate func judgeStrangeMessages(to agent: String, _ session: OwnedSession) async throws {
    let stamp = "\"timestamp\":\"2025-11-23T00:00:00Z\""
    let strange: [(name: String, text: String)] = [
      ("unknown type", "{\"type\":\"bananas\",\(stamp),\"payload\":{}}"),
      ("no type", "{\(stamp),\"payload\":{}}"), ("empty object", "{}"), ("no JSON", "hello"), ("empty text", ""),
      ("array", "[1,2,3]"), ("truncated", "{\"type\":\"command\",\(stamp),\"payl"),
      ("command without payload", "{\"type\":\"command\",\(stamp)}"),
      (
        "command of an unknown action",
        "{\"type\":\"command\",\(stamp),\"payload\":{\"commandId\":\"cmd-strange1\",\"action\":\"dance\",\"payload\":{\"sessionId\":\"\(session.name)\"}}}"
      ),
      (
        "start without session",
        "{\"type\":\"command\",\(stamp),\"payload\":{\"commandId\":\"cmd-strange2\",\"action\":\"start_session\",\"payload\":{}}}"
      ),
      (
        "unknown keys everywhere",
        "{\"type\":\"ping\",\(stamp),\"colour\":1,\"payload\":{\"colour\":{\"deep\":[null]}}}"
      ), ("shutdown notice", "{\"type\":\"shutdown\",\(stamp),\"payload\":{\"reason\":\"drill\"}}"),
    ]
    let begun = now
    for message in strange {
      try await sendToAgent(agent, text: Array(message.text.utf8))
      try await sleep(for: .milliseconds(300))
    }
    try await sleep(for: .seconds(5))
    expect("connections lost to strange messages", .equal(.count(0)), registrations(of: agent, after: begun).count)
    expect("crashes", .equal(.count(0)), crashes(of: agent))
    for command in ["cmd-strange1", "cmd-strange2"] {
      let answers = frames("failed", from: agent, since: begun).count { $0.command == command }
      expect("failed answers to \(command)", .equal(.count(1)), answers)
    }
    let pongs = frames("pong", from: agent, since: begun).count
    record.add(
      .conformance(
        message: "ping", direction: "to agent", platform: platform, sent: true, accepted: pongs > 0,
        meaning: "are you there"))
    record.add(
      .conformance(
        message: "unknown type", direction: "to agent", platform: platform, sent: true, accepted: true,
        meaning: "ignored"))
  }

  /// What an agent could say wrongly is refused or ignored, and changes nothing.
  fileprivate func judgeStrangeMessages(from agent: String, _ foreign: OwnedSession) async throws {
    // Played by another agent, which connects under its own id and speaks of what is not its own.
    let stranger = agentClient("stranger")
    let begun = now
    try await sendAsAgent(agent, .binary([0, 255, 0, 255]))
    try await sendAsAgent(agent, .text(Array("{\"type\":\"bananas\",\"payload\":{}}".utf8)))
    try await sendAsAgent(agent, .text(Array("not JSON".utf8)))
    try await sendAsAgent(agent, .acknowledge(command: "cmd-unknown"))
    try await sendAsAgent(agent, .complete(command: "cmd-unknown"))
    try await sendAsAgent(agent, .status(session: "u99-nothing-00000000", state: "running", pod: nil))
    try await sleep(for: .seconds(5))
    expect("connections lost to strange frames", .equal(.count(0)), registrations(of: agent, after: begun).count)
    expect("row", equals: "online", try await agentRow(agent)?.status ?? "-")
    let answer = try await stranger.register(
      as: AgentIdentity("k8s-stranger", key: .bootstrap, instance: "stranger"), at: nil)
    expect("a stranger must wait for its approval", .equal(.count(202)), answer.status ?? 0)
    _ = try await user("admin").decide(agent: "k8s-stranger", approve: true, at: nil)
    let polled = try await stranger.register(
      as: AgentIdentity("k8s-stranger", key: .bootstrap, instance: "stranger"), at: nil)
    guard let key = polled.apiKey else { throw CaseFailure("the stranger got no key: \(polled.status ?? 0)") }
    let identity = AgentIdentity("k8s-stranger", key: .text(key), instance: "stranger")
    _ = try await stranger.register(as: identity, at: nil)
    let connected = try await stranger.connect(as: identity, at: nil)
    expect("the stranger connects", .equal(.count(101)), connected.status ?? 0)
    for state in ["terminated", "failed", "hibernated"] {
      try await stranger.send(.status(session: foreign.name, state: state, pod: "stolen"))
    }
    try await sleep(for: .seconds(3))
    expect("state of the foreign session", equals: "running", try await self.state(of: foreign.name))
    expect(
      "pod of the foreign session is its own", equals: "yes",
      try await sessionRow(foreign.name)?.podName == "stolen" ? "no" : "yes")
    record.add(
      .conformance(
        message: "status of a foreign session", direction: "to API", platform: platform, sent: true, accepted: false,
        meaning: "refused"))
    try await stranger.close()
  }
}
