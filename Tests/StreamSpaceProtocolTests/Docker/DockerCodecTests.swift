import StreamSpaceProtocol
import Testing

/// Requests and answers of the Engine API as HTTP, and back.
@Suite("Codec of the Docker Engine API")
struct DockerCodecTests {
  private static let specification = ContainerSpecification(
    image: "streamspace/firefox:latest", command: ["/init"], environment: ["A=1", "B=x y"],
    labels: DockerLabel.ofSession("s1", agent: "docker-1", command: "cmd-1"), exposedPorts: ["3000/tcp"],
    host: HostConfig(
      memory: 1_073_741_824, nanoCPUs: 500_000_000, restartPolicy: .unlessStopped,
      portBindings: [.anyHostPort("3000/tcp")],
      mounts: [HostConfig.Mount(volume: "streamspace-s1-home", target: DockerName.homePath)],
      networkMode: "streamspace"), networks: ["streamspace"])

  private static let service = ServiceSpecification(
    name: "agent", labels: [SwarmLabel.leader(of: "docker-1"): "task-1"], image: "agent:1",
    containerLabels: ["x": "y"], command: ["run"], replicas: 3)

  /// Every operation once, with the line it makes.
  static let operations: [(DockerRequest.Operation, String)] = [
    (.ping, "GET /v1.41/_ping"),
    (.version, "GET /v1.41/version"),
    (.info, "GET /v1.41/info"),
    (.events(.none), "GET /v1.41/events"),
    (
      .events(DockerFilters.label("app").and("type", "container")),
      "GET /v1.41/events?filters=%7B%22label%22%3A%5B%22app%22%5D%2C%22type%22%3A%5B%22container%22%5D%7D"
    ),
    (.createContainer(name: "streamspace-s1", specification), "POST /v1.41/containers/create?name=streamspace-s1"),
    (.createContainer(name: nil, specification), "POST /v1.41/containers/create"),
    (.startContainer("a"), "POST /v1.41/containers/a/start"),
    (.stopContainer("a", timeoutSeconds: 10), "POST /v1.41/containers/a/stop?t=10"),
    (.stopContainer("a", timeoutSeconds: nil), "POST /v1.41/containers/a/stop"),
    (.killContainer("a", signal: "SIGTERM"), "POST /v1.41/containers/a/kill?signal=SIGTERM"),
    (.killContainer("a", signal: nil), "POST /v1.41/containers/a/kill"),
    (.restartContainer("a", timeoutSeconds: 3), "POST /v1.41/containers/a/restart?t=3"),
    (.pauseContainer("a"), "POST /v1.41/containers/a/pause"),
    (.unpauseContainer("a"), "POST /v1.41/containers/a/unpause"),
    (.waitContainer("a", .nextExit), "POST /v1.41/containers/a/wait?condition=next-exit"),
    (.renameContainer("a", to: "b"), "POST /v1.41/containers/a/rename?name=b"),
    (.removeContainer("a", force: true, volumes: false), "DELETE /v1.41/containers/a?force=1"),
    (.removeContainer("a", force: false, volumes: true), "DELETE /v1.41/containers/a?v=1"),
    (.inspectContainer("a"), "GET /v1.41/containers/a/json"),
    (.listContainers(all: true, .none), "GET /v1.41/containers/json?all=1"),
    (
      .listContainers(all: false, .label("session-id", "s1")),
      "GET /v1.41/containers/json?filters=%7B%22label%22%3A%5B%22session-id%3Ds1%22%5D%7D"
    ),
    (.inspectImage("example.invalid:5000/team/app:1"), "GET /v1.41/images/example.invalid:5000/team/app:1/json"),
    (.listImages, "GET /v1.41/images/json"),
    (.pullImage(name: "team/app", tag: "1"), "POST /v1.41/images/create?fromImage=team%2Fapp&tag=1"),
    (.createNetwork(NetworkSpecification(name: "n", labels: ["a": "b"])), "POST /v1.41/networks/create"),
    (.inspectNetwork("n"), "GET /v1.41/networks/n"),
    (.listNetworks(.none), "GET /v1.41/networks"),
    (.removeNetwork("n"), "DELETE /v1.41/networks/n"),
    (.connectNetwork("n", container: "a"), "POST /v1.41/networks/n/connect"),
    (.disconnectNetwork("n", container: "a", force: true), "POST /v1.41/networks/n/disconnect"),
    (.createVolume(VolumeSpecification(name: "v", labels: ["a": "b"])), "POST /v1.41/volumes/create"),
    (.inspectVolume("v"), "GET /v1.41/volumes/v"),
    (.listVolumes(.none), "GET /v1.41/volumes"),
    (.removeVolume("v", force: true), "DELETE /v1.41/volumes/v?force=1"),
    (.createService(service), "POST /v1.41/services/create"),
    (.inspectService("agent"), "GET /v1.41/services/agent"),
    (.listServices(.none), "GET /v1.41/services"),
    (.updateService("agent", version: 12, service), "POST /v1.41/services/agent/update?version=12"),
    (.updateService("agent", version: nil, service), "POST /v1.41/services/agent/update"),
    (.removeService("agent"), "DELETE /v1.41/services/agent"),
    (.listTasks(DockerFilters.none.and("id", "t1")), "GET /v1.41/tasks?filters=%7B%22id%22%3A%5B%22t1%22%5D%7D"),
  ]

  @Test("a request becomes a line, and the line with its body becomes the request again", arguments: operations.indices)
  func requests(index: Int) throws {
    let (operation, line) = Self.operations[index]
    let request = DockerRequest(operation, caller: "agent-a", leader: LeaderTerm(agentID: "docker-1", term: 7))
    #expect(request.line == line)
    var http = request.http
    http.body = http.body.asBytes
    let again = try DockerRequest(http: http)
    #expect("\(again.operation)" == "\(operation)")
    #expect(again.call == request.call)
    #expect(again.caller == "agent-a")
    #expect(again.leader == LeaderTerm(agentID: "docker-1", term: 7))
    #expect(again.apiVersion == .engine)
  }

  @Test("every call has an operation")
  func everyCall() {
    let calls = Set(Self.operations.map { DockerRequest($0.0, caller: "").call })
    #expect(calls == Set(DockerCall.allCases))
  }

  @Test(
    "what the router does not know is refused in the engine's words",
    arguments: [
      ("GET", "/v1.99/info", DockerFailure.versionTooNew(DockerAPIVersion(1, 99))),
      ("GET", "/v1.11/info", .versionTooOld(DockerAPIVersion(1, 11))),
      ("GET", "/nothing", .pageNotFound), ("DELETE", "/v1.41/info", .pageNotFound),
      ("GET", "/v1.41/containers/json?filters=%7B", .brokenFilters),
      ("POST", "/v1.41/containers/create", .emptyBody),
    ])
  func refusals(method: String, target: String, failure: DockerFailure) throws {
    let request = HTTPRequest(try #require(HTTPMethod(rawValue: method)), target: target)
    #expect(throws: failure) { try DockerRequest(http: request) }
  }

  @Test("a body that is cut anywhere is refused, never misread")
  func truncation() {
    let whole = DockerRequest(.createContainer(name: "a", Self.specification), caller: "").http
    let bytes = whole.body.bytes
    for length in 1..<bytes.count {
      var cut = whole
      cut.body = .bytes(Array(bytes[..<length]))
      #expect(throws: DockerFailure.brokenBody) { try DockerRequest(http: cut) }
    }
  }

  @Test("filters are read in both forms of the wire")
  func filterForms() throws {
    let list = try DockerFilters(parameter: #"{"label":["a=b","c"],"id":["1"]}"#)
    let map = try DockerFilters(parameter: #"{"id":{"1":true},"label":{"a=b":true,"c":true}}"#)
    #expect(list == map)
    #expect(list.matches(["a": "b", "c": "x"]))
    #expect(!list.matches(["a": "b"]))
    #expect(!list.matches(["a": "other", "c": "x"]))
    #expect(try DockerFilters(parameter: list.text) == list)
    #expect(try DockerFilters(parameter: nil).isEmpty)
  }

  @Test(
    "a reference to an image falls into name and tag",
    arguments: [
      ("app", "app", "latest"), ("app:1", "app", "1"), ("host:5000/app", "host:5000/app", "latest"),
      ("host:5000/team/app:2", "host:5000/team/app", "2"), ("app@sha256:ab", "app", "sha256:ab"),
    ])
  func references(text: String, name: String, tag: String) {
    let reference = ImageReference(text)
    #expect(reference.name == name)
    #expect(reference.tag == tag)
    #expect(ImageReference(reference.text) == reference)
  }

  @Test("the label of a lock names its agent, its parts do not")
  func leaderLabels() {
    #expect(SwarmLabel.agentID(ofLeaderLabel: SwarmLabel.leader(of: "docker-1")) == "docker-1")
    for label in [
      SwarmLabel.leaderTerm(of: "docker-1"), SwarmLabel.leaderTimestamp(of: "docker-1"),
      SwarmLabel.leaderCounter(of: "docker-1"), SwarmLabel.taskID, "streamspace.agent.leader.",
    ] {
      #expect(SwarmLabel.agentID(ofLeaderLabel: label) == nil)
    }
  }
}
