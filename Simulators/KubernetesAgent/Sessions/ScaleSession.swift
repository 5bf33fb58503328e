import SimulationRuntime
import StreamSpaceProtocol

/// `hibernate_session`: no instance, the definition and the home stay (spec/03 §2.4).
final class HibernateSession: PlatformWork {
  override func begin() {
    let deadline = now + AgentTiming.removalWait
    scale(to: 0, until: deadline) { [self] fault in
      if let fault { end(.failed(fault)) } else { awaitNoPod(until: deadline) }
    }
  }

  /// The effect exists when no instance does; a pod that does not go in time goes later by itself.
  private func awaitNoPod(until deadline: Instant) {
    after(AgentTiming.removalPoll) { [self] in
      let list = KubernetesRequest.Operation.list(
        .pod, namespace: context.configuration.namespace, .label(SessionLabel.session, sessionID))
      callOnce(list) { [self] answer in
        if case .list(let pods) = answer, pods.isEmpty { return succeed() }
        if now + AgentTiming.removalPoll > deadline { return succeed() }
        awaitNoPod(until: deadline)
      }
    }
  }

  private func succeed() {
    end(.completed(CommandResult(sessionID: sessionID, state: SessionState.hibernated.rawValue), .hibernated))
  }
}

/// `wake_session`: one instance again, and its pod ready (spec/03 §2.4). A wake that fails leaves the session
/// hibernated.
final class WakeSession: PlatformWork {
  override func begin() {
    scale(to: 1, until: now + AgentTiming.stepPatience) { [self] fault in
      if let fault { return end(.failed(fault)) }
      awaitPod(until: now + AgentTiming.wakeWait) { [self] pod, fault in
        guard let pod else { return undo("pod not ready after wake: \(fault)") }
        reached(.ready) { [self] in succeed(pod) }
      }
    }
  }

  private func undo(_ text: String) {
    guard context.behaviour.failedStart == .removesWhatItMade else { return end(.failed(text)) }
    scale(to: 0, until: now + AgentTiming.stepPatience) { [self] _ in end(.failed(text)) }
  }

  private func succeed(_ pod: Pod) {
    let told = context.told(pod)
    end(
      .completed(
        CommandResult(
          sessionID: sessionID, podName: told.name, podIP: told.address, vncPort: told.vncPort,
          state: SessionState.running.rawValue), .running(told)))
  }
}
