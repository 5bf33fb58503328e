/// apps/v1 Deployment, as far as StreamSpace uses it (spec/03 §3).
package struct Deployment: Sendable, Hashable {
  package var metadata: ObjectMetadata
  /// 0 when hibernated, 1 when running.
  package var replicas: Int
  /// `spec.selector.matchLabels`; immutable.
  package var selector: Labels
  package var template: PodTemplate
  package var status: Status

  package init(metadata: ObjectMetadata, replicas: Int = 1, selector: Labels, template: PodTemplate) {
    self.metadata = metadata
    self.replicas = replicas
    self.selector = selector
    self.template = template
    status = Status()
  }

  /// Written by the controller; a PUT of the object ignores it.
  package struct Status: Sendable, Hashable {
    package var observedGeneration: Int64 = 0
    package var replicas = 0
    package var readyReplicas = 0

    package init() {}
  }
}

/// What the pods of a deployment are made from. Immutable and shared by the deployment and its pods, so that 10 000
/// sessions do not hold 20 000 copies (spec/06 §10.4).
package final class PodTemplate: Sendable {
  package let labels: Labels
  package let image: String
  /// Requests and limits alike, for example `512Mi`.
  package let memory: String
  /// Requests and limits alike, for example `250m`.
  package let cpu: String
  package let ports: [ContainerPort]
  /// In order of the names: the shipped agent writes them in random order (spec/03 §3).
  package let environment: [EnvironmentVariable]
  /// Claim mounted at `/config`, for a session with persistentHome.
  package let homeClaim: String?

  package init(
    labels: Labels, image: String, memory: String, cpu: String, ports: [ContainerPort],
    environment: [EnvironmentVariable] = [], homeClaim: String? = nil
  ) {
    self.labels = labels
    self.image = image
    self.memory = memory
    self.cpu = cpu
    self.ports = ports
    self.environment = environment
    self.homeClaim = homeClaim
  }

  /// Name of the one container (spec/03 §3).
  package static let containerName = "session"
  /// Where the home claim is mounted (spec/03 §3).
  package static let homePath = "/config"
}

extension PodTemplate: Hashable {
  package static func == (a: PodTemplate, b: PodTemplate) -> Bool {
    a === b
      || (a.labels == b.labels && a.image == b.image && a.memory == b.memory && a.cpu == b.cpu && a.ports == b.ports
        && a.environment == b.environment && a.homeClaim == b.homeClaim)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(labels)
    hasher.combine(image)
    hasher.combine(homeClaim)
  }
}

/// A port of a container.
package struct ContainerPort: Sendable, Hashable {
  package var name: String
  package var containerPort: Int
  /// `TCP` or `UDP`.
  package var networkProtocol: String

  package init(name: String, containerPort: Int, networkProtocol: String = "TCP") {
    self.name = name
    self.containerPort = containerPort
    self.networkProtocol = networkProtocol
  }
}

/// One variable of a container's environment.
package struct EnvironmentVariable: Sendable, Hashable {
  package var name: String
  package var value: String

  package init(name: String, value: String) {
    self.name = name
    self.value = value
  }
}
