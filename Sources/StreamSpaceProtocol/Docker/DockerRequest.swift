/// One call to a Docker Engine, as a value: what is asked and who asks (spec/03 §9.2, spec/04 §4.5).
package struct DockerRequest: Sendable {
  package var operation: Operation
  /// Who asks, for example the host name of an agent replica; observers and faults see it.
  package var caller: String
  /// The writer's leadership, if it has an election: the fence of C28. Nil: not fenced.
  package var leader: LeaderTerm?
  /// The version in the path, nil for a path without one.
  package var apiVersion: DockerAPIVersion?

  package init(
    _ operation: Operation, caller: String, leader: LeaderTerm? = nil,
    apiVersion: DockerAPIVersion? = .engine
  ) {
    self.operation = operation
    self.caller = caller
    self.leader = leader
    self.apiVersion = apiVersion
  }

  /// What is asked. A container, network, volume or service is named by its name, its id or a unique start of its id.
  package enum Operation: Sendable {
    case ping
    case version
    case info
    /// Opens a stream: the engine accepts the call and sends a `Frame<DockerEvent>` for each event from now on.
    case events(DockerFilters)

    /// Nil: the engine thinks of a name.
    case createContainer(name: String?, ContainerSpecification)
    case startContainer(String)
    /// SIGTERM, then SIGKILL after so many seconds; nil: the 10 s of the engine.
    case stopContainer(String, timeoutSeconds: Int?)
    /// Nil: SIGKILL.
    case killContainer(String, signal: String?)
    case restartContainer(String, timeoutSeconds: Int?)
    case pauseContainer(String)
    case unpauseContainer(String)
    /// Answered when it happens.
    case waitContainer(String, ContainerWaitCondition)
    case renameContainer(String, to: String)
    /// `volumes` removes anonymous volumes with the container.
    case removeContainer(String, force: Bool, volumes: Bool)
    case inspectContainer(String)
    /// Running ones only, unless `all`.
    case listContainers(all: Bool, DockerFilters)

    case inspectImage(String)
    case listImages
    /// Answered when the image is there, or the progress stream has ended with an error. `tag` may be a digest.
    case pullImage(name: String, tag: String)

    case createNetwork(NetworkSpecification)
    case inspectNetwork(String)
    case listNetworks(DockerFilters)
    case removeNetwork(String)
    case connectNetwork(String, container: String)
    case disconnectNetwork(String, container: String, force: Bool)

    case createVolume(VolumeSpecification)
    case inspectVolume(String)
    case listVolumes(DockerFilters)
    case removeVolume(String, force: Bool)

    case createService(ServiceSpecification)
    case inspectService(String)
    case listServices(DockerFilters)
    /// `version` is the index the writer read; nil stands for a missing or unreadable one, which is refused.
    case updateService(String, version: Int64?, ServiceSpecification)
    case removeService(String)
    case listTasks(DockerFilters)
  }

  /// Whether the request may change something.
  package var isWrite: Bool { call.isWrite }

  /// Method and path, as a log shows them.
  package var line: String {
    let request = http
    return "\(request.method.rawValue) \(request.target)"
  }

  /// About what request line, headers and body take; serves bandwidth only.
  package var estimatedByteCount: Int {
    switch operation {
    case .createContainer(_, let specification): 500 + specification.estimatedByteCount
    case .createService(let specification), .updateService(_, _, let specification):
      400 + 60 * specification.labels.pairs.count
    default: 180
    }
  }
}

/// The version of the Engine API: it stands in every path.
package struct DockerAPIVersion: Sendable, Hashable, Comparable {
  package var major: Int
  package var minor: Int

  package init(_ major: Int, _ minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// Reads `1.41`; nil for anything else.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let major = Int(parts[0]), let minor = Int(parts[1]), major >= 0, minor >= 0 else {
      return nil
    }
    self.init(major, minor)
  }

  /// What Debian 12's engine 20.10 speaks (spec/04 §4.5).
  package static let engine = DockerAPIVersion(1, 41)
  /// The oldest that engine takes.
  package static let oldest = DockerAPIVersion(1, 12)
  /// The newest that the agent's library speaks; it goes down to the engine's (spec/03 §9.2).
  package static let client = DockerAPIVersion(1, 43)

  package static func < (left: DockerAPIVersion, right: DockerAPIVersion) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }

  /// `1.41`.
  package var text: String { "\(major).\(minor)" }
}

/// When a call to wait is answered.
package enum ContainerWaitCondition: String, Sendable, Hashable, CaseIterable {
  /// At once if the container does not run; with the exit code of its last run.
  case notRunning = "not-running"
  /// At the next end of a run.
  case nextExit = "next-exit"
  /// When the container is gone.
  case removed
}
