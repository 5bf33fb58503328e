/// `Spec` of a swarm service, as far as the lock of the Docker agent needs it (spec/04 §4.5).
package struct ServiceSpecification: Sendable, Hashable {
  package var name: String
  package var labels: Labels
  /// Image of its tasks.
  package var image: String
  /// Labels of its tasks' containers, beside those the swarm sets.
  package var containerLabels: Labels
  package var command: [String]
  package var replicas: Int

  package init(
    name: String, labels: Labels = Labels(), image: String, containerLabels: Labels = Labels(),
    command: [String] = [], replicas: Int = 1
  ) {
    self.name = name
    self.labels = labels
    self.image = image
    self.containerLabels = containerLabels
    self.command = command
    self.replicas = replicas
  }
}

/// A service as inspect and list show it.
package struct ServiceInspection: Sendable, Hashable {
  package var id: String
  /// `Version.Index`: of the whole store of the cluster, so that unrelated changes advance it too.
  package var version: Int64
  package var createdAt: Timestamp
  package var updatedAt: Timestamp
  package var specification: ServiceSpecification

  package init(
    id: String, version: Int64, createdAt: Timestamp, updatedAt: Timestamp, specification: ServiceSpecification
  ) {
    self.id = id
    self.version = version
    self.createdAt = createdAt
    self.updatedAt = updatedAt
    self.specification = specification
  }
}

/// One task of a service.
package struct TaskInspection: Sendable, Hashable {
  package var id: String
  package var serviceID: String
  package var nodeID: String
  /// From 1.
  package var slot: Int
  /// `running`, `shutdown` ...
  package var state: String
  /// `running` or `shutdown`.
  package var desiredState: String
  /// Empty before the container exists.
  package var containerID: String

  package init(
    id: String, serviceID: String, nodeID: String, slot: Int, state: String, desiredState: String, containerID: String
  ) {
    self.id = id
    self.serviceID = serviceID
    self.nodeID = nodeID
    self.slot = slot
    self.state = state
    self.desiredState = desiredState
    self.containerID = containerID
  }
}
