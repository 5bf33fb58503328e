/// The answer to a ping: its headers.
package struct DockerPing: Sendable, Hashable {
  package var apiVersion: DockerAPIVersion
  package var osType: String

  package init(apiVersion: DockerAPIVersion = .engine, osType: String = "linux") {
    self.apiVersion = apiVersion
    self.osType = osType
  }
}

/// The answer to `GET /version`.
package struct DockerVersion: Sendable, Hashable {
  /// Of the engine.
  package var version: String
  package var apiVersion: DockerAPIVersion
  package var minimumAPIVersion: DockerAPIVersion

  package init(
    version: String = DockerVersion.measured, apiVersion: DockerAPIVersion = .engine,
    minimumAPIVersion: DockerAPIVersion = .oldest
  ) {
    self.version = version
    self.apiVersion = apiVersion
    self.minimumAPIVersion = minimumAPIVersion
  }

  /// The engine the simulator is compared with: Debian 12's.
  package static let measured = "20.10.24+dfsg1"
}

/// The answer to `GET /info`.
package struct DaemonInfo: Sendable, Hashable {
  /// Host name of the daemon.
  package var name: String
  package var containers: Int
  package var running: Int
  package var paused: Int
  package var stopped: Int
  package var images: Int
  package var processors: Int
  /// In bytes.
  package var memory: Int64
  package var swarm: SwarmMembership

  package init(
    name: String, containers: Int, running: Int, paused: Int, stopped: Int, images: Int, processors: Int,
    memory: Int64, swarm: SwarmMembership
  ) {
    self.name = name
    self.containers = containers
    self.running = running
    self.paused = paused
    self.stopped = stopped
    self.images = images
    self.processors = processors
    self.memory = memory
    self.swarm = swarm
  }

  /// A daemon's place in a swarm.
  package struct SwarmMembership: Sendable, Hashable {
    /// Empty outside a swarm.
    package var nodeID: String
    /// `inactive` or `active`.
    package var localNodeState: String
    /// Whether it is a manager: what the agent's swarm election asks (spec/03 §9.2 row 12).
    package var isManager: Bool

    package init(nodeID: String = "", localNodeState: String = "inactive", isManager: Bool = false) {
      self.nodeID = nodeID
      self.localNodeState = localNodeState
      self.isManager = isManager
    }
  }
}
