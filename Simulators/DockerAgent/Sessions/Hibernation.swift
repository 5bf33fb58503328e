import SimulationRuntime
import StreamSpaceProtocol

/// `hibernate_session`: the container is stopped; it and its volumes stay (C29).
final class HibernateSession: SessionWork {
  override func begin() {
    let deadline = now + DockerAgentTiming.stopPatience
    find(until: deadline) { [self] finding in
      guard case .container(let existing) = finding else { return end(.failed(finding.fault(sessionID))) }
      halt(existing.id, until: deadline) { [self] fault in
        if let fault { return end(.failed(fault)) }
        end(
          .completed(CommandResult(sessionID: sessionID, state: SessionState.hibernated.rawValue), .hibernated))
      }
    }
  }
}

/// `wake_session`: the container runs again (C29). A wake that fails leaves the session hibernated.
final class WakeSession: SessionWork {
  override func begin() {
    let deadline = now + DockerAgentTiming.stopPatience
    find(until: deadline) { [self] finding in
      guard case .container(let existing) = finding else { return end(.failed(finding.fault(sessionID))) }
      run(existing.id, until: deadline) { [self] inspection, fault in
        guard let inspection else { return undo(existing.id, fault) }
        succeed(LiveContainer(inspection, network: context.configuration.network))
      }
    }
  }

  private func undo(_ id: String, _ fault: CommandFault?) {
    halt(id, until: now + DockerAgentTiming.stopLimit) { [self] _ in fail(fault?.text ?? "") }
  }

  private func succeed(_ container: LiveContainer) {
    end(
      .completed(
        CommandResult(
          sessionID: sessionID, podName: container.name, podIP: container.address,
          vncPort: container.vncPort, state: SessionState.running.rawValue), .running(container)))
  }
}

extension SessionWork.Finding {
  /// Why a command that needs a container cannot go on.
  fileprivate func fault(_ sessionID: String) -> CommandFault {
    switch self {
    case .container, .nothing: .failed("Container not found: container not found for session: \(sessionID)")
    case .foreign(let text), .unknown(let text): .failed("Container not found: \(text)")
    }
  }
}
