import TestEnvironment

extension DockerAgentLifecycle {
  /// A session from start to stop.
  static let lifeCycleCases: [TestCase] = [start, stop, hibernateAndWake, requestedResources]

  private static let coldParameter: Int64 = 1

  static let start = TestCase(
    "DOCK-02", "Start", in: .dockerAgentLifecycle, source: "[+]", live: true,
    variants: [Variant("image present", .td), Variant("image to be pulled", .td, parameter: coldParameter)],
    plain: .inTurn, needs: ["replicas:2", "docker", "platform-read"], checks: ["I-CMD-LIVE", "I-SESS-TRUTH"],
    kills: ["B-44"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    environment.expect(
      "networks before the first start", .equal(.count(0)), try await environment.objects("network", of: agent).count)
    let isCold = environment.variant.parameter == coldParameter
    // LibreOffice is the desktop whose image no host has (fixtures/images.json).
    let request = SessionRequest(template: isCold ? "libreoffice" : "xterm-vnc")
    let begun = environment.now
    let session = try await environment.created(request, by: "u01")
    try await environment.expect("running", within: .seconds(isCold ? 25 : 12), from: begun) {
      try await environment.state(of: session.name) == "running"
    }
    environment.record.sample(isCold ? "start, cold" : "start, warm", environment.now - begun)
    if !isCold { environment.record.sample(.dockerStart, environment.now - begun) }
    environment.samplePhases(session: session.name)
    let containers = try await environment.objects("container", of: agent)
    environment.expect(
      "containers", equals: "streamspace-\(session.name)", containers.map(\.name).joined(separator: " "))
    let labels = containers.first?.labels ?? [:]
    for (label, value) in [
      ("app", "streamspace"), ("component", "session"), ("session-id", session.name), ("agent-id", agent),
    ] {
      environment.expect("label \(label)", equals: value, labels[label] ?? "-")
    }
    let row = try await environment.command(of: session.name, action: "start_session")
    environment.expect("label command-id", equals: row?.command ?? "?", labels["command-id"] ?? "-")
    // The row of the session says it first, the completion follows at once.
    try await environment.expect("start command completed", within: .seconds(1)) {
      try await environment.command(of: session.name, action: "start_session")?.status == "completed"
    }
    let (second, _) = try await environment.running(SessionRequest(), by: "u02")
    environment.expect(
      "networks after two starts", .equal(.count(1)), try await environment.objects("network", of: agent).count)
    environment.expect("writes that made a network", .equal(.count(1)), environment.networksMade())
    environment.expect(
      "volumes of sessions without persistent home", .equal(.count(0)),
      try await environment.objects("volume", of: agent).count)
    for session in [session, second] {
      _ = try await environment.user(session.user).stop(session.name, at: nil)
      try await environment.awaitState("terminated", of: session.name)
    }
  }

  private static let templateWithVolume = #"""
    {"metadata":{"name":"with-data"},"spec":{"baseImage":"example.invalid/xterm-vnc:1",
    "ports":[{"name":"vnc","containerPort":5900,"protocol":"TCP"}],
    "volumeMounts":[{"name":"data","mountPath":"/data"}]}}
    """#

  static let stop = TestCase(
    "DOCK-03", "Stop", in: .dockerAgentLifecycle, source: "[+]", live: true, variants: [Variant("", .td)],
    needs: ["replicas:2", "docker", "platform-read", "templates"], checks: ["I-NO-ORPHAN"], kills: ["B-50"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    // A template with a volume of its own: a session then has one to lose whether or not its home is kept.
    try await environment.addTemplate("with-data", manifest: templateWithVolume)
    for isPersistent in [false, true] {
      let name = isPersistent ? "persistent home" : "no persistent home"
      let (session, _) = try await environment.running(
        SessionRequest(template: "with-data", persistentHome: isPersistent), by: "u01")
      let before = try await environment.objects(session: session.name, of: agent)
      environment.expect(
        "volumes before, \(name)", .equal(.count(isPersistent ? 2 : 1)), before.count { $0.kind == "volume" })
      let begun = environment.now
      let answer = try await environment.user(session.user).stop(session.name, at: nil)
      environment.expect("answer to the stop", .equal(.count(202)), answer.status ?? 0)
      // 10 s for the work and the grace of 10 s that a process without a handler uses up.
      try await environment.expect("container gone, \(name)", within: .seconds(20), from: begun) {
        try await environment.objects("container", of: agent).isEmpty
      }
      try await environment.expect("terminated, \(name)", within: .seconds(35), from: begun) {
        try await environment.state(of: session.name) == "terminated"
      }
      let after = try await environment.objects(session: session.name, of: agent)
      environment.expect(
        "objects left, \(name)", equals: isPersistent ? "volume/streamspace-\(session.name)-home" : "",
        after.map { "\($0.kind)/\($0.name)" }.joined(separator: " "))
    }
  }

  static let hibernateAndWake = TestCase(
    "DOCK-04", "Hibernate and wake", in: .dockerAgentLifecycle, source: "[P release notes claim]", live: true,
    variants: [Variant("", .td)], needs: ["replicas:2", "docker", "platform-read"], checks: ["I-SESS-LEGAL"],
    kills: ["B-28", "B-49"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let (session, _) = try await environment.running(SessionRequest(persistentHome: true), by: "u01")
    let user = environment.user(session.user)
    let start = environment.now
    try await environment.sleep(until: start + .seconds(10))
    let asked = environment.now
    environment.expect(
      "answer to hibernate", .equal(.count(202)), try await user.hibernate(session.name, at: nil).status ?? 0)
    try await environment.expect("hibernated", within: .seconds(15), from: asked) {
      try await environment.state(of: session.name) == "hibernated"
    }
    if let row = try await environment.command(of: session.name, action: "hibernate_session"), row.status == "failed" {
      // An agent that cannot must at least say so, at once, and leave the session as it is.
      environment.expect("the refusal has a reason", equals: "yes", (row.error ?? "").isEmpty ? "no" : "yes")
      environment.expect(
        "time to the refusal", .atMost(.duration(.seconds(5))), (row.times.completed ?? environment.now) - asked)
      environment.expect("state after the refusal", equals: "running", try await environment.state(of: session.name))
    }
    let asleep = try await environment.objects(session: session.name, of: agent)
    environment.expect(
      "containers that run while it sleeps", .equal(.count(0)),
      asleep.count { $0.kind == "container" && $0.state == "running" })
    environment.expect(
      "containers and volumes kept", equals: "container volume",
      asleep.map(\.kind).sorted().joined(separator: " "))
    try await environment.sleep(until: start + .seconds(40))
    let woken = environment.now
    environment.expect("answer to wake", .equal(.count(202)), try await user.wake(session.name, at: nil).status ?? 0)
    try await environment.expect("running again", within: .seconds(15), from: woken) {
      try await environment.state(of: session.name) == "running"
    }
    environment.expect(
      "the session's states", equals: "pending running hibernating hibernated waking running",
      environment.states(of: session.name).joined(separator: " "))
    environment.expect(
      "homes kept", equals: "streamspace-\(session.name)-home",
      try await environment.objects("volume", of: agent).map(\.name).joined(separator: " "))
    environment.expect(
      "volumes made", .equal(.count(1)), environment.creations(of: "volume/streamspace-\(session.name)-home"))
    environment.expect(
      "containers made", .equal(.count(1)), environment.creations(of: "container/streamspace-\(session.name)"))
  }

  /// 100Gi and 10000m are beyond what one session may have (C15): refused before any command.
  static let requestedResources = TestCase(
    "DOCK-05", "Requested resources honoured", in: .dockerAgentLifecycle, source: "[P Test 1.1c]", live: true,
    variants: [Variant("", .td)], needs: ["replicas:2", "docker", "platform-read", "users"], checks: ["I-QUOTA"],
    kills: ["B-48"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let gibi: Int64 = 1 << 30
    let wanted: [(memory: String, cpu: String, bytes: Int64, milli: Int64)] = [
      ("512Mi", "250m", gibi / 2, 250), ("1Gi", "500m", gibi, 500), ("2Gi", "1000m", 2 * gibi, 1_000),
    ]
    for (index, want) in wanted.enumerated() {
      let user = environment.userName(index + 1)
      let (session, _) = try await environment.running(SessionRequest(memory: want.memory, cpu: want.cpu), by: user)
      let limits = try await environment.limits(session: session.name)
      environment.expect(
        "limits of \(want.memory) and \(want.cpu)", equals: "\(want.bytes) B, \(want.milli)m",
        limits.map { "\($0.memoryBytes) B, \($0.milliCPU)m" } ?? "none")
    }
    let answer = try await environment.user("u09").create(SessionRequest(memory: "100Gi", cpu: "10000m"), at: nil)
    environment.expect("answer to 100Gi and 10000m", .equal(.count(403)), answer.status ?? 0)
    try await environment.sleep(for: .seconds(20))
    environment.expect(
      "commands", .equal(.count(wanted.count)), try await environment.commandRows(session: nil).count)
    environment.expect(
      "containers", .equal(.count(wanted.count)), try await environment.objects("container", of: agent).count)
  }
}
