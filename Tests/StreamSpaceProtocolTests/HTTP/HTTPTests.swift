import StreamSpaceProtocol
import Testing

@Suite("HTTP values")
struct HTTPTests {
  @Test("header names are looked up in any case, order and repetition are kept")
  func headers() {
    var headers: HTTPHeaders = ["X-Agent-API-Key": "k", "Accept": "a"]
    headers.add("accept", "b")
    #expect(headers["x-agent-api-key"] == "k")
    #expect(headers.values("ACCEPT") == ["a", "b"])
    headers["ACCEPT"] = "c"
    #expect(headers.fields.map(\.value) == ["k", "c"])
    headers["x-agent-api-key"] = nil
    #expect(headers.fields.count == 1)
    #expect(headers.byteCount == "ACCEPT: c\r\n".utf8.count)
    // Letters of equal low bits are no twins: `[` is not `{`.
    #expect(HTTPHeaders([.init(name: "[", value: "x")])["{"] == nil)
  }

  @Test("a target is taken apart and put together")
  func target() {
    let request = HTTPRequest(.get, target: "/api/v1/sessions/a%20b/connect?user=u%2B1&x=&y&user=a+b&bad=%zz")
    #expect(request.path == "/api/v1/sessions/a%20b/connect")
    #expect(request.segments == ["api", "v1", "sessions", "a b", "connect"])
    #expect(request.query["user"] == "u+1")
    #expect(request.query.values("user") == ["u+1", "a b"])
    #expect(request.query["x"] == "" && request.query["y"] == "")
    #expect(request.query["bad"] == nil)
    #expect(request.target == "/api/v1/sessions/a%20b/connect?user=u%2B1&x=&y=&user=a+b")
  }

  @Test("percent coding reads back what it wrote", arguments: 0..<20)
  func percentCoding(_ seed: Int) {
    var dice = Dice(seed: UInt64(seed))
    let text = String(decoding: dice.bytes(40), as: UTF8.self)
    let query: HTTPQuery = ["name": text, text: "v"]
    #expect(HTTPQuery(parsing: query.text) == query, "seed \(seed)")
  }

  @Test(
    "only the form Bearer X is a token",
    arguments: [
      ("Bearer abc", "abc"), ("bearer abc", nil), ("Bearer", nil), ("Bearer a b", nil), ("Basic abc", nil),
    ] as [(String, String?)])
  func bearer(_ value: String, _ token: String?) {
    #expect(HTTPRequest(.get, "/", headers: ["authorization": value]).bearerToken == token)
  }

  @Test("cookies are found among others")
  func cookies() {
    let request = HTTPRequest(.get, "/", headers: ["Cookie": "a=1; streamspace_proxy_token=x.y=z; b=2"])
    #expect(request.cookie("streamspace_proxy_token") == "x.y=z")
    #expect(request.cookie("b") == "2")
    #expect(request.cookie("c") == nil)
  }

  @Test("a body decodes to the same model whether it travels typed, as another type or as bytes")
  func body() throws {
    let login = LoginRequest(username: "u01", password: "<secret>")
    let typed = HTTPBody.typed(login)
    #expect(try typed.decode() == login)
    #expect(try typed.asBytes.decode() == login)
    #expect(try HTTPBody.typed(login.json).decode() == login)
    #expect(typed.bytes == Array(#"{"username":"u01","password":"\u003csecret\u003e"}"#.utf8))
    #expect(typed.exactByteCount == typed.bytes.count)
    #expect(typed.asBytes.byteCount == typed.bytes.count)
    #expect(typed.byteCount == login.estimatedByteCount)
  }

  @Test("an empty body is Go's EOF, wrong bytes are an error")
  func emptyBody() {
    #expect(HTTPBody.empty.isEmpty && HTTPBody.text("").isEmpty)
    #expect(throws: WireError.syntax(JSONSyntaxError(.empty, at: 0))) {
      try HTTPBody.empty.decode(as: LoginRequest.self)
    }
    #expect(throws: WireError.syntax(JSONSyntaxError(.empty, at: 0))) { try HTTPBody.text("").json() }
  }

  @Test("an answer with a typed body says that it is JSON")
  func answer() {
    let answer = HTTPResponse(.serviceUnavailable, ErrorBody.serverBusy)
    #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
    #expect(answer.body.bytes == Array(#"{"error":"Server busy"}"#.utf8))
    #expect(answer.status.reasonPhrase == "Service Unavailable")
    #expect(!answer.status.isSuccess && HTTPStatus.accepted.isSuccess)
  }
}
