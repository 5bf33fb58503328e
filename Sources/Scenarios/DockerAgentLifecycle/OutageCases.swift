import TestEnvironment

extension DockerAgentLifecycle {
  /// The way to the control plane, the daemon, the registry or a container fails.
  static let outageCases: [TestCase] = [socketLoss, daemonOutage, imagePulls, containerEnds]

  // MARK: DOCK-08

  /// How a variant takes the way to the control plane away, and for how long.
  private enum Loss: Int64 {
    /// RST, dials refused.
    case reset
    /// Silence in both directions.
    case cut
    /// The agent's end is gone, and the replica has not noticed.
    case halfOpen

    /// Seconds stand below, the kind above this factor.
    static let factor: Int64 = 1_000

    func variant(_ seconds: Int64) -> Variant {
      let name =
        switch self {
        case .reset: "reset, refused for \(seconds) s"
        case .cut: "cut for \(seconds) s"
        case .halfOpen: "half-open, unnoticed by the replica"
        }
      // With one replica the successor meets the connection that it replaces (C1).
      let topology =
        self == .halfOpen
        ? Topology.td.with {
          $0.name = "TD, one replica"
          $0.replicas = 1
        } : .td
      return Variant(name, topology, parameter: rawValue * Self.factor + seconds)
    }
  }

  private static let lossLengths: [Int64] = [1, 10, 40, 70]

  static let socketLoss = TestCase(
    "DOCK-08", "Socket loss and back-off", in: .dockerAgentLifecycle, source: "[P R:INTEGRATION_TESTING_PLAN 3.1]",
    live: true,
    variants: [Loss.halfOpen.variant(40)] + lossLengths.map(Loss.reset.variant) + lossLengths.map(Loss.cut.variant),
    plain: .oneBySeed, needs: ["replicas:2", "docker", "net-fault", "vnc"],
    checks: ["I-STATUS", "I-SESS-SURVIVE", "I-CMD-LIVE"],
    kills: ["B-01", "B-14", "B-46"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let sessions = try await environment.seededSessions(3, on: agent)
    let before = try await environment.objects("container", of: agent)
    let start = environment.now
    let viewer = try await environment.opened(sessions[1])
    try await environment.sleep(until: start + .seconds(10))
    let loss = Loss(rawValue: environment.variant.parameter / Loss.factor) ?? .reset
    let length = Duration.seconds(environment.variant.parameter % Loss.factor)
    let begun = environment.now
    environment.markFault("\(loss)", lane: agent, from: begun, to: begun + length)
    let trouble: Fault =
      switch loss {
      case .reset: .reset(.agent(agent), .controlPlane)
      case .cut: .cut(.agent(agent), .controlPlane)
      case .halfOpen: .halfOpen(gone: .agent(agent), unaware: .controlPlane)
      }
    let fault = try await environment.begin(trouble, for: nil)
    try await environment.sleep(for: min(.seconds(1), length / 2))
    let answer = try await environment.user(sessions[0].user).stop(sessions[0].name, at: nil)
    environment.expect("answer to a stop meanwhile", .equal(.count(202)), answer.status ?? 0)
    let fresh = try await environment.created(SessionRequest(), by: "u05")
    try await environment.sleep(until: begun + length)
    try await environment.end(fault)
    let healed = environment.now
    try await environment.expect("connected again", within: .seconds(35), from: healed) {
      // A cut may end before anybody notices it; the other losses cost the connection.
      if loss != .cut, environment.registrations(of: agent, after: begun).isEmpty { return false }
      guard try await environment.holder(of: agent) != nil else { return false }
      return try await environment.agentRow(agent)?.status == "online"
    }
    environment.markRecovery("connected", lane: agent, from: healed)
    // A cut of 10 s or less may end before its silence is noticed.
    let connected = environment.now
    try await environment.sleep(until: begun + .seconds(15))
    if loss != .cut || length > .seconds(10) || !viewer.facts.isOpen {
      try await environment.expectTold("viewer told", viewer, from: begun)
      let again = try await environment.expectReopened(
        "viewer back", sessions[1], within: .seconds(5), from: max(connected, environment.now))
      try await environment.expectWorks("viewer afterwards", again)
    } else {
      try await environment.expectWorks("viewer afterwards", viewer)
    }
    // The commands themselves, and not others that a reconciler sent for them.
    try await environment.expect("stop and start are completed", within: .seconds(60), from: healed) {
      let stop = try await environment.commandRows(session: sessions[0].name).first?.status
      let start = try await environment.commandRows(session: fresh.name).first?.status
      return stop == "completed" && start == "completed"
    }
    if loss == .cut, length <= .seconds(10) {
      environment.expect(
        "connections lost to a short cut", .equal(.count(0)), environment.registrations(of: agent, after: begun).count)
    }
    let waits = environment.judgeWaits(of: agent, since: begun)
    if loss == .reset {
      // The n-th wait begins at most 2^n - 2 s after the loss: so many are certain while the way is closed.
      environment.expect(
        "waits while dials are refused", .atLeast(.count(lossWaits(in: environment.variant.parameter % Loss.factor))),
        waits)
    }
    let after = try await environment.objects("container", of: agent)
    environment.expect(
      "containers untouched",
      equals: before.map(\.name).filter { !$0.hasSuffix(sessions[0].name) }.joined(separator: " "),
      after.filter { $0.state == "running" && !$0.name.hasSuffix(fresh.name) }.map(\.name).joined(separator: " "))
    environment.expect(
      "sessions that run", .equal(.count(3)),
      try await environment.count(Array(sessions.dropFirst()) + [fresh], in: "running"))
  }

  private static func lossWaits(in seconds: Int64) -> Int {
    var waits = 0
    while (Int64(2) << waits) - 2 < seconds { waits += 1 }
    return waits
  }

  // MARK: DOCK-09

  static let daemonOutage = TestCase(
    "DOCK-09", "Docker daemon outage", in: .dockerAgentLifecycle, source: "[+]", live: true,
    variants: [Variant("", .td)],
    needs: ["replicas:2", "docker", "platform-fault"], checks: ["I-CMD-TRUTH", "I-SESS-TRUTH"], kills: []
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let engine = environment.variant.topology.agents[0].engine
    let sessions = try await environment.seededSessions(3, on: agent)
    let start = environment.now
    try await environment.sleep(until: start + .seconds(10))
    environment.markFault("daemon down", lane: engine, from: environment.now, to: start + .seconds(40))
    let outage = try await environment.begin(.docker(host: engine, .down), for: nil)
    try await environment.sleep(until: start + .seconds(15))
    let late = try await environment.created(SessionRequest(), by: "u05")
    // One of the three ends while nobody can see it.
    _ = try await environment.begin(.workload(session: sessions[2].name, .removed), for: nil)
    try await environment.sleep(until: start + .seconds(40))
    try await environment.end(outage)
    let healed = environment.now
    environment.expect(
      "reconnections of the agent", .equal(.count(0)), environment.registrations(of: agent, after: start).count)
    try await environment.expect("the start has ended, either way", within: .seconds(300), from: start + .seconds(15)) {
      ["running", "failed"].contains(try await environment.state(of: late.name))
    }
    let row = try await environment.command(of: late.name, action: "start_session")
    if row?.status == "failed" {
      environment.expect("a failed start has its reason", equals: "yes", (row?.error ?? "").isEmpty ? "no" : "yes")
    }
    // Nobody needs to restart anything: what is asked for now is done.
    let (early, took) = try await environment.running(SessionRequest(), by: "u06")
    environment.expect("a start after the outage", .atMost(.duration(.seconds(12))), took)
    // Gone for 60 s counts as lost (C13); the agent looks every 10 s.
    try await environment.expect("the lost container is told", within: .seconds(75), from: healed) {
      try await environment.state(of: sessions[2].name) == "failed"
    }
    environment.markRecovery("in step again", lane: engine, from: healed)
    environment.expect(
      "sessions that run", .equal(.count(3)),
      try await environment.count(Array(sessions.prefix(2)) + [early], in: "running"))
    let state = try await environment.state(of: late.name)
    environment.expect(
      "containers of the late start", .equal(.count(state == "running" ? 1 : 0)),
      try await environment.objects(session: late.name, of: agent).count { $0.kind == "container" })
  }

  // MARK: DOCK-12

  private enum Pull: Int64 { case slow, failing, unknown }

  static let imagePulls = TestCase(
    "DOCK-12", "Image pull slow, failing, unknown", in: .dockerAgentLifecycle,
    source: "[P R:INTEGRATION_TEST_PLAN 2.1]",
    live: true,
    variants: [
      Variant("slow", .td, parameter: Pull.slow.rawValue),
      Variant("registry error", .td, parameter: Pull.failing.rawValue),
      Variant("unknown name", .td, parameter: Pull.unknown.rawValue),
    ], plain: .inTurn, needs: ["replicas:2", "docker", "platform-fault"], checks: ["I-SESS-TRUTH"], kills: ["B-26"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    // No host has this image (fixtures/images.json).
    let image = "linuxserver/libreoffice:latest"
    let pull = Pull(rawValue: environment.variant.parameter) ?? .slow
    let fault: Fault =
      switch pull {
      case .slow: .imagePull(image: image, .seconds(45))
      case .failing: .imagePullFailure(image: image)
      case .unknown: .imageUnknown(image: image)
      }
    let begun = environment.now
    environment.markFault("pull \(environment.variant.name)", lane: agent, from: begun)
    let handle = try await environment.begin(fault, for: nil)
    let session = try await environment.created(SessionRequest(template: "libreoffice"), by: "u01")
    if pull == .slow {
      try await environment.expect("running", within: .seconds(60), from: begun) {
        try await environment.state(of: session.name) == "running"
      }
    } else {
      try await environment.require("the command has failed", within: .seconds(120)) {
        try await environment.command(of: session.name, action: "start_session")?.status == "failed"
      }
      let failed = environment.now
      environment.record.sample("a pull that fails: until the command has failed", failed - begun)
      let error = try await environment.command(of: session.name, action: "start_session")?.error ?? ""
      environment.expect("the failure has a text", equals: "yes", error.isEmpty ? "no" : "yes")
      try await environment.expect("session failed", within: .seconds(10), from: failed) {
        try await environment.state(of: session.name) == "failed"
      }
      environment.expect(
        "objects left", .equal(.count(0)), try await environment.objects(session: session.name, of: agent).count)
    }
    try await environment.end(handle)
  }

  // MARK: DOCK-16

  private enum End: Int64 { case exit, outOfMemory, removed, daemonRestart }

  static let containerEnds = TestCase(
    "DOCK-16", "Container exits by itself", in: .dockerAgentLifecycle, source: "[+]", live: true,
    variants: [
      Variant("exit 1", .td, parameter: End.exit.rawValue), Variant("OOM", .td, parameter: End.outOfMemory.rawValue),
      Variant("removed by an operator", .td, parameter: End.removed.rawValue),
      Variant("daemon restart", .td, parameter: End.daemonRestart.rawValue),
    ], plain: .inTurn, needs: ["replicas:2", "docker", "workload-control"], checks: ["I-SESS-TRUTH"], kills: []
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let engine = environment.variant.topology.agents[0].engine
    let sessions = try await environment.seededSessions(2, on: agent)
    try await environment.sleep(for: .seconds(12))
    let hurt = sessions[0].name
    let end = End(rawValue: environment.variant.parameter) ?? .exit
    let fault: Fault =
      switch end {
      case .exit: .workload(session: hurt, .exits(code: 1))
      case .outOfMemory: .workload(session: hurt, .outOfMemory)
      case .removed: .workload(session: hurt, .removed)
      case .daemonRestart: .docker(host: engine, .restart)
      }
    let begun = environment.now
    environment.markFault(environment.variant.name, lane: engine, from: begun)
    let handle = try await environment.begin(fault, for: nil)
    if end == .removed {
      // Gone for 60 s, seen at a look every 10 s (C13).
      try await environment.expect("failed", within: .seconds(75), from: begun) {
        try await environment.state(of: hurt) == "failed"
      }
      environment.expect("the other session", equals: "running", try await environment.state(of: sessions[1].name))
    } else {
      // Declared: the restart policy `unless-stopped` brings it back.
      try await environment.expect("the container runs again", within: .seconds(60), from: begun) {
        try await environment.workloads(session: hurt).contains(where: \.isReady)
      }
      try await environment.sleep(until: begun + .seconds(75))
      environment.expect("sessions", .equal(.count(2)), try await environment.count(sessions, in: "running"))
      // It was restarted, not replaced, and what the control plane says was true all the time.
      for session in sessions {
        environment.expect(
          "containers made", .equal(.count(1)), environment.creations(of: "container/streamspace-\(session.name)"))
        environment.expect(
          "states", equals: "running", environment.states(of: session.name).joined(separator: " "))
      }
    }
    try await environment.end(handle)
  }
}

extension Environment {
  /// Each wait before another attempt is drawn from [b/2, b] with b = 2, 4, 8, 16, 32, 32 .. s (C26).
  /// Returns how many there were.
  fileprivate func judgeWaits(of agent: String, since time: Duration) -> Int {
    var outside: [String] = []
    var waits = 0
    for timed in observations where timed.time >= time {
      guard case .agentRetry(agent, _, let attempt, let wait) = timed.observation else { continue }
      let bound = Duration.seconds(min(1 << min(max(attempt, 1), 5), 32))
      waits += 1
      record.sample("wait before attempt \(attempt)", wait)
      if wait < bound / 2 || wait > bound { outside.append("attempt \(attempt): \(wait.secondsText)") }
    }
    expect("waits outside [b/2, b]", equals: "", outside.joined(separator: ", "))
    return waits
  }
}
