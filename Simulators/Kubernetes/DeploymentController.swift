import SimulationRuntime
import StreamSpaceProtocol

/// Deployments: as many pods as wished, foreground deletion, status (spec/04 §4.4).
extension KubernetesCluster {
  /// Lets the controllers look at a deployment after `hops` of their steps.
  func reconcileSoon(_ uid: String, _ reference: ObjectReference, hops: Int) {
    guard pendingReconciles.insert(uid).inserted else { return }
    let delay = (0..<hops).reduce(TimeSpan.zero) { sum, _ in sum + steps.controller.draw() }
    simulation.schedule(after: delay, Self.settled) { [weak self] in
      self?.pendingReconciles.remove(uid)
      self?.reconcile(uid, reference)
    }
  }

  private func reconcile(_ uid: String, _ reference: ObjectReference) {
    let remaining = pods(of: uid).filter { !$0.metadata.isBeingDeleted }
    guard let deployment = store.object(reference)?.deployment, deployment.metadata.uid == uid else {
      // The owner is gone (propagation Background): its pods follow.
      for pod in remaining { deletePod(pod, reason: "owner deleted") }
      return
    }
    if deployment.metadata.isBeingDeleted {
      for pod in remaining { deletePod(pod, reason: "workload deleted") }
      finishDeletion(of: deployment)
      return
    }
    let pods = remaining.filter { $0.phase != .failed }
    if pods.count < deployment.replicas {
      for _ in pods.count..<deployment.replicas { makePod(of: deployment) }
    } else if pods.count > deployment.replicas {
      // Those that are not ready go first, then the youngest.
      let excess = pods.enumerated().sorted { a, b in
        (a.element.isUsable ? 1 : 0, -a.offset) < (b.element.isUsable ? 1 : 0, -b.offset)
      }
      for (_, pod) in excess.prefix(pods.count - deployment.replicas) {
        deletePod(pod, reason: "scaled down")
      }
    }
    writeStatus(of: reference)
  }

  /// Pods of a deployment that count: those that have not failed and whose deletion has not begun; oldest first.
  func livePods(of uid: String) -> [Pod] {
    pods(of: uid).filter { !$0.metadata.isBeingDeleted && $0.phase != .failed }
  }

  /// All pods of a deployment, oldest first.
  func pods(of uid: String) -> [Pod] {
    guard let references = podsOfOwner[uid] else { return [] }
    return references.compactMap { store.object($0)?.pod }
  }

  private func finishDeletion(of deployment: Deployment) {
    guard pods(of: deployment.metadata.uid).isEmpty else { return }
    let reference = KubernetesObject.deployment(deployment).reference
    store.removeFinalizer(Finalizer.foregroundDeletion, from: reference, at: now)
  }

  /// A pod of `owner` changed: its deployment's status follows, and a missing pod is replaced.
  func podChanged(_ pod: Pod) {
    guard let owner = pod.metadata.owner else { return }
    let reference = ObjectReference(.deployment, namespace: pod.metadata.namespace, name: owner.name)
    reconcileSoon(owner.uid, reference, hops: 1)
  }

  private func writeStatus(of reference: ObjectReference) {
    store.change(reference, at: now) { object in
      guard case .deployment(var deployment) = object else { return }
      let pods = self.livePods(of: deployment.metadata.uid)
      deployment.status.observedGeneration = deployment.metadata.generation
      deployment.status.replicas = pods.count
      deployment.status.readyReplicas = pods.count { $0.isUsable }
      object = .deployment(deployment)
    }
  }
}
