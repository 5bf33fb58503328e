import StreamSpaceProtocol
import TestEnvironment

extension DockerAgentLifecycle {
  /// What agent and control plane say to each other.
  static let protocolCases: [TestCase] = [steadyConnection, replies, heartbeatFormat, duplicateStart]

  static let steadyConnection = TestCase(
    "DOCK-01", "Steady connection", in: .dockerAgentLifecycle, source: "[P DOCKER_AGENT_HA]", live: true,
    variants: [10, 30, 0].map { seconds in
      Variant(
        "heartbeat \(seconds) s", Topology.td.with { $0.agents[0].heartbeat = .seconds(seconds) },
        parameter: Int64(seconds))
    },
    needs: ["replicas:2", "docker", "config"], checks: ["I-STATUS", "I-CRASH"], kills: ["A-03", "A-13", "A-52"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let start = environment.now
    try await environment.captureFrames(of: agent)
    try await environment.sleep(until: start + .seconds(600))
    // An interval of nothing becomes 10 s, the fall-back (spec/03 §1.1).
    let interval = environment.variant.parameter == 0 ? 10 : Int(environment.variant.parameter)
    let beats = environment.frames("heartbeat", from: agent)
    environment.expect(
      "heartbeats in 600 s", .between(.count(600 / interval - 1), .count(600 / interval + 1)), beats.count)
    let pings = environment.frames("ping", from: agent)
    environment.expect("pings in 600 s, one in 54 s", .between(.count(10), .count(12)), pings.count)
    for (before, after) in zip(pings, pings.dropFirst()) {
      environment.record.sample("between two pings", after.time - before.time)
    }
    environment.expect(
      "reconnections", .equal(.count(0)), environment.registrations(of: agent, after: start).count)
    environment.expect("crashes", .equal(.count(0)), environment.crashes(of: agent))
    environment.expect("row", equals: "online", try await environment.agentRow(agent)?.status ?? "-")
  }

  static let replies = TestCase(
    "DOCK-06", "Replies", in: .dockerAgentLifecycle, source: "[+]", variants: [Variant("", .td)],
    needs: ["replicas:2", "docker", "frames", "sql"], checks: ["I-CMD-LIVE", "I-CMD-MONO"], kills: ["B-45"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    try await environment.captureFrames(of: agent)
    // Each action well: start, hibernate, wake, stop.
    let (session, _) = try await environment.running(SessionRequest(), by: "u01")
    let user = environment.user(session.user)
    _ = try await user.hibernate(session.name, at: nil)
    try await environment.awaitState("hibernated", of: session.name)
    _ = try await user.wake(session.name, at: nil)
    try await environment.awaitState("running", of: session.name)
    _ = try await user.stop(session.name, at: nil)
    try await environment.awaitState("terminated", of: session.name)
    // And each action failing: a start whose container cannot be made, then work on a container that is gone or while
    // the daemon is away.
    let engine = environment.variant.topology.agents[0].engine
    let broken = try await environment.begin(.docker(host: engine, .createFails), for: nil)
    let failing = try await environment.created(SessionRequest(), by: "u02")
    try await environment.awaitState("failed", of: failing.name)
    try await environment.end(broken)
    let (other, _) = try await environment.running(SessionRequest(), by: "u03")
    try await environment.failVerb("hibernate", of: other, staying: "running", engine)
    _ = try await environment.user(other.user).hibernate(other.name, at: nil)
    try await environment.awaitState("hibernated", of: other.name)
    try await environment.failVerb("wake", of: other, staying: "hibernated", engine)
    for command in try await environment.commandRows(session: nil) {
      environment.judgeReplies(to: command, of: agent)
    }
    environment.expect("commands", .equal(.count(9)), try await environment.commandRows(session: nil).count)
  }

  static let heartbeatFormat = TestCase(
    "DOCK-07", "Heartbeat format", in: .dockerAgentLifecycle, source: "[P P0 reports]", variants: [Variant("", .td)],
    needs: ["replicas:2", "docker", "frames", "sql"], checks: ["I-STATUS"], kills: ["A-11", "A-12"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let start = environment.now
    try await environment.captureFrames(of: agent)
    let sessions = try await environment.seededSessions(2, on: agent)
    try await environment.sleep(until: start + .seconds(95))
    let beats = environment.frames("heartbeat", from: agent)
    environment.expect("heartbeats in 95 s", .between(.count(3), .count(4)), beats.count)
    for beat in beats {
      let document = try? JSONParser.parse(Array(beat.text.utf8))
      let stamp = document?["timestamp"]?.text ?? "-"
      environment.expect(
        "time stamp of a beat is RFC 3339", equals: "yes", Timestamp(rfc3339: stamp) == nil ? "no: \(stamp)" : "yes")
      environment.expect("status of a beat", equals: "online", document?["payload"]?["status"]?.text ?? "-")
      let keys = ["maxSessions", "cpu", "memory"].filter { document?["payload"]?["capacity"]?[$0] != nil }
      environment.expect("capacity of a beat", equals: "maxSessions cpu memory", keys.joined(separator: " "))
    }
    let rows = environment.observations.count { timed in
      if case .heartbeat(agent, _) = timed.observation, timed.time >= start { true } else { false }
    }
    environment.expect("beats that moved the row", .equal(.count(beats.count)), rows)
    environment.expect("sessions", .equal(.count(2)), try await environment.count(sessions, in: "running"))
  }

  static let duplicateStart = TestCase(
    "DOCK-11", "Duplicate start", in: .dockerAgentLifecycle, source: "[+]", variants: [Variant("", .td)],
    needs: ["replicas:2", "docker", "frames"], checks: ["I-CMD-ONCE", "I-CMD-TRUTH"], kills: ["B-21", "B-50"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    try await environment.captureFrames(of: agent)
    for (index, gap) in [Duration.seconds(1), .seconds(60)].enumerated() {
      let session = try await environment.created(SessionRequest(), by: environment.userName(index + 1))
      try await environment.require("the command has reached the agent", within: .seconds(5), every: .milliseconds(20))
      {
        guard let row = try await environment.command(of: session.name, action: "start_session") else { return false }
        return environment.receipts().contains { $0.command == row.command }
      }
      guard let row = try await environment.command(of: session.name, action: "start_session") else {
        throw CaseFailure("\(session.name) has no start command")
      }
      try await environment.sleep(for: gap)
      try await environment.redeliver(command: row.command, to: agent)
      try await environment.awaitState("running", of: session.name)
      try await environment.sleep(for: .seconds(5))
      let answers = environment.frames("complete", from: agent).count { $0.command == row.command }
      let text = "delivered again after \(gap.secondsText)"
      environment.expect("completions, \(text)", .between(.count(1), .count(2)), answers)
      environment.expect(
        "status, \(text)", equals: "completed",
        try await environment.command(of: session.name, action: "start_session")?.status ?? "-")
      environment.expect(
        "containers made, \(text)", .equal(.count(1)),
        environment.creations(of: "container/streamspace-\(session.name)"))
      environment.expect("executions, \(text)", .equal(.count(1)), environment.executions(of: row.command))
    }
  }
}

extension Environment {
  /// Asks for something while the daemon answers with errors only: it fails, and the session stays what it was (C13).
  fileprivate func failVerb(_ verb: String, of session: OwnedSession, staying state: String, _ engine: String)
    async throws
  {
    let broken = try await begin(.docker(host: engine, .errors(percent: 100)), for: nil)
    let client = user(session.user)
    _ =
      verb == "wake" ? try await client.wake(session.name, at: nil) : try await client.hibernate(session.name, at: nil)
    try await require("the \(verb) has failed", within: .seconds(130), every: .milliseconds(500)) {
      try await self.command(of: session.name, action: "\(verb)_session")?.status == "failed"
    }
    try await end(broken)
    try await expect("state after a failed \(verb)", within: .seconds(5)) {
      try await self.state(of: session.name) == state
    }
  }

  /// Ack at once, one final answer, a status where the session changed (C26).
  fileprivate func judgeReplies(to command: CommandRow, of agent: String) {
    let name = command.action + (command.status == "failed" ? " (failing)" : "")
    let sent = observations.first { timed in
      if case .commandReceived(command.command, _, _) = timed.observation { true } else { false }
    }
    let acks = frames("ack", from: agent).filter { $0.command == command.command }
    expect("acks to \(name)", .equal(.count(1)), acks.count)
    if let sent, let ack = acks.first {
      expect("time to ack \(name)", .atMost(.duration(.seconds(1))), ack.time - sent.time)
    }
    let wanted = command.status == "failed" ? "failed" : "complete"
    let finals = ["complete", "failed"].flatMap { frames($0, from: agent) }.filter { $0.command == command.command }
    expect("final answers to \(name)", equals: wanted, finals.map(\.type).joined(separator: " "))
    guard let session = command.session, command.status == "completed" else { return }
    let reports = frames("status", from: agent).count { $0.session == session }
    expect("status reports about the session of \(name)", .atLeast(.count(1)), reports)
  }
}
