import SimulationRuntime
import StreamSpaceProtocol

/// The key an agent shows, and where an issued one is kept: a Secret that all election replicas can read (spec/00,
/// Enrolment).
final class AgentKey {
  private let client: KubernetesClient
  private let configuration: AgentConfiguration
  private let incarnation: Incarnation
  private(set) var current: AgentConfiguration.Key

  init(_ incarnation: Incarnation, client: KubernetesClient, configuration: AgentConfiguration) {
    self.incarnation = incarnation
    self.client = client
    self.configuration = configuration
    current = configuration.key
  }

  private var reference: ObjectReference {
    ObjectReference(
      .secret, namespace: configuration.namespace, name: Secret.agentKeyName(configuration.agentID))
  }

  /// An agent that began with the bootstrap key looks for a stored one; `completion` follows in any case.
  func load(_ completion: @escaping () -> Void) {
    guard case .bootstrap = configuration.key else { return completion() }
    client.send(.get(reference), limit: AgentTiming.inventoryLimit) { [weak self] outcome in
      if case .answered(.object(_, .secret(let secret))) = outcome, let key = secret.data[Secret.agentKeyField] {
        self?.current = .issued(key)
      }
      completion()
    }
  }

  /// Keeps an issued key. It is used only when it is stored: the bootstrap key is refused from its first use on (C7).
  func store(_ key: String, _ completion: @escaping (Bool) -> Void) {
    let secret = Secret(
      metadata: ObjectMetadata(
        name: reference.name, namespace: reference.namespace, labels: [SessionLabel.agent: configuration.agentID]),
      data: [Secret.agentKeyField: key])
    let deadline = incarnation.monotonicNow + AgentTiming.stepPatience
    client.persist(.create(.secret(secret)), until: deadline) { [weak self] outcome in
      guard let self else { return }
      switch outcome {
      case .answered(.object): self.use(key, completion)
      case .answered(.failure(let failure)) where failure.reason == .alreadyExists:
        self.client.persist(.update(.secret(secret)), until: deadline) { [weak self] outcome in
          guard case .answered(.object) = outcome else { return completion(false) }
          self?.use(key, completion)
        }
      default: completion(false)
      }
    }
  }

  private func use(_ key: String, _ completion: (Bool) -> Void) {
    current = .issued(key)
    completion(true)
  }
}
