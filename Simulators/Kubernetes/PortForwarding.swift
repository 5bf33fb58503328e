import SimulationRuntime
import StreamSpaceProtocol

/// Port-forwards: a call that becomes a stream to a port of a pod (spec/03 §7).
///
/// The stream is then between the caller and the pod's host, named by the pod's IP: it lives on when the API server goes
/// away, and is reset by the end of the pod. A real one runs through the server and the kubelet and would break with
/// them; agents learn of that only through their own calls, and what viewers see of a lost way is the matter of faults
/// of the network.
extension KubernetesAPI {
  func forward(_ call: IncomingCall, _ request: KubernetesRequest, to pod: ObjectReference, port: Int) {
    var delay = cluster.steps.portForward.draw()
    var refusal = cluster.behaviour.portForwarding == .missing ? forbidden(request) : nil
    if !cluster.faults.isEmpty {
      if isSilent { return }
      refusal =
        self.refusal(
          of: .create, .pod, pod.name, namespace: pod.namespace, caller: request.caller, isPortForward: true) ?? refusal
      delay = delay + slowness
    }
    // A refusal costs no work.
    if refusal != nil { delay = cluster.steps.read.draw() }
    incarnation.after(delay, Self.commit) { [weak self] in
      guard let self else { return }
      if !cluster.faults.isEmpty, isSilent { return }
      if let refusal { return answer(call, .failure(refusal)) }
      dial(call, request, pod, port)
    }
  }

  private func forbidden(_ request: KubernetesRequest) -> KubernetesFailure {
    .portForwardForbidden(request.name, namespace: request.namespace, caller: request.caller)
  }

  private func dial(_ call: IncomingCall, _ request: KubernetesRequest, _ pod: ObjectReference, _ port: Int) {
    do throws(KubernetesFailure) {
      _ = try cluster.address(of: pod, for: request)
    } catch {
      return answer(call, .failure(error))
    }
    incarnation.after(cluster.steps.portForwardDial.draw(), Self.commit) { [weak self] in
      guard let self else { return }
      if !cluster.faults.isEmpty, isSilent { return }
      connect(call, request, pod, port)
    }
  }

  private func connect(_ call: IncomingCall, _ request: KubernetesRequest, _ pod: ObjectReference, _ port: Int) {
    let address: String
    do throws(KubernetesFailure) {
      address = try cluster.address(of: pod, for: request)
    } catch {
      return answer(call, .failure(error))
    }
    call.forward(to: Endpoint(host: address, port: port), hello: nil) { [weak self] in
      self?.answer(call, .failure(.portRefused(pod.name, address: address, port: port)))
    }
  }
}

extension KubernetesCluster {
  /// Where a pod is reached whose container runs.
  func address(of pod: ObjectReference, for request: KubernetesRequest) throws(KubernetesFailure) -> String {
    try checkFence(request, KubernetesEvent.Writer(caller: request.caller, term: request.leader?.term))
    guard let found = store.object(pod)?.pod else { throw .notFound(.pod, pod.name) }
    guard !found.nodeName.isEmpty else { throw .noHost(pod.name) }
    if nodes.contains(where: { $0.name == found.nodeName && $0.isLost }) { throw .unreachableNode(found.nodeName) }
    guard found.isContainerRunning, found.phase == .running else { throw .notRunning(pod.name, found.phase) }
    return found.podIP
  }
}
