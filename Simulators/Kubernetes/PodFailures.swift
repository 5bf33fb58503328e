import SimulationRuntime
import StreamSpaceProtocol

/// How often a pod's container ended by itself.
struct CrashHistory {
  var count = 0
  var runningSince: Instant?
}

/// What happens to pods that nobody asked for: the end of a container, eviction (spec/04 §4.4, §4.6).
extension KubernetesCluster {
  /// First wait after the second crash, and the longest (spec/04 §4.4).
  private static let crashBackOff = (first: TimeSpan.seconds(10), longest: TimeSpan.seconds(300))
  /// Running that long makes earlier crashes forgotten (spec/04 §4.4).
  private static let crashMemory = TimeSpan.minutes(10)

  // MARK: End of a container

  /// Ends the container of a session's pod by itself: the kubelet restarts it, at once the first time. False if the
  /// session has no pod that runs.
  @discardableResult
  package func crashPod(ofSession session: String, _ termination: ContainerTermination = .exited(code: 1)) -> Bool {
    guard let pod = runningPod(ofSession: session), starting[pod.metadata.name] == nil else { return false }
    endContainer(of: pod, termination)
    return true
  }

  private func endContainer(of pod: Pod, _ termination: ContainerTermination) {
    let name = pod.metadata.name
    var history = crashes[name] ?? CrashHistory()
    if let since = history.runningSince, now - since >= Self.crashMemory { history.count = 0 }
    history.count += 1
    history.runningSince = nil
    crashes[name] = history
    changePod(pod, because: termination.reason) {
      $0.isReady = false
      $0.isContainerRunning = false
      $0.restartCount += 1
      $0.lastTermination = termination
      $0.waitingReason = history.count > 1 ? "CrashLoopBackOff" : ""
    }
    podChanged(pod)
    let node = nodes.firstIndex { $0.name == pod.nodeName }
    if let node { nodes[node].starting += 1 }
    starting[name] = PodStart(
      reference: KubernetesObject.pod(pod).reference, uid: pod.metadata.uid, node: node)
    let wait = history.count > 1 ? Self.backOff(Self.crashBackOff, attempt: history.count - 1) : .zero
    afterStep(wait, name) { cluster, _ in cluster.startContainer(name) }
  }

  /// A pod became ready: a fault that ends its container again and again will do so in its time.
  func planNextEnd(of pod: Pod) {
    guard let session = pod.metadata.labels[SessionLabel.session] else { return }
    let planned = faults.find { fault -> (ContainerTermination, TimeSpan)? in
      guard case .containerEnd(session, let termination, let again?) = fault else { return nil }
      return (termination, again)
    }
    guard let planned else { return }
    let reference = KubernetesObject.pod(pod).reference
    simulation.schedule(after: planned.value.1, Self.podStep) { [weak self] in
      guard let self, faults.holds(planned.record), let pod = store.object(reference)?.pod, pod.isUsable,
        !pod.metadata.isBeingDeleted, starting[pod.metadata.name] == nil
      else { return }
      planned.record.touch(at: now)
      endContainer(of: pod, planned.value.0)
    }
  }

  // MARK: Eviction

  /// Evicts the pod of a session: its deployment makes another. False if the session has none that runs.
  @discardableResult
  package func evictPod(ofSession session: String, _ eviction: KubernetesFault.Eviction = .drain) -> Bool {
    guard let pod = runningPod(ofSession: session) else { return false }
    switch eviction {
    case .drain, .preemption: deletePod(pod, reason: "evicted: \(eviction.rawValue)")
    case .nodePressure: fail(pod, reason: "Evicted")
    }
    podChanged(pod)
    return true
  }

  /// The kubelet kills the pod and leaves it as Failed.
  private func fail(_ pod: Pod, reason: String) {
    abandonStart(of: pod)
    crashes[pod.metadata.name] = nil
    if let node = nodes.firstIndex(where: { $0.name == pod.nodeName }) { nodes[node].pods -= 1 }
    changePod(pod, because: "evicted: \(KubernetesFault.Eviction.nodePressure.rawValue)") {
      $0.phase = .failed
      $0.isReady = false
      $0.isContainerRunning = false
      $0.statusReason = reason
      $0.waitingReason = ""
    }
  }

  func runningPod(ofSession session: String) -> Pod? {
    store.list(.pod, .label(SessionLabel.session, session)).lazy.compactMap(\.pod)
      .first { !$0.metadata.isBeingDeleted && $0.phase == .running }
  }
}
