import ControlPlane
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@Suite("Creating sessions") struct RESTSessionCreateTests {
  typealias Options = SessionCluster.Options

  @Test("a create answers 202 with the recorded keys, and both rows are there")
  func accepted() throws {
    let cluster = try SessionCluster()
    let answer = try cluster.ask(
      .post, "/api/v1/sessions",
      [
        "user": "u01", "template": "xterm-vnc", "tags": ["x", "y"], "resources": ["memory": "1Gi", "cpu": "500m"],
        "idleTimeout": "30m", "maxSessionDuration": "8h",
      ])
    #expect(answer.status == 202)
    let name = try #require(answer["name"]?.text)
    #expect(name.hasPrefix("u01-xterm-vnc-") && name.count == "u01-xterm-vnc-".count + 8)
    let row = try cluster.query("SELECT * FROM agent_commands WHERE session_id = $1", [.text(name)])[0]
    let command = try row.text("command_id")
    #expect(
      answer.text
        == """
        {"idleTimeout":"30m","maxSessionDuration":"8h","name":"\(name)","namespace":"streamspace",\
        "persistentHome":true,"resources":{"cpu":"500m","memory":"1Gi"},"state":"pending","status":{"message":\
        "Session provisioning in progress (agent: k8s-1, command: \(command))","phase":"Pending"},"tags":["x","y"],\
        "template":"xterm-vnc","user":"u01"}
        """)
    #expect(try row.text("status") == "pending")
    #expect(try row.text("action") == "start_session")
    let payload = try JSONParser.parse(Array(try row.text("payload").utf8))
    #expect(payload["sessionId"]?.text == name)
    #expect(payload["templateManifest"]?["spec"]?["baseImage"]?.text == "example.invalid/xterm-vnc:1")
    #expect(payload["tags"] == ["x", "y"])
    let session = try cluster.query("SELECT * FROM sessions WHERE id = $1", [.text(name)])[0]
    #expect(try session.textArray("tags") == ["x", "y"])
    #expect(try session.text("org_id") == "default-org")
    #expect(try session.text("agent_id") == "k8s-1")
    #expect(try session.optionalText("streaming_path") == nil)
  }

  @Test("GET and list show a session as recorded")
  func shown() throws {
    let cluster = try SessionCluster()
    let name = try cluster.create()
    let answer = try cluster.ask(.get, "/api/v1/sessions/\(name)")
    let created = try #require(answer["createdAt"]?.text)
    let expected = """
      {"activeConnections":0,"createdAt":"\(created)","idleTimeout":"","maxSessionDuration":"","name":"\(name)",\
      "namespace":"streamspace","persistentHome":true,"platform":"kubernetes","resources":{"cpu":"250m","memory":\
      "512Mi"},"state":"pending","status":{"phase":"Pending","podName":"","url":""},"streamingPath":"",\
      "streamingPort":5900,"streamingProtocol":"vnc","template":"xterm-vnc","user":"u01"}
      """
    #expect(answer.text == expected)
    #expect(answer.response?.headers["Cache-Control"] == "no-store, no-cache, must-revalidate")
    let list = try cluster.ask(.get, "/api/v1/sessions")
    #expect(list.text == "{\"sessions\":[\(expected)],\"total\":1}")
    #expect(list.response?.headers["Cache-Control"] == "public, max-age=300")
  }

  @Test(
    "each refusal has its code and text",
    arguments: [
      ("{}", 400, "{\"error\":\"Key: 'User' Error:Field validation for 'User' failed on the 'required' tag\"}"),
      (
        "{\"user\":\"u01\"}", 400,
        """
        {"error":"Missing required field","message":"Either 'applicationId' or 'template' must be provided"}
        """
      ),
      (
        "{\"user\":\"u01\",\"template\":\"nope\"}", 404,
        "{\"error\":\"Template not found\",\"message\":\"Template 'nope' does not exist in the catalog\"}"
      ),
      (
        "{\"user\":\"u01\",\"applicationId\":\"nope\"}", 404, "{\"error\":\"Application not found\"}"
      ),
      (
        "{\"user\":\"u01\",\"template\":\"xterm-vnc\",\"resources\":{\"cpu\":\"9999\"}}", 400,
        "{\"error\":\"Invalid resource request\",\"message\":\"CPU request too high: maximum 64000m\"}"
      ),
      (
        "{\"user\":\"u01\",\"template\":\"xterm-vnc\",\"resources\":{\"cpu\":\"banana\",\"memory\":\"1Gi\"}}", 400,
        """
        {"error":"Invalid resource request","message":"invalid CPU quantity: invalid resource quantity: quantities \
        must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"}
        """
      ),
      (
        "{\"user\":\"u01\",\"template\":\"xterm-vnc\",\"resources\":{\"cpu\":\"2001m\",\"memory\":\"1Gi\"}}", 403,
        """
        {"error":"Quota exceeded","message":"CPU quota exceeded: requested 2001m, limit is 2000m per session"}
        """
      ),
      (
        "{\"user\":\"u01\",\"template\":\"xterm-vnc\",\"resources\":{\"cpu\":\"1\",\"memory\":\"6Gi\"}}", 403,
        """
        {"error":"Quota exceeded","message":"memory quota exceeded: requested 6144Mi, limit is 4096Mi per session"}
        """
      ),
      ("{\"user\":\"u02\",\"template\":\"xterm-vnc\"}", 403, "{\"error\":\"Insufficient permissions\"}"),
      (
        "{\"user\":\"u01\",\"template\":\"on-docker\"}", 503,
        """
        {"error":"No agents available","message":"No online agents are currently available: no agents match \
        selection criteria"}
        """
      ),
      ("{\"user\":7}", 400, "{\"error\":\"json: cannot unmarshal number into Go struct field .user of type string\"}"),
    ])
  func refused(_ body: String, _ status: Int, _ text: String) throws {
    let cluster = try SessionCluster()
    let answer = try cluster.ask(.post, "/api/v1/sessions", JSONParser.parse(Array(body.utf8)))
    #expect(answer.status == status)
    #expect(answer.text == text)
    #expect(try cluster.count("sessions") == 0)
    #expect(try cluster.count("agent_commands") == 0)
  }

  @Test("without an agent there is no session")
  func noAgents() throws {
    var options = Options()
    options.hasAgent = false
    let cluster = try SessionCluster(options)
    try cluster.addAgent("unapproved", approval: "pending")
    let answer = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create())
    #expect(answer.status == 503)
    #expect(answer["message"]?.text == "No online agents are currently available: no online agents available")
  }

  @Test("full agents are said to be full")
  func fullAgents() throws {
    var options = Options()
    options.maxSessions = 1
    let cluster = try SessionCluster(options)
    _ = try cluster.create()
    let answer = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create())
    #expect(answer.status == 503)
    #expect(
      answer["message"]?.text == "No online agents are currently available: all agents are at capacity")
  }

  @Test("an agent lost under 90 s ago still gets sessions, an older one does not")
  func recentlyLost() throws {
    let cluster = try SessionCluster()
    try cluster.run(.seconds(60))
    #expect(try cluster.query("SELECT status FROM agents")[0].text("status") == "offline")
    #expect(try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create()).status == 202)
    try cluster.run(.seconds(40))
    #expect(try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create()).status == 503)
  }

  @Test("pending sessions count against the quota")
  func pendingCounts() throws {
    let cluster = try SessionCluster()
    for _ in 0..<5 { _ = try cluster.create() }
    let answer = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create())
    #expect(answer.status == 403)
    #expect(answer.text == "{\"error\":\"Quota exceeded\",\"message\":\"session quota exceeded: 5/5 sessions active\"}")
  }

  @Test("totals of the quota row bound all sessions together")
  func totals() throws {
    let cluster = try SessionCluster()
    _ = try cluster.create(as: "u01", SessionCluster.create(cpu: "2000m", memory: "1Gi"))
    _ = try cluster.create(as: "u01", SessionCluster.create(cpu: "1500m", memory: "1Gi"))
    let answer = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create(cpu: "501m"))
    #expect(answer["message"]?.text == "total CPU quota exceeded: would use 4001m, limit is 4000m")
    #expect(try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create(cpu: "500m")).status == 202)
  }

  @Test("an administrator's quota row also bounds one session by its totals")
  func administratorsRow() throws {
    let cluster = try SessionCluster()
    let put = try cluster.ask(
      .put, "/api/v1/admin/quotas", ["username": "u01", "maxSessions": 3, "maxCpu": "3000m", "maxMemory": "6Gi"],
      as: "admin")
    #expect(put.status == 200)
    #expect(put["maxSessions"] == 3)
    #expect(try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create(cpu: "3000m")).status == 202)
    let answer = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create(cpu: "100m"))
    #expect(answer["message"]?.text == "total CPU quota exceeded: would use 3100m, limit is 3000m")
  }

  @Test("the licence bounds the sessions of all users")
  func licence() throws {
    var options = Options()
    options.licence = 2
    let cluster = try SessionCluster(options)
    _ = try cluster.create(as: "u01")
    _ = try cluster.create(as: "u02")
    let answer = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create())
    #expect(answer.status == 403)
    #expect(answer["error"]?.text == "License limit exceeded")
    #expect(try cluster.count("sessions") == 2)
  }

  @Test("without an active licence only quotas bound the sessions")
  func noLicence() throws {
    var options = Options()
    options.licence = 0
    let cluster = try SessionCluster(options)
    #expect(try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create()).status == 403)
    _ = try cluster.query("UPDATE licenses SET status = 'expired'")
    #expect(try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create()).status == 202)
    _ = try cluster.query("UPDATE licenses SET status = 'active', max_sessions = NULL")
    #expect(try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create()).status == 202)
  }

  @Test("the owner may be named by id or by name, and an administrator names others of the organisation")
  func owners() throws {
    let cluster = try SessionCluster()
    let named = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create("mira"), as: "admin")
    #expect(named.status == 202)
    #expect(named["user"]?.text == "9d6e0d3c-0001")
    #expect(named["name"]?.text?.hasPrefix("mira-xterm-vnc-") == true)
    let byID = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create("9d6e0d3c-0001"), as: "admin")
    #expect(byID.status == 202)
    for stranger in ["nobody", "u99"] {
      let refused = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create(stranger), as: "admin")
      #expect(refused.status == 403)
      #expect(
        refused.text
          == """
          {"error":"Quota exceeded","message":"failed to get user limits: failed to get user: user not found"}
          """)
    }
  }

  @Test("the platform follows the template")
  func platform() throws {
    let cluster = try SessionCluster()
    try cluster.addAgent("d-1", platform: "docker")
    let docker = try cluster.create(as: "u01", SessionCluster.create(template: "on-docker"))
    let kubernetes = try cluster.create()
    let rows = try cluster.query("SELECT id, agent_id, platform FROM sessions")
    #expect(try rows.first { try $0.text("id") == docker }?.text("agent_id") == "d-1")
    #expect(try rows.first { try $0.text("id") == kubernetes }?.text("agent_id") == "k8s-1")
  }

  @Test("a taken name is tried again with another suffix, and never overwrites", arguments: [UInt64(3), 4])
  func collisions(_ seed: UInt64) throws {
    var options = Options()
    options.seed = seed
    options.policies.suffixValues = 3
    let cluster = try SessionCluster(options)
    var names: Set<String> = []
    for _ in 0..<3 { names.insert(try cluster.create()) }
    #expect(names.count == 3)
    let answer = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create())
    #expect(answer.status == 503)
    #expect(try cluster.count("sessions") == 3)
    #expect(try cluster.count("agent_commands") == 3)
  }

  @Test("two creates at the last free place: exactly one gets it", arguments: 1...8 as ClosedRange<UInt64>)
  func quotaRace(_ seed: UInt64) throws {
    var options = Options()
    options.seed = seed
    options.replicas = 2
    let cluster = try SessionCluster(options)
    for _ in 0..<4 { _ = try cluster.create() }
    let answers = (0..<6).map { cluster.send(.post, "/api/v1/sessions", SessionCluster.create(), at: $0 % 2) }
    try cluster.run(.seconds(5))
    #expect(answers.filter { $0.status == 202 }.count == 1)
    #expect(answers.filter { $0.status == 403 }.count == 5)
    #expect(try cluster.count("sessions") == 5)
  }

  @Test("creates of several users never exceed an agent's capacity", arguments: [UInt64(1), 2, 3])
  func capacityRace(_ seed: UInt64) throws {
    var options = Options()
    options.seed = seed
    options.replicas = 2
    options.maxSessions = 3
    let cluster = try SessionCluster(options)
    let answers = (0..<8).map {
      let user = $0 % 2 == 0 ? "u01" : "u02"
      return cluster.send(.post, "/api/v1/sessions", SessionCluster.create(user), as: user, at: $0 / 4)
    }
    try cluster.run(.seconds(5))
    #expect(answers.filter { $0.status == 202 }.count == 3)
    #expect(answers.filter { $0.status == 503 }.count == 5)
  }

  @Test("a quota that counts only settled sessions lets a burst through (B-69)")
  func shippedQuota() throws {
    var options = Options()
    options.policies.quotaCount = .settledOnly
    let cluster = try SessionCluster(options)
    for _ in 0..<7 { _ = try cluster.create() }
    #expect(try cluster.count("sessions") == 7)
  }

  @Test("checks before the insert let two creates pass the limit (B-70)")
  func shippedAdmission() throws {
    var exceeded = false
    for seed in UInt64(1)...20 where !exceeded {
      var options = Options()
      options.seed = seed
      options.policies.admission = .beforeInsert
      let cluster = try SessionCluster(options)
      for _ in 0..<4 { _ = try cluster.create() }
      for _ in 0..<4 { cluster.send(.post, "/api/v1/sessions", SessionCluster.create()) }
      try cluster.run(.seconds(5))
      exceeded = try cluster.count("sessions") > 5
    }
    #expect(exceeded)
  }
}
