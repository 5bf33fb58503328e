import SocketBridges

/// `redis://HOST:PORT`, what a replica is given for its hub.
package struct RedisURL: Sendable, Hashable {
  package var host: String
  package var port: Int

  package struct Malformed: Error, Sendable, CustomStringConvertible {
    package let description: String
  }

  /// The port is 6379 unless it is named. A password or a database number is refused: the hub is database 1, the cache
  /// database 0, and a replica's simulator does not authenticate.
  package init(_ text: String) throws(Malformed) {
    let prefix = "redis://"
    guard text.hasPrefix(prefix) else {
      throw Malformed(description: "'\(text)' is no URL of Redis: redis://HOST:PORT")
    }
    let rest = text.dropFirst(prefix.count)
    guard !rest.contains("@"), !rest.contains("/") else {
      throw Malformed(description: "'\(text)': only redis://HOST:PORT is supported, without password and database")
    }
    let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), !parts[0].isEmpty else {
      throw Malformed(description: "'\(text)' is no URL of Redis: redis://HOST:PORT")
    }
    host = String(parts[0])
    guard parts.count == 2 else {
      port = 6_379
      return
    }
    guard let number = Int(parts[1]), (1...65_535).contains(number) else {
      throw Malformed(description: "'\(text)': the port must be 1 to 65535")
    }
    port = number
  }
}
