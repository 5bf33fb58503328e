import SimulationRuntime
import StreamSpaceProtocol

/// Where an issued key is kept for the other replicas of the agent (spec/00, Enrolment).
protocol AgentKeyStore: AnyObject {
  /// The stored key, nil when there is none or it cannot be read now. `completion` follows in any case.
  func read(_ completion: @escaping (String?) -> Void)
  /// Stores a key; false when it could not be.
  func write(_ key: String, _ completion: @escaping (Bool) -> Void)
}

/// The key an agent shows: its own, or the one that was issued to its id and stored.
final class AgentKeyring {
  private let store: (any AgentKeyStore)?
  private let isEnrolling: Bool
  private(set) var current: DockerAgentConfiguration.Key

  /// Without a store an issued key lives as long as the process.
  init(_ configured: DockerAgentConfiguration.Key, store: (any AgentKeyStore)?) {
    current = configured
    self.store = store
    if case .bootstrap = configured { isEnrolling = true } else { isEnrolling = false }
  }

  /// An agent that began with the bootstrap key looks for a stored one; `completion` follows in any case.
  func load(_ completion: @escaping () -> Void) {
    guard isEnrolling, let store else { return completion() }
    store.read { [weak self] key in
      if let key, !key.isEmpty { self?.current = .issued(key) }
      completion()
    }
  }

  /// The same while there is only the bootstrap key: another replica may have been given one since.
  func lookUp(_ completion: @escaping () -> Void) {
    if case .bootstrap = current { load(completion) } else { completion() }
  }

  /// Keeps an issued key. It is used only when it is stored: the bootstrap key is refused from its first use on (C7).
  func store(_ key: String, _ completion: @escaping (Bool) -> Void) {
    guard let store else {
      current = .issued(key)
      return completion(true)
    }
    store.write(key) { [weak self] isStored in
      if isStored { self?.current = .issued(key) }
      completion(isStored)
    }
  }
}
