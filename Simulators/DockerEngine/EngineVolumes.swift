import StreamSpaceProtocol

/// The volumes of an engine, oldest first.
struct VolumeTable {
  private(set) var all: [VolumeInspection] = []
  private var byName: [String: VolumeInspection] = [:]

  subscript(name: String) -> VolumeInspection? { byName[name] }

  func find(_ name: String) throws(DockerFailure) -> VolumeInspection {
    guard let volume = self[name] else { throw .noSuchVolume(name) }
    return volume
  }

  mutating func add(_ volume: VolumeInspection) {
    all.append(volume)
    byName[volume.name] = volume
  }

  mutating func remove(_ name: String) {
    all.removeAll { $0.name == name }
    byName[name] = nil
  }
}

extension DockerEngine {
  /// Where the engine keeps its data.
  static let dataRoot = "/var/lib/docker"

  private func workload(_ volume: VolumeInspection) -> EngineEvent.Workload {
    EngineEvent.Workload(volume.labels, name: volume.name, id: volume.name, host: host)
  }

  /// Makes a volume; one that is there already is left as it is (spec/04 §4.5).
  func createVolume(
    _ specification: VolumeSpecification, by writer: EngineEvent.Writer
  ) throws(DockerFailure) -> VolumeInspection {
    let name = specification.name.isEmpty ? freshID() : specification.name
    if let volume = volumes[name] {
      // The engine tells of a create even when there was nothing to create.
      publish(.volume, "create", actor: name, ["driver": "local"])
      return volume
    }
    if faults.strikes(.diskFull) { throw .noSpaceLeft }
    let volume = VolumeInspection(
      name: name, mountpoint: "\(Self.dataRoot)/volumes/\(name)/_data", createdAt: time.inSeconds,
      labels: specification.labels)
    volumes.add(volume)
    publish(.volume, "create", actor: name, ["driver": "local"])
    emit(.objectCreated(.volume, workload(volume), by: writer))
    return volume
  }

  func listVolumes(_ filters: DockerFilters) throws(DockerFailure) -> [VolumeInspection] {
    try filters.check(["dangling", "driver", "label", "name"])
    func any(_ key: String, _ holds: (String) -> Bool) -> Bool {
      filters[key].isEmpty || filters[key].contains(where: holds)
    }
    return volumes.all.filter { volume in
      filters.matches(volume.labels) && any("name") { volume.name.contains($0) }
        && any("driver") { volume.driver == $0 }
        && any("dangling") { ($0 == "true" || $0 == "1") == users(of: volume.name).isEmpty }
    }
  }

  func removeVolume(
    _ name: String, force: Bool, by writer: EngineEvent.Writer
  ) throws(DockerFailure) -> DockerResponse {
    guard let volume = volumes[name] else {
      if force { return .done }
      throw .noSuchVolume(name)
    }
    let users = users(of: name)
    guard users.isEmpty else { throw .volumeInUse(name, by: users) }
    volumes.remove(name)
    publish(.volume, "destroy", actor: name, ["driver": "local"])
    emit(.objectRemoved(.volume, workload(volume), by: writer))
    return .done
  }

  /// Ids of the containers, running or not, that mount a volume.
  private func users(of volume: String) -> [String] {
    containers.all.filter { $0.specification.host.mounts.contains { $0.volume == volume } }.map(\.id)
  }
}
