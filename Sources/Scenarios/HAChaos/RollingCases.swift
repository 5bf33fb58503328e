import TestEnvironment

extension HAChaos {
  static let everythingRolls = TestCase(
    "CHAOS-10", "Everything rolls at once", in: scenario, source: "[+]", live: true, variants: [Variant("", .t3ha)],
    needs: [
      "replicas:3", "redis-control", "redis-read", "db-control", "sql-write", "k8s-ha", "api-stop", "agent-stop",
    ],
    checks: ["I-ROUTE", "I-SESS-SURVIVE"], kills: ["A-39"]
  ) { environment in
    let agent = environment.agents[0]
    _ = try await environment.awaitLeader(of: agent)
    let sessions = try await environment.seededSessions(10, on: agent)
    let pods = try await environment.pods(of: sessions)
    try await environment.installApplications()
    let links = try await environment.applicationLinks()
    try environment.require("applications are linked to templates", !links.isEmpty)
    let start = environment.now
    var parts = ["API", "agent", "Redis", "database"]
    var order: [String] = []
    while !parts.isEmpty { order.append(parts.remove(at: environment.choose("part \(order.count + 1)", parts.count))) }
    try await environment.sleep(until: start + .seconds(9))
    try await environment.syncCatalogueEverywhere()
    for (index, part) in order.enumerated() {
      try await environment.sleep(until: start + .seconds(10 * (index + 1)))
      environment.markFault("restart", lane: part, from: environment.now)
      switch part {
      case "API":
        for replica in environment.replicas { try await environment.control(.replica(replica), .restart) }
      case "agent": try await environment.control(.agent(agent), .restart)
      case "Redis": try await environment.control(.redis, .restart)
      default: try await environment.control(.database, .restart)
      }
      // Those that are up sync once more, into whatever is going on.
      try await environment.syncCatalogueEverywhere()
    }
    let last = environment.now
    try await environment.expectRecovery(
      .everything, "all is in use again", lane: "everything", within: .seconds(120), from: start + .seconds(10),
      state: { "holder \(try await environment.holder(of: agent) ?? "none")" },
      until: {
        for replica in environment.replicas where !(try await environment.isReady(replica)) { return false }
        guard try await environment.isBack(agent) else { return false }
        return try await environment.allRoutesRight()
      })
    try await environment.syncCatalogueEverywhere()
    try await environment.sleep(until: max(environment.now, last) + .seconds(15))
    let after = try await environment.applicationLinks()
    environment.expect(
      "application links", equals: links.joined(separator: " "), after.joined(separator: " "))
    let asked = environment.now
    let created = try await environment.created(SessionRequest(), by: "u05")
    try await environment.expect("a session starts afterwards", within: .seconds(30), from: asked) {
      try await environment.state(of: created.name) == "running"
    }
    try await environment.expectUntouched(
      sessions, pods: pods, by: "everything rolls: \(order.joined(separator: ", "))")
  }
}

extension Environment {
  /// One installed application for each of three templates.
  fileprivate func installApplications() async throws {
    for name in ["chromium", "code-server", "libreoffice"] {
      _ = try await sql(
        """
        INSERT INTO installed_applications (id, catalog_template_id, name, display_name, enabled) \
        SELECT 'app-' || name, id, name, name, TRUE FROM catalog_templates WHERE name = '\(name)'
        """)
    }
  }

  /// `application: template` for each, ordered; the template by its name.
  fileprivate func applicationLinks() async throws -> [String] {
    try await sql(
      """
      SELECT a.id, t.name AS template FROM installed_applications a \
      LEFT JOIN catalog_templates t ON t.id = a.catalog_template_id ORDER BY a.id
      """
    ).map { "\(($0["id"] ?? nil) ?? "?"):\(($0["template"] ?? nil) ?? "none")" }
  }

  /// Asks every replica that is ready for a sync of the catalogue; it goes on beside what follows.
  fileprivate func syncCatalogueEverywhere() async throws {
    for replica in replicas where try await isReady(replica) {
      _ = try await user("admin").send("POST", "/api/v1/catalog/sync", body: nil, at: replica)
    }
  }
}
