import ControlPlane
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@Suite("The check against forged requests") struct RESTCrossSiteTests {
  /// A request as a browser makes it: its login in the cookie of the proxy paths.
  private func browse(
    _ cluster: SessionCluster, _ method: HTTPMethod, _ target: String, at replica: Int = 0, header: String? = nil,
    cookie: String? = nil
  ) throws -> SessionCluster.Pending {
    var headers = HTTPHeaders()
    let login = "streamspace_proxy_token=\(SessionCluster.token("u01", at: cluster.now))"
    headers.add("Cookie", cookie.map { "\(login); csrf_token=\($0)" } ?? login)
    if let header { headers.add("X-CSRF-Token", header) }
    return try cluster.ask(method, target, as: nil, at: replica, headers: headers)
  }

  private func cluster(_ change: (inout UserPolicies) -> Void = { _ in }) throws -> (SessionCluster, path: String) {
    var options = SessionCluster.Options()
    options.replicas = 2
    change(&options.policies.users)
    let cluster = try SessionCluster(options)
    // Its desktop speaks RFB: a request that passes the check is answered 400.
    return (cluster, "/api/v1/http/\(try cluster.running())")
  }

  @Test("each read hands out the same token, and any replica takes it")
  func tokens() throws {
    let (cluster, path) = try cluster()
    let first = try browse(cluster, .get, path)
    let token = try #require(first.response?.headers["X-CSRF-Token"])
    #expect(first.response?.headers["Set-Cookie"]?.hasPrefix("csrf_token=\(token);") == true)
    #expect(try browse(cluster, .get, path, at: 1).response?.headers["X-CSRF-Token"] == token)
    for replica in 0...1 {
      #expect(try browse(cluster, .post, path, at: replica, header: token, cookie: token).status == 400)
    }
  }

  @Test("a change without header and cookie of the login is refused with the recorded texts")
  func refusals() throws {
    let (cluster, path) = try cluster()
    let token = try #require(try browse(cluster, .get, path).response?.headers["X-CSRF-Token"])
    let other = String(repeating: "0", count: 64)
    let attempts: [(String?, String?, String)] = [
      (nil, token, "CSRF token missing"), (token, nil, "CSRF token missing"),
      (token, other, "CSRF token mismatch"), (other, other, "CSRF token invalid"),
    ]
    for (header, cookie, text) in attempts {
      let answer = try browse(cluster, .post, path, header: header, cookie: cookie)
      #expect(answer.status == 403)
      #expect(answer["error"]?.text == text)
    }
  }

  @Test("A-53: a bearer token needs no other proof, unless every request does")
  func bearer() throws {
    for (policy, status) in [(UserPolicies.CrossSiteCheck.cookiesOnly, 202), (.everyRequest, 403)] {
      var options = SessionCluster.Options()
      options.policies.users.crossSiteCheck = policy
      let cluster = try SessionCluster(options)
      let answer = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create())
      #expect(answer.status == status)
      #expect(answer.response?.headers["X-CSRF-Token"] == nil)
    }
  }

  @Test("A-54: tokens of each answer do not fit one another, nor another replica")
  func churn() throws {
    let (cluster, path) = try cluster { $0.crossSiteToken = .ofEachAnswer }
    let one = try #require(try browse(cluster, .get, path).response?.headers["X-CSRF-Token"])
    let two = try #require(try browse(cluster, .get, path).response?.headers["X-CSRF-Token"])
    #expect(one != two)
    #expect(try browse(cluster, .post, path, header: one, cookie: two).status == 403)
    #expect(try browse(cluster, .post, path, header: one, cookie: one).status == 400)
    #expect(try browse(cluster, .post, path, at: 1, header: one, cookie: one).status == 403)
  }
}

@Suite("Policies that only defects of many users have") struct TenantPolicyTests {
  private func cluster(_ change: (inout SessionPolicies) -> Void) throws -> SessionCluster {
    var options = SessionCluster.Options()
    change(&options.policies)
    return try SessionCluster(options)
  }

  @Test("A-56: every browser is told of every organisation")
  func broadcast() throws {
    let cluster = try cluster { $0.users.feed = .everything }
    _ = try cluster.create()
    _ = try cluster.create(as: "u99")
    let listener = cluster.listen(as: "u02")
    try cluster.run(.seconds(4))
    #expect(listener.feeds.last?.sessions.map(\.user).sorted() == ["u01", "u99"])
  }

  @Test("A-18: a stop whose payload the driver cannot take is refused, and the session stays as it is")
  func payload() throws {
    let cluster = try cluster { $0.payloadForm = .programValue }
    let name = try cluster.running()
    #expect(try cluster.ask(.delete, "/api/v1/sessions/\(name)").status == 500)
    #expect(try cluster.state(of: name) == "running")
    #expect(try cluster.commands(of: name).count == 1)
  }

  @Test("C-28: a stored number that goes down twice lets a user have more than the quota")
  func storedNumber() throws {
    let cluster = try cluster { $0.quotaCount = .storedNumber }
    let leaving = try (0..<2).map { _ in try cluster.running() }
    for name in leaving {
      #expect(try cluster.ask(.delete, "/api/v1/sessions/\(name)").status == 202)
      try cluster.complete(try cluster.openCommand(of: name))
    }
    for _ in 0..<7 { _ = try cluster.create() }
    #expect(try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create()).status == 403)
  }

  @Test("C-23: of two wakes at once one is accepted, unless each trusts what it saw")
  func wakes() throws {
    for (policy, accepted) in [(SessionPolicies.WakeGuard.testedInUpdate, 1), (.trustsFirstLook, 2)] {
      let cluster = try cluster { $0.wakeGuard = policy }
      let name = try cluster.running()
      _ = try cluster.ask(.put, "/api/v1/sessions/\(name)/hibernate")
      try cluster.complete(try cluster.openCommand(of: name))
      let wakes = (0..<2).map { _ in cluster.send(.put, "/api/v1/sessions/\(name)/wake") }
      try cluster.run(.seconds(2))
      #expect(wakes.count { $0.status == 202 } == accepted)
      #expect(wakes.count { $0.status == 409 } == 2 - accepted)
    }
  }
}
