import StreamSpaceProtocol

/// The calls of API 1.41 that the simulated engine does not do: each is refused with 501 and its own line, so that
/// nobody takes a missing part for a failing one. What the daemon would refuse first is refused as it does.
enum UnmodelledCalls {
  /// What a call is about.
  enum Subject {
    case none
    /// An empty list, for example: true, since there are none.
    case answer(JSONValue)
    case missing(DockerFailure)
    /// A container that must be there, and with `needsRun` run, for another refusal than the daemon's.
    case container(String, needsRun: Bool)
    case image(String)
  }

  private static let containerVerbs: Set<String> = ["changes", "export", "update", "archive", "exec", "stats", "top"]
  private static let imageVerbs: Set<String> = ["push", "tag", "history", "get"]
  private static let wholePaths: Set<String> = [
    "build", "build/prune", "build/cancel", "commit", "auth", "session", "grpc", "images/load", "images/get",
    "images/search", "system/df", "swarm/join", "swarm/update", "swarm/unlock", "swarm/unlockkey", "secrets/create",
    "configs/create", "plugins/pull", "plugins/create", "plugins/privileges",
  ]

  /// Nil: the daemon has no such page either.
  static func subject(_ request: HTTPRequest, _ path: [String]) -> Subject? {
    let method = request.method
    guard let first = path.first else { return nil }
    if path == ["commit"], let name = request.query["container"] { return .container(name, needsRun: false) }
    let whole = path.joined(separator: "/")
    if wholePaths.contains(whole) { return Subject.none }
    switch first {
    case "containers" where path.count >= 3 && containerVerbs.contains(path[2]):
      return .container(path[1], needsRun: ["exec", "top"].contains(path[2]))
    case "images":
      if method == .delete, path.count >= 2 { return .image(DockerBodies.familiar(path[1...].joined(separator: "/"))) }
      guard path.count >= 3, let verb = path.last, imageVerbs.contains(verb) else { return nil }
      return .image(DockerBodies.familiar(path[1..<(path.count - 1)].joined(separator: "/")))
    case "plugins" where method == .get && path.count == 1: return .answer([])
    case "plugins" where path.count >= 2: return .missing(DockerFailure(404, "plugin \"\(path[1])\" not found"))
    case "exec" where path.count == 3:
      return .missing(DockerFailure(404, "No such exec instance: \(path[1])"))
    case "distribution" where path.count >= 3: return Subject.none
    case "services", "tasks": return path.last == "logs" ? Subject.none : nil
    case "nodes", "secrets", "configs": return path.count >= 2 ? Subject.none : nil
    default: return nil
    }
  }

  static func failure(_ method: HTTPMethod, _ path: [String]) -> DockerFailure {
    var parts = path
    if parts.count >= 3 { parts[1] = "{name}" }
    if parts.count > 3, parts.first == "images" || parts.first == "distribution" {
      parts = [parts[0], "{name}", parts[parts.count - 1]]
    }
    return .notSimulated("\(method.rawValue) /\(parts.joined(separator: "/"))")
  }
}

extension DockerFailure {
  /// What a part of Docker that the simulated engine lacks is answered.
  static func notSimulated(_ what: String) -> DockerFailure {
    DockerFailure(501, "not simulated: \(what) (StreamSpace's simulated Docker Engine has no such part)")
  }
}
