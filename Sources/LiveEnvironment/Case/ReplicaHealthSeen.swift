#if Live
  import SimulatedEnvironment
  import SimulationRuntime
  import StreamSpaceProtocol

  /// What `/health` of a replica answered.
  struct ReplicaHealthSeen: Sendable, Hashable {
    var isReady: Bool
    /// Why it is not ready; nil: it is, or it does not answer.
    var reason: String?

    /// As long as a probe of the platform waits.
    private static let patience = TimeSpan.seconds(2)

    /// Asks it; `seen` is told once.
    static func ask(_ replica: String, of deployment: HybridDeployment, _ seen: @escaping (ReplicaHealthSeen) -> Void) {
      deployment.ask(replica, HTTPRequest(.get, "/health"), timeout: patience) { response in
        guard let response else { return seen(ReplicaHealthSeen(isReady: false)) }
        guard response.status != .ok else { return seen(ReplicaHealthSeen(isReady: true)) }
        let body = try? response.body.json()
        seen(ReplicaHealthSeen(isReady: false, reason: body?["reason"]?.text ?? body?["error"]?.text))
      }
    }
  }

  /// Looks at the health of all replicas again and again.
  final class HealthWatch {
    private let deployment: HybridDeployment
    private let follower: ControlPlaneFollower
    private var asking: Set<String> = []

    private static let period = TimeSpan.milliseconds(250)
    private static let label = EventLabel("live.health")

    init(_ deployment: HybridDeployment, _ follower: ControlPlaneFollower) {
      self.deployment = deployment
      self.follower = follower
    }

    func begin() {
      for replica in deployment.replicaNames where asking.insert(replica).inserted {
        ReplicaHealthSeen.ask(replica, of: deployment) { [self] (seen: ReplicaHealthSeen) in
          asking.remove(replica)
          follower.isReady(replica, seen.isReady, reason: seen.reason)
        }
      }
      deployment.simulation.schedule(after: Self.period, Self.label) { [weak self] in self?.begin() }
    }
  }
#endif
