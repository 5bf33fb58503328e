import SimulationRuntime
import StreamSpaceProtocol

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

/// Pods: scheduling, volumes, image, container, readiness, crash, eviction, deletion (spec/04 §4.4, spec/06 §10.3).
extension KubernetesCluster {
  static let podStep = EventLabel("kubernetes.pod")
  static let podDeleted = EventLabel("kubernetes.pod.deleted")

  /// First wait after a failed pull, and the longest (spec/04 §4.4).
  private static let pullBackOff = (first: TimeSpan.seconds(10), longest: TimeSpan.seconds(300))

  // MARK: Birth

  func makePod(of deployment: Deployment) {
    let metadata = ObjectMetadata(
      name: podName(of: deployment), namespace: deployment.metadata.namespace, labels: deployment.template.labels,
      owner: OwnerReference(kind: .deployment, name: deployment.metadata.name, uid: deployment.metadata.uid))
    let wish = KubernetesObject.pod(Pod(metadata: metadata, template: deployment.template))
    guard let stored = try? store.create(wish, uid: freshUID(), at: now), case .pod(let pod) = stored else { return }
    podsOfOwner[deployment.metadata.uid, default: []].append(stored.reference)
    starting[pod.metadata.name] = PodStart(reference: stored.reference, uid: pod.metadata.uid)
    schedulePod(pod.metadata.name)
  }

  /// Runs `action` after `delay` if that pod still lives and is not being deleted. A step of the kubelet stalls while
  /// its node is not heard of; one that does not `stall` is the scheduler's.
  func afterStep(
    _ delay: TimeSpan, _ name: String, stalls: Bool = true, _ action: @escaping (KubernetesCluster, Pod) -> Void
  ) {
    guard let start = starting[name] else { return }
    simulation.schedule(after: delay, Self.podStep) { [weak self] in
      self?.takeStep(start, name, stalls: stalls, action)
    }
  }

  private func takeStep(
    _ start: PodStart, _ name: String, stalls: Bool, _ action: @escaping (KubernetesCluster, Pod) -> Void
  ) {
    guard let node = starting[name]?.node, stalls, nodes[node].isLost else {
      guard starting[name]?.uid == start.uid, let pod = store.object(start.reference)?.pod,
        pod.metadata.uid == start.uid, !pod.metadata.isBeingDeleted
      else { return }
      return action(self, pod)
    }
    stall(on: node) { [weak self] in self?.takeStep(start, name, stalls: stalls, action) }
  }

  func changePod(_ pod: Pod, because cause: String = "", _ body: @escaping (inout Pod) -> Void) {
    let reference = KubernetesObject.pod(pod).reference
    store.change(reference, at: now, because: cause) { object in
      guard case .pod(var changed) = object else { return }
      body(&changed)
      object = .pod(changed)
    }
  }

  // MARK: Scheduling

  private func schedulePod(_ name: String) {
    let unfit: Bool? = faults.first { if case .unschedulable = $0 { true } else { nil } }
    guard unfit == nil, let node = leastLoadedNode() else { return scheduleLater(name) }
    starting[name]?.node = node
    let delay = steps.scheduling.draw() + behaviour.latencies.contention * Int64(nodes[node].starting)
    nodes[node].starting += 1
    nodes[node].pods += 1
    afterStep(delay, name, stalls: false) { cluster, pod in
      guard !cluster.nodes[node].isTainted else { return cluster.scheduleElsewhere(name, than: node) }
      cluster.changePod(pod) {
        $0.nodeName = cluster.nodes[node].name
        $0.waitingReason = "ContainerCreating"
      }
      cluster.mountVolumes(name)
    }
  }

  private func scheduleLater(_ name: String) {
    afterStep(steps.scheduling.draw(), name) { cluster, pod in
      cluster.changePod(pod) { $0.waitingReason = "Unschedulable" }
      cluster.afterStep(cluster.steps.reschedule.draw(), name) { cluster, _ in cluster.schedulePod(name) }
    }
  }

  /// The node was lost between the choice and the binding.
  private func scheduleElsewhere(_ name: String, than node: Int) {
    nodes[node].starting -= 1
    nodes[node].pods -= 1
    starting[name]?.node = nil
    schedulePod(name)
  }

  /// Fewest starts, then fewest pods, then the first; nil when no node takes pods.
  func leastLoadedNode() -> Int? {
    var best: Int?
    for index in nodes.indices where !nodes[index].isTainted {
      guard let known = best else {
        best = index
        continue
      }
      if (nodes[index].starting, nodes[index].pods) < (nodes[known].starting, nodes[known].pods) { best = index }
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

  static func backOff(_ bounds: (first: TimeSpan, longest: TimeSpan), attempt: Int) -> TimeSpan {
    min(bounds.first * (1 << Int64(min(attempt - 1, 10))), bounds.longest)
  }

  // MARK: Container

  func startContainer(_ name: String) {
    afterStep(steps.containerStart.draw(), name) { cluster, pod in
      cluster.changePod(pod) {
        $0.phase = .running
        $0.waitingReason = ""
        $0.isContainerRunning = true
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
    podChanged(pod)
    if !faults.isEmpty { planNextEnd(of: pod) }
  }

  // MARK: Deletion

  /// Begins the deletion of a pod; it stays as it is, Running and Ready perhaps, until it is gone (spec/03 §9.1).
  func deletePod(_ pod: Pod, reason: String) {
    let reference = KubernetesObject.pod(pod).reference
    guard
      case .waiting(.pod(let marked), true)? = try? store.delete(
        reference, DeleteOptions(), finalizer: nil, at: now, because: reason)
    else { return }
    podDeletionBegan(marked)
  }

  func podDeletionBegan(_ pod: Pod) {
    let reference = KubernetesObject.pod(pod).reference
    abandonStart(of: pod)
    simulation.schedule(after: steps.podDeletion.draw(), Self.podDeleted) { [weak self] in
      self?.podGone(pod, reference)
    }
    podChanged(pod)
  }

  /// A pod on its way to ready gets no further.
  func abandonStart(of pod: Pod) {
    guard let node = starting.removeValue(forKey: pod.metadata.name)?.node else { return }
    nodes[node].starting -= 1
    if pod.nodeName.isEmpty { nodes[node].pods -= 1 }
  }

  private func podGone(_ pod: Pod, _ reference: ObjectReference) {
    guard store.object(reference)?.metadata.uid == pod.metadata.uid else { return }
    let node = nodes.firstIndex { $0.name == pod.nodeName }
    // Only the kubelet can say that the container has ended.
    if let node, nodes[node].isLost { return stall(on: node) { [weak self] in self?.podGone(pod, reference) } }
    store.removeNow(reference, at: now)
    crashes[pod.metadata.name] = nil
    if let node, pod.phase != .failed { nodes[node].pods -= 1 }
    if let owner = pod.metadata.owner {
      podsOfOwner[owner.uid]?.removeAll { $0 == reference }
      if podsOfOwner[owner.uid]?.isEmpty == true { podsOfOwner[owner.uid] = nil }
    }
    releaseClaim(of: pod)
    podChanged(pod)
  }

  /// A claim whose deletion waited for this pod goes now.
  private func releaseClaim(of pod: Pod) {
    guard let claim = pod.template.homeClaim else { return }
    let reference = ObjectReference(.persistentVolumeClaim, namespace: pod.metadata.namespace, name: claim)
    guard let object = store.object(reference), object.metadata.isBeingDeleted, !isClaimUsed(reference) else { return }
    store.removeFinalizer(Finalizer.claimProtection, from: reference, at: now)
  }
}
