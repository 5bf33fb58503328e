/// The body of a create: what a container is made from (spec/03 §9.2 row 6).
package struct ContainerSpecification: Sendable, Hashable {
  /// Image reference, for example `streamspace/firefox:latest`. Empty: refused.
  package var image: String
  /// Nil: the image's own.
  package var command: [String]?
  /// `NAME=value`, in the order given.
  package var environment: [String]
  package var labels: Labels
  /// `3000/tcp`, ordered.
  package var exposedPorts: [String]
  package var host: HostConfig
  /// Networks the container is connected to when it starts, ordered by name; none: that of
  /// ``HostConfig/networkMode``.
  package var networks: [String]

  package init(
    image: String, command: [String]? = nil, environment: [String] = [], labels: Labels = Labels(),
    exposedPorts: [String] = [], host: HostConfig = HostConfig(), networks: [String] = []
  ) {
    self.image = image
    self.command = command
    self.environment = environment
    self.labels = labels
    self.exposedPorts = exposedPorts
    self.host = host
    self.networks = networks
  }

  /// About what the body takes; serves bandwidth only.
  package var estimatedByteCount: Int {
    200 + 60 * (labels.pairs.count + environment.count + host.mounts.count) + 80 * exposedPorts.count
  }
}

/// What of a container depends on the host it runs on.
package struct HostConfig: Sendable, Hashable {
  /// Limit in bytes; 0: none.
  package var memory: Int64
  /// Limit in billionths of a processor; 0: none.
  package var nanoCPUs: Int64
  package var restartPolicy: RestartPolicy
  /// Ordered by container port.
  package var portBindings: [PortBinding]
  package var mounts: [Mount]
  /// Empty or `default`: the first network of the specification, else the default bridge.
  package var networkMode: String

  package init(
    memory: Int64 = 0, nanoCPUs: Int64 = 0, restartPolicy: RestartPolicy = .no, portBindings: [PortBinding] = [],
    mounts: [Mount] = [], networkMode: String = ""
  ) {
    self.memory = memory
    self.nanoCPUs = nanoCPUs
    self.restartPolicy = restartPolicy
    self.portBindings = portBindings
    self.mounts = mounts
    self.networkMode = networkMode
  }

  /// A volume mounted into a container.
  package struct Mount: Sendable, Hashable {
    /// Name of the volume; made when the container is created and it is not there.
    package var volume: String
    package var target: String

    package init(volume: String, target: String) {
      self.volume = volume
      self.target = target
    }
  }
}

/// The host ports of one port of a container.
package struct PortBinding: Sendable, Hashable {
  /// `3000/tcp`.
  package var containerPort: String
  package var hosts: [HostPort]

  package init(_ containerPort: String, _ hosts: [HostPort]) {
    self.containerPort = containerPort
    self.hosts = hosts
  }

  /// A port on every address of the host, chosen by the engine: what the agent asks for (spec/03 §5.2).
  package static func anyHostPort(_ containerPort: String) -> PortBinding {
    PortBinding(containerPort, [HostPort(address: "0.0.0.0", port: nil)])
  }

  /// One address and port of the host.
  package struct HostPort: Sendable, Hashable {
    /// Empty: every address.
    package var address: String
    /// Nil in a request: chosen by the engine from 32768 on.
    package var port: Int?

    package init(address: String, port: Int?) {
      self.address = address
      self.port = port
    }
  }
}

/// What the engine does when a container's process ends (spec/04 §4.5).
package enum RestartPolicy: Sendable, Hashable {
  case no
  case always
  case unlessStopped
  /// 0: without limit.
  case onFailure(maximumRetries: Int)

  /// `Name` on the wire.
  package var name: String {
    switch self {
    case .no: "no"
    case .always: "always"
    case .unlessStopped: "unless-stopped"
    case .onFailure: "on-failure"
    }
  }

  /// `MaximumRetryCount` on the wire.
  package var maximumRetries: Int {
    if case .onFailure(let maximum) = self { maximum } else { 0 }
  }

  /// Reads the two members of the wire; nil for an unknown name.
  package init?(name: String, maximumRetries: Int) {
    switch name {
    case "", "no": self = .no
    case "always": self = .always
    case "unless-stopped": self = .unlessStopped
    case "on-failure": self = .onFailure(maximumRetries: maximumRetries)
    default: return nil
    }
  }
}
