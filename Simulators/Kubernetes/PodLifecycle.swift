import SimulationRuntime
import StreamSpaceProtocol

/// A machine that runs pods.
struct Node {
  let name: String
  /// Cold images that were pulled here.
  var images: Set<String> = []
  /// Starts that are under way.
  var starting = 0
  /// Pods bound here.
  var pods = 0

  init(_ name: String) { self.name = name }
}

/// A pod on its way to ready.
struct PodStart {
  let reference: ObjectReference
  let uid: String
  /// Index of the node, once chosen.
  var node: Int?
  /// Failed pulls so far.
  var failedPulls = 0
  /// The claim it waits for.
  var awaitedClaim: String?
}

/// How often a pod's container ended by itself.
struct CrashHistory {
  var count = 0
  var runningSince: Instant?
}

/// Pods: scheduling, volumes, image, container, readiness, crash, eviction, deletion (spec/04 §4.4, spec/06 §10.3).
extension KubernetesCluster {
  static let podStep = EventLabel("kubernetes.pod")
  static let podDeleted = EventLabel("kubernetes.pod.deleted")

  /// First wait after a failed pull, and the longest (spec/04 §4.4).
  private static let pullBackOff = (first: TimeSpan.seconds(10), longest: TimeSpan.seconds(300))
  /// First wait after the second crash, and the longest (spec/04 §4.4).
  private static let crashBackOff = (first: TimeSpan.seconds(10), longest: TimeSpan.seconds(300))
  /// Running that long makes earlier crashes forgotten (spec/04 §4.4).
  private static let crashMemory = TimeSpan.minutes(10)

  // MARK: Birth

  func makePod(of deployment: Deployment) {
    let metadata = ObjectMetadata(
      name: podName(of: deployment), namespace: deployment.metadata.namespace, labels: deployment.template.labels,
      owner: OwnerReference(kind: .deployment, name: deployment.metadata.name, uid: deployment.metadata.uid))
    let wish = KubernetesObject.pod(Pod(metadata: metadata, template: deployment.template))
    guard let stored = try? store.create(wish, uid: freshUID(), at: now), case .pod(let pod) = stored else { return }
    podsOfOwner[deployment.metadata.uid, default: []].append(stored.reference)
    emit(.podCreated(KubernetesEvent.Workload(pod.metadata), pod: pod.metadata.name))
    starting[pod.metadata.name] = PodStart(reference: stored.reference, uid: pod.metadata.uid)
    schedulePod(pod.metadata.name)
  }

  /// Runs `action` after `delay` if that pod still lives and is not being deleted.
  private func afterStep(_ delay: TimeSpan, _ name: String, _ action: @escaping (KubernetesCluster, Pod) -> Void) {
    guard let start = starting[name] else { return }
    simulation.schedule(after: delay, Self.podStep) { [weak self] in
      guard let self, self.starting[name]?.uid == start.uid, let pod = self.store.object(start.reference)?.pod,
        pod.metadata.uid == start.uid, !pod.metadata.isBeingDeleted
      else { return }
      action(self, pod)
    }
  }

  private func changePod(_ pod: Pod, _ body: @escaping (inout Pod) -> Void) {
    let reference = KubernetesObject.pod(pod).reference
    store.change(reference, at: now) { object in
      guard case .pod(var changed) = object else { return }
      body(&changed)
      object = .pod(changed)
    }
  }

  // MARK: Scheduling

  private func schedulePod(_ name: String) {
    let unfit: Bool? = faults.first { if case .unschedulable = $0 { true } else { nil } }
    if unfit != nil {
      afterStep(steps.scheduling.draw(), name) { cluster, pod in
        cluster.changePod(pod) { $0.waitingReason = "Unschedulable" }
        cluster.afterStep(cluster.steps.reschedule.draw(), name) { cluster, _ in cluster.schedulePod(name) }
      }
      return
    }
    let node = leastLoadedNode()
    starting[name]?.node = node
    let delay = steps.scheduling.draw() + behaviour.latencies.contention * Int64(nodes[node].starting)
    nodes[node].starting += 1
    nodes[node].pods += 1
    afterStep(delay, name) { cluster, pod in
      cluster.changePod(pod) {
        $0.nodeName = cluster.nodes[node].name
        $0.waitingReason = "ContainerCreating"
      }
      cluster.mountVolumes(name)
    }
  }

  /// Fewest starts, then fewest pods, then the first.
  func leastLoadedNode() -> Int {
    var best = 0
    for index in nodes.indices.dropFirst()
    where (nodes[index].starting, nodes[index].pods) < (nodes[best].starting, nodes[best].pods) {
      best = index
    }
    return best
  }

  // MARK: Volumes

  private func mountVolumes(_ name: String) {
    guard let start = starting[name], let pod = store.object(start.reference)?.pod else { return }
    guard let claim = pod.template.homeClaim else { return pullImage(name) }
    let reference = ObjectReference(.persistentVolumeClaim, namespace: pod.metadata.namespace, name: claim)
    if store.object(reference)?.persistentVolumeClaim?.isBound == true {
      pullImage(name)
    } else {
      starting[name]?.awaitedClaim = claim
    }
  }

  /// A claim was created and bound: pods that waited for it go on.
  func claimAppeared(_ claim: String) {
    for name in starting.keys.sorted() where starting[name]?.awaitedClaim == claim {
      starting[name]?.awaitedClaim = nil
      mountVolumes(name)
    }
  }

  /// Whether a pod that lives mounts the claim.
  func isClaimUsed(_ reference: ObjectReference) -> Bool {
    guard let session = store.object(reference)?.metadata.labels[SessionLabel.session] else { return false }
    return store.list(.pod, namespace: reference.namespace, .label(SessionLabel.session, session)).contains {
      $0.pod?.template.homeClaim == reference.name
    }
  }

  // MARK: Image

  private func pullImage(_ name: String) {
    guard let start = starting[name], let node = start.node, let pod = store.object(start.reference)?.pod else {
      return
    }
    let image = pod.template.image
    let fails: Bool? = faults.first { fault in
      guard case .imagePullFailure(let named) = fault, named == nil || named == image else { return nil }
      return true
    }
    if fails != nil {
      afterStep(steps.imageFailure.draw(), name) { cluster, pod in cluster.pullFailed(pod) }
      return
    }
    let planned: TimeSpan? = faults.first { fault in
      guard case .imagePull(let named, let span) = fault, named == nil || named == image else { return nil }
      return span
    }
    let imageClass = configuration.images[image] ?? configuration.defaultImageClass
    let isThere = imageClass == .cached || nodes[node].images.contains(image)
    let delay = planned ?? (isThere ? steps.imageCached.draw() : steps.imageCold.draw())
    afterStep(delay, name) { cluster, _ in
      if imageClass == .cold { cluster.nodes[node].images.insert(image) }
      cluster.startContainer(name)
    }
  }

  private func pullFailed(_ pod: Pod) {
    let name = pod.metadata.name
    starting[name]?.failedPulls += 1
    let failures = starting[name]?.failedPulls ?? 1
    changePod(pod) { $0.waitingReason = failures == 1 ? "ErrImagePull" : "ImagePullBackOff" }
    let delay = Self.backOff(Self.pullBackOff, attempt: failures)
    afterStep(delay, name) { cluster, _ in cluster.pullImage(name) }
  }

  private static func backOff(_ bounds: (first: TimeSpan, longest: TimeSpan), attempt: Int) -> TimeSpan {
    min(bounds.first * (1 << Int64(min(attempt - 1, 10))), bounds.longest)
  }

  // MARK: Container

  private func startContainer(_ name: String) {
    afterStep(steps.containerStart.draw(), name) { cluster, pod in
      cluster.changePod(pod) {
        $0.phase = .running
        $0.waitingReason = ""
        if $0.podIP.isEmpty { $0.podIP = cluster.freshPodAddress() }
      }
      cluster.afterStep(cluster.steps.readiness.draw(), name) { cluster, pod in cluster.becameReady(pod) }
    }
  }

  private func becameReady(_ pod: Pod) {
    let name = pod.metadata.name
    if let node = starting[name]?.node { nodes[node].starting -= 1 }
    starting[name] = nil
    crashes[name]?.runningSince = now
    changePod(pod) { $0.isReady = true }
    emit(.podReady(KubernetesEvent.Workload(pod.metadata), pod: name))
    podChanged(pod)
  }

  // MARK: Crash and eviction

  /// Ends the container of a session's pod by itself: the kubelet restarts it, at once the first time. False if the
  /// session has no pod that runs.
  @discardableResult
  package func crashPod(ofSession session: String) -> Bool {
    guard let pod = runningPod(ofSession: session), starting[pod.metadata.name] == nil else { return false }
    let name = pod.metadata.name
    var history = crashes[name] ?? CrashHistory()
    if let since = history.runningSince, now - since >= Self.crashMemory { history.count = 0 }
    history.count += 1
    history.runningSince = nil
    crashes[name] = history
    changePod(pod) {
      $0.isReady = false
      $0.restartCount += 1
      $0.waitingReason = history.count > 1 ? "CrashLoopBackOff" : ""
    }
    emit(.podUnready(KubernetesEvent.Workload(pod.metadata), pod: name, reason: "container ended"))
    podChanged(pod)
    let node = nodes.firstIndex { $0.name == pod.nodeName }
    if let node { nodes[node].starting += 1 }
    starting[name] = PodStart(
      reference: KubernetesObject.pod(pod).reference, uid: pod.metadata.uid, node: node)
    let wait = history.count > 1 ? Self.backOff(Self.crashBackOff, attempt: history.count - 1) : .zero
    afterStep(wait, name) { cluster, _ in cluster.startContainer(name) }
    return true
  }

  /// Evicts the pod of a session: it is deleted, its deployment makes another. False if the session has none.
  @discardableResult
  package func evictPod(ofSession session: String) -> Bool {
    guard let pod = runningPod(ofSession: session) else { return false }
    deletePod(pod, reason: "evicted")
    podChanged(pod)
    return true
  }

  private func runningPod(ofSession session: String) -> Pod? {
    store.list(.pod, .label(SessionLabel.session, session)).lazy.compactMap(\.pod)
      .first { !$0.metadata.isBeingDeleted && $0.phase == .running }
  }

  // MARK: Deletion

  /// Begins the deletion of a pod; it stays as it is, Running and Ready perhaps, until it is gone (spec/03 §9.1).
  func deletePod(_ pod: Pod, reason: String) {
    let reference = KubernetesObject.pod(pod).reference
    guard
      case .waiting(.pod(let marked), true)? = try? store.delete(reference, DeleteOptions(), finalizer: nil, at: now)
    else { return }
    podDeletionBegan(marked, reason: reason)
  }

  func podDeletionBegan(_ pod: Pod, reason: String) {
    let name = pod.metadata.name
    let reference = KubernetesObject.pod(pod).reference
    if let start = starting.removeValue(forKey: name), let node = start.node {
      nodes[node].starting -= 1
      if pod.nodeName.isEmpty { nodes[node].pods -= 1 }
    }
    if pod.isUsable {
      emit(.podUnready(KubernetesEvent.Workload(pod.metadata), pod: name, reason: reason))
    }
    let uid = pod.metadata.uid
    simulation.schedule(after: steps.podDeletion.draw(), Self.podDeleted) { [weak self] in
      guard let self, self.store.object(reference)?.metadata.uid == uid else { return }
      self.podGone(pod, reference)
    }
    podChanged(pod)
  }

  private func podGone(_ pod: Pod, _ reference: ObjectReference) {
    store.removeNow(reference, at: now)
    crashes[pod.metadata.name] = nil
    if let node = nodes.firstIndex(where: { $0.name == pod.nodeName }) { nodes[node].pods -= 1 }
    if let owner = pod.metadata.owner {
      podsOfOwner[owner.uid]?.removeAll { $0 == reference }
      if podsOfOwner[owner.uid]?.isEmpty == true { podsOfOwner[owner.uid] = nil }
    }
    emit(.podGone(KubernetesEvent.Workload(pod.metadata), pod: pod.metadata.name))
    releaseClaim(of: pod)
    podChanged(pod)
  }

  /// A claim whose deletion waited for this pod goes now.
  private func releaseClaim(of pod: Pod) {
    guard let claim = pod.template.homeClaim else { return }
    let reference = ObjectReference(.persistentVolumeClaim, namespace: pod.metadata.namespace, name: claim)
    guard let object = store.object(reference), object.metadata.isBeingDeleted, !isClaimUsed(reference) else { return }
    store.removeNow(reference, at: now)
    emit(.objectDeleted(reference, KubernetesEvent.Workload(object.metadata)))
  }
}
