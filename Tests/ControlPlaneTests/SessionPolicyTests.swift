import ControlPlane
import Database
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import Testing

/// Each policy that differs from the contract shows: a defect of the catalogue that changes nothing would prove nothing.
@Suite("Defects as policies") struct SessionPolicyTests {
  typealias Options = SessionCluster.Options

  private func cluster(_ change: (inout Options) -> Void) throws -> SessionCluster {
    var options = Options()
    change(&options)
    return try SessionCluster(options)
  }

  private func login(_ cluster: SessionCluster, _ user: String = "u01") throws -> HTTPHeaders {
    let answer = try cluster.ask(
      .post, "/api/v1/auth/login", ["username": .string(user), "password": .string("password-of-\(user)")], as: nil)
    return ["Authorization": "Bearer \(try #require(answer["token"]?.text))"]
  }

  @Test("A-16: a stop is accepted and nothing is written")
  func forgottenStop() throws {
    let cluster = try cluster { $0.policies.verbCommand = .forgottenByStop }
    let name = try cluster.running()
    #expect(try cluster.ask(.delete, "/api/v1/sessions/\(name)").status == 202)
    #expect(try cluster.commands(of: name).count == 1)
  }

  @Test("A-19: a create that is committed is answered 500")
  func reachable() throws {
    let cluster = try cluster { $0.policies.acceptance = .whenReachable }
    #expect(try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create()).status == 500)
    #expect(try cluster.count("sessions") == 1)
  }

  @Test("A-20: a create writes no command")
  func forgottenStart() throws {
    let cluster = try cluster { $0.policies.verbCommand = .forgottenByStart }
    let name = try cluster.create()
    #expect(try cluster.commands(of: name).isEmpty)
  }

  @Test("A-55: one user is shown the answer of another")
  func sharedCache() throws {
    let cluster = try cluster {
      $0.isCacheEnabled = true
      $0.policies.users.cacheKey = .byURI
    }
    let one = try login(cluster)
    _ = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create(), as: nil, headers: one)
    _ = try cluster.ask(.get, "/api/v1/sessions", as: nil, headers: one)
    try cluster.run(.seconds(1))
    let two = try login(cluster, "u02")
    #expect(try cluster.ask(.get, "/api/v1/sessions", as: nil, headers: two)["total"] == 1)
  }

  @Test("B-30: a batch changes rows and tells no agent")
  func batch() throws {
    let cluster = try cluster { $0.policies.batch = .rowsOnly }
    let one = try cluster.running()
    let two = try cluster.running()
    let hibernated = try cluster.ask(
      .post, "/api/v1/batch/sessions/hibernate", ["sessionIds": .array([.string(one)])])
    #expect(hibernated["succeeded"] == 1)
    #expect(try cluster.state(of: one) == "hibernated")
    _ = try cluster.ask(.post, "/api/v1/batch/sessions/delete", ["sessionIds": .array([.string(two)])])
    #expect(try cluster.state(of: two) == nil)
    #expect(try cluster.count("agent_commands") == 2)
  }

  @Test("B-74: a refreshed token loses its organisation")
  func refresh() throws {
    let cluster = try cluster { $0.policies.users.refresh = .dropsOrganisation }
    let token = SessionCluster.token("u99", organisation: "other-org", at: cluster.now)
    let answer = try cluster.ask(.post, "/api/v1/auth/refresh", ["token": .string(token)], as: nil)
    let claims = try AccessClaims.verify(
      try #require(answer["token"]?.text), secret: SessionCluster.secret, now: cluster.now)
    #expect(claims.organisationID == "default-org")
  }

  @Test("B-75: a connection is known to the replica that made it, which drops it for want of beats")
  func connections() throws {
    let cluster = try cluster {
      $0.replicas = 2
      $0.policies.connections = .perReplica
    }
    let name = try cluster.running()
    let path = "/api/v1/sessions/\(name)"
    let id = try #require(try cluster.ask(.get, "\(path)/connect?user=u01")["connectionId"]?.text)
    #expect(try cluster.ask(.post, "\(path)/heartbeat?connectionId=\(id)", [:]).status == 200)
    #expect(try cluster.ask(.post, "\(path)/heartbeat?connectionId=\(id)", [:], at: 1).status == 404)
    try cluster.run(.seconds(100))
    #expect(try cluster.count("connections") == 0)
  }

  @Test("07: a connect counts as a viewer")
  func viewerCount() throws {
    let cluster = try cluster { $0.policies.connectCount = .addsViewer }
    let name = try cluster.running()
    _ = try cluster.ask(.get, "/api/v1/sessions/\(name)/connect?user=u01")
    #expect(try cluster.query("SELECT active_connections FROM sessions")[0].integer("active_connections") == 1)
  }

  @Test("C-13: a COMMIT without answer counts as failed, and the client makes a twin")
  func unknownCommit() throws {
    let cluster = try cluster { $0.policies.unknownCommit = .countsAsFailure }
    cluster.database.begin(.commitUnknown(.done))
    #expect(try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create()).status == 500)
    #expect(try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create()).status == 202)
    #expect(try cluster.count("sessions") == 2)
  }

  @Test("C-27: a start that succeeds too late leaves its workload")
  func lateResults() throws {
    let cluster = try cluster { $0.policies.lateResults = .ignored }
    let name = try cluster.create()
    let start = try cluster.openCommand(of: name)
    try cluster.fail(start, "too late")
    let late = FinishedCommand(
      commandID: start, agentID: "k8s-1", sessionID: name, actionName: "start_session", outcome: .completed(nil))
    cluster.sides[0].effects.lateAnswer(late, from: SessionCluster.identity("k8s-1"))
    try cluster.run(.seconds(1))
    #expect(try cluster.commands(of: name) == ["start_session:failed"])
  }

  @Test("R-02: the stored quota does not count")
  func builtInQuota() throws {
    let cluster = try cluster { $0.policies.quotaSource = .builtIn }
    _ = try cluster.query("UPDATE user_quotas SET max_sessions = 1 WHERE user_id = 'u01'")
    _ = try cluster.create()
    _ = try cluster.create()
  }

  @Test("R-12: a starting replica logs everybody out")
  func wipedLogins() throws {
    let cluster = try cluster {
      $0.isCacheEnabled = true
      $0.policies.users.loginsAtStart = .wiped
    }
    let headers = try login(cluster)
    #expect(try cluster.ask(.get, "/api/v1/sessions", as: nil, headers: headers).status == 200)
    cluster.processes[0].crash()
    cluster.processes[0].start()
    try cluster.run(.seconds(5))
    #expect(try cluster.ask(.get, "/api/v1/sessions", as: nil, headers: headers).status == 401)
  }

  @Test("R-16: a logout revokes nothing")
  func logout() throws {
    let cluster = try cluster {
      $0.isCacheEnabled = true
      $0.policies.users.logout = .answers
    }
    let headers = try login(cluster)
    #expect(try cluster.ask(.post, "/api/v1/auth/logout", [:], as: nil, headers: headers).status == 200)
    #expect(try cluster.ask(.get, "/api/v1/sessions", as: nil, headers: headers).status == 200)
  }

  @Test("B-71: a full agent gets more")
  func capacity() throws {
    let cluster = try cluster {
      $0.maxSessions = 1
      $0.policies.placement = .leastLoaded
    }
    _ = try cluster.create()
    _ = try cluster.create()
  }

  @Test("B-77: the replica's platform decides, whatever the template says")
  func platform() throws {
    let cluster = try cluster { $0.policies.choosesPlatformPerRequest = false }
    _ = try cluster.create(as: "u01", SessionCluster.create(template: "on-docker"))
    #expect(try cluster.query("SELECT platform FROM sessions")[0].text("platform") == "kubernetes")
  }

  @Test("C36 off: the licence bounds nothing")
  func licence() throws {
    let cluster = try cluster {
      $0.licence = 0
      $0.policies.enforcesLicence = false
    }
    _ = try cluster.create()
  }

  @Test("C14 off: a lost workload keeps its session")
  func inventory() throws {
    let cluster = try cluster { $0.policies.comparesInventory = false }
    let name = try cluster.running()
    try cluster.run(.seconds(40), withAgentsOnline: ["k8s-1"])
    try cluster.connect("k8s-1", inventory: [])
    #expect(try cluster.state(of: name) == "running")
  }

  @Test("B-29: nothing hibernates, and a connect wakes nothing")
  func idle() throws {
    let cluster = try cluster { $0.policies.hibernatesIdleSessions = false }
    let name = try cluster.running()
    _ = try cluster.query("UPDATE sessions SET idle_timeout = '1m'")
    try cluster.run(.seconds(600), withAgentsOnline: ["k8s-1"])
    #expect(try cluster.state(of: name) == "running")
    _ = try cluster.query("UPDATE sessions SET state = 'hibernated'")
    _ = try cluster.ask(.get, "/api/v1/sessions/\(name)/connect?user=u01")
    #expect(try cluster.state(of: name) == "hibernated")
  }
}
