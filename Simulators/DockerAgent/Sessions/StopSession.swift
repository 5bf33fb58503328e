import SimulationRuntime
import StreamSpaceProtocol

/// `stop_session`: stops and removes the container, then the volumes of the session but its home (spec/03 §5.3, C27).
/// The answer comes when all is gone; what is not there counts as removed.
final class StopSession: SessionWork {
  private let deletesHome: Bool
  private var deadline = Instant.start

  /// `deletesHome`: the command says `deletePVC`.
  init(
    _ context: DockerAgentContext, commandID: String, sessionID: String, deletesHome: Bool,
    _ completion: @escaping (WorkOutcome) -> Void
  ) {
    self.deletesHome = deletesHome
    super.init(context, commandID: commandID, sessionID: sessionID, completion)
  }

  override func begin() {
    deadline = now + DockerAgentTiming.stopPatience
    find(until: deadline) { [self] finding in
      switch finding {
      case .container(let existing):
        dispose(of: existing.id, until: deadline) { [self] fault in
          if let fault { end(.failed(fault)) } else { removeVolumes() }
        }
      case .nothing where context.behaviour.missingContainer == .isStopped: removeVolumes()
      case .nothing:
        fail("Container not found: container not found for session: \(sessionID)")
      case .foreign(let text): fail("Failed to stop container: \(text)")
      case .unknown(let text): fail("Container not found: \(text)")
      }
    }
  }

  private func removeVolumes() {
    guard context.behaviour.stoppedVolumes == .onlyHomeKept else { return succeed() }
    let mine = DockerFilters.label(DockerLabel.session, sessionID)
      .and("label", "\(DockerLabel.agent)=\(context.configuration.agentID)")
    call(.listVolumes(mine), until: deadline) { [self] answer in
      guard case .answered(.volumes(let volumes)) = answer else {
        return fail("Failed to list volumes: \(answer.fault ?? "unexpected answer")")
      }
      let home = DockerName.homeVolume(session: sessionID)
      let names = volumes.map(\.name).filter { deletesHome || $0 != home }
      remove(volumes: names, until: deadline) { [self] fault in
        if let fault { end(.failed(fault)) } else { succeed() }
      }
    }
  }

  private func succeed() {
    end(.completed(CommandResult(sessionID: sessionID, state: SessionState.terminated.rawValue), .gone))
  }
}
