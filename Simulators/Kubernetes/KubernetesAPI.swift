import SimulationRuntime
import StreamSpaceProtocol

/// The API server: the cluster's front on the network. Takes `Frame<KubernetesRequest>` as the first message of a
/// call and answers with `Frame<KubernetesResponse>`.
///
/// A write takes effect at the end of its server time, in one step with its answer; a caller that leaves before that
/// does not take it back.
package final class KubernetesAPI: Program {
  /// Port of the API server (kind and kubeadm).
  package static let port = 6443
  /// Name of its host.
  package static let host = "kubernetes"

  unowned let incarnation: Incarnation
  let cluster: KubernetesCluster
  private let watches: WatchDesk

  static let commit = EventLabel("kubernetes.commit")

  package init(_ incarnation: Incarnation, cluster: KubernetesCluster) {
    self.incarnation = incarnation
    self.cluster = cluster
    watches = WatchDesk(incarnation, cluster: cluster)
  }

  package func start() {
    cluster.attach(watches)
    incarnation.simulation.network.listen(incarnation, port: Self.port) { [weak self] call in self?.receive(call) }
  }

  package func terminate() { incarnation.exit("terminated") }

  private func receive(_ call: IncomingCall) {
    guard let request = (call.hello as? Frame<KubernetesRequest>)?.value else {
      guard let watch = (call.hello as? Frame<KubernetesWatch>)?.value else { return call.drop() }
      return receive(call, watch)
    }
    if case .portForward(let pod, let port) = request.operation { return forward(call, request, to: pod, port: port) }
    var delay = cluster.steps.serverTime(of: request)
    var refusal: KubernetesFailure?
    if !cluster.faults.isEmpty {
      if isSilent { return }
      refusal = self.refusal(
        of: request.verb, request.kind, request.name, namespace: request.namespace, caller: request.caller)
      // A refusal costs no work.
      if refusal != nil { delay = cluster.steps.read.draw() }
      delay = delay + slowness
    }
    incarnation.after(delay, Self.commit) { [weak self] in self?.finish(call, request, refusal) }
  }

  private func receive(_ call: IncomingCall, _ watch: KubernetesWatch) {
    var delay = cluster.steps.read.draw()
    var refusal: KubernetesFailure?
    if !cluster.faults.isEmpty {
      if isSilent { return }
      refusal = self.refusal(of: .watch, watch.kind, "", namespace: watch.namespace, caller: watch.caller)
      delay = delay + slowness
    }
    incarnation.after(delay, Self.commit) { [weak self] in
      guard let self else { return }
      if !cluster.faults.isEmpty, isSilent { return }
      if let refusal { return answer(call, .failure(refusal)) }
      watches.open(call, watch)
    }
  }

  /// What every request waits in addition.
  var slowness: TimeSpan {
    cluster.faults.first { if case .slow(let span) = $0 { span } else { nil } } ?? .zero
  }

  private func finish(_ call: IncomingCall, _ request: KubernetesRequest, _ refusal: KubernetesFailure?) {
    // An outage that began meanwhile swallows what was under way.
    if !cluster.faults.isEmpty, isSilent { return }
    if let refusal { return answer(call, .failure(refusal)) }
    let response = cluster.perform(request)
    if request.isWrite, answerIsLost(request) {
      call.drop()
    } else {
      answer(call, response)
    }
  }

  func answer(_ call: IncomingCall, _ response: KubernetesResponse) {
    call.reply(Frame(response, byteCount: response.estimatedByteCount))
  }

  var isSilent: Bool {
    let silent: Bool? = cluster.faults.first { $0 == .down(.silent) ? true : nil }
    return silent != nil
  }

  /// Why the server refuses before it looks at any object; permission for a port-forward is one of its own.
  func refusal(
    of verb: KubernetesVerb, _ kind: KubernetesKind, _ name: String, namespace: String, caller: String,
    isPortForward: Bool = false
  ) -> KubernetesFailure? {
    cluster.faults.first { fault in
      switch fault {
      case .down(.refusing):
        .unavailable
      case .throttle(let seconds): .overloaded(retryAfterSeconds: seconds)
      case .brownOut(let way, let ratio): cluster.faults.happens(ratio) ? way.failure : nil
      case .forbidPortForward where isPortForward:
        .portForwardForbidden(name, namespace: namespace, caller: caller)
      case .forbid(let forbidden, kind) where !isPortForward && (forbidden == nil || forbidden == verb):
        .forbidden(verb, kind, name, namespace: namespace, caller: caller)
      default: nil
      }
    }
  }

  private func answerIsLost(_ request: KubernetesRequest) -> Bool {
    guard !cluster.faults.isEmpty else { return false }
    return cluster.faults.strikes { fault in
      guard case .answerLost(let verb, let kind, let ratio) = fault, verb == nil || verb == request.verb,
        kind == nil || kind == request.kind
      else { return nil }
      return ratio
    }
  }
}
