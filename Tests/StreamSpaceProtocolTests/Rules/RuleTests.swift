import StreamSpaceProtocol
import Testing

@Suite("Request and field rules")
struct RuleTests {
  @Test(
    "paths that try to leave their place are refused",
    arguments: [
      "/a/../b", "/a/..", "/a\\..\\b", "/%2e%2e/x", "/%2E%2e/x", "/%252e%252e", "/..%2fx", "/..%5cx", "/a\0b",
    ])
  func badPaths(_ path: String) {
    #expect(RequestCheck.path(path)?.message == "path traversal attempt detected")
  }

  @Test(
    "ordinary paths pass", arguments: ["/", "/api/v1/sessions/u01-xterm-vnc-0a1b2c3d", "/a.b/c...d", "/x%20y", "/%2e"])
  func goodPaths(_ path: String) {
    #expect(RequestCheck.path(path) == nil)
  }

  @Test(
    "query values that look like an attack are refused with the reason",
    arguments: [
      ("1 UNION  SELECT 2", "potential SQL injection detected"),
      ("select a from b", "potential SQL injection detected"),
      ("Insert Into t", "potential SQL injection detected"), ("delete\tfrom t", "potential SQL injection detected"),
      ("drop table t", "potential SQL injection detected"), ("update t set a", "potential SQL injection detected"),
      ("exec (x)", "potential SQL injection detected"), ("execute(x)", "potential SQL injection detected"),
      ("<script >", "potential SQL injection detected"), ("javascript : x", "potential SQL injection detected"),
      ("a onerror=b", "potential SQL injection detected"), ("onload =b", "potential SQL injection detected"),
      ("a--b", "potential SQL injection detected"), ("a#b", "potential SQL injection detected"),
      ("/* x", "potential SQL injection detected"), ("a;b", "potential command injection detected"),
      ("a&b", "potential command injection detected"), ("a|b", "potential command injection detected"),
      ("a`b", "potential command injection detected"), ("$(x", "potential command injection detected"),
      ("(a*", "potential LDAP injection detected"), ("a\\b/c", "potential LDAP injection detected"),
    ])
  func badQueries(_ value: String, _ reason: String) {
    #expect(
      RequestCheck.query(["q": value], tokenIsExempt: false)
        == ErrorBody("Invalid query parameter", message: "Parameter 'q': \(reason)"))
  }

  @Test(
    "ordinary query values pass",
    arguments: [
      "u01", "a-b-c", "k8s-prod-cluster", "selection", "reselect information", "updates of offset", "union", "a (b",
      "2031-03-04T09:15:02Z", "é",
    ])
  func goodQueries(_ value: String) {
    #expect(RequestCheck.query(["q": value], tokenIsExempt: false) == nil)
  }

  @Test("a token may hold two dashes under contract only (R-14)")
  func tokenDashes() {
    let query: HTTPQuery = ["token": "abc--def"]
    #expect(RequestCheck.query(query, tokenIsExempt: true) == nil)
    #expect(RequestCheck.query(query, tokenIsExempt: false) != nil)
    #expect(RequestCheck.query(["other": "abc--def"], tokenIsExempt: true) != nil)
    #expect(RequestCheck.query(["token": "abc--def;x"], tokenIsExempt: true) != nil)
  }

  @Test("the longest value passes, one byte more does not")
  func longValues() {
    #expect(RequestCheck.reason(against: String(repeating: "a", count: RequestCheck.maximumValueCount)) == nil)
    #expect(RequestCheck.reason(against: String(repeating: "a", count: RequestCheck.maximumValueCount + 1)) != nil)
  }

  @Test("registrations break their rules with the recorded answers [rec 02]")
  func registration() throws {
    func answer(_ text: String) throws -> ErrorBody? {
      FieldRules.registration(try AgentRegistrationRequest(decoding: Array(text.utf8)))
    }
    #expect(
      try answer(#"{"agentId":"k8s-cap-1","platform":"mainframe"}"#)
        == ErrorBody(
          "Invalid request format",
          details:
            "Key: 'AgentRegistrationRequest.Platform' Error:Field validation for 'Platform' failed on the 'oneof' tag"))
    #expect(
      try answer(#"{"agentId":"x","platform":"docker"}"#)
        == ErrorBody("Validation failed", fields: [.init(name: "agentid", text: "Must be at least 3 characters")]))
    #expect(
      try answer(#"{"platform":"docker"}"#)?.details
        == "Key: 'AgentRegistrationRequest.AgentID' Error:Field validation for 'AgentID' failed on the 'required' tag")
    #expect(try answer(#"{"agentId":"abc","platform":"docker","region":"x"}"#)?.fields?.first?.name == "region")
    #expect(try answer(#"{"agentId":"abc","platform":"cloud","region":""}"#) == nil)
    let longest = String(repeating: "a", count: 100)
    #expect(try answer(#"{"agentId":"\#(longest)","platform":"vm"}"#) == nil)
    #expect(
      try answer(#"{"agentId":"\#(longest)a","platform":"vm"}"#)?.fields?.first?.text
        == "Must be at most 100 characters")
  }

  @Test("heartbeats and commands break their rules with the recorded answers [rec 02, 03]")
  func others() throws {
    var beat = AgentHeartbeatRequest(status: .offline)
    #expect(
      FieldRules.heartbeat(beat)?.details
        == "Key: 'AgentHeartbeatRequest.Status' Error:Field validation for 'Status' failed on the 'oneof' tag")
    beat.status = "draining"
    #expect(FieldRules.heartbeat(beat) == nil)
    beat.activeSessions = -1
    #expect(FieldRules.heartbeat(beat)?.fields?.first?.text == "Must be greater than or equal to 0")
    let command = try AdminCommandRequest(decoding: Array(#"{"action":"reboot"}"#.utf8))
    #expect(
      FieldRules.command(command)
        == ErrorBody(
          "Validation failed",
          fields: [
            .init(
              name: "action", text: "Must be one of: start_session stop_session hibernate_session wake_session")
          ]))
    #expect(FieldRules.command(AdminCommandRequest(action: .stopSession)) == nil)
  }

  @Test("a key has 64 hexadecimal characters, the length is tried first")
  func agentKey() {
    #expect(FieldRules.agentKey(String(repeating: "aF", count: 32)) == nil)
    #expect(FieldRules.agentKey("zz")?.details == "API key must be 64 characters (got 2)")
    #expect(
      FieldRules.agentKey(String(repeating: "z", count: 64))?.details
        == "API key must contain only hexadecimal characters")
  }

  @Test("user names have 3 to 50 plain characters")
  func usernames() {
    #expect(FieldRules.isUsername("u01") && FieldRules.isUsername(String(repeating: "a", count: 50)))
    #expect(!FieldRules.isUsername("u1") && !FieldRules.isUsername(String(repeating: "a", count: 51)))
    #expect(!FieldRules.isUsername("a b c") && !FieldRules.isUsername("ué1"))
  }

  @Test("users break their rules with the texts of spec/02 §3")
  func users() {
    let good = CreateUserRequest(
      username: "u01", email: "u01@example.org", fullName: "User", password: "Fake-password-1!")
    #expect(FieldRules.user(good) == nil)
    var bad = CreateUserRequest(username: "u 1", email: "u01@org", fullName: "U", password: "short", role: "root")
    #expect(FieldRules.user(bad)?.fields?.map(\.name) == ["username", "email", "password", "role"])
    bad = CreateUserRequest(username: "", email: "", fullName: "U")
    #expect(
      FieldRules.user(bad)?.details
        == "Key: 'CreateUserRequest.Username' Error:Field validation for 'Username' failed on the 'required' tag\nKey: 'CreateUserRequest.Email' Error:Field validation for 'Email' failed on the 'required' tag"
    )
    bad = CreateUserRequest(username: "u01", email: "u01@example.org", fullName: "U")
    #expect(FieldRules.user(bad)?.fields == [.init(name: "password", text: "password is required")])
    bad.provider = "oidc"
    #expect(FieldRules.user(bad) == nil)
  }

  @Test(
    "a password needs eight characters with upper, lower, digit and special",
    arguments: [
      ("Fake-pw1", true), ("Fake-p1", false), ("fake-pw1", false), ("FAKE-PW1", false), ("Fake-pwd", false),
      ("Fakepwd1", false),
    ])
  func passwords(_ password: String, _ isGood: Bool) {
    #expect(FieldRules.isPassword(password) == isGood)
  }

  @Test(
    "the streaming protocol follows the image, then the first port (spec/02 §5.2)",
    arguments: [
      ("lscr.io/LinuxServer/firefox", 5900, "selkies", 3000, "/websockify"),
      ("kasmweb/desktop", 5900, "selkies", 6901, "/websockify"),
      ("guacamole/guacd", 1, "guacamole", 8080, "/guacamole"),
      ("acme/x2go-server", 1, "x2go", 22, ""), ("acme/a", 3000, "selkies", 3000, "/websockify"),
      ("acme/a", 6901, "selkies", 6901, "/websockify"), ("acme/a", 8080, "guacamole", 8080, "/guacamole"),
      ("acme/a", 5900, "vnc", 5900, ""), ("acme/a", 1, "vnc", 5900, ""), ("", 3000, "vnc", 5900, ""),
    ])
  func streaming(_ image: String, _ first: Int64, _ name: String, _ port: Int, _ path: String) {
    let manifest: JSONValue = ["spec": ["baseImage": .string(image), "ports": [["containerPort": .int(first)]]]]
    #expect(
      StreamingProtocol.detect(manifest: manifest) == StreamingProtocol(name: name, port: port, path: path))
  }

  @Test("capital keys are not understood and give vnc 5900")
  func capitalKeys() {
    #expect(StreamingProtocol.detect(manifest: ["Spec": ["BaseImage": "linuxserver/x"]]) == .vnc)
    #expect(StreamingProtocol.detect(manifest: nil) == .vnc)
  }
}
