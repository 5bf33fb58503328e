import SimulationRuntime
import StreamSpaceProtocol

@testable import DockerAgent

/// A Docker daemon with just the objects that an agent's calls make, whose answers a test may replace.
final class ScriptedDaemon: Program {
  static let endpoint = Endpoint(host: "docker", port: 2375)

  /// What a test says to one request.
  enum Reply {
    /// As usual.
    case usual
    /// Instead of doing it.
    case instead(DockerResponse)
    /// Done, but never answered.
    case lost
    /// As usual, after that time.
    case late(TimeSpan)
  }

  /// A container.
  struct Container: Equatable {
    let id: String
    let specification: ContainerSpecification
    var status = ContainerStatus.created
    var exitCode = 0
    var startedAt: Instant?

    var session: String { specification.labels[DockerLabel.session] ?? "" }
  }

  /// Over all lives of the daemon: a restart keeps what it has.
  final class Record {
    var containers: [String: Container] = [:]
    var volumes: [String: Labels] = [:]
    var networks: [NetworkSpecification] = []
    var images: Set<String> = [Command.image]
    var calls: [DockerRequest] = []
    var containersMade = 0
    var script: (DockerRequest) -> Reply = { _ in .usual }
    /// What a started container becomes.
    var statusAfterStart = ContainerStatus.running
    var startTime = TimeSpan.milliseconds(500)

    func calls(_ call: DockerCall) -> Int { calls.count { $0.call == call } }

    func container(of session: String) -> Container? { containers["streamspace-\(session)"] }
  }

  private let incarnation: Incarnation
  private let record: Record

  private static let work = EventLabel("test.daemon.work")

  init(_ incarnation: Incarnation, _ record: Record) {
    self.incarnation = incarnation
    self.record = record
  }

  func start() {
    incarnation.simulation.network.listen(incarnation, port: Self.endpoint.port) { [weak self] call in
      self?.receive(call)
    }
  }

  func terminate() { incarnation.exit("terminated") }

  private func receive(_ call: IncomingCall) {
    guard let request = (call.hello as? Frame<DockerRequest>)?.value else { return call.drop() }
    record.calls.append(request)
    switch record.script(request) {
    case .usual: carryOut(request, call, after: duration(of: request))
    case .late(let span): carryOut(request, call, after: span)
    case .instead(let response): answer(call, response)
    case .lost: _ = outcome(of: request)
    }
  }

  private func duration(of request: DockerRequest) -> TimeSpan {
    switch request.operation {
    case .createContainer: .milliseconds(300)
    case .startContainer: record.startTime
    case .pullImage: .seconds(8)
    case .stopContainer: .seconds(1)
    default: .milliseconds(20)
    }
  }

  private func carryOut(_ request: DockerRequest, _ call: IncomingCall, after span: TimeSpan) {
    incarnation.after(span, Self.work) { [weak self] in
      guard let self else { return }
      self.answer(call, self.outcome(of: request))
    }
  }

  private func answer(_ call: IncomingCall, _ response: DockerResponse) {
    call.reply(Frame(response, byteCount: response.estimatedByteCount))
  }

  // MARK: Operations

  private func outcome(of request: DockerRequest) -> DockerResponse {
    switch request.operation {
    case .listNetworks(let filters):
      let names = record.networks.filter { network in filters["name"].allSatisfy { network.name.contains($0) } }
      return .networks(names.map { NetworkInspection(id: $0.name, name: $0.name, driver: "bridge", createdAt: time) })
    case .createNetwork(let network):
      if record.networks.contains(where: { $0.name == network.name }) {
        return .failure(.networkExists(network.name))
      }
      record.networks.append(network)
      return .networkCreated(id: network.name, warning: "")
    case .inspectImage(let name):
      return record.images.contains(name)
        ? .image(ImageInspection(id: "sha256:1", tags: [name], size: 1)) : .failure(.noSuchImage(name))
    case .pullImage(let name, let tag):
      record.images.insert("\(name):\(tag)")
      return .pulled([PullProgress(status: "Pull complete")])
    case .createVolume(let volume):
      let labels = record.volumes[volume.name] ?? volume.labels
      record.volumes[volume.name] = labels
      return .volume(code: 201, inspection(volume.name, labels))
    case .listVolumes(let filters):
      let names = record.volumes.keys.sorted().filter { filters.matches(record.volumes[$0] ?? [:]) }
      return .volumes(names.map { inspection($0, record.volumes[$0] ?? [:]) })
    case .removeVolume(let name, _):
      return record.volumes.removeValue(forKey: name) == nil ? .failure(.noSuchVolume(name)) : .done
    case .createContainer(let name, let specification): return create(name ?? "", specification)
    case .listContainers(_, let filters): return list(filters)
    case .inspectContainer(let name): return with(name) { .container(inspection(of: $0)) }
    case .startContainer(let name):
      return with(name) { container in
        if container.status == .running { return .unchanged }
        container.status = record.statusAfterStart
        container.exitCode = container.status == .exited ? 1 : 0
        container.startedAt = incarnation.now
        return .done
      }
    case .stopContainer(let name, _):
      return with(name) { container in
        let wasRunning = container.status == .running
        if container.status != .created { container.status = .exited }
        return wasRunning ? .done : .unchanged
      }
    case .removeContainer(let name, _, _):
      guard let key = key(name) else { return .failure(.noSuchContainer(name)) }
      record.containers[key] = nil
      return .done
    default: return .failure(.pageNotFound)
    }
  }

  private var time: Timestamp { Timestamp(nanosecondsSince1970: 0) }

  private func inspection(_ name: String, _ labels: Labels) -> VolumeInspection {
    VolumeInspection(name: name, mountpoint: "/var/lib/docker/volumes/\(name)/_data", createdAt: time, labels: labels)
  }

  private func key(_ name: String) -> String? {
    record.containers.keys.sorted().first { $0 == name || record.containers[$0]?.id == name }
  }

  private func with(_ name: String, _ body: (inout Container) -> DockerResponse) -> DockerResponse {
    guard let key = key(name), var container = record.containers[key] else { return .failure(.noSuchContainer(name)) }
    defer { record.containers[key] = container }
    return body(&container)
  }

  private func create(_ name: String, _ specification: ContainerSpecification) -> DockerResponse {
    if let existing = record.containers[name] { return .failure(.nameInUse(name, by: existing.id)) }
    guard record.images.contains(specification.image) else { return .failure(.noSuchImage(specification.image)) }
    record.containersMade += 1
    let id = String(repeating: "a", count: 60) + String(1_000 + record.containersMade)
    record.containers[name] = Container(id: id, specification: specification)
    for mount in specification.host.mounts where record.volumes[mount.volume] == nil {
      record.volumes[mount.volume] = [:]
    }
    return .containerCreated(id: id, warnings: [])
  }

  private func list(_ filters: DockerFilters) -> DockerResponse {
    let names = record.containers.keys.sorted().filter { name in
      record.containers[name].map { filters.matches($0.specification.labels) } ?? false
    }
    return .containers(
      names.compactMap { name in
        guard let container = record.containers[name] else { return nil }
        let up = container.startedAt.map { (incarnation.now - $0).milliseconds / 1_000 } ?? 0
        return ContainerSummary(
          id: container.id, name: name, image: container.specification.image, imageID: "sha256:1", createdAt: time,
          status: container.status,
          statusText: up < 60 ? "Up \(up) seconds" : up < 120 ? "Up About a minute" : "Up \(up / 60) minutes",
          labels: container.specification.labels)
      })
  }

  private func inspection(of container: Container) -> ContainerInspection {
    let startedAt = container.startedAt.map { Timestamp(nanosecondsSince1970: $0.nanoseconds) }
    let name = DockerName.container(session: container.session)
    return ContainerInspection(
      id: container.id, name: name, createdAt: time,
      state: ContainerState(status: container.status, exitCode: container.exitCode, startedAt: startedAt),
      imageID: "sha256:1", specification: container.specification,
      networkSettings: NetworkSettings(
        networks: container.specification.networks.map { EndpointSettings(network: $0, address: "172.18.0.5") }))
  }
}
