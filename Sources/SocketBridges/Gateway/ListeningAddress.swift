/// Where a gateway listens.
public enum ListeningAddress: Sendable, Hashable, CustomStringConvertible {
  /// A name or address of this machine, and a port; 0 takes any free one.
  case tcp(host: String = "127.0.0.1", port: Int = 0)
  /// A socket in the file system. A socket that nobody answers on any more is replaced; anything else that lies there
  /// is an error.
  case unix(path: String)

  /// The port; nil for a unix socket.
  public var port: Int? { if case .tcp(_, let port) = self { port } else { nil } }

  /// `127.0.0.1:6379`, `[::1]:6379` or `unix:/run/x.sock`.
  public var description: String {
    switch self {
    case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    }
  }
}
