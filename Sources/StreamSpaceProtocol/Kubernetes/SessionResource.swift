/// stream.space/v1alpha1 Session: what the platform's users see of a session. Nothing of the control plane reads it.
package struct SessionResource: Sendable, Hashable {
  package var metadata: ObjectMetadata
  package var user: String
  package var template: String
  /// `running`, `hibernated` or `terminated`.
  package var state: String
  package var persistentHome: Bool
  /// Nil when the document has none.
  package var resources: Resources?
  package var status: Status

  package init(
    metadata: ObjectMetadata, user: String, template: String, state: String, persistentHome: Bool,
    resources: Resources? = nil, status: Status = Status()
  ) {
    self.metadata = metadata
    self.user = user
    self.template = template
    self.state = state
    self.persistentHome = persistentHome
    self.resources = resources
    self.status = status
  }

  /// `spec.resources`. The schema knows `requests` and `limits` only: the server prunes what the recorded agent writes,
  /// `memory` and `cpu` (spec/03 §3).
  package struct Resources: Sendable, Hashable {
    package var memory: String?
    package var cpu: String?
    package var requests: ResourceAmounts?
    package var limits: ResourceAmounts?

    package init(
      memory: String? = nil, cpu: String? = nil, requests: ResourceAmounts? = nil, limits: ResourceAmounts? = nil
    ) {
      self.memory = memory
      self.cpu = cpu
      self.requests = requests
      self.limits = limits
    }

    /// What the server stores.
    package var pruned: Resources { Resources(requests: requests, limits: limits) }
  }

  /// A sub-resource: the server drops it from a create (spec/03 §3).
  package struct Status: Sendable, Hashable {
    package var phase: String
    package var podName: String
    package var url: String

    package init(phase: String = "", podName: String = "", url: String = "") {
      self.phase = phase
      self.podName = podName
      self.url = url
    }
  }
}
