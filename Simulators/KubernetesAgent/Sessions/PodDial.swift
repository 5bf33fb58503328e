import AgentStreaming
import SimulationRuntime
import StreamSpaceProtocol

/// One attempt to reach the desktop of a session: finds its pod and has a port of it forwarded (spec/03 §7). A pod that
/// is not ready, and an API server that cannot answer now, are waited for.
final class PodDial {
  private let context: PlatformContext
  private let attempt: DialAttempt

  private static let poll = EventLabel("agent.tunnel.poll")

  init(_ context: PlatformContext, _ attempt: DialAttempt) {
    self.context = context
    self.attempt = attempt
  }

  func look() {
    let session = attempt.sessionID
    let list = KubernetesRequest.Operation.list(
      .pod, namespace: context.configuration.namespace, .label(SessionLabel.session, session))
    context.client.send(list) { [self] outcome in
      guard !attempt.isOver else { return }
      guard case .answered(.list(let objects, _)) = outcome else {
        return again("failed to find pod: \(outcome.failureText ?? "unexpected answer")")
      }
      let pods = objects.compactMap(\.pod).filter { !context.isForeign($0.metadata) }
      guard let pod = choice(of: pods) else { return again(fault(of: pods)) }
      forward(pod)
    }
  }

  private func choice(of pods: [Pod]) -> Pod? {
    switch context.behaviour.podChoice {
    case .readyAndLasting: pods.last { $0.isUsable && !$0.metadata.isBeingDeleted }
    case .firstInList: pods.first.flatMap { $0.phase == .running ? $0 : nil }
    }
  }

  private func fault(of pods: [Pod]) -> String {
    guard let pod = pods.first else { return "failed to find pod: no pod found for session \(attempt.sessionID)" }
    if pod.metadata.isBeingDeleted { return "failed to find pod: pod is terminating" }
    return pod.phase == .running
      ? "failed to find pod: pod not ready" : "failed to find pod: pod not running (phase: \(pod.phase.rawValue))"
  }

  private func forward(_ pod: Pod) {
    let port = pod.vncPort
    let reference = context.reference(.pod, pod.metadata.name)
    context.client.portForward(reference, port: port) { [self] socket, outcome in
      if let socket { return attempt.finish(.connected(socket, port: port, podName: pod.metadata.name)) }
      guard !attempt.isOver, let outcome else { return }
      switch outcome {
      case .answered(.failure(let failure))
      where failure == .portRefused(pod.metadata.name, address: pod.podIP, port: port):
        again("failed to connect to forwarded port: \(failure.message)")
      case .answered(.failure(let failure)) where !failure.isTransient && failure.reason != .notFound:
        attempt.finish(.failed("failed to start port-forward: \(failure.message)"))
      default: again("failed to start port-forward: \(outcome.failureText ?? "unexpected answer")")
      }
    }
  }

  private func again(_ text: String) { attempt.again(text, Self.poll) { [self] in look() } }
}
