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
    plain: .inTurn, needs: ["replicas:2", "docker", "config"], checks: ["I-STATUS", "I-CRASH"],
    kills: ["A-03", "A-13", "A-52"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let start = environment.now
    try await environment.captureFrames(of: agent)
    try await environment.sleep(until: start + .seconds(600))
    // An interval of nothing becomes 10 s, the fall-back (spec/03 §1.1).
    let interval = environment.variant.parameter == 0 ? 10 : Int(environment.variant.parameter)
    let beats = environment.frames("heartbeat", from: agent).map(\.time)
    environment.expect(
      "heartbeats in 600 s", .between(.count(600 / interval - 1), .count(600 / interval + 1)), beats.count)
    environment.judgeIntervals("two heartbeats", of: .seconds(interval), beats)
    let pings = environment.frames("ping", from: agent).map(\.time)
    environment.expect("pings in 600 s", .between(.count(10), .count(12)), pings.count)
    environment.judgeIntervals("two pings", of: .seconds(54), pings)
    if let connected = environment.registrations(of: agent, after: .zero).first?.time, let first = beats.first {
      environment.expect(
        "first heartbeat after the connect", .atMost(.duration(.seconds(interval + 1))), first - connected)
      if interval == 30 { environment.record.sample(.firstHeartbeat, first - connected) }
    }
    environment.expect(
      "reconnections", .equal(.count(0)), environment.registrations(of: agent, after: start).count)
    // Never stale: neither the row nor the age of its heartbeat says so.
    let stale = environment.observations.count { timed in
      if timed.time > start, case .agentRow(agent, let status, _) = timed.observation {
        status != "online"
      } else {
        false
      }
    }
    environment.expect("times that the row was not online", .equal(.count(0)), stale)
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
    let session = try await environment.created(SessionRequest(), by: "u01")
    try await environment.expect("a start is answered and the session runs", within: .seconds(12)) {
      try await environment.state(of: session.name) == "running"
    }
    let user = environment.user(session.user)
    _ = try await user.hibernate(session.name, at: nil)
    try await environment.awaitState("hibernated", of: session.name)
    _ = try await user.wake(session.name, at: nil)
    try await environment.awaitState("running", of: session.name)
    _ = try await user.stop(session.name, at: nil)
    try await environment.awaitState("terminated", of: session.name)
    // And each action failing: a start whose container cannot be made, then work while the daemon answers with errors.
    let engine = environment.variant.topology.agents[0].engine
    let began = environment.now
    let broken = try await environment.begin(.docker(host: engine, .createFails), for: nil)
    let failing = try await environment.created(SessionRequest(), by: "u02")
    try await environment.expect("a failing start ends", within: .seconds(60)) {
      try await environment.state(of: failing.name) == "failed"
    }
    try await environment.end(broken)
    environment.markFault("no container can be made", lane: engine, from: began, to: environment.now)
    let (other, _) = try await environment.running(SessionRequest(), by: "u03")
    try await environment.failVerb("hibernate", of: other, staying: "running", engine)
    _ = try await environment.user(other.user).hibernate(other.name, at: nil)
    try await environment.awaitState("hibernated", of: other.name)
    try await environment.failVerb("wake", of: other, staying: "hibernated", engine)
    // A failed stop leaves the session terminating; the reconciler sends another stop after 5 min (C13, C14).
    try await environment.failVerb("stop", of: other, staying: "terminating", engine)
    let failed = environment.now
    try await environment.expect(
      "stopped by the reconciler", within: .seconds(420), from: failed, every: .seconds(1)
    ) {
      guard try await environment.state(of: other.name) == "terminated" else { return false }
      return try await environment.command(of: other.name, action: "stop_session")?.status == "completed"
    }
    for command in try await environment.commandRows(session: nil) {
      environment.judgeReplies(to: command, of: agent)
    }
    for action in ["start_session", "hibernate_session", "wake_session", "stop_session"] {
      let ends = try await environment.commandRows(session: nil).filter { $0.action == action }.map(\.status)
      environment.expect(
        "ends of \(action)", equals: "completed failed", Array(Set(ends)).sorted().joined(separator: " "))
    }
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
      let document = JSONDocument(beat.text)
      let stamp = document?["timestamp"]?.text ?? "-"
      environment.expect(
        "time stamp of a beat is RFC 3339", equals: "yes", JSONDocument.isTime(stamp) ? "yes" : "no: \(stamp)")
      environment.expect("status of a beat", equals: "online", document?["payload"]?["status"]?.text ?? "-")
      let keys = ["maxSessions", "cpu", "memory"].filter { document?["payload"]?["capacity"]?[$0] != nil }
      environment.expect("capacity of a beat", equals: "maxSessions cpu memory", keys.joined(separator: " "))
      environment.expect(
        "sessions of a beat", equals: "\(sessions.count)",
        document?["payload"]?["activeSessions"]?.integer.map(String.init) ?? "-")
    }
    let rows = environment.observations.count { timed in
      if case .heartbeat(agent, _) = timed.observation, timed.time >= start { true } else { false }
    }
    environment.expect("beats that moved the row", .equal(.count(beats.count)), rows)
    let last = beats.last.flatMap { JSONDocument($0.text) }?["payload"]?["capacity"]
    let stored = try await environment.agentRow(agent)?.capacity.flatMap { JSONDocument($0) }
    environment.expect(
      "capacity in the database is that of the last beat",
      equals: last.map { $0.sortedJSON } ?? "?",
      stored.map { $0.sortedJSON } ?? "-")
    environment.expect("sessions", .equal(.count(2)), try await environment.count(sessions, in: "running"))
    try await environment.judgeBadHeartbeats(of: agent)
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
      // A repeat that finds the work under way waits for its end; a later one gets the first answer again (C10).
      environment.expect(
        "completions, \(text)", gap > .seconds(30) ? .equal(.count(2)) : .between(.count(1), .count(2)), answers)
      environment.expect(
        "status, \(text)", equals: "completed",
        try await environment.command(of: session.name, action: "start_session")?.status ?? "-")
      environment.expect(
        "containers made, \(text)", .equal(.count(1)),
        environment.creations(of: "container/streamspace-\(session.name)"))
      environment.expect("executions, \(text)", .equal(.count(1)), environment.executions(of: row.command))
      environment.expect("session, \(text)", equals: "running", try await environment.state(of: session.name))
    }
  }
}

extension Environment {
  /// Each span between two of `times` is `interval`, give or take 1 s.
  fileprivate func judgeIntervals(_ what: String, of interval: Duration, _ times: [Duration]) {
    let spans = zip(times, times.dropFirst()).map { $1 - $0 }
    let off = spans.count { $0 < interval - .seconds(1) || $0 > interval + .seconds(1) }
    for span in spans { record.sample("between \(what)", span) }
    expect("spans between \(what) that are not \(interval.secondsText)", .equal(.count(0)), off)
  }

  /// The beats of the shipped agent, a number for a time stamp (A-11) and no payload (A-12), count for nothing: who
  /// sends no others is cut off 45 to 55 s after its connect. Played by the case while the real agent is away.
  fileprivate func judgeBadHeartbeats(of agent: String) async throws {
    let away = now
    try await control(.agent(agent), .stop)
    let played = agentClient("old-docker-agent")
    let identity = AgentIdentity(agent, platform: "docker", key: .issued(to: agent), instance: "old-docker-agent")
    expect(
      "registration of the played agent", .equal(.count(200)),
      try await played.register(as: identity, at: nil).status ?? 0)
    let answer = try await played.connect(as: identity, at: nil)
    try require("the played agent is connected", answer.status == 101)
    let connected = now
    try await sleep(for: .seconds(15))
    try await played.send(
      .text(Array(#"{"type":"heartbeat","timestamp":1763856863,"payload":{"status":"online"}}"#.utf8)))
    try await sleep(for: .seconds(15))
    let flat = #"{"type":"heartbeat","timestamp":"2025-11-23T00:14:53Z","status":"online","activeSessions":0}"#
    try await played.send(.text(Array(flat.utf8)))
    let cut = try await wait(upTo: .seconds(60)) { try await !played.isConnected() }
    let took = now - connected
    expect("cut off after bad heartbeats", .between(.duration(.seconds(45)), .duration(.seconds(56))), took)
    expect("the hub closed it", equals: "yes", cut == nil ? "no" : "yes")
    record.sample(.badHeartbeatCut, took)
    try await played.close()
    try await control(.agent(agent), .start)
    markFault("away, an old agent in its place", lane: agent, from: away, to: now)
    try await awaitAgents()
  }

  /// Asks for something while the daemon answers with errors only: it fails, and the session stays what it was (C13).
  fileprivate func failVerb(_ verb: String, of session: OwnedSession, staying state: String, _ engine: String)
    async throws
  {
    let began = now
    let broken = try await begin(.docker(host: engine, .errors(percent: 100)), for: nil)
    let client = user(session.user)
    _ =
      switch verb {
      case "wake": try await client.wake(session.name, at: nil)
      case "stop": try await client.stop(session.name, at: nil)
      default: try await client.hibernate(session.name, at: nil)
      }
    try await require("the \(verb) has failed", within: .seconds(130), every: .milliseconds(500)) {
      try await self.command(of: session.name, action: "\(verb)_session")?.status == "failed"
    }
    try await end(broken)
    markFault("errors during \(verb)", lane: engine, from: began, to: now)
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
    // As the control plane sees it: from the frame on the socket to the ack in the row.
    if let sent = command.times.sent, let acknowledged = command.times.acknowledged {
      expect("time to ack \(name)", .atMost(.duration(.seconds(1))), acknowledged - sent)
    }
    let wanted = command.status == "failed" ? "failed" : "complete"
    let finals = ["complete", "failed"].flatMap { frames($0, from: agent) }.filter { $0.command == command.command }
    expect("final answers to \(name)", equals: wanted, finals.map(\.type).joined(separator: " "))
    if command.status == "failed" {
      expect("reason of \(name)", equals: "yes", (command.error ?? "").isEmpty ? "no" : "yes")
    }
    guard let session = command.session, command.status == "completed", let sent, let end = finals.first else { return }
    // Told while the command is worked on, before its answer.
    let reports = frames("status", from: agent).count {
      $0.session == session && sent.time <= $0.time && $0.time <= end.time
    }
    expect("status reports during \(name)", .equal(.count(1)), reports)
  }
}
