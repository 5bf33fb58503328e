import SimulationRuntime
import StreamSpaceProtocol

/// The calls of the API: what each does once the daemon gets to it. Latency and outages are the matter of
/// ``DockerAPI``.
extension DockerEngine {
  /// Carries out a request. Most answers come before this returns; stops, waits, removals and pulls answer later.
  /// `isWaiting` tells whether the caller is still there: a pull ends with its callers.
  package func perform(
    _ request: DockerRequest, isWaiting: @escaping () -> Bool = { true }, reply: @escaping (DockerResponse) -> Void
  ) {
    do throws(DockerFailure) {
      if let version = request.apiVersion {
        if version > .engine { throw .versionTooNew(version) }
        if version < .oldest { throw .versionTooOld(version) }
      }
      let writer = EngineEvent.Writer(caller: request.caller, term: request.leader?.term)
      if request.isWrite { try checkFence(request, writer) }
      if request.call.needsSwarm {
        reply(try swarmAnswer(request, writer))
      } else if let response = try answer(request, writer, isWaiting, reply) {
        reply(response)
      }
    } catch {
      reply(.failure(error))
    }
  }

  /// Nil: the answer comes later.
  private func answer(
    _ request: DockerRequest, _ writer: EngineEvent.Writer, _ isWaiting: @escaping () -> Bool,
    _ reply: @escaping (DockerResponse) -> Void
  ) throws(DockerFailure) -> DockerResponse? {
    switch request.operation {
    case .ping: return .ping(DockerPing())
    case .version: return .version(DockerVersion())
    case .info: return .info(info)
    case .events: return nil

    case .createContainer(let name, let specification):
      return .containerCreated(id: try create(name, specification, by: writer).id, warnings: [])
    case .startContainer(let name): return try start(containers.find(name), by: writer, reply)
    case .stopContainer(let name, let seconds):
      return try stop(containers.find(name), timeoutSeconds: seconds, by: writer, reply)
    case .killContainer(let name, let signal): return try kill(name, signal, by: writer)
    case .restartContainer(let name, let seconds):
      return try restart(containers.find(name), timeoutSeconds: seconds, by: writer, reply)
    case .pauseContainer(let name): return try pause(containers.find(name), by: writer)
    case .unpauseContainer(let name): return try unpause(containers.find(name), by: writer)
    case .waitContainer(let name, let condition): return try wait(containers.find(name), condition, reply)
    case .renameContainer(let name, let newName): return try rename(containers.find(name), to: newName)
    case .removeContainer(let name, let force, _):
      return try remove(containers.find(name), name, force: force, by: writer, reply)
    case .inspectContainer(let name): return .container(inspection(of: try containers.find(name)))
    case .listContainers(let all, let filters): return .containers(try list(all: all, filters))

    case .inspectImage(let reference): return .image(try image(reference))
    case .listImages: return .images(images.present)
    case .pullImage(let name, let tag):
      pull(ImageReference(name: name, tag: tag), isWaiting: isWaiting, reply)
      return nil

    case .createNetwork(let specification): return try createNetwork(specification, by: writer)
    case .inspectNetwork(let name): return .network(inspection(of: try networks.find(name, .inspect)))
    case .listNetworks(let filters): return .networks(try listNetworks(filters))
    case .removeNetwork(let name): return try removeNetwork(name, by: writer)
    case .connectNetwork(let name, let container): return try connect(container, to: name)
    case .disconnectNetwork(let name, let container, _): return try disconnect(container, from: name)

    case .createVolume(let specification):
      return .volume(code: 201, try createVolume(specification, by: writer))
    case .inspectVolume(let name): return .volume(code: 200, try volumes.find(name))
    case .listVolumes(let filters): return .volumes(try listVolumes(filters))
    case .removeVolume(let name, let force): return try removeVolume(name, force: force, by: writer)

    case .createService, .inspectService, .listServices, .updateService, .removeService, .listTasks: return nil
    }
  }

  private var info: DaemonInfo {
    func count(_ matches: (ContainerStatus) -> Bool) -> Int {
      containers.all.reduce(0) { $0 + (matches($1.state.status) ? 1 : 0) }
    }
    return DaemonInfo(
      name: host, containers: containers.count, running: count { $0 == .running || $0 == .restarting },
      paused: count { $0 == .paused },
      stopped: count { $0 == .created || $0 == .exited || $0 == .dead || $0 == .removing },
      images: images.present.count, processors: configuration.processors, memory: configuration.memory,
      swarm: swarm?.membership(of: self) ?? DaemonInfo.SwarmMembership())
  }
}

extension DockerRequest {
  /// The name in the request: what it is about; empty where there is none.
  var subject: String {
    switch operation {
    case .ping, .version, .info, .events, .listContainers, .listImages, .listNetworks, .listVolumes, .listServices,
      .listTasks:
      ""
    case .createContainer(let name, _): name ?? ""
    case .startContainer(let name), .stopContainer(let name, _), .killContainer(let name, _),
      .restartContainer(let name, _), .pauseContainer(let name), .unpauseContainer(let name),
      .waitContainer(let name, _), .renameContainer(let name, _), .removeContainer(let name, _, _),
      .inspectContainer(let name):
      name
    case .inspectImage(let reference): reference
    case .pullImage(let name, let tag): ImageReference(name: name, tag: tag).text
    case .createNetwork(let specification): specification.name
    case .inspectNetwork(let name), .removeNetwork(let name), .connectNetwork(let name, _),
      .disconnectNetwork(let name, _, _):
      name
    case .createVolume(let specification): specification.name
    case .inspectVolume(let name), .removeVolume(let name, _): name
    case .createService(let specification): specification.name
    case .inspectService(let name), .updateService(let name, _, _), .removeService(let name): name
    }
  }
}
