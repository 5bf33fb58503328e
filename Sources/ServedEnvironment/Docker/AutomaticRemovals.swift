import SimulationRuntime
import StreamSpaceProtocol

/// Containers that are removed when they end (`docker run --rm`): the part of the daemon that no agent of StreamSpace
/// uses, done from outside the engine by the same calls.
final class AutomaticRemovals {
  private let daemon: DaemonLine
  private var ids: Set<String> = []

  init(_ daemon: DaemonLine) { self.daemon = daemon }

  func holds(_ id: String) -> Bool { ids.contains(id) }

  func add(_ id: String) { ids.insert(id) }

  func see(_ event: DockerEvent) {
    guard event.kind == .container, ids.contains(event.actor) else { return }
    switch event.action {
    case "die": remove(event.actor)
    case "destroy": ids.remove(event.actor)
    default: break
    }
  }

  /// A start that failed ends the container too. `name` is what the request called it.
  func startFailed(_ name: String) {
    if ids.contains(name) { remove(name) }
  }

  /// Looks for ends that nobody told of while the daemon was away.
  func catchUp() {
    for id in ids.sorted() {
      _ = daemon.open(request(.inspectContainer(id))) { [weak self] response in
        switch response {
        case .container(let container)? where container.state.status == .exited: self?.remove(id)
        case .failure(let failure)? where failure.isNotFound: self?.ids.remove(id)
        default: break
        }
      }
    }
  }

  private func remove(_ id: String) {
    _ = daemon.open(request(.removeContainer(id, force: false, volumes: true))) { _ in }
  }

  private func request(_ operation: DockerRequest.Operation) -> DockerRequest {
    DockerRequest(operation, caller: "dockerd")
  }
}
