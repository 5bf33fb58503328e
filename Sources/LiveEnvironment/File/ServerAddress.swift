import Foundation

/// Where a server is reached: `http://host:port`, `redis://host:port`, `unix:///path`, without credentials.
package struct ServerAddress: Sendable, Hashable, CustomStringConvertible {
  package let scheme: String
  /// Host name or address, without brackets; empty for `unix`.
  package let host: String
  /// 1 to 65535; 0 for `unix`.
  package let port: Int
  /// Without a slash at its end; the socket's path for `unix`.
  package let path: String

  /// Ports of addresses that name none.
  private static let ports = ["http": 80, "https": 443, "redis": 6_379, "tcp": 2_375, "ws": 80, "wss": 443]

  /// Why a text is no address.
  package enum Refusal: Error, Sendable, Hashable {
    case unreadable
    case scheme(String)
    case host
    case port
    /// User or password stand in it.
    case credentials
    /// Query or fragment: no base address has one.
    case query
  }

  /// - Parameter schemes: what is accepted, in the order of the message.
  package init(_ text: String, schemes: [String]) throws(Refusal) {
    guard let scheme = text.firstRange(of: "://").map({ String(text[..<$0.lowerBound]) }) else { throw .unreadable }
    guard schemes.contains(scheme) else { throw .scheme(scheme) }
    self.scheme = scheme
    if scheme == "unix" {
      path = String(text.dropFirst("unix://".count))
      guard path.hasPrefix("/"), path.count > 1 else { throw .unreadable }
      (host, port) = ("", 0)
      return
    }
    let rest = text.dropFirst(scheme.count + 3)
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    guard !authority.contains("@") else { throw .credentials }
    guard let digits = Self.port(of: authority) else { throw .port }
    guard let parts = URLComponents(string: text) else { throw .unreadable }
    guard parts.query == nil, parts.fragment == nil else { throw .query }
    guard let name = parts.host, !name.isEmpty else { throw .host }
    guard name.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 0x20 }) else { throw .host }
    host = name.hasPrefix("[") ? String(name.dropFirst().dropLast()) : name
    port = digits > 0 ? digits : Self.ports[scheme] ?? 0
    guard port > 0 else { throw .port }
    var trimmed = parts.path[...]
    while trimmed.hasSuffix("/") { trimmed.removeLast() }
    path = String(trimmed)
  }

  /// The port that the text names; 0 if none, nil if it is none.
  private static func port(of authority: Substring) -> Int? {
    let tail = authority.hasPrefix("[") ? authority.drop { $0 != "]" }.dropFirst() : authority
    guard let colon = tail.lastIndex(of: ":") else { return 0 }
    let text = tail[tail.index(after: colon)...]
    guard text.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(text), (1...65_535).contains(number) else {
      return nil
    }
    return number
  }

  /// `host:port`, with brackets around an IPv6 address; the path of a unix socket.
  package var place: String { scheme == "unix" ? path : host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  package var description: String { scheme == "unix" ? "unix://\(path)" : "\(scheme)://\(place)\(path)" }
}
