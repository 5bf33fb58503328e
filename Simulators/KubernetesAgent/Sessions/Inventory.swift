import SimulationRuntime
import StreamSpaceProtocol

/// What an agent finds on its platform before it registers (C14).
struct Inventory {
  /// One workload of this agent.
  struct Item {
    let sessionID: String
    let replicas: Int
    /// The ready pod, if there is one.
    let pod: Pod?

    /// `running`, `hibernated`, or `pending` for a workload that should run and has no ready pod.
    var state: SessionState {
      if replicas == 0 { return .hibernated }
      return pod == nil ? .pending : .running
    }

    var report: SessionInventoryItem {
      SessionInventoryItem(sessionID: sessionID, state: state.rawValue, podName: pod?.metadata.name ?? "")
    }
  }

  /// In order of the sessions' ids.
  let items: [Item]

  /// From two lists, both in order of names. What is being deleted no longer counts.
  init(deployments: [Deployment], pods: [Pod]) {
    var readyPods: [String: Pod] = [:]
    for pod in pods where pod.isUsable && !pod.metadata.isBeingDeleted {
      guard let session = pod.metadata.labels[SessionLabel.session] else { continue }
      readyPods[session] = pod
    }
    items = deployments.compactMap { deployment in
      guard !deployment.metadata.isBeingDeleted, let session = deployment.metadata.labels[SessionLabel.session] else {
        return nil
      }
      return Item(sessionID: session, replicas: deployment.replicas, pod: readyPods[session])
    }
  }

  /// Reads it; nil when the API server does not answer in time: an inventory that is not known must not be taken for
  /// an empty one.
  static func take(_ context: PlatformContext, _ completion: @escaping (Inventory?) -> Void) {
    let namespace = context.configuration.namespace
    let mine = LabelSelector.label(SessionLabel.agent, context.configuration.agentID)
    let client = context.client
    client.send(.list(.deployment, namespace: namespace, mine), limit: AgentTiming.inventoryLimit) { outcome in
      guard case .answered(.list(let deployments, _)) = outcome else { return completion(nil) }
      guard !deployments.isEmpty else { return completion(Inventory(deployments: [], pods: [])) }
      client.send(.list(.pod, namespace: namespace, mine), limit: AgentTiming.inventoryLimit) { outcome in
        guard case .answered(.list(let pods, _)) = outcome else { return completion(nil) }
        completion(Inventory(deployments: deployments.compactMap(\.deployment), pods: pods.compactMap(\.pod)))
      }
    }
  }
}
