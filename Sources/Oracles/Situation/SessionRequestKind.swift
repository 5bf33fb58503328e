import TestEnvironment

/// What a request wants of a session, by its method and path (spec/02 §5).
enum SessionRequestKind: Equatable {
  case create
  case stop(String)
  case hibernate(String)
  case wake(String)
  case get(String)
  case list
  /// Any other path below one session, which only its owner may use (C16).
  case about(String)
  case other

  init(_ record: RequestRecord) {
    let path = record.path.prefix { $0 != "?" }
    var parts = path.split(separator: "/").map(String.init)
    if parts.starts(with: ["api", "v1"]) { parts.removeFirst(2) }
    guard parts.first == "sessions" else {
      self = .other
      return
    }
    switch (record.method.uppercased(), parts.count) {
    case ("POST", 1): self = .create
    case ("GET", 1): self = .list
    case ("DELETE", 2): self = .stop(parts[1])
    case ("GET", 2): self = .get(parts[1])
    case ("PUT", 3) where parts[2] == "hibernate": self = .hibernate(parts[1])
    case ("PUT", 3) where parts[2] == "wake": self = .wake(parts[1])
    case (_, 2...): self = .about(parts[1])
    default: self = .other
    }
  }

  /// The command that an accepted request of this kind leaves, and its session.
  var verb: (action: CommandAction, session: String)? {
    switch self {
    case .stop(let session): (.stop, session)
    case .hibernate(let session): (.hibernate, session)
    case .wake(let session): (.wake, session)
    default: nil
    }
  }

  var session: String? {
    switch self {
    case .stop(let name), .hibernate(let name), .wake(let name), .get(let name), .about(let name): name
    case .create, .list, .other: nil
    }
  }
}
