import TestEnvironment

extension CrossPlatform {
  /// Every message, both ways, both agents.
  static let wireCases: [TestCase] = [wireConformance]

  static let wireConformance = TestCase(
    "XP-06", "Wire conformance", in: .crossPlatform, source: "[P heartbeat bugs]", variants: eachPlatform(),
    plain: .inTurn, needs: ["replicas:1", "frames", "config", "vnc"], checks: ["I-CMD-LIVE", "I-AUTHN"],
    kills: ["A-11", "A-12", "A-49", "B-31", "B-44", "B-45", "B-63"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    try await environment.captureFrames(of: agent)
    // A session of this agent, foreign to any other.
    let foreign = try await environment.seededSessions(1, on: agent, firstUser: 3)[0]
    let user = environment.user("u01")
    let session = try await environment.created(SessionRequest(), by: "u01")
    try await environment.reach("running", session)
    _ = try await user.hibernate(session.name, at: nil)
    try await environment.reach("hibernated", session)
    _ = try await user.wake(session.name, at: nil)
    try await environment.reach("running", session)
    // Frames of a stream, in both encodings that a viewer may speak (C25).
    for isBinary in [true, false] {
      let asked = environment.now
      let viewer = try await environment.asked(session, isBinary: isBinary)
      let what = "picture, \(isBinary ? "binary" : "base64") frames"
      guard try await environment.expectPicture(what, of: viewer, within: .seconds(5), from: asked) else { continue }
      try await environment.expectWorks("input, \(isBinary ? "binary" : "base64") frames", viewer)
      try await viewer.close(abruptly: false)
    }
    try await environment.sendStrangeMessages(to: agent)
    // Its own messages, before the case speaks in its name; at least one heartbeat is among them by now.
    try await environment.sleep(for: .seconds(31))
    try await environment.judgeOwnMessages(of: agent)
    try await environment.sendStrangeMessages(from: agent, about: session)
    try await environment.speakOfForeignSessions(foreign, of: agent)
    _ = try await user.stop(session.name, at: nil)
    try await environment.reach("terminated", session)
    // The session's state comes with the status report, the end of the command right after it.
    _ = try await environment.wait(upTo: .seconds(5)) {
      try await environment.commandRows(session: session.name).allSatisfy(\.isFinal)
    }
    for command in try await environment.commandRows(session: session.name) {
      environment.expect("\(command.action) ends as", equals: "completed", command.status)
    }
  }
}

extension Environment {
  /// A step of the life cycle that the wire carries.
  fileprivate func reach(_ state: String, _ session: OwnedSession) async throws {
    try await expect("the session is \(state)", within: .seconds(30)) {
      try await self.state(of: session.name) == state
    }
  }

  /// Each message that the agent sends by itself has the shape that both sides agreed on (spec/03 §1.6, C26).
  fileprivate func judgeOwnMessages(of agent: String) async throws {
    for row in WireCatalogue.fromAgents {
      // Without the control frames of the WebSocket, which bear no text.
      let sent = capturedFrames.filter {
        $0.agent == agent && $0.isFromAgent && $0.type == row.type && !$0.text.isEmpty
      }
      expect("\(row.type) messages", .atLeast(.count(1)), sent.count)
      let wrong = sent.flatMap { row.faults(in: $0.text) }
      expect("\(row.type): what is wrong with them", equals: "", Set(wrong).sorted().joined(separator: ", "))
      record.add(
        .conformance(
          message: row.type, direction: "to API", platform: platform, sent: !sent.isEmpty, accepted: wrong.isEmpty,
          meaning: row.meaning))
    }
    // Those of the control plane: a damaged copy may be no command for its reader.
    let known = try await commandRows(session: nil).map(\.command)
    let commands = capturedFrames.filter { frame in
      !frame.isFromAgent && frame.type == "command" && frame.command.map(known.contains) == true
    }
    let answered = commands.filter { command in
      capturedFrames.contains { $0.isFromAgent && $0.type == "ack" && $0.command == command.command }
    }
    expect("commands sent", .atLeast(.count(3)), commands.count)
    expect("commands without ack", .equal(.count(0)), commands.count - answered.count)
    record.add(
      .conformance(
        message: "command", direction: "to agent", platform: platform, sent: !commands.isEmpty,
        accepted: answered.count == commands.count, meaning: "do this for a session"))
  }

  /// Whatever arrives at the agent, it neither dies nor loses its connection; what can be answered is answered.
  fileprivate func sendStrangeMessages(to agent: String) async throws {
    let begun = now
    for message in WireCatalogue.toAgents {
      let sent = now
      try await sendToAgent(agent, text: Array(message.text.utf8))
      var missing = message.answers
      _ = try await wait(upTo: .seconds(message.answers.isEmpty ? 0 : 30), every: .milliseconds(250)) {
        missing = message.answers.filter { answer in
          !self.capturedFrames.contains {
            $0.isFromAgent && $0.time >= sent && $0.type == answer.type && $0.command == answer.command
          }
        }
        return missing.isEmpty
      }
      expect("\(message.name): answers that are missing", equals: "", missing.map(\.type).joined(separator: " "))
      record.add(
        .conformance(
          message: message.name, direction: "to agent", platform: platform, sent: false,
          accepted: !message.answers.isEmpty && missing.isEmpty, meaning: message.meaning))
    }
    // Damaged copies of a good message: bytes cut off, or one changed.
    let good = Array(WireCatalogue.command("cmd-damaged", "stop_session", "{\"sessionId\":\"damaged\"}").utf8)
    for _ in 0..<(depth == .full ? 64 : 12) {
      var bytes = good
      let place = choose("damaged byte", bytes.count)
      if choose("kind of damage", 2) == 0 {
        bytes.removeSubrange(place...)
      } else {
        bytes[place] = UInt8(choose("byte", 128))
      }
      try await sendToAgent(agent, text: bytes)
      try await sleep(for: .milliseconds(100))
    }
    try await sleep(for: .seconds(5))
    expect("connections lost to strange messages", .equal(.count(0)), registrations(of: agent, after: begun).count)
    expect("crashes", .equal(.count(0)), crashes(of: agent))
  }

  /// Whatever an agent says, its connection stands and nothing changes that must not; a good message in another coat
  /// (unknown keys, an offset in the time, no time) is understood.
  fileprivate func sendStrangeMessages(from agent: String, about session: OwnedSession) async throws {
    let begun = now
    let start = try await command(of: session.name, action: "start_session")
    for message in WireCatalogue.fromStrangers(command: start?.command ?? "", session: session.name) {
      let before = try await agentRow(agent)?.lastHeartbeat
      try await sendAsAgent(agent, message.frame)
      var isRead = false
      if message.isHeartbeat {
        isRead =
          try await wait(upTo: .seconds(2)) { try await self.agentRow(agent)?.lastHeartbeat != before } != nil
        expect("\(message.name) counts as a heartbeat", equals: "yes", isRead ? "yes" : "no")
      } else {
        try await sleep(for: .milliseconds(100))
      }
      record.add(
        .conformance(
          message: message.name, direction: "to API", platform: platform, sent: false, accepted: isRead,
          meaning: message.meaning))
    }
    try await sleep(for: .seconds(5))
    expect("connections lost to strange frames", .equal(.count(0)), registrations(of: agent, after: begun).count)
    expect("row", equals: "online", try await agentRow(agent)?.status ?? "-")
    expect("state after late answers", equals: "running", try await state(of: session.name))
    expect(
      "final command after late answers", equals: "completed",
      try await command(of: session.name, action: "start_session")?.status ?? "-")
  }

  /// An agent of its own connects and speaks of what another's: it is refused (C7).
  fileprivate func speakOfForeignSessions(_ foreign: OwnedSession, of owner: String) async throws {
    let name = "k8s-stranger"
    let stranger = agentClient("stranger")
    var identity = AgentIdentity(name, key: .bootstrap, instance: "stranger")
    let asked = try await stranger.register(as: identity, at: nil)
    expect("a stranger must wait for its approval", .equal(.count(202)), asked.status ?? 0)
    _ = try await user("admin").decide(agent: name, approve: true, at: nil)
    let polled = try await stranger.register(as: identity, at: nil)
    guard let key = polled.apiKey else { throw CaseFailure("the stranger got no key: \(polled.status ?? 0)") }
    identity.key = .text(key)
    _ = try await stranger.register(as: identity, at: nil)
    let connected = try await stranger.connect(as: identity, at: nil)
    expect("the stranger connects", .equal(.count(101)), connected.status ?? 0)
    // A stop that waits for its owner: nobody else may answer for it.
    let hibernation = try await user(foreign.user).hibernate(foreign.name, at: nil).commandID ?? ""
    for frame in [AgentFrame.acknowledge(command: hibernation), .failed(command: hibernation, error: "stolen")] {
      try await stranger.send(frame)
    }
    try await reach("hibernated", foreign)
    _ = try await wait(upTo: .seconds(5)) {
      try await self.commandRows(session: foreign.name).allSatisfy(\.isFinal)
    }
    expect(
      "command that a stranger failed", equals: "completed",
      try await command(of: foreign.name, action: "hibernate_session")?.status ?? "-")
    for state in ["running", "terminated", "failed"] {
      try await stranger.send(.status(session: foreign.name, state: state, pod: "stolen"))
    }
    try await sleep(for: .seconds(3))
    let row = try await sessionRow(foreign.name)
    expect("state of the foreign session", equals: "hibernated", row?.state ?? "-")
    expect("pod of the foreign session is its own", equals: "yes", row?.podName == "stolen" ? "no" : "yes")
    for (message, accepted) in [("status", row?.state != "hibernated"), ("failed", false), ("ack", false)] {
      record.add(
        .conformance(
          message: "\(message) of a foreign session", direction: "to API", platform: platform, sent: false,
          accepted: accepted, meaning: "refused"))
    }
    expect("it is still connected", equals: "yes", try await stranger.isConnected() ? "yes" : "no")
    try await stranger.close()
  }
}
