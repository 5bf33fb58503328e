import ControlPlane
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@Suite("Isolation of users and organisations") struct RESTIsolationTests {
  /// Every way to reach a session.
  static let routes: [(HTTPMethod, String, JSONValue?)] = [
    (.get, "", nil), (.delete, "", nil), (.patch, "", ["state": "terminated"]), (.put, "/hibernate", nil),
    (.put, "/wake", nil), (.patch, "/tags", ["tags": ["x"]]), (.get, "/connect?user=u02", nil),
    (.post, "/disconnect?connectionId=c", [:]), (.post, "/heartbeat", [:]), (.get, "/vnc", nil),
  ]

  @Test(
    "a stranger finds no session by any route, and changes nothing",
    arguments: ["u02", "op1", "u99", "admin-other"])
  func strangers(_ stranger: String) throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    let before = try cluster.query("SELECT * FROM sessions")[0].values
    for (method, path, body) in Self.routes {
      let answer = try cluster.ask(method, "/api/v1/sessions/\(name)\(path)", body, as: stranger)
      #expect(answer.status == 404, "\(method.rawValue) \(path) as \(stranger): \(answer.text)")
      #expect(answer["error"]?.text == "Session not found")
    }
    #expect(try cluster.ask(.get, "/api/v1/vnc/\(name)", as: stranger).status == 404)
    #expect(try cluster.query("SELECT * FROM sessions")[0].values == before)
    #expect(try cluster.count("agent_commands") == 1)
    #expect(try cluster.count("connections") == 0)
    #expect(try cluster.ask(.get, "/api/v1/sessions", as: stranger)["total"] == 0)
    #expect(try cluster.ask(.get, "/api/v1/sessions?user=u01", as: stranger)["total"] == 0)
  }

  @Test("an administrator of the organisation sees and touches all of its sessions")
  func administrator() throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    _ = try cluster.create(as: "u02")
    #expect(try cluster.ask(.get, "/api/v1/sessions", as: "admin")["total"] == 2)
    #expect(try cluster.ask(.get, "/api/v1/sessions?user=u01", as: "admin")["total"] == 1)
    #expect(try cluster.ask(.get, "/api/v1/sessions/\(name)", as: "admin").status == 200)
    #expect(try cluster.ask(.delete, "/api/v1/sessions/\(name)", as: "admin").status == 202)
  }

  @Test("sessions are made in the organisation of their owner")
  func organisations() throws {
    let cluster = try SessionCluster()
    let name = try cluster.create(as: "u99")
    let row = try cluster.query("SELECT org_id FROM sessions")[0]
    #expect(try row.text("org_id") == "other-org")
    #expect(try cluster.ask(.get, "/api/v1/sessions/\(name)", as: "admin-other").status == 200)
    #expect(try cluster.ask(.get, "/api/v1/sessions/\(name)", as: "admin").status == 404)
  }

  @Test("without the ownership check everybody touches everything (B-72)")
  func shipped() throws {
    var options = SessionCluster.Options()
    options.policies.users.ownership = .anyUser
    let cluster = try SessionCluster(options)
    let name = try cluster.running()
    #expect(try cluster.ask(.delete, "/api/v1/sessions/\(name)", as: "u02").status == 202)
    #expect(try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create("u01"), as: "u02").status == 202)
  }
}

@Suite("Connections of clients") struct RESTConnectionTests {
  @Test(
    "connect tells whether the session is ready",
    arguments: [
      ("pending", "", false, " Session is starting up - please wait."),
      ("running", "", false, " Waiting for session endpoint - please wait."),
      ("running", "/api/v1/sessions/x/vnc", true, ""),
    ])
  func connect(_ state: String, _ url: String, _ ready: Bool, _ suffix: String) throws {
    let cluster = try SessionCluster()
    let name = try cluster.create()
    _ = try cluster.query("UPDATE sessions SET state = $1, url = $2", [.text(state), .text(url)])
    let answer = try cluster.ask(.get, "/api/v1/sessions/\(name)/connect?user=u01")
    #expect(answer.status == 200)
    let id = try #require(answer["connectionId"]?.text)
    #expect(
      answer.text
        == """
        {"connectionId":"\(id)","message":"Connection established.\(suffix)","ready":\(ready),"sessionUrl":"\(url)",\
        "state":"\(state)"}
        """)
    let row = try cluster.query("SELECT * FROM connections")[0]
    #expect(try row.text("id") == id)
    #expect(try row.text("session_id") == name)
    #expect(try row.text("user_id") == "u01")
    #expect(try row.text("client_ip") == "client")
    // The call adds no viewer (spec/00 Streaming item 6).
    #expect(try cluster.query("SELECT active_connections FROM sessions")[0].integer("active_connections") == 0)
  }

  @Test("a connect to a hibernated session wakes it")
  func wakes() throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    _ = try cluster.query("UPDATE sessions SET state = 'hibernated'")
    let answer = try cluster.ask(.get, "/api/v1/sessions/\(name)/connect?user=u01")
    #expect(answer["message"]?.text == "Connection established. Session is waking from hibernation - please wait.")
    #expect(try cluster.state(of: name) == "waking")
    #expect(try cluster.commands(of: name).last == "wake_session:pending")
  }

  @Test("connect and disconnect ask for their parameters, and connect for oneself")
  func parameters() throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    let path = "/api/v1/sessions/\(name)"
    #expect(try cluster.ask(.get, "\(path)/connect").text == "{\"error\":\"user parameter required\"}")
    #expect(
      try cluster.ask(.post, "\(path)/disconnect", [:]).text == "{\"error\":\"connectionId parameter required\"}")
    #expect(try cluster.ask(.get, "\(path)/connect?user=u02").status == 403)
    let unknown = try cluster.ask(.get, "\(path)/connect?user=nobody", as: "admin")
    #expect(unknown.status == 500)
    #expect(unknown["message"]?.text?.contains("connections_user_id_fkey") == true)
  }

  @Test("beats at any replica keep a connection, without them it goes after 60 to 90 s")
  func beats() throws {
    var options = SessionCluster.Options()
    options.replicas = 2
    let cluster = try SessionCluster(options)
    let name = try cluster.running()
    let path = "/api/v1/sessions/\(name)"
    let kept = try #require(try cluster.ask(.get, "\(path)/connect?user=u01")["connectionId"]?.text)
    _ = try cluster.ask(.get, "\(path)/connect?user=u01")
    for round in 0..<6 {
      try cluster.run(.seconds(25), withAgentsOnline: ["k8s-1"])
      let beat = try cluster.ask(.post, "\(path)/heartbeat?connectionId=\(kept)", [:], at: round % 2)
      #expect(beat.status == 200)
      #expect(beat.text == "{\"message\":\"Activity recorded\",\"sessionId\":\"\(name)\",\"success\":true}")
    }
    #expect(try cluster.query("SELECT id FROM connections").map { try $0.text("id") } == [kept])
    #expect(try cluster.ask(.post, "\(path)/heartbeat?connectionId=nope", [:]).status == 404)
    let gone = try cluster.ask(.post, "\(path)/disconnect?connectionId=\(kept)", [:], at: 1)
    #expect(gone.text == "{\"activeConnections\":0,\"message\":\"Connection closed\"}")
    #expect(try cluster.count("connections") == 0)
    #expect(try cluster.ask(.post, "\(path)/disconnect?connectionId=\(kept)", [:]).status == 200)
  }

  @Test("a beat does not make a stuck session young")
  func stuckStaysOld() throws {
    let cluster = try SessionCluster()
    let name = try cluster.create()
    let read = { try cluster.query("SELECT updated_at, last_activity FROM sessions")[0] }
    let before = try read().microseconds("updated_at")
    try cluster.run(.seconds(5))
    #expect(try cluster.ask(.post, "/api/v1/sessions/\(name)/heartbeat", [:]).status == 200)
    #expect(try read().microseconds("updated_at") == before)
    #expect(try read().optionalMicroseconds("last_activity") != nil)
  }
}

@Suite("Templates and viewers") struct RESTTemplateTests {
  @Test("the list holds the templates twice, by name and by category")
  func list() throws {
    let cluster = try SessionCluster()
    let answer = try cluster.ask(.get, "/api/v1/templates")
    #expect(answer["total"] == 3)
    #expect(answer.json.members?.members.map(\.key) == ["categories", "filters", "templates", "total"])
    #expect(
      answer["templates"]?.elements?.compactMap { $0["name"]?.text } == ["on-docker", "firefox-ls", "xterm-vnc"])
    #expect(answer["categories"]?["Testing"]?.elements?.count == 3)
    let tagged = try cluster.ask(.get, "/api/v1/templates?tags=VNC&search=xterm")
    #expect(tagged["total"] == 1)
    #expect(tagged["filters"]?["tags"] == ["VNC"])
    #expect(try cluster.ask(.get, "/api/v1/templates?category=None")["total"] == 0)
  }

  @Test("one template is found by name")
  func find() throws {
    let cluster = try SessionCluster()
    let answer = try cluster.ask(.get, "/api/v1/templates/xterm-vnc")
    #expect(answer["display_name"]?.text == "XTerm over VNC")
    #expect(answer["manifest"]?["spec"]?["baseImage"]?.text == "example.invalid/xterm-vnc:1")
    let missing = try cluster.ask(.get, "/api/v1/templates/none")
    #expect(missing.status == 404)
    #expect(missing.text == "{\"error\":\"Template not found\"}")
  }

  @Test("the viewer route answers by state and protocol, under both of its paths", arguments: ["vnc", "sessions"])
  func viewers(_ path: String) throws {
    let cluster = try SessionCluster()
    let name = try cluster.create(as: "u01", SessionCluster.create(template: "firefox-ls"))
    let target = path == "vnc" ? "/api/v1/vnc/\(name)" : "/api/v1/sessions/\(name)/vnc"
    let early = try cluster.ask(.get, target)
    #expect(early.status == 409)
    #expect(early.text == "{\"error\":\"Session is not running (state: pending)\"}")
    _ = try cluster.query("UPDATE sessions SET state = 'running'")
    #expect(try cluster.ask(.get, target).status == 202)
    _ = try cluster.query("UPDATE sessions SET url = '/api/v1/sessions/x/vnc'")
    let answer = try cluster.ask(.get, target)
    #expect(
      answer.text
        == """
        {"message":"Access this session via the provided URL","path":"/websockify","port":3000,"protocol":"selkies",\
        "session_id":"\(name)","type":"http_session","url":"/api/v1/sessions/x/vnc"}
        """)
    let rfb = try cluster.running()
    let tunnelled = try cluster.ask(.get, "/api/v1/vnc/\(rfb)")
    #expect(tunnelled.status == 503)
    #expect(tunnelled.text == "{\"error\":\"Agent k8s-1 is not connected\"}")
  }

  @Test("the proxy of HTTP sessions checks owner, protocol and state, and says when the service does not answer")
  func proxy() throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    let target = "/api/v1/http/\(name)/index.html"
    let tunnelled = try cluster.ask(.get, target)
    #expect(tunnelled.status == 400)
    #expect(
      tunnelled.text == "{\"error\":\"Session uses protocol 'vnc', not HTTP-based (use /vnc endpoint instead)\"}")
    _ = try cluster.query("UPDATE sessions SET streaming_protocol = 'selkies', streaming_port = 3000")
    #expect(try cluster.ask(.get, target, as: "u02").status == 404)
    // Nobody listens at the service: the agent, which is away, is not asked for.
    let absent = try cluster.ask(.get, target)
    #expect(absent.status == 503)
    #expect(absent.text == "{\"error\":\"Session service not ready\"}")
    _ = try cluster.query("UPDATE sessions SET state = 'hibernated'")
    #expect(try cluster.ask(.get, target).status == 409)
  }
}

@Suite("The browser feed") struct RESTSessionFeedTests {
  @Test("every 3 s each user is told of its own sessions, an administrator of the organisation's")
  func feed() throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    _ = try cluster.create(as: "u02")
    _ = try cluster.create(as: "u99")
    let over = try cluster.running()
    _ = try cluster.query("UPDATE sessions SET state = 'terminated' WHERE id = $1", [.text(over)])
    _ = try cluster.query("UPDATE sessions SET idle_timeout = '30m' WHERE id = $1", [.text(name)])
    let own = cluster.listen(as: "u01")
    let all = cluster.listen(as: "admin")
    let other = cluster.listen(as: "admin-other")
    try cluster.run(.seconds(8))
    #expect(own.feeds.count == 2)
    #expect(own.feeds.last?.sessions.map(\.name) == [name])
    #expect(own.feeds.last?.sessions.first?.idle?.threshold == 1800)
    #expect(own.feeds.last?.sessions.first?.phase == "Running")
    #expect(all.feeds.last?.sessions.count == 2)
    #expect(other.feeds.last?.sessions.map(\.user) == ["u99"])
    #expect(other.feeds.last?.organisationID == "other-org")
  }

  @Test("B-73: everybody is told of the default organisation")
  func shipped() throws {
    var options = SessionCluster.Options()
    options.policies.users.feed = .defaultOrganisation
    let cluster = try SessionCluster(options)
    _ = try cluster.create()
    let foreign = cluster.listen(as: "u99")
    try cluster.run(.seconds(5))
    #expect(foreign.feeds.last?.sessions.count == 1)
  }

  @Test("a replica that stops says goodbye with 1001")
  func stops() throws {
    let cluster = try SessionCluster()
    let listener = cluster.listen(as: "u01")
    try cluster.run(.seconds(1))
    cluster.processes[0].terminate()
    try cluster.run(.seconds(5))
    #expect(listener.closeCode == .goingAway)
  }
}
