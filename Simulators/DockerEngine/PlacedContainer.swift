import SimulationRuntime
import StreamSpaceProtocol

/// A session's container that is put in place in one step instead of being started (capability `seed-state`,
/// spec/06 §10.4).
package struct PlacedContainer: Sendable {
  package var session: String
  /// Agent id that owns it (label `agent-id`).
  package var agent: String
  /// The start command it is told to come from (label `command-id`).
  package var command: String
  package var image: String
  /// Made if it is not there.
  package var network: String
  /// In bytes.
  package var memory: Int64
  package var nanoCPUs: Int64
  /// `5900/tcp`: published on host ports that the engine chooses.
  package var ports: [String]
  package var environment: [String]
  package var persistentHome: Bool
  /// False: hibernated, a container that was stopped by hand.
  package var isRunning: Bool

  package init(
    session: String, agent: String, command: String, image: String, network: String = DockerName.defaultNetwork,
    memory: Int64 = 536_870_912, nanoCPUs: Int64 = 250_000_000, ports: [String] = ["5900/tcp"],
    environment: [String] = [], persistentHome: Bool = false, isRunning: Bool = true
  ) {
    self.session = session
    self.agent = agent
    self.command = command
    self.image = image
    self.network = network
    self.memory = memory
    self.nanoCPUs = nanoCPUs
    self.ports = ports
    self.environment = environment
    self.persistentHome = persistentHome
    self.isRunning = isRunning
  }

  /// The labels of everything that belongs to the session (spec/03 §5.1, C27).
  package var labels: Labels { DockerLabel.ofSession(session, agent: agent, command: command) }

  /// Those of the container: the desktop's port besides.
  private var containerLabels: Labels {
    var labels = labels
    labels[DockerLabel.vncPort] = ports.first.map { String($0.prefix { $0 != "/" }) }
    return labels
  }

  /// What the agent would ask the engine to create (spec/03 §5.2).
  package var specification: ContainerSpecification {
    ContainerSpecification(
      image: image, environment: environment, labels: containerLabels, exposedPorts: ports,
      host: HostConfig(
        memory: memory, nanoCPUs: nanoCPUs, restartPolicy: .unlessStopped,
        portBindings: ports.map(PortBinding.anyHostPort),
        mounts: persistentHome
          ? [HostConfig.Mount(volume: DockerName.homeVolume(session: session), target: DockerName.homePath)] : []),
      networks: [network])
  }
}

extension DockerEngine {
  /// The container of a placed session.
  package struct Placement: Sendable, Hashable {
    package var containerID: String
    package var name: String
    /// In the session's network; empty when the session is hibernated.
    package var address: String
  }

  /// Makes everything of a session as it is after a start, at once and without latency. Observers see the usual events,
  /// from ``EngineEvent/Writer/seed``.
  package func place(_ placed: PlacedContainer) throws(DockerFailure) -> Placement {
    if networks.named(placed.network) == nil {
      _ = try createNetwork(
        NetworkSpecification(
          name: placed.network,
          labels: [DockerLabel.app: DockerLabel.appValue, DockerLabel.component: DockerLabel.networkComponent]),
        by: .seed)
    }
    if placed.persistentHome {
      _ = try createVolume(
        VolumeSpecification(name: DockerName.homeVolume(session: placed.session), labels: placed.labels), by: .seed)
    }
    images.add(ImageReference(placed.image))
    let container = try create(DockerName.container(session: placed.session), placed.specification, by: .seed)
    if placed.isRunning {
      try run(container, by: .seed)
    } else {
      container.hasBeenStarted = true
      container.isManuallyStopped = true
      container.state = ContainerState(status: .exited, exitCode: 143, startedAt: time, finishedAt: time)
    }
    return Placement(
      containerID: container.id, name: container.name,
      address: container.endpoints.first { $0.network == placed.network }?.address ?? "")
  }
}
