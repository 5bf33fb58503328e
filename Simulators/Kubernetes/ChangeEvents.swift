import StreamSpaceProtocol

/// What observers are told follows from the log alone: one change, the events it means, in order.
extension ObjectChange {
  func tell(_ observer: (KubernetesEvent) -> Void) {
    switch object {
    case .deployment(let deployment): tellOfDeployment(deployment, observer)
    case .pod(let pod): tellOfPod(pod, observer)
    case .lease(let lease) where kind != .deleted: tellOfLease(lease, observer)
    case .service, .persistentVolumeClaim, .lease, .secret, .session, .template:
      switch kind {
      case .added: observer(.objectCreated(object.reference, workload, by: writer))
      case .modified: break
      case .deleted: observer(.objectDeleted(object.reference, workload))
      }
    }
  }

  /// Made only when there is something to tell: most changes are a status.
  private var workload: KubernetesEvent.Workload { KubernetesEvent.Workload(object.metadata) }

  private var wasBeingDeleted: Bool { previous?.metadata.isBeingDeleted ?? false }

  private func tellOfDeployment(
    _ deployment: Deployment, _ observer: (KubernetesEvent) -> Void
  ) {
    switch kind {
    case .added: observer(.workloadCreated(workload, by: writer))
    case .modified:
      if deployment.metadata.isBeingDeleted, !wasBeingDeleted { observer(.workloadDeleting(workload, by: writer)) }
      if let old = previous?.deployment, old.replicas != deployment.replicas {
        observer(.workloadScaled(workload, replicas: deployment.replicas, by: writer))
      }
    case .deleted:
      if !wasBeingDeleted { observer(.workloadDeleting(workload, by: writer)) }
      observer(.workloadDeleted(workload))
    }
  }

  private func tellOfPod(
    _ pod: Pod, _ observer: (KubernetesEvent) -> Void
  ) {
    if kind == .added { observer(.podCreated(workload, pod: pod.metadata.name)) }
    let ran = previous?.pod?.isContainerRunning ?? false
    let runs = kind != .deleted && pod.isContainerRunning
    if runs, !ran { observer(.containerStarted(workload, KubernetesEvent.Container(pod))) }
    let served = previous?.pod?.serves ?? false
    let serves = kind != .deleted && pod.serves
    if serves, !served { observer(.podReady(workload, pod: pod.metadata.name)) }
    if served, !serves { observer(.podUnready(workload, pod: pod.metadata.name, reason: cause)) }
    if ran, !runs { observer(.containerEnded(workload, KubernetesEvent.Container(pod), reason: cause)) }
    if kind == .deleted { observer(.podGone(workload, pod: pod.metadata.name)) }
  }

  private func tellOfLease(_ lease: Lease, _ observer: (KubernetesEvent) -> Void) {
    guard let agentID = Lease.agentID(ofLease: lease.metadata.name) else { return }
    let before = previous?.lease?.spec
    guard before?.holder != lease.spec.holder || before?.transitions != lease.spec.transitions else { return }
    observer(
      .leaseChanged(
        agentID: agentID, holder: lease.spec.holder, term: lease.spec.transitions, previous: before?.holder ?? "",
        by: writer))
  }
}

extension Pod {
  /// Ready, and not on its way out.
  fileprivate var serves: Bool { isUsable && !metadata.isBeingDeleted }
}
