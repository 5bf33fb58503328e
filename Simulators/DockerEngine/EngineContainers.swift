import SimulationRuntime
import StreamSpaceProtocol

/// Containers: create, rename, remove, inspect, list (spec/04 §4.5).
extension DockerEngine {
  /// The least memory limit: 6 MB (spec/04 §4.5).
  static let leastMemory: Int64 = 6 * 1024 * 1024

  func workload(_ container: Container) -> EngineEvent.Workload {
    EngineEvent.Workload(container.specification.labels, name: container.name, id: container.id, host: host)
  }

  /// The run of a container's process that is there.
  func process(_ container: Container) -> EngineEvent.Process {
    EngineEvent.Process(
      address: container.endpoints.lazy.map(\.address).first { !$0.isEmpty } ?? "",
      image: container.specification.image, vncPort: container.specification.vncPort)
  }

  // MARK: Create

  func create(
    _ name: String?, _ specification: ContainerSpecification, by writer: EngineEvent.Writer
  ) throws(DockerFailure) -> Container {
    try check(specification)
    let reference = ImageReference(specification.image)
    if specification.image.isEmpty { throw .noCommand }
    guard !isImageUnknown(reference), let image = images.image(reference) else {
      throw .noSuchImage(reference.text)
    }
    if specification.command?.isEmpty != false, configuration.commandlessImages.contains(reference.text) {
      throw .noCommand
    }
    let id = freshID()
    let name = name.flatMap { $0.isEmpty ? nil : $0 } ?? "container_\(id.prefix(12))"
    try checkName(name)
    if let other = containers.named(name) { throw .nameInUse(name, by: other.id) }
    if !faults.isEmpty {
      if faults.strikes(.createFails) { throw .serverError }
      if faults.strikes(.diskFull) { throw .noSpaceLeft }
    }
    for mount in specification.host.mounts where !mount.volume.isEmpty {
      _ = try createVolume(VolumeSpecification(name: mount.volume), by: writer)
    }
    let container = Container(
      id: id, name: name, specification: specification, imageID: image.id, createdAt: now,
      process: configuration.process(specification), networks: networkNames(of: specification))
    containers.add(container)
    publish(container, "create")
    emit(.containerCreated(workload(container), by: writer))
    return container
  }

  private func check(_ specification: ContainerSpecification) throws(DockerFailure) {
    let host = specification.host
    for mount in host.mounts where !mount.target.hasPrefix("/") { throw .relativeMount(mount.target) }
    if host.memory != 0, host.memory < Self.leastMemory { throw .memoryTooSmall }
    if host.nanoCPUs < 0 || host.nanoCPUs > Int64(configuration.processors) * 1_000_000_000 {
      throw .processorsOutOfRange(configuration.processors)
    }
  }

  private func checkName(_ name: String) throws(DockerFailure) {
    let bytes = Array((name.hasPrefix("/") ? name.dropFirst() : name[...]).utf8)
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
    let isValid =
      bytes.count >= 2 && isAlphanumeric(bytes[0])
      && bytes.allSatisfy {
        isAlphanumeric($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
      }
    guard isValid else { throw .invalidName(name) }
  }

  /// The networks a container starts in: those of its endpoints, else its network mode, else the default bridge.
  private func networkNames(of specification: ContainerSpecification) -> [String] {
    if !specification.networks.isEmpty { return specification.networks }
    let mode = specification.host.networkMode
    if !mode.isEmpty, mode != "default" { return [mode] }
    return configuration.hasDefaultBridge ? ["bridge"] : []
  }

  // MARK: Rename and remove

  func rename(_ container: Container, to name: String) throws(DockerFailure) -> DockerResponse {
    if name.isEmpty { throw .emptyNewName }
    try checkName(name)
    if let other = containers.named(name) { throw .newNameInUse(name, by: other.id) }
    let old = container.name
    containers.rename(container, to: name)
    publish(container, "rename", ("oldName", "/\(old)"))
    return .done
  }

  func remove(
    _ container: Container, _ asked: String, force: Bool, by writer: EngineEvent.Writer,
    _ reply: @escaping (DockerResponse) -> Void
  ) throws(DockerFailure) -> DockerResponse? {
    if container.isRemoving { throw .removalInProgress(asked) }
    if !force {
      switch container.state.status {
      case .running: throw .removeRunning(container.id)
      case .paused: throw .removePaused(container.id)
      case .restarting: throw .removeRestarting(container.id)
      case .created, .exited, .dead, .removing: break
      }
    }
    container.isRemoving = true
    if container.state.isRunning { killNow(container, by: writer) }
    let status = container.state.status
    container.state.status = .removing
    later(steps.removal.draw()) { [self] in
      container.state.status = status
      destroy(container, by: writer)
      reply(.done)
    }
    return nil
  }

  /// The container is gone.
  func destroy(_ container: Container, by writer: EngineEvent.Writer) {
    containers.remove(container)
    publish(container, "destroy")
    emit(.containerRemoved(workload(container), by: writer))
    let watchers = container.removalWatchers
    container.removalWatchers = []
    for watcher in watchers { watcher(container.state.exitCode) }
  }

  // MARK: Inspect and list

  func inspection(of container: Container) -> ContainerInspection {
    var specification = container.specification
    specification.networks = container.endpoints.map(\.network)
    specification.host.networkMode = container.networkMode
    return ContainerInspection(
      id: container.id, name: container.name, createdAt: time(at: container.createdAt), state: container.state,
      imageID: container.imageID, restartCount: container.restartCount, specification: specification,
      mounts: mountPoints(of: container),
      networkSettings: NetworkSettings(ports: container.ports, networks: container.endpoints))
  }

  private func mountPoints(of container: Container) -> [ContainerInspection.MountPoint] {
    container.specification.host.mounts.map {
      ContainerInspection.MountPoint(
        volume: $0.volume, source: volumes[$0.volume]?.mountpoint ?? "", destination: $0.target)
    }
  }

  private static let containerFilters: Set<String> = [
    "ancestor", "exited", "id", "label", "name", "network", "status", "volume",
  ]

  func list(all: Bool, _ filters: DockerFilters) throws(DockerFailure) -> [ContainerSummary] {
    try filters.check(Self.containerFilters)
    let everyStatus = all || !filters["status"].isEmpty
    var result: [ContainerSummary] = []
    for container in containers.all.reversed()
    where (everyStatus || container.state.isRunning) && matches(container, filters) {
      result.append(
        ContainerSummary(
          id: container.id, name: container.name, image: container.specification.image, imageID: container.imageID,
          createdAt: time(at: container.createdAt), status: container.state.status,
          statusText: statusText(container), labels: container.specification.labels, command: container.commandText,
          ports: ContainerSummary.Port.list(container.ports),
          networkMode: container.networkMode, networks: container.endpoints, mounts: mountPoints(of: container)))
    }
    return result
  }

  private func matches(_ container: Container, _ filters: DockerFilters) -> Bool {
    if filters.isEmpty { return true }
    func any(_ key: String, _ holds: (String) -> Bool) -> Bool {
      let values = filters[key]
      return values.isEmpty || values.contains(where: holds)
    }
    return filters.matches(container.specification.labels)
      && any("id") { container.id.hasPrefix($0) }
      && any("name") { "/\(container.name)".contains($0) }
      && any("status") { container.state.status.rawValue == $0 }
      && any("ancestor") { ImageReference($0) == ImageReference(container.specification.image) }
      && any("exited") { container.state.status == .exited && String(container.state.exitCode) == $0 }
      && any("network") { name in container.endpoints.contains { $0.network == name || $0.networkID == name } }
      && any("volume") { name in
        container.specification.host.mounts.contains { $0.volume == name || $0.target == name }
      }
  }

  /// `Status` of a list, for people.
  private func statusText(_ container: Container) -> String {
    let state = container.state
    func since(_ instant: Timestamp?) -> String {
      HumanDuration.text(
        seconds: instant.map { (time.nanosecondsSince1970 - $0.nanosecondsSince1970) / 1_000_000_000 } ?? 0)
    }
    switch state.status {
    case .created: return "Created"
    case .running: return "Up \(since(state.startedAt))"
    case .paused: return "Up \(since(state.startedAt)) (Paused)"
    case .restarting: return "Restarting (\(state.exitCode)) \(since(state.finishedAt)) ago"
    case .removing: return "Removal In Progress"
    case .dead: return "Dead"
    case .exited: return "Exited (\(state.exitCode)) \(since(state.finishedAt)) ago"
    }
  }
}

extension DockerFilters {
  /// Refuses a key that the list does not know.
  func check(_ known: Set<String>) throws(DockerFailure) {
    for entry in entries where !known.contains(entry.key) { throw .invalidFilter(entry.key) }
  }
}

/// A span of time as the engine words it.
enum HumanDuration {
  static func text(seconds: Int64) -> String {
    switch seconds {
    case ..<1: "Less than a second"
    case 1: "1 second"
    case ..<60: "\(seconds) seconds"
    case ..<120: "About a minute"
    case ..<3600: "\(seconds / 60) minutes"
    default: hours((seconds + 1800) / 3600)
    }
  }

  private static func hours(_ hours: Int64) -> String {
    switch hours {
    case 1: "About an hour"
    case ..<48: "\(hours) hours"
    case ..<336: "\(hours / 24) days"
    case ..<1440: "\(hours / 168) weeks"
    default: "\(hours / 720) months"
    }
  }
}
