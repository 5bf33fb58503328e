import StreamSpaceProtocol

/// The checks that stand before authentication: path, query, size of the body (spec/02 §1.4, §1.5).
enum RequestCheck {
  private static let pathPatterns = [
    "../", "..\\", "/..", "\\..", "%2e%2e", "%252e%252e", "..%2f", "..%5c", "\u{0}",
  ]
  private static let commandCharacters: [Character] = [";", "&", "|", "`"]
  private static let directoryCharacters: [Character] = ["*", "(", ")", "\\", "/", "\u{0}"]
  private static let longestValue = 10_000

  /// The refusal of a request, nil if it may go on.
  static func refusal(of request: HTTPRequest) -> HTTPResponse? {
    let path = request.path.lowercased()
    if pathPatterns.contains(where: { path.contains($0) }) { return HTTPResponse(.badRequest, ErrorBody.invalidPath) }
    for parameter in request.query.parameters {
      guard let reason = reason(against: parameter) else { continue }
      return HTTPResponse(.badRequest, ErrorBody.invalidQueryParameter(parameter.name, reason: reason))
    }
    let length = request.headers[HTTPHeaderName.contentLength].flatMap(Int.init) ?? request.body.byteCount
    return length > HTTPRouter.bodyLimit ? HTTPResponse(.contentTooLarge, BodyTooLarge()) : nil
  }

  private static func reason(against parameter: HTTPQuery.Parameter) -> String? {
    let value = parameter.value
    if value.utf8.count > longestValue { return "input too long" }
    if value.utf8.contains(0) { return "null bytes not allowed" }
    let isPlain = value.utf8.allSatisfy { byte in
      (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte == 46
        || byte == 95
    }
    if isPlain { return nil }
    if looksLikeSQL(value, isToken: parameter.name == "token") { return "potential SQL injection detected" }
    if value.contains(where: commandCharacters.contains) || value.contains("$(") {
      return "potential command injection detected"
    }
    let found = directoryCharacters.filter { value.contains($0) }
    return found.count >= 2 ? "potential LDAP injection detected" : nil
  }

  /// The patterns of spec/02 §1.5. A token may hold `--`: its signature is base64url (R-14).
  private static func looksLikeSQL(_ value: String, isToken: Bool) -> Bool {
    let text = value.lowercased()
    if !isToken, text.contains("--") { return true }
    if text.contains("#") || text.contains("/*") { return true }
    let dense = text.filter { !$0.isWhitespace }
    let words = ["exec(", "execute(", "script>", "javascript:", "onerror=", "onload="]
    if words.contains(where: { dense.contains($0) }) { return true }
    let pairs = [("union", "select"), ("insert", "into"), ("delete", "from"), ("drop", "table")]
    let parts = text.split(whereSeparator: \.isWhitespace)
    for (first, second) in pairs where zip(parts, parts.dropFirst()).contains(where: { $0 == first && $1 == second }) {
      return true
    }
    return holds("select", then: "from", parts) || holds("update", then: "set", parts)
  }

  private static func holds(_ first: String, then second: String, _ parts: [Substring]) -> Bool {
    guard let start = parts.firstIndex(where: { $0 == first }) else { return false }
    return parts[(start + 1)...].dropFirst().contains { $0 == second }
  }
}

/// Body of 413.
private struct BodyTooLarge: WireEncodable {
  var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("error", "Request entity too large")
    object.add("message", "Request body exceeds maximum allowed size")
    object.add("max_size_mb", 10)
    return .object(object)
  }
}
