import ControlPlane
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@Suite("Users and their tokens") struct RESTAuthenticationTests {
  typealias Options = SessionCluster.Options

  private static func cached(_ seed: UInt64 = 1, replicas: Int = 2) -> Options {
    var options = Options()
    options.seed = seed
    options.replicas = replicas
    options.isCacheEnabled = true
    return options
  }

  private func login(
    _ cluster: SessionCluster, _ user: String = "u01", _ password: String? = nil, at replica: Int = 0
  ) throws -> SessionCluster.Pending {
    try cluster.ask(
      .post, "/api/v1/auth/login",
      ["username": .string(user), "password": .string(password ?? "password-of-\(user)")], as: nil, at: replica)
  }

  private func bearer(_ token: String) -> HTTPHeaders { ["Authorization": "Bearer \(token)"] }

  @Test("a login answers token, expiry and user in the recorded order, after 70 to 80 ms of hashing")
  func login() throws {
    let cluster = try SessionCluster()
    let before = cluster.simulation.now
    let answer = try login(cluster, "admin", "fake-admin-password")
    #expect(cluster.simulation.now - before >= .milliseconds(70))
    #expect(answer.status == 200)
    let user = try #require(answer["user"]?.members)
    #expect(
      user.members.map(\.key) == [
        "id", "orgId", "username", "email", "fullName", "role", "provider", "active", "createdAt", "updatedAt",
      ])
    #expect(user["orgId"] == "")
    let token = try #require(answer["token"]?.text)
    let claims = try AccessClaims.verify(token, secret: SessionCluster.secret, now: cluster.now)
    #expect(claims.role == "admin" && claims.groups == ["all-users"] && claims.tokenID.count == 64)
    #expect(claims.organisationID == "default-org")
    let me = try cluster.ask(.get, "/api/v1/users/me", as: nil, headers: bearer(token))
    #expect(me["lastLogin"]?.text != nil)
    #expect(me["groups"] == ["all-users"])
    #expect(me["quota"]?["maxCpu"]?.text == "64000m")
    #expect(answer.response?.headers["Cache-Control"] == "no-store, no-cache, must-revalidate")
  }

  @Test(
    "a login that fails says no more than that",
    arguments: [("u01", "wrong"), ("nobody", "x"), ("mira", "x")])
  func wrongPassword(_ user: String, _ password: String) throws {
    let cluster = try SessionCluster()
    let answer = try login(cluster, user, password)
    #expect(answer.status == 401)
    #expect(answer.text == "{\"error\":\"Invalid credentials\"}")
  }

  @Test("an inactive user cannot log in, and its tokens are refused")
  func inactive() throws {
    let cluster = try SessionCluster()
    _ = try cluster.query("UPDATE users SET active = false WHERE id = 'u01'")
    #expect(try login(cluster).status == 401)
    let answer = try cluster.ask(.get, "/api/v1/sessions")
    #expect(answer.status == 403)
    #expect(answer.text == "{\"error\":\"User account is disabled\"}")
  }

  @Test("an incomplete login is a bad request")
  func badLogin() throws {
    let cluster = try SessionCluster()
    for body in [["username": "u01"], ["username": "u01", "password": ""], [] as JSONValue] {
      let answer = try cluster.ask(.post, "/api/v1/auth/login", body, as: nil)
      #expect(answer.status == 400)
      #expect(answer.text == "{\"error\":\"Invalid request body\"}")
    }
  }

  @Test(
    "a bad token has its recorded refusal",
    arguments: [
      (nil, "{\"error\":\"Authorization header required\"}"),
      ("Basic x", "{\"error\":\"Invalid authorization header format. Use: Bearer \\u003ctoken\\u003e\"}"),
      (
        "Bearer x.y",
        """
        {"error":"Invalid or expired token","message":"failed to parse token: token is malformed: token contains an \
        invalid number of segments"}
        """
      ),
    ] as [(String?, String)])
  func refusals(_ header: String?, _ text: String) throws {
    let cluster = try SessionCluster()
    let headers: HTTPHeaders = header.map { ["Authorization": $0] } ?? HTTPHeaders()
    let answer = try cluster.ask(.get, "/api/v1/sessions", as: nil, headers: headers)
    #expect(answer.status == 401)
    #expect(answer.text == text)
  }

  @Test("an expired token and one of an unknown user are refused")
  func expired() throws {
    let cluster = try SessionCluster()
    let old = cluster.now.adding(nanoseconds: -86_400_000_000_000)
    let expired = try cluster.ask(
      .get, "/api/v1/sessions", as: nil, headers: bearer(SessionCluster.token("u01", at: old)))
    #expect(expired["message"]?.text == "failed to parse token: token has invalid claims: token is expired")
    let ghost = try cluster.ask(.get, "/api/v1/sessions", as: "ghost")
    #expect(ghost.status == 401)
    #expect(ghost.text == "{\"error\":\"User not found\"}")
  }

  @Test("a token in the query is accepted where a browser needs it, also with -- in its signature")
  func queryToken() throws {
    let cluster = try SessionCluster()
    let name = try cluster.create()
    let base = SessionCluster.token("u01", at: cluster.now)
    let answer = try cluster.ask(.get, "/api/v1/vnc/\(name)?token=\(base)", as: nil)
    #expect(answer.status == 409)
    #expect(try cluster.ask(.get, "/api/v1/sessions?token=\(base)", as: nil).status == 401)
    let cookie: HTTPHeaders = ["Cookie": "a=b; streamspace_proxy_token=\(base)"]
    #expect(try cluster.ask(.get, "/api/v1/vnc/\(name)", as: nil, headers: cookie).status == 409)
    let dashed = try cluster.ask(.get, "/api/v1/vnc/\(name)?token=a.b.c--d", as: nil)
    #expect(dashed.status == 401)
  }

  @Test("a refreshed token keeps role and organisation, and the answer holds quota and groups")
  func refresh() throws {
    let cluster = try SessionCluster()
    let token = SessionCluster.token("u99", organisation: "other-org", at: cluster.now)
    let answer = try cluster.ask(.post, "/api/v1/auth/refresh", ["token": .string(token)], as: nil)
    #expect(answer.status == 200)
    let claims = try AccessClaims.verify(
      try #require(answer["token"]?.text), secret: SessionCluster.secret, now: cluster.now)
    #expect(claims.organisationID == "other-org")
    #expect(answer["user"]?["quota"]?["maxSessions"] == 5)
    let bad = try cluster.ask(.post, "/api/v1/auth/refresh", ["token": "x"], as: nil)
    #expect(bad.status == 401)
    #expect(bad["error"]?.text == "Invalid or expired token")
  }

  @Test("without the cache logout answers 200 and the token lives on")
  func logoutWithoutStore() throws {
    let cluster = try SessionCluster()
    let answer = try cluster.ask(.post, "/api/v1/auth/logout", [:])
    #expect(answer.text == "{\"message\":\"Logged out successfully\"}")
    #expect(try cluster.ask(.get, "/api/v1/sessions").status == 200)
  }

  @Test("with the cache logout revokes the token on every replica")
  func logout() throws {
    let cluster = try SessionCluster(Self.cached())
    let token = try #require(try login(cluster)["token"]?.text)
    let claims = try AccessClaims.verify(token, secret: SessionCluster.secret, now: cluster.now)
    #expect(cluster.redis?.value(of: "session:\(claims.tokenID)", database: 0)?.contains("u01") == true)
    #expect(try cluster.ask(.get, "/api/v1/sessions", as: nil, at: 1, headers: bearer(token)).status == 200)
    _ = try cluster.ask(.post, "/api/v1/auth/logout", [:], as: nil, headers: bearer(token))
    let answer = try cluster.ask(.get, "/api/v1/sessions", as: nil, at: 1, headers: bearer(token))
    #expect(answer.status == 401)
    #expect(answer.text == "{\"error\":\"Session expired or invalidated\"}")
    let refresh = try cluster.ask(.post, "/api/v1/auth/refresh", ["token": .string(token)], as: nil)
    #expect(refresh.status == 401)
  }

  @Test("with Redis down requests go on without the login check")
  func redisDown() throws {
    let cluster = try SessionCluster(Self.cached())
    let token = try #require(try login(cluster)["token"]?.text)
    cluster.redis?.begin(.down)
    let answer = try cluster.ask(.get, "/api/v1/sessions", as: nil, headers: bearer(token))
    #expect(answer.status == 200)
    #expect(try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create()).status == 202)
    #expect(try cluster.ask(.get, "/api/v1/sessions")["total"] == 1)
  }

  @Test("a check that needs Redis refuses everybody while it is down (R-13)")
  func shippedRedisDown() throws {
    var options = Self.cached(replicas: 1)
    options.policies.users.unreachableLogins = .refuses
    let cluster = try SessionCluster(options)
    let token = try #require(try login(cluster)["token"]?.text)
    cluster.redis?.begin(.down)
    #expect(try cluster.ask(.get, "/api/v1/sessions", as: nil, headers: bearer(token)).status == 401)
  }

  @Test(
    "the lists of users and quotas are for operators",
    arguments: ["/api/v1/users", "/api/v1/admin/quotas", "/api/v1/admin/quotas/u01", "/api/v1/users/u02/quota"])
  func roles(_ path: String) throws {
    let cluster = try SessionCluster()
    let refused = try cluster.ask(.get, path)
    #expect(refused.status == 403)
    #expect(refused.text == "{\"error\":\"Insufficient permissions\"}")
    #expect(try cluster.ask(.get, path, as: "op1").status == 200)
    #expect(try cluster.ask(.get, path, as: "admin").status == 200)
  }

  @Test("the quota of an unknown user is not found")
  func unknownQuota() throws {
    let cluster = try SessionCluster()
    let missing = try cluster.ask(.get, "/api/v1/admin/quotas/nobody", as: "admin")
    #expect(missing.text == "{\"error\":\"User not found\"}")
    let without = try cluster.ask(.get, "/api/v1/admin/quotas/mira", as: "admin")
    #expect(without.text == "{\"error\":\"Quota not found\"}")
    let put = try cluster.ask(.put, "/api/v1/admin/quotas", ["username": "nobody"], as: "admin")
    #expect(put.status == 404)
  }
}

@Suite("The response cache") struct RESTResponseCacheTests {
  private static func options(_ seed: UInt64) -> SessionCluster.Options {
    var options = SessionCluster.Options()
    options.seed = seed
    options.replicas = 2
    options.isCacheEnabled = true
    options.policies.users.unreachableLogins = .passes
    return options
  }

  /// Tokens in these tests are made without a login; their sessions are put into Redis by hand.
  private func user(_ name: String, _ cluster: SessionCluster) throws -> HTTPHeaders {
    let answer = try cluster.ask(
      .post, "/api/v1/auth/login", ["username": .string(name), "password": .string("password-of-\(name)")], as: nil)
    return ["Authorization": "Bearer \(try #require(answer["token"]?.text))"]
  }

  @Test("a second GET is a hit, a write makes it fresh on every replica", arguments: [UInt64(1), 2, 3])
  func fresh(_ seed: UInt64) throws {
    let cluster = try SessionCluster(Self.options(seed))
    let headers = try user("u01", cluster)
    let path = "/api/v1/sessions"
    #expect(try cluster.ask(.get, path, as: nil, headers: headers).response?.headers["X-Cache"] == nil)
    let hit = try cluster.ask(.get, path, as: nil, at: 1, headers: headers)
    #expect(hit.response?.headers["X-Cache"] == "HIT")
    #expect(hit["total"] == 0)
    let created = try cluster.ask(.post, path, SessionCluster.create(), as: nil, headers: headers)
    let name = try #require(created["name"]?.text)
    for replica in 0...1 {
      #expect(try cluster.ask(.get, path, as: nil, at: replica, headers: headers)["total"] == 1)
    }
    // What an agent says makes it stale as well.
    try cluster.complete(try cluster.openCommand(of: name), pod: "p")
    try cluster.run(.seconds(1))
    let after = try cluster.ask(.get, "\(path)/\(name)", as: nil, at: 1, headers: headers)
    #expect(after["state"]?.text == "running")
  }

  @Test("two users share no answer")
  func perUser() throws {
    let cluster = try SessionCluster(Self.options(1))
    let one = try user("u01", cluster)
    let two = try user("u02", cluster)
    _ = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create(), as: nil, headers: one)
    #expect(try cluster.ask(.get, "/api/v1/sessions", as: nil, headers: one)["total"] == 1)
    #expect(try cluster.ask(.get, "/api/v1/sessions", as: nil, headers: two)["total"] == 0)
  }

  @Test("login sessions outlive every write, and a starting replica")
  func loginsStay() throws {
    let cluster = try SessionCluster(Self.options(1))
    let headers = try user("u01", cluster)
    _ = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create(), as: nil, headers: headers)
    cluster.processes[1].crash()
    cluster.processes[1].start()
    try cluster.run(.seconds(5))
    for replica in 0...1 {
      #expect(try cluster.ask(.get, "/api/v1/sessions", as: nil, at: replica, headers: headers).status == 200)
    }
  }

  @Test("without invalidation a stale list is shown (B-76)")
  func shipped() throws {
    var options = Self.options(1)
    options.policies.users.cacheInvalidation = .never
    let cluster = try SessionCluster(options)
    let headers = try user("u01", cluster)
    _ = try cluster.ask(.get, "/api/v1/sessions", as: nil, headers: headers)
    try cluster.run(.seconds(1))
    _ = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create(), as: nil, headers: headers)
    #expect(try cluster.ask(.get, "/api/v1/sessions", as: nil, headers: headers)["total"] == 0)
  }
}
