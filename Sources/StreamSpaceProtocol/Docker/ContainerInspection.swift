/// The answer to an inspect of a container: what StreamSpace and its tests look at.
package struct ContainerInspection: Sendable, Hashable {
  /// 64 hexadecimal digits.
  package var id: String
  /// Without the leading slash of the wire.
  package var name: String
  package var createdAt: Timestamp
  package var state: ContainerState
  /// `sha256:` and 64 digits.
  package var imageID: String
  /// Restarts by the policy since the last start by hand.
  package var restartCount: Int
  /// What it was made from; labels, environment and image are its `Config`, the rest its `HostConfig`.
  package var specification: ContainerSpecification
  package var mounts: [MountPoint]
  package var networkSettings: NetworkSettings

  package init(
    id: String, name: String, createdAt: Timestamp, state: ContainerState, imageID: String, restartCount: Int = 0,
    specification: ContainerSpecification, mounts: [MountPoint] = [],
    networkSettings: NetworkSettings = NetworkSettings()
  ) {
    self.id = id
    self.name = name
    self.createdAt = createdAt
    self.state = state
    self.imageID = imageID
    self.restartCount = restartCount
    self.specification = specification
    self.mounts = mounts
    self.networkSettings = networkSettings
  }

  package var labels: Labels { specification.labels }

  /// The address in a network; nil when the container is not connected to it. Empty while nothing runs.
  package func address(in network: String) -> String? {
    networkSettings.networks.first { $0.network == network }?.address
  }

  /// A volume as it is mounted.
  package struct MountPoint: Sendable, Hashable {
    package var volume: String
    package var source: String
    package var destination: String

    package init(volume: String, source: String, destination: String) {
      self.volume = volume
      self.source = source
      self.destination = destination
    }
  }
}

/// Ports and addresses of a container.
package struct NetworkSettings: Sendable, Hashable {
  /// Published ports, ordered by container port; empty while nothing runs.
  package var ports: [PortBinding]
  /// Ordered by name.
  package var networks: [EndpointSettings]

  package init(ports: [PortBinding] = [], networks: [EndpointSettings] = []) {
    self.ports = ports
    self.networks = networks
  }
}

/// A container's place in one network.
package struct EndpointSettings: Sendable, Hashable {
  /// Name of the network.
  package var network: String
  package var networkID: String
  /// Empty while the container does not run.
  package var endpointID: String
  package var gateway: String
  package var address: String
  /// Bits of the subnet; 0 while the container does not run.
  package var prefixLength: Int

  package init(
    network: String, networkID: String = "", endpointID: String = "", gateway: String = "", address: String = "",
    prefixLength: Int = 0
  ) {
    self.network = network
    self.networkID = networkID
    self.endpointID = endpointID
    self.gateway = gateway
    self.address = address
    self.prefixLength = prefixLength
  }
}

/// One element of a list of containers.
package struct ContainerSummary: Sendable, Hashable {
  package var id: String
  /// Without the leading slash of the wire.
  package var name: String
  package var image: String
  package var imageID: String
  package var createdAt: Timestamp
  package var status: ContainerStatus
  /// `Status` of the wire for people, for example `Up 3 seconds`.
  package var statusText: String
  package var labels: Labels
  /// Program and arguments, an argument with blanks in quotes.
  package var command: String
  /// In order of the container's ports; empty while nothing runs.
  package var ports: [Port]
  /// `default` when none was asked for.
  package var networkMode: String
  /// Ordered by name.
  package var networks: [EndpointSettings]
  package var mounts: [ContainerInspection.MountPoint]

  package init(
    id: String, name: String, image: String, imageID: String, createdAt: Timestamp, status: ContainerStatus,
    statusText: String, labels: Labels, command: String = "", ports: [Port] = [], networkMode: String = "",
    networks: [EndpointSettings] = [], mounts: [ContainerInspection.MountPoint] = []
  ) {
    self.id = id
    self.name = name
    self.image = image
    self.imageID = imageID
    self.createdAt = createdAt
    self.status = status
    self.statusText = statusText
    self.labels = labels
    self.command = command
    self.ports = ports
    self.networkMode = networkMode
    self.networks = networks
    self.mounts = mounts
  }

  /// One port of the container; published when it has a port of the host.
  package struct Port: Sendable, Hashable {
    package var networkProtocol: String
    package var containerPort: Int
    package var host: PortBinding.HostPort?

    package init(networkProtocol: String, containerPort: Int, host: PortBinding.HostPort? = nil) {
      self.networkProtocol = networkProtocol
      self.containerPort = containerPort
      self.host = host
    }

    /// Those of a container, one for each port of the host.
    package static func list(_ bindings: [PortBinding]) -> [Port] {
      bindings.flatMap { binding in
        let parts = binding.containerPort.split(separator: "/", maxSplits: 1)
        let number = parts.first.flatMap { Int($0) } ?? 0
        let networkProtocol = parts.count > 1 ? String(parts[1]) : "tcp"
        let hosts: [PortBinding.HostPort?] = binding.hosts.isEmpty ? [nil] : binding.hosts
        return hosts.map { Port(networkProtocol: networkProtocol, containerPort: number, host: $0) }
      }
    }
  }
}
