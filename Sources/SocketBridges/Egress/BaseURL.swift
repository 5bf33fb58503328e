/// Where a real server is reached: `http://HOST:PORT`, perhaps with a path before that of each request.
package struct BaseURL: Sendable, Hashable, CustomStringConvertible {
  package var host: String
  package var port: Int
  /// Without the last slash; empty for most.
  package var prefix: String

  package init(host: String, port: Int, prefix: String = "") {
    self.host = host
    self.port = port
    self.prefix = prefix
  }

  /// Why a text is no such address.
  package struct Malformed: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
  }

  /// Reads `http://host[:port][/prefix]`, or the same with `ws`; the port is 80 unless it is named. TLS is not spoken.
  package init(_ text: String) throws(Malformed) {
    let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { throw Malformed(description: "'\(text)' is no URL: it begins with http://") }
    switch parts[0] {
    case "http", "ws": break
    case "https", "wss": throw Malformed(description: "'\(text)': TLS is not supported, use http://")
    default: throw Malformed(description: "'\(text)' is no URL of HTTP: it begins with http://")
    }
    let rest = parts[1]
    let slash = rest.firstIndex(of: "/")
    var authority = slash.map { rest[..<$0] } ?? rest
    prefix = slash.map { String(rest[$0...]) } ?? ""
    while prefix.hasSuffix("/") { prefix.removeLast() }
    guard !rest.contains("?"), !rest.contains("#"), !authority.contains("@") else {
      throw Malformed(description: "'\(text)' may not have a user, a query or a fragment")
    }
    port = 80
    // The colons of an IPv6 address stand in brackets.
    if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
      guard let number = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(number) else {
        throw Malformed(description: "'\(text)': the port must be 1 to 65535")
      }
      port = number
      authority = authority[..<colon]
    }
    if authority.hasPrefix("["), authority.hasSuffix("]") { authority = authority.dropFirst().dropLast() }
    guard !authority.isEmpty else { throw Malformed(description: "'\(text)' names no host") }
    host = String(authority)
  }

  /// As it goes into the `Host` field.
  package var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  package var description: String { "http://\(authority)\(prefix)" }
}
