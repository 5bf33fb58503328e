import StreamSpaceProtocol
import Testing

/// Answers of the Engine API as HTTP, and back.
@Suite("Answers of the Docker Engine API")
struct DockerAnswerTests {
  private static let time = Timestamp(nanosecondsSince1970: 1_795_000_000_123_456_789)
  private static let container = ContainerInspection(
    id: String(repeating: "ab", count: 32), name: "streamspace-s1", createdAt: time,
    state: ContainerState(status: .running, pid: 17, startedAt: time), imageID: "sha256:1", restartCount: 2,
    specification: ContainerSpecification(
      image: "app:1", command: ["/init"], environment: ["A=1"], labels: ["app": "streamspace"],
      exposedPorts: ["3000/tcp"],
      host: HostConfig(
        memory: 5, nanoCPUs: 6, restartPolicy: .onFailure(maximumRetries: 3),
        portBindings: [.anyHostPort("3000/tcp")], mounts: [HostConfig.Mount(volume: "v", target: "/data")],
        networkMode: "n"), networks: ["n"]),
    mounts: [ContainerInspection.MountPoint(volume: "v", source: "/x/v", destination: "/data")],
    networkSettings: NetworkSettings(
      ports: [PortBinding("3000/tcp", [PortBinding.HostPort(address: "0.0.0.0", port: 32768)])],
      networks: [
        EndpointSettings(
          network: "n", networkID: "1", endpointID: "2", gateway: "172.18.0.1", address: "172.18.0.2",
          prefixLength: 16)
      ]))

  static let answers: [(DockerCall, DockerResponse, Int)] = [
    (.ping, .ping(DockerPing()), 200), (.version, .version(DockerVersion()), 200),
    (
      .info,
      .info(
        DaemonInfo(
          name: "h", containers: 3, running: 1, paused: 1, stopped: 1, images: 2, processors: 4, memory: 5,
          swarm: DaemonInfo.SwarmMembership(nodeID: "n", localNodeState: "active", isManager: true))), 200
    ),
    (.containerCreate, .containerCreated(id: "1", warnings: ["w"]), 201), (.containerStart, .done, 204),
    (.containerStart, .unchanged, 304), (.containerWait, .exited(code: 137), 200),
    (.containerInspect, .container(container), 200),
    (
      .containerList,
      .containers([
        ContainerSummary(
          id: "1", name: "a", image: "app:1", imageID: "sha256:1", createdAt: time.inSeconds, status: .exited,
          statusText: "Exited (0) 3 seconds ago", labels: ["a": "b"])
      ]), 200
    ),
    (.imageInspect, .image(ImageInspection(id: "sha256:1", tags: ["app:1"], size: 7)), 200),
    (.imageList, .images([]), 200),
    (
      .imagePull,
      .pulled([PullProgress(status: "Pulling", id: "1"), PullProgress(status: "", error: "broken")]), 200
    ),
    (.networkCreate, .networkCreated(id: "1", warning: ""), 201),
    (
      .networkInspect,
      .network(
        NetworkInspection(
          id: "1", name: "n", driver: "bridge", createdAt: time, labels: ["a": "b"], subnet: "172.18.0.0/16",
          gateway: "172.18.0.1",
          containers: [NetworkInspection.Member(id: "2", name: "c", address: "172.18.0.2/16")])), 200
    ),
    (.networkList, .networks([]), 200), (.networkConnect, .networkChanged, 200),
    (
      .volumeCreate,
      .volume(code: 201, VolumeInspection(name: "v", mountpoint: "/x", createdAt: time.inSeconds, labels: ["a": "b"])),
      201
    ),
    (.volumeList, .volumes([]), 200), (.serviceCreate, .serviceCreated(id: "1"), 201),
    (
      .serviceInspect,
      .service(
        ServiceInspection(
          id: "1", version: 12, createdAt: time, updatedAt: time,
          specification: ServiceSpecification(name: "agent", labels: ["a": "b"], image: "app:1", replicas: 3))), 200
    ),
    (.serviceList, .services([]), 200), (.serviceUpdate, .serviceUpdated(warnings: []), 200),
    (.serviceRemove, .serviceRemoved, 200),
    (
      .taskList,
      .tasks([
        TaskInspection(
          id: "t", serviceID: "s", nodeID: "n", slot: 1, state: "running", desiredState: "running", containerID: "c")
      ]), 200
    ),
    (.containerInspect, .failure(.noSuchContainer("x")), 404),
    (.info, .failure(.versionTooOld(DockerAPIVersion(1, 5))), 400),
  ]

  @Test("an answer becomes status and body, and these the answer again", arguments: answers.indices)
  func roundTrip(index: Int) throws {
    let (call, answer, code) = Self.answers[index]
    var http = answer.http
    http.body = http.body.asBytes
    #expect(http.status.rawValue == code)
    #expect(answer.code == code)
    let again = try DockerResponse(http: http, to: call)
    #expect("\(again)" == "\(answer)")
  }

  @Test("a failure is status and message; that of an old version is plain text")
  func failures() throws {
    let conflict = DockerFailure.nameInUse("a", by: "1")
    #expect(conflict.http.status.rawValue == 409)
    #expect(try conflict.http.body.json()["message"]?.text == conflict.message)
    #expect(DockerFailure(http: conflict.http) == conflict)
    let old = DockerFailure.versionTooOld(DockerAPIVersion(1, 5))
    #expect(old.http.body.bytes == Array("\(old.message)\n".utf8))
    #expect(DockerFailure(http: old.http) == old)
    #expect(conflict.clientText.hasPrefix("Error response from daemon: Conflict. The container name \"/a\""))
  }

  @Test("what the wire says of a state follows from its status", arguments: ContainerStatus.allCases)
  func states(status: ContainerStatus) throws {
    let state = ContainerState(status: status, exitCode: 3, finishedAt: Self.time)
    let json = state.json
    #expect(json["Running"]?.flag == [.running, .paused, .restarting].contains(status))
    #expect(json["Paused"]?.flag == (status == .paused))
    #expect(json["Restarting"]?.flag == (status == .restarting))
    #expect(json["Dead"]?.flag == (status == .dead))
    #expect(json["StartedAt"]?.text == "0001-01-01T00:00:00Z")
    #expect(try ContainerState(json: json) == state)
  }

  @Test("an event keeps its nanoseconds")
  func events() throws {
    let event = DockerEvent(.container, "die", actor: "1", attributes: ["exitCode": "137"], time: Self.time)
    #expect(try DockerEvent(json: event.json) == event)
    #expect(event.json["time"]?.integer == 1_795_000_000)
    #expect(throws: WireError.self) { try DockerEvent(json: ["Type": "noise", "Action": "x"]) }
  }
}
