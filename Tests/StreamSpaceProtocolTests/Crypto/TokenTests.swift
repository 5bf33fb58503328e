import StreamSpaceProtocol
import Testing

@Suite("Tokens")
struct TokenTests {
  private let secret = "a-secret-of-at-least-32-characters!"
  private let now = Timestamp(nanosecondsSince1970: 1_795_391_772_500_000_000)

  private func claims() -> AccessClaims {
    AccessClaims(
      userID: "u01", username: "u01", email: "u01@example.org", role: "user", groups: ["all-users"],
      tokenID: String(repeating: "ab", count: 32), now: now)
  }

  @Test("a token of the published example verifies and is made again")
  func published() throws {
    let token =
      "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
    let claims = try JSONWebToken.verify(token, secret: "your-256-bit-secret", now: now)
    #expect(claims == ["sub": "1234567890", "name": "John Doe", "iat": 1_516_239_022])
    #expect(JSONWebToken.sign(claims, secret: "your-256-bit-secret") == token)
  }

  @Test("the claims have the recorded order and values")
  func order() {
    #expect(
      JSONWriter.text(of: claims().json)
        == #"{"user_id":"u01","org_id":"default-org","org_name":"Default Organization","k8s_namespace":"streamspace","username":"u01","email":"u01@example.org","role":"user","org_role":"user","groups":["all-users"],"iss":"streamspace-api","sub":"u01","exp":1795478172,"nbf":1795391772,"iat":1795391772,"jti":"abababababababababababababababababababababababababababababababab"}"#
    )
    var without = claims()
    without.groups = []
    #expect(without.json["groups"] == nil)
  }

  @Test("a token holds from its start until just before its end")
  func lifetime() throws {
    let token = claims().token(secret: secret)
    #expect(try AccessClaims.verify(token, secret: secret, now: now) == claims())
    let end = Timestamp(nanosecondsSince1970: 1_795_478_172_000_000_000)
    _ = try AccessClaims.verify(token, secret: secret, now: end.adding(nanoseconds: -1))
    #expect(throws: TokenError.expired) { try AccessClaims.verify(token, secret: secret, now: end) }
    #expect(throws: TokenError.notYetValid) {
      try AccessClaims.verify(token, secret: secret, now: now.adding(nanoseconds: -500_000_001))
    }
    #expect(
      ErrorBody.invalidToken(TokenError.expired.goText).message
        == "failed to parse token: token has invalid claims: token is expired")
  }

  @Test("another secret, changed claims and another algorithm are refused")
  func forged() {
    let token = claims().token(secret: secret)
    let parts = token.split(separator: ".").map(String.init)
    #expect(throws: TokenError.invalidSignature) { try AccessClaims.verify(token, secret: secret + "x", now: now) }
    var other = claims()
    other.role = "admin"
    let payload = Base64.encode(JSONWriter.bytes(of: other.json), .url)
    #expect(throws: TokenError.invalidSignature) {
      try AccessClaims.verify("\(parts[0]).\(payload).\(parts[2])", secret: secret, now: now)
    }
    let none = Base64.encode(Array(#"{"alg":"none","typ":"JWT"}"#.utf8), .url)
    #expect(throws: TokenError.unverifiable(algorithm: "none")) {
      try AccessClaims.verify("\(none).\(parts[1]).", secret: secret, now: now)
    }
  }

  @Test("a changed character anywhere is refused", arguments: 0..<10)
  func anyChange(_ seed: Int) {
    var dice = Dice(seed: UInt64(seed))
    let token = Array(claims().token(secret: secret).utf8)
    for _ in 0..<20 {
      var changed = token
      // The last character of the signature has two bits to spare: a change there may mean the same bytes.
      let index = dice.roll(token.count - 1)
      changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      #expect(throws: TokenError.self, "seed \(seed), character \(index)") {
        try AccessClaims.verify(String(decoding: changed, as: UTF8.self), secret: secret, now: now)
      }
    }
  }

  @Test(
    "what is no token is malformed",
    arguments: ["", "a", "a.b", "a.b.c", "a.b.c.d", "!.!.!", "e30.e30.e30", "..", "bnVsbA.e30."])
  func malformed(_ text: String) {
    let error = #expect(throws: TokenError.self) { try AccessClaims.verify(text, secret: secret, now: now) }
    guard case .malformed = error else {
      Issue.record("\(text): \(String(describing: error))")
      return
    }
  }

  @Test("a relay token holds for 60 s and is told from a login token")
  func relay() throws {
    let claims = RelayClaims(
      edgePod: "api-b", sessionID: "s", attachmentID: "att-0123456789abcdef", userID: "u01", now: now)
    let token = claims.token(secret: secret)
    #expect(try RelayClaims.verify(token, secret: secret, now: now) == claims)
    #expect(throws: TokenError.expired) {
      try RelayClaims.verify(token, secret: secret, now: now.adding(nanoseconds: 60_000_000_000))
    }
    #expect(throws: TokenError.self) {
      try RelayClaims.verify(self.claims().token(secret: secret), secret: secret, now: now)
    }
  }
}
