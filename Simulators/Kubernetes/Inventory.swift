import StreamSpaceProtocol

/// One object in an inventory: what is compared before and after a fail-over (I-NO-ORPHAN).
package struct InventoryItem: Sendable, Hashable, Comparable {
  package var kind: KubernetesKind
  package var namespace: String
  package var name: String
  /// Labels of the object; empty where it has none.
  package var session: String
  package var agent: String
  package var command: String

  package init(
    kind: KubernetesKind, namespace: String, name: String, session: String, agent: String, command: String
  ) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
    self.session = session
    self.agent = agent
    self.command = command
  }

  package static func < (a: InventoryItem, b: InventoryItem) -> Bool {
    (a.kind.rawValue, a.namespace, a.name) < (b.kind.rawValue, b.namespace, b.name)
  }
}

/// What the limits and requests of a session's container amount to.
package struct WorkloadResources: Sendable, Hashable {
  /// An amount of each resource.
  package struct Amounts: Sendable, Hashable {
    /// Thousandths of a processor.
    package var milliCPU: Int64
    package var memoryBytes: Int64

    package init(milliCPU: Int64, memoryBytes: Int64) {
      self.milliCPU = milliCPU
      self.memoryBytes = memoryBytes
    }
  }

  package var requests: Amounts
  package var limits: Amounts

  package init(requests: Amounts, limits: Amounts) {
    self.requests = requests
    self.limits = limits
  }
}

extension KubernetesCluster {
  /// Every object with the label `agent`, of one agent id or of all, ordered by kind, namespace and name. O(objects).
  package func inventory(agent: String? = nil) -> [InventoryItem] {
    let selector = agent.map { LabelSelector.label(SessionLabel.agent, $0) }
    let wanted = selector ?? LabelSelector([.exists(SessionLabel.agent)])
    return KubernetesKind.allCases.flatMap { kind in
      store.list(kind, wanted).map { object in
        let labels = object.metadata.labels
        return InventoryItem(
          kind: kind, namespace: object.metadata.namespace, name: object.metadata.name,
          session: labels[SessionLabel.session] ?? "", agent: labels[SessionLabel.agent] ?? "",
          command: labels[SessionLabel.command] ?? "")
      }
    }.sorted()
  }

  /// The limits and requests that are set on the workload of a session; nil if it has none, or one whose amounts are no
  /// quantities.
  package func resources(ofSession session: String) -> WorkloadResources? {
    guard
      let template = store.list(.deployment, .label(SessionLabel.session, session)).first?.deployment?.template,
      let cpu = try? ResourceQuantity(template.cpu), let memory = try? ResourceQuantity(template.memory)
    else { return nil }
    // Requests and limits alike (spec/03 §3).
    let amounts = WorkloadResources.Amounts(milliCPU: cpu.milli, memoryBytes: memory.units)
    return WorkloadResources(requests: amounts, limits: amounts)
  }
}
