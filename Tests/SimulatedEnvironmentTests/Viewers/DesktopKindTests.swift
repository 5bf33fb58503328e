import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("Desktops by their images")
struct DesktopKindTests {
  @Test("the image says what runs, its tag how large it is")
  func kinds() {
    #expect(DesktopKind(image: "streamspace/rfb-desktop:1") == .framebuffer(width: 1_280, height: 800))
    #expect(DesktopKind(image: "streamspace/rfb-desktop:640x480") == .framebuffer(width: 640, height: 480))
    #expect(DesktopKind(image: "streamspace/rfb-desktop") == .framebuffer(width: 1_280, height: 800))
    #expect(DesktopKind(image: "example.invalid/xterm-vnc:1") == .framebuffer(width: 320, height: 200))
    #expect(DesktopKind(image: "streamspace/vnc-raw:1") == .raw)
    #expect(DesktopKind(image: "lscr.io/linuxserver/firefox:latest") == nil)
  }
}

@Suite("Tokens of viewers")
struct ViewerTokenTests {
  private static let secret = "a-secret-of-at-least-thirty-two-characters"
  private let own = AccessClaims(
    userID: "u01", username: "u01", email: "", role: "user", tokenID: "1", now: Timestamp(trueTime: .start)
  ).token(secret: secret)

  private func verify(_ token: String?) throws -> AccessClaims {
    try AccessClaims.verify(token ?? "", secret: Self.secret, now: Timestamp(trueTime: .start))
  }

  @Test("hold, have expired, hold two dashes, are none, or are absent")
  func kinds() throws {
    func token(_ kind: ViewerToken) throws -> String? {
      try ViewerTokens.token(kind, own: own, secret: Self.secret)
    }
    #expect(try token(.own) == own)
    #expect(try token(.none) == nil)
    #expect(throws: TokenError.expired) { try verify(try token(.expired)) }
    #expect(throws: (any Error).self) { try verify(try token(.malformed)) }
    let dashes = try token(.withDashes)
    #expect(dashes?.split(separator: ".").last?.contains("--") == true)
    #expect(try verify(dashes).tokenID == "1")
  }

  @Test("stand in the query, in a cookie or in a header")
  func places() {
    var request = HTTPRequest(.get, "/api/v1/vnc/S")
    ViewerTokens.place("T", .query, in: &request)
    #expect(request.target == "/api/v1/vnc/S?token=T")
    request = HTTPRequest(.get, "/api/v1/vnc/S")
    ViewerTokens.place("T", .cookie, in: &request)
    #expect(request.cookie("streamspace_proxy_token") == "T")
    ViewerTokens.place("T", .header, in: &request)
    #expect(request.bearerToken == "T")
  }
}
