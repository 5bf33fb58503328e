import ControlPlane
import Database
import SimulationRuntime
import StreamSpaceProtocol
import Testing

/// What scenarios 3 and 8 expect of the control plane: two platforms side by side, notations, templates, pushes.
@Suite("Two platforms behind one control plane (spec/06 §8)") struct RESTPlatformTests {
  private static let addTemplate = SQLStatement(
    "addTemplate",
    """
    INSERT INTO catalog_templates (repository_id, name, display_name, description, category, icon_url, manifest, tags, \
    platform) VALUES (2, $1, $1, '', 'Testing', '', $2, $3, $4)
    """)
  private static let addApplication = SQLStatement(
    "addApplication",
    """
    INSERT INTO installed_applications (id, catalog_template_id, name, display_name, folder_path, enabled, \
    install_status, platform) SELECT $1, id, $1, $1, '/', TRUE, 'installed', $3 FROM catalog_templates WHERE name = $2
    """)

  private func cluster() throws -> SessionCluster {
    let cluster = try SessionCluster()
    try cluster.addAgent("docker-1", platform: "docker")
    return cluster
  }

  private func add(_ cluster: SessionCluster, template name: String, manifest: String, platform: String? = nil) throws {
    _ = try cluster.database.query(
      Self.addTemplate, [.text(name), .text(manifest), .array([String]()), .optional(platform)])
  }

  private func placement(_ cluster: SessionCluster, _ session: String) throws -> String {
    let row = try cluster.query("SELECT platform, agent_id FROM sessions WHERE id = $1", [.text(session)])[0]
    return "\(try row.text("platform")) \(try row.text("agent_id"))"
  }

  @Test("the request names the platform, else the template, else the application, else the replica (C17, R-09)")
  func precedence() throws {
    let cluster = try cluster()
    try add(cluster, template: "open", manifest: "{\"spec\":{\"baseImage\":\"example.invalid/a:1\"}}")
    for (id, template) in [("app-open", "open"), ("app-docker", "on-docker")] {
      _ = try cluster.database.query(
        Self.addApplication, [.text(id), .text(template), .text(id == "app-open" ? "docker" : "kubernetes")])
    }
    let requests: [(body: [(String, String)], placement: String)] = [
      ([("template", "open")], "kubernetes k8s-1"), ([("template", "on-docker")], "docker docker-1"),
      ([("applicationId", "app-open")], "docker docker-1"), ([("applicationId", "app-docker")], "docker docker-1"),
      ([("template", "on-docker"), ("platform", "kubernetes")], "kubernetes k8s-1"),
    ]
    for (fields, wanted) in requests {
      var body = JSONObject()
      body.add("user", "u01")
      for (key, value) in fields { body.add(key, value) }
      body["resources"] = ["cpu": "250m", "memory": "512Mi"]
      let name = try cluster.create(as: "u01", .object(body))
      #expect(try placement(cluster, name) == wanted)
    }
  }

  @Test("a platform that there is not is refused, and nothing is written")
  func unknownPlatform() throws {
    let cluster = try cluster()
    let body: JSONValue = ["user": "u01", "template": "xterm-vnc", "platform": "windows"]
    #expect(try cluster.ask(.post, "/api/v1/sessions", body).status == 400)
    #expect(try cluster.count("sessions") == 0)
  }

  @Test("sessions spread over the agents of their platform, and a full one is passed over (C15, I-CAP)")
  func spread() throws {
    let cluster = try cluster()
    try cluster.addAgent("docker-2", maxSessions: 1, platform: "docker")
    _ = try cluster.query("UPDATE user_quotas SET max_sessions = 20, max_cpu = '64000m', max_memory = '64Gi'")
    for index in 0..<8 {
      _ = try cluster.create(
        as: "u01", SessionCluster.create(template: index % 2 == 0 ? "xterm-vnc" : "on-docker"))
    }
    let rows = try cluster.query("SELECT agent_id, COUNT(*) AS n FROM sessions GROUP BY agent_id ORDER BY agent_id")
    #expect(
      try rows.map { "\(try $0.text("agent_id")) \(try $0.integer("n"))" } == ["docker-1 3", "docker-2 1", "k8s-1 4"])
  }

  @Test(
    "resources in every notation mean the same, and nonsense is refused (XP-04)",
    arguments: [
      ("1Gi", "500m", 202), ("1G", "0.5", 202), ("512Mi", "2", 202), ("1.5Gi", "1500m", 202),
      ("524288Ki", "0.25", 202), ("", "", 202), (" 512Mi", "250m", 400), ("512Mi ", "250m", 400),
      ("512 Mi", "250m", 400), ("2GB", "250m", 400), ("512Mi", "abc", 400), ("lots", "250m", 400),
      ("-1Gi", "250m", 400), ("512Mi", "-1", 400), ("512Mi", "0", 400), ("0", "250m", 400),
    ])
  func notations(_ memory: String, _ cpu: String, _ status: Int) throws {
    let cluster = try cluster()
    for template in ["xterm-vnc", "on-docker"] {
      let body = SessionCluster.create(template: template, cpu: cpu, memory: memory)
      let answer = try cluster.ask(.post, "/api/v1/sessions", body)
      #expect(answer.status == status, "\(answer.text)")
    }
    #expect(try cluster.count("sessions") == (status == 202 ? 2 : 0))
  }

  @Test("a registered capacity is stored alike, whatever shape it came in; the old one lacks cpu and memory (A-49)")
  func capacities() throws {
    let shapes: [(CapacityReport, AgentCapacity)] = [
      (
        .standard(AgentCapacity(maxSessions: 7, cpu: "8 cores", memory: "16Gi")),
        AgentCapacity(maxSessions: 7, cpu: "8 cores", memory: "16Gi")
      ),
      (.shippedDocker(DockerCapacity(maxCPU: 8, maxMemory: 16, maxSessions: 7)), AgentCapacity(maxSessions: 7)),
    ]
    for (report, stored) in shapes {
      #expect(try CapacityReport(json: report.json).stored == stored)
    }
  }

  @Test(
    "templates of any form are taken as they are: whether they can run is the agent's to say (XP-05)",
    arguments: [
      ("{}", 202), ("{\"Spec\":{\"BaseImage\":\"example.invalid/a:1\"}}", 202), ("{\"kind\":\"Template\"}", 202),
      ("{\"spec\":{}}", 202), ("{\"spec\":{\"baseImage\":\"example.invalid/a:1\",\"ports\":[]}}", 202),
      ("{\"spec\":{\"baseImage\":\"example.invalid/a:1\",\"env\":[{\"name\":\"A\",\"value\":\"b\"}]}}", 202),
      ("{\"spec\":{\"baseImage\":\"example.invalid/a:1\",\"volumes\":[{\"name\":\"v\"}]}}", 202),
      ("{\"spec\":{\"baseImage\":\"example.invalid/a:1\",\"vnc\":{\"enabled\":true,\"port\":5901}}}", 202),
      ("null", 202), ("[]", 202), ("\"text\"", 202),
    ])
  func manifests(_ manifest: String, _ status: Int) throws {
    let cluster = try cluster()
    for platform in ["kubernetes", "docker"] {
      try add(cluster, template: "odd-\(platform)", manifest: manifest, platform: platform)
      let answer = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create(template: "odd-\(platform)"))
      #expect(answer.status == status, "\(answer.text)")
    }
    // Both agents get the same document.
    let payloads = try cluster.query("SELECT payload FROM agent_commands ORDER BY created_at").map {
      try JSONParser.parse(Array(try $0.text("payload").utf8))["templateManifest"]
    }
    #expect(payloads.count == 2)
    #expect(payloads[0] == payloads[1])
    #expect(payloads[0] == (try JSONParser.parse(Array(manifest.utf8)).sortedByKey))
  }

  @Test("a change is pushed within 3 s, whenever it comes, with a lower-case state and a capitalised phase (XP-09)")
  func pushes() throws {
    let cluster = try cluster()
    let name = try cluster.running()
    let listener = cluster.listen(as: "u01")
    try cluster.run(.seconds(4))
    for offset in stride(from: Int64(0), to: 3_000, by: 370) {
      try cluster.run(.milliseconds(offset))
      let state = offset % 740 == 0 ? "hibernating" : "running"
      _ = try cluster.query("UPDATE sessions SET state = $1 WHERE id = $2", [.text(state), .text(name)])
      let known = listener.feeds.count
      try cluster.run(.seconds(3))
      let item = listener.feeds.dropFirst(known).last?.sessions.first
      #expect(item?.state == state)
      #expect(item?.phase == GoText.phase(of: state))
    }
  }

  @Test("with the cache on, a change shows on every replica within 1 s (C19, XP-09)")
  func freshness() throws {
    for (policy, isFresh) in [(UserPolicies.CacheInvalidation.byWrite, true), (.never, false)] {
      var options = SessionCluster.Options()
      options.replicas = 2
      options.isCacheEnabled = true
      options.policies.users.cacheInvalidation = policy
      let cluster = try SessionCluster(options)
      let token = try cluster.ask(
        .post, "/api/v1/auth/login", ["username": "u01", "password": "password-of-u01"], as: nil)["token"]?.text
      let headers: HTTPHeaders = ["Authorization": "Bearer \(try #require(token))"]
      let name = try #require(
        try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create(), as: nil, headers: headers)["name"]?.text)
      for replica in 0..<2 {
        _ = try cluster.ask(.get, "/api/v1/sessions/\(name)", as: nil, at: replica, headers: headers)
      }
      try cluster.complete(try cluster.openCommand(of: name), pod: "pod-1")
      try cluster.run(.seconds(1))
      for replica in 0..<2 {
        let answer = try cluster.ask(.get, "/api/v1/sessions/\(name)", as: nil, at: replica, headers: headers)
        #expect((answer["state"]?.text == "running") == isFresh)
      }
    }
  }
}
