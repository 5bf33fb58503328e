import TestEnvironment

extension CrossPlatform {
  /// Who an agent may say it is, and what it may ask for.
  static let identityCases: [TestCase] = [identity, resourceNotation]

  static let identity = TestCase(
    "XP-11", "Identity", in: .crossPlatform, source: "[+]",
    variants: [
      Variant(
        "",
        Topology.tx.with {
          // An agent that is never approved.
          $0.agents.append(Topology.Agent("k8s-pending"))
          $0.agents[$0.agents.count - 1].isEnrolled = false
        })
    ], needs: ["replicas:3", "frames", "config"], checks: ["I-AUTHN", "I-ONE-CONN"], kills: ["B-78", "B-79"]
  ) { environment in
    try await environment.awaitAgents(except: ["k8s-pending"])
    let own = "k8s-a1"
    let start = environment.now
    let stranger = environment.agentClient("stranger")
    // The same id from the other platform, with the right key.
    var answer = try await stranger.register(
      as: AgentIdentity(own, platform: "docker", key: .issued(to: own), instance: "stranger"), at: nil)
    environment.expect("register as another platform", equals: "409 Agent platform mismatch", answer.text)
    answer = try await stranger.register(
      as: AgentIdentity("docker-d1", platform: "kubernetes", key: .issued(to: "docker-d1"), instance: "stranger"),
      at: nil)
    environment.expect(
      "register of a Docker agent as Kubernetes", equals: "409 Agent platform mismatch", answer.text)
    // The key of another agent.
    answer = try await stranger.register(
      as: AgentIdentity(own, key: .issued(to: "k8s-a2"), instance: "stranger"), at: nil)
    environment.expect("register with the key of another agent", equals: "403 Agent identity mismatch", answer.text)
    answer = try await stranger.connect(
      as: AgentIdentity(own, key: .issued(to: "k8s-a2"), instance: "stranger"), at: nil)
    environment.expect("connect with the key of another agent", equals: "403 Agent identity mismatch", answer.text)
    // One id in the query, another in the key.
    answer = try await stranger.connect(
      as: AgentIdentity("k8s-a2", key: .issued(to: "k8s-a2"), instance: "stranger", connectAs: own), at: nil)
    environment.expect("connect under a foreign id", equals: "403 Agent identity mismatch", answer.text)
    // The bootstrap key for an id that has used its own (B-79).
    answer = try await stranger.register(as: AgentIdentity(own, key: .bootstrap, instance: "stranger"), at: nil)
    environment.expect("bootstrap key for an enrolled id", .equal(.count(403)), answer.status ?? 0)
    answer = try await stranger.register(
      as: AgentIdentity(own, key: .text(String(repeating: "0", count: 64)), instance: "stranger"), at: nil)
    environment.expect("an unknown key", .between(.count(401), .count(403)), answer.status ?? 0)
    // A pending agent is never selected, however often it asks (B-78), and may not connect.
    answer = try await stranger.connect(
      as: AgentIdentity("k8s-pending", key: .bootstrap, instance: "stranger"), at: nil)
    environment.expect("connect of a pending agent", .between(.count(401), .count(403)), answer.status ?? 0)
    try await environment.sleep(until: start + .seconds(70))
    var sessions: [OwnedSession] = []
    for index in 0..<15 {
      sessions.append(try await environment.created(SessionRequest(), by: environment.owner(ofSession: index)))
    }
    var pending = 0
    for session in sessions where try await environment.sessionRow(session.name)?.agent == "k8s-pending" {
      pending += 1
    }
    environment.expect("sessions for the pending agent", .equal(.count(0)), pending)
    try await environment.expect("the sessions run", within: .seconds(60), every: .milliseconds(500)) {
      try await environment.count(sessions, in: "running") == sessions.count
    }
    // The real agents felt nothing.
    for agent in [own, "docker-d1"] {
      environment.expect(
        "reconnections of \(agent)", .equal(.count(0)), environment.registrations(of: agent, after: start).count)
      environment.expect(
        "connections of \(agent)", .equal(.count(1)), try await environment.connectionCount(of: agent))
    }
  }

  /// What a request asks for and what the workload must get; nil bytes: refused with 400.
  private static let notations: [(memory: String, cpu: String, bytes: Int64?, milli: Int64)] = [
    ("1Gi", "500m", 1 << 30, 500), ("1G", "0.5", 1_000_000_000, 500), ("512Mi", "2", 512 << 20, 2_000),
    ("1.5Gi", "1500m", 3 << 29, 1_500), ("524288Ki", "0.25", 512 << 20, 250),
    // Nothing asked for: the defaults of the product.
    ("", "", 2 << 30, 1_000), (" 512Mi", "250m", nil, 0), ("512Mi ", "250m", nil, 0), ("2GB", "250m", nil, 0),
    ("512Mi", "abc", nil, 0), ("lots", "250m", nil, 0), ("-1Gi", "250m", nil, 0), ("512Mi", "-1", nil, 0),
  ]

  static let resourceNotation = TestCase(
    "XP-04", "Resource notation", in: .crossPlatform, source: "[+]", variants: eachPlatform(),
    plain: .inTurn, needs: ["replicas:1", "k8s", "docker", "frames", "config"], checks: ["I-QUOTA"],
    kills: ["A-49", "B-48"]
  ) { environment in
    try await environment.awaitAgents()
    for notation in notations {
      let name = "memory '\(notation.memory)', cpu '\(notation.cpu)'"
      let answer = try await environment.user("u01").create(
        SessionRequest(memory: notation.memory, cpu: notation.cpu), at: nil)
      guard let bytes = notation.bytes else {
        environment.expect("answer to \(name)", .equal(.count(400)), answer.status ?? 0)
        environment.record.add(.parity(name, environment.platform, .count(answer.status ?? 0)))
        continue
      }
      guard let session = answer.session else { throw CaseFailure("\(name): create answered \(answer.summary)") }
      try await environment.awaitState("running", of: session)
      let limits = try await environment.limits(session: session)
      let text = limits.map { "\($0.memoryBytes) B, \($0.milliCPU)m" } ?? "none"
      environment.expect("limits of \(name)", equals: "\(bytes) B, \(notation.milli)m", text)
      environment.record.add(.parity(name, environment.platform, .text(text)))
      _ = try await environment.user("u01").stop(session, at: nil)
      try await environment.awaitState("terminated", of: session)
    }
    // Capacity is stored alike, whatever the platform: as the API shows it after a heartbeat.
    try await environment.sleep(for: .seconds(35))
    let answer = try await environment.user("admin").send("GET", "/api/v1/admin/agents", body: nil, at: nil)
    let document = JSONDocument(answer.body)
    let row = document?["agents"]?.elements?.first { $0["agentId"]?.text == environment.agents[0] }
    let capacity = row?["capacity"].map { $0.json } ?? "none"
    environment.expect("stored capacity", equals: storedCapacity, capacity)
    environment.record.add(.parity("stored capacity", environment.platform, .text(capacity)))
  }

  /// What the agents of the fixtures register (spec/02 §7.3), as the API shows it.
  private static let storedCapacity = "{\"maxSessions\":100,\"cpu\":\"64 cores\",\"memory\":\"256Gi\"}"
}

extension AgentAnswer {
  /// Status and error, as the specification writes them.
  fileprivate var text: String {
    [status.map(String.init) ?? "no answer", error].compactMap(\.self).joined(separator: " ")
  }
}

extension Environment {
  /// Waits until every agent but some has a connection and its row is online.
  func awaitAgents(except absent: [String]) async throws {
    try await require("every approved agent is online", within: .seconds(60)) {
      for agent in agents where !absent.contains(agent) {
        guard try await holder(of: agent) != nil, try await agentRow(agent)?.status == "online" else { return false }
      }
      return true
    }
  }
}
