extension DockerRequest {
  /// The request as HTTP: method, path of the Engine API, query and body.
  package var http: HTTPRequest {
    var request = plainHTTP
    if let apiVersion { request.path = "/v\(apiVersion.text)\(request.path)" }
    if !caller.isEmpty { request.headers[DockerHeader.caller] = caller }
    if let leader { request.headers[DockerHeader.leader] = leader.headerText }
    if case .typed = request.body { request.headers[HTTPHeaderName.contentType] = "application/json" }
    return request
  }

  private var plainHTTP: HTTPRequest {
    switch operation {
    case .ping: HTTPRequest(.get, "/_ping")
    case .version: HTTPRequest(.get, "/version")
    case .info: HTTPRequest(.get, "/info")
    case .events(let filters): HTTPRequest(.get, "/events", query: Self.query(filters))
    case .createContainer(let name, let specification):
      HTTPRequest(
        .post, "/containers/create", query: Self.query(("name", name)), body: .typed(specification))
    case .startContainer(let name): HTTPRequest(.post, Self.container(name, "start"))
    case .stopContainer(let name, let seconds):
      HTTPRequest(.post, Self.container(name, "stop"), query: Self.query(("t", seconds.map(String.init))))
    case .killContainer(let name, let signal):
      HTTPRequest(.post, Self.container(name, "kill"), query: Self.query(("signal", signal)))
    case .restartContainer(let name, let seconds):
      HTTPRequest(.post, Self.container(name, "restart"), query: Self.query(("t", seconds.map(String.init))))
    case .pauseContainer(let name): HTTPRequest(.post, Self.container(name, "pause"))
    case .unpauseContainer(let name): HTTPRequest(.post, Self.container(name, "unpause"))
    case .waitContainer(let name, let condition):
      HTTPRequest(.post, Self.container(name, "wait"), query: Self.query(("condition", condition.rawValue)))
    case .renameContainer(let name, let newName):
      HTTPRequest(.post, Self.container(name, "rename"), query: ["name": newName])
    case .removeContainer(let name, let force, let volumes):
      HTTPRequest(
        .delete, Self.container(name, nil),
        query: Self.query(("force", force ? "1" : nil), ("v", volumes ? "1" : nil)))
    case .inspectContainer(let name): HTTPRequest(.get, Self.container(name, "json"))
    case .listContainers(let all, let filters):
      HTTPRequest(
        .get, "/containers/json",
        query: Self.query(("all", all ? "1" : nil), ("filters", filters.isEmpty ? nil : filters.text)))
    case .inspectImage(let name): HTTPRequest(.get, "/images/\(Self.path(name))/json")
    case .listImages: HTTPRequest(.get, "/images/json")
    case .pullImage(let name, let tag):
      HTTPRequest(.post, "/images/create", query: ["fromImage": name, "tag": tag])
    case .createNetwork(let specification): HTTPRequest(.post, "/networks/create", body: .typed(specification))
    case .inspectNetwork(let name): HTTPRequest(.get, "/networks/\(Self.part(name))")
    case .listNetworks(let filters): HTTPRequest(.get, "/networks", query: Self.query(filters))
    case .removeNetwork(let name): HTTPRequest(.delete, "/networks/\(Self.part(name))")
    case .connectNetwork(let name, let container):
      HTTPRequest(
        .post, "/networks/\(Self.part(name))/connect", body: .typed(["Container": .string(container)] as JSONValue))
    case .disconnectNetwork(let name, let container, let force):
      HTTPRequest(
        .post, "/networks/\(Self.part(name))/disconnect",
        body: .typed(["Container": .string(container), "Force": .bool(force)] as JSONValue))
    case .createVolume(let specification): HTTPRequest(.post, "/volumes/create", body: .typed(specification))
    case .inspectVolume(let name): HTTPRequest(.get, "/volumes/\(Self.part(name))")
    case .listVolumes(let filters): HTTPRequest(.get, "/volumes", query: Self.query(filters))
    case .removeVolume(let name, let force):
      HTTPRequest(.delete, "/volumes/\(Self.part(name))", query: Self.query(("force", force ? "1" : nil)))
    case .createService(let specification): HTTPRequest(.post, "/services/create", body: .typed(specification))
    case .inspectService(let name): HTTPRequest(.get, "/services/\(Self.part(name))")
    case .listServices(let filters): HTTPRequest(.get, "/services", query: Self.query(filters))
    case .updateService(let name, let version, let specification):
      HTTPRequest(
        .post, "/services/\(Self.part(name))/update", query: Self.query(("version", version.map(String.init))),
        body: .typed(specification))
    case .removeService(let name): HTTPRequest(.delete, "/services/\(Self.part(name))")
    case .listTasks(let filters): HTTPRequest(.get, "/tasks", query: Self.query(filters))
    }
  }

  private static func container(_ name: String, _ verb: String?) -> String {
    verb.map { "/containers/\(part(name))/\($0)" } ?? "/containers/\(part(name))"
  }

  /// One part of a path, coded.
  private static func part(_ text: String) -> String { PercentCoding.encodedQuery(text) }

  /// Slashes and colons of an image reference stand uncoded (spec/03 §9.2 row 4).
  private static func path(_ text: String) -> String {
    text.split(separator: "/", omittingEmptySubsequences: false).map { parts in
      parts.split(separator: ":", omittingEmptySubsequences: false).map { part(String($0)) }.joined(separator: ":")
    }.joined(separator: "/")
  }

  private static func query(_ parameters: (String, String?)...) -> HTTPQuery {
    HTTPQuery(
      parameters.compactMap { pair in pair.1.map { HTTPQuery.Parameter(name: pair.0, value: $0) } })
  }

  private static func query(_ filters: DockerFilters) -> HTTPQuery {
    query(("filters", filters.isEmpty ? nil : filters.text))
  }
}
