import SimulationRuntime
import StreamSpaceProtocol

/// `stop_session`: removes everything of a session but its home (C27); the answer comes when the workload is gone
/// (I-CMD-TRUTH). Idempotent: what is not there counts as removed.
final class StopSession: PlatformWork {
  private let deletesHome: Bool

  /// `deletesHome`: the command says `deletePVC`.
  init(
    _ context: PlatformContext, commandID: String, sessionID: String, deletesHome: Bool,
    _ completion: @escaping (WorkOutcome) -> Void
  ) {
    self.deletesHome = deletesHome
    super.init(context, commandID: commandID, sessionID: sessionID, completion)
  }

  override func begin() {
    if context.behaviour.stopErrors == .hidden { return deleteBlindly() }
    let deadline = now + AgentTiming.removalWait
    call(.get(context.reference(.deployment, sessionID)), until: deadline) { [self] answer in
      switch answer {
      case .object(let existing) where context.isForeign(existing.metadata):
        end(.failed("failed to delete deployment: deployments.apps \"\(sessionID)\" belongs to another agent"))
      case .unreachable(let text): end(.failed("failed to delete deployment: \(text)"))
      default:
        remove(references, until: deadline) { [self] fault in
          if let fault { end(.failed(fault)) } else { succeed() }
        }
      }
    }
  }

  /// The shipped stop: every failure is only logged (B-42).
  private func deleteBlindly() {
    let options = DeleteOptions(.foreground)
    callOnce(.delete(context.reference(.deployment, sessionID), options)) { [self] _ in
      callOnce(.delete(context.reference(.service, sessionID), DeleteOptions())) { [self] _ in succeed() }
    }
  }

  private var references: [ObjectReference] {
    var references = [
      context.reference(.deployment, sessionID), context.reference(.service, sessionID),
      context.reference(.session, sessionID),
    ]
    if deletesHome {
      references.append(context.reference(.persistentVolumeClaim, SessionObjects.claimName(sessionID)))
    }
    return references
  }

  private func succeed() {
    end(.completed(CommandResult(sessionID: sessionID, state: SessionState.terminated.rawValue), .gone))
  }
}
