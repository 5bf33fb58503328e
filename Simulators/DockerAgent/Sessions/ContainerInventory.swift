import SimulationRuntime
import StreamSpaceProtocol

/// What an agent finds on its daemon before it registers (C14).
struct ContainerInventory {
  /// One container of this agent.
  struct Item {
    let sessionID: String
    let container: ContainerSummary

    /// `running`, `hibernated` for one that was stopped, or `pending` for one that should run and does not. The restart
    /// policy brings back what ends by itself, so that only a stop leaves a container ended.
    var state: SessionState {
      switch container.status {
      case .running: .running
      case .exited: .hibernated
      case .created, .paused, .restarting, .removing, .dead: .pending
      }
    }

    var report: SessionInventoryItem {
      SessionInventoryItem(
        sessionID: sessionID, state: state.rawValue, podName: state == .running ? container.name : "")
    }
  }

  /// In order of the sessions' ids.
  let items: [Item]

  /// From a list; what is being removed no longer counts.
  init(_ containers: [ContainerSummary]) {
    items = containers.compactMap { container in
      guard container.status != .removing, let session = container.labels[DockerLabel.session] else { return nil }
      return Item(sessionID: session, container: container)
    }.sorted { $0.sessionID < $1.sessionID }
  }

  /// The list of this agent's containers.
  static func list(_ context: DockerAgentContext) -> DockerRequest.Operation {
    .listContainers(all: true, .label(DockerLabel.agent, context.configuration.agentID))
  }

  /// Reads it; nil when the daemon does not answer in time: an inventory that is not known must not be taken for an
  /// empty one.
  static func take(_ context: DockerAgentContext, _ completion: @escaping (ContainerInventory?) -> Void) {
    context.daemon.send(list(context), limit: DockerAgentTiming.inventoryLimit) { answer in
      guard case .answered(.containers(let containers)) = answer else { return completion(nil) }
      completion(ContainerInventory(containers))
    }
  }
}
