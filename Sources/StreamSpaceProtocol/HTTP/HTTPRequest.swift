/// One request: what a client sends and a replica or the balancer receives.
package struct HTTPRequest: Sendable {
  package var method: HTTPMethod
  /// Path as sent, percent coding kept, without query; starts with `/`.
  package var path: String
  /// Parameters in order, decoded.
  package var query: HTTPQuery
  package var headers: HTTPHeaders
  package var body: HTTPBody

  package init(
    _ method: HTTPMethod, _ path: String, query: HTTPQuery = HTTPQuery(), headers: HTTPHeaders = HTTPHeaders(),
    body: HTTPBody = .empty
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }

  /// A request for a target such as `/api/v1/sessions/x/connect?user=u01`.
  package init(
    _ method: HTTPMethod, target: String, headers: HTTPHeaders = HTTPHeaders(), body: HTTPBody = .empty
  ) {
    let mark = target.utf8.firstIndex(of: UInt8(ascii: "?"))
    let query = mark.map { HTTPQuery(parsing: target[target.utf8.index(after: $0)...]) }
    self.init(
      method, mark.map { String(target[..<$0]) } ?? target, query: query ?? HTTPQuery(), headers: headers, body: body)
  }

  /// Path with query, as it stands in the request line.
  package var target: String { query.isEmpty ? path : "\(path)?\(query.text)" }

  /// The parts of the path between slashes, decoded: `["api", "v1", "sessions", "x"]`. A part that is wrongly coded
  /// stays as sent.
  package var segments: [String] {
    path.utf8.split(separator: UInt8(ascii: "/")).map { part in
      let text = Substring(part)
      return PercentCoding.decoded(text, plusIsBlank: false) ?? String(text)
    }
  }

  /// The token of `Authorization: Bearer X`, nil when the header is absent or has another form (spec/02 §2.3).
  package var bearerToken: String? {
    guard let value = headers[HTTPHeaderName.authorization] else { return nil }
    let parts = value.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 2, Substring(parts[0]) == "Bearer" else { return nil }
    return String(Substring(parts[1]))
  }

  /// The value of a cookie of the request.
  package func cookie(_ name: String) -> String? {
    for header in headers.values(HTTPHeaderName.cookie) {
      for pair in header.split(separator: ";") {
        let trimmed = pair.drop { $0 == " " }
        let halves = trimmed.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if halves.count == 2, halves[0] == name { return String(halves[1]) }
      }
    }
    return nil
  }

  /// Whether the request asks for a WebSocket.
  package var isWebSocketUpgrade: Bool {
    headers[HTTPHeaderName.upgrade]?.lowercased() == "websocket"
  }

  /// Bytes of the request in HTTP/1.1: exact for line and headers, an estimate for a typed body.
  package var byteCount: Int {
    method.rawValue.utf8.count + target.utf8.count + 12 + headers.byteCount + 2 + body.byteCount
  }
}
