extension DockerRequest {
  /// Reads a request as the engine's router does; throws what the engine answers to one it cannot read.
  package init(http request: HTTPRequest) throws(DockerFailure) {
    var segments = request.segments
    var version: DockerAPIVersion?
    if let first = segments.first, first.hasPrefix("v"), let stated = DockerAPIVersion(first.dropFirst()) {
      if stated > .engine { throw .versionTooNew(stated) }
      if stated < .oldest { throw .versionTooOld(stated) }
      version = stated
      segments.removeFirst()
    }
    self.init(
      try Self.operation(request, segments), caller: request.headers[DockerHeader.caller] ?? "",
      leader: request.headers[DockerHeader.leader].flatMap(LeaderTerm.init(headerText:)), apiVersion: version)
  }

  private static func operation(_ request: HTTPRequest, _ path: [String]) throws(DockerFailure) -> Operation {
    switch (path.first, path.dropFirst().first) {
    case ("_ping", nil) where request.method == .get || request.method == .head: return .ping
    case ("version", nil) where request.method == .get: return .version
    case ("info", nil) where request.method == .get: return .info
    case ("events", nil) where request.method == .get: return .events(try filters(request))
    case ("containers", let second?): return try container(request, second, path.dropFirst(2).first, path.count)
    case ("images", _): return try image(request, path)
    case ("networks", let second): return try network(request, second, path.dropFirst(2).first, path.count)
    case ("volumes", let second): return try volume(request, second, path.count)
    case ("services", let second): return try service(request, second, path.dropFirst(2).first, path.count)
    case ("tasks", nil) where request.method == .get: return .listTasks(try filters(request))
    default: throw .pageNotFound
    }
  }

  private static func container(
    _ request: HTTPRequest, _ name: String, _ verb: String?, _ count: Int
  ) throws(DockerFailure) -> Operation {
    switch (request.method, count, name, verb) {
    case (.get, 2, "json", _):
      return .listContainers(all: isTrue(request, "all"), try filters(request))
    case (.post, 2, "create", _):
      guard !request.body.isEmpty else { throw .emptyBody }
      let body = try json(request)
      guard case .object(let members) = body, !members.isEmpty else { throw .configEmpty }
      return .createContainer(name: request.query["name"], try model(request))
    case (.delete, 2, _, _):
      return .removeContainer(name, force: isTrue(request, "force"), volumes: isTrue(request, "v"))
    case (.get, 3, _, "json"): return .inspectContainer(name)
    case (.post, 3, _, "start"): return .startContainer(name)
    case (.post, 3, _, "stop"): return .stopContainer(name, timeoutSeconds: request.query["t"].flatMap { Int($0) })
    case (.post, 3, _, "restart"):
      return .restartContainer(name, timeoutSeconds: request.query["t"].flatMap { Int($0) })
    case (.post, 3, _, "kill"): return .killContainer(name, signal: request.query["signal"])
    case (.post, 3, _, "pause"): return .pauseContainer(name)
    case (.post, 3, _, "unpause"): return .unpauseContainer(name)
    case (.post, 3, _, "wait"):
      let text = request.query["condition"] ?? ""
      return .waitContainer(name, ContainerWaitCondition(rawValue: text) ?? .notRunning)
    case (.post, 3, _, "rename"): return .renameContainer(name, to: request.query["name"] ?? "")
    default: throw .pageNotFound
    }
  }

  private static func image(_ request: HTTPRequest, _ path: [String]) throws(DockerFailure) -> Operation {
    switch (request.method, path.count) {
    case (.get, 2) where path[1] == "json": return .listImages
    case (.get, 3...) where path.last == "json":
      return .inspectImage(path[1..<(path.count - 1)].joined(separator: "/"))
    case (.post, 2) where path[1] == "create":
      let reference = ImageReference(request.query["fromImage"] ?? "")
      let tag = request.query["tag"] ?? ""
      return .pullImage(name: reference.name, tag: tag.isEmpty ? reference.tag : tag)
    default: throw .pageNotFound
    }
  }

  private static func network(
    _ request: HTTPRequest, _ name: String?, _ verb: String?, _ count: Int
  ) throws(DockerFailure) -> Operation {
    switch (request.method, count, name, verb) {
    case (.get, 1, _, _): return .listNetworks(try filters(request))
    case (.post, 2, "create"?, _): return .createNetwork(try model(request))
    case (.get, 2, let name?, _): return .inspectNetwork(name)
    case (.delete, 2, let name?, _): return .removeNetwork(name)
    case (.post, 3, let name?, "connect"):
      return .connectNetwork(name, container: try json(request)["Container"]?.text ?? "")
    case (.post, 3, let name?, "disconnect"):
      let body = try json(request)
      return .disconnectNetwork(
        name, container: body["Container"]?.text ?? "", force: body["Force"]?.flag ?? false)
    default: throw .pageNotFound
    }
  }

  private static func volume(
    _ request: HTTPRequest, _ name: String?, _ count: Int
  ) throws(DockerFailure) -> Operation {
    switch (request.method, count, name) {
    case (.get, 1, _): return .listVolumes(try filters(request))
    case (.post, 2, "create"?): return .createVolume(try model(request))
    case (.get, 2, let name?): return .inspectVolume(name)
    case (.delete, 2, let name?): return .removeVolume(name, force: isTrue(request, "force"))
    default: throw .pageNotFound
    }
  }

  private static func service(
    _ request: HTTPRequest, _ name: String?, _ verb: String?, _ count: Int
  ) throws(DockerFailure) -> Operation {
    switch (request.method, count, name, verb) {
    case (.get, 1, _, _): return .listServices(try filters(request))
    case (.post, 2, "create"?, _): return .createService(try model(request))
    case (.get, 2, let name?, _): return .inspectService(name)
    case (.delete, 2, let name?, _): return .removeService(name)
    case (.post, 3, let name?, "update"):
      return .updateService(name, version: request.query["version"].flatMap { Int64($0) }, try model(request))
    default: throw .pageNotFound
    }
  }

  private static func filters(_ request: HTTPRequest) throws(DockerFailure) -> DockerFilters {
    try DockerFilters(parameter: request.query["filters"])
  }

  /// As the engine reads a truth value: absent, empty, `0`, `no`, `false` and `none` are false.
  private static func isTrue(_ request: HTTPRequest, _ name: String) -> Bool {
    let text = (request.query[name] ?? "").lowercased()
    return !["", "0", "no", "false", "none"].contains(text)
  }

  private static func json(_ request: HTTPRequest) throws(DockerFailure) -> JSONValue {
    do throws(WireError) {
      return try request.body.json()
    } catch {
      throw failure(error)
    }
  }

  private static func model<Model: WireDecodable>(_ request: HTTPRequest) throws(DockerFailure) -> Model {
    do throws(WireError) {
      return try request.body.decode()
    } catch {
      throw failure(error)
    }
  }

  private static func failure(_ error: WireError) -> DockerFailure {
    switch error {
    case .syntax: .brokenBody
    case .invalid(_, let reason): DockerFailure(400, reason)
    case .typeMismatch, .missing: DockerFailure(400, error.goText())
    }
  }
}
