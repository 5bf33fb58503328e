import SimulationRuntime
import StreamSpaceProtocol

/// A cluster: its objects, its controllers, its nodes. It outlives the API server's process, as etcd and the nodes do.
///
/// ``KubernetesAPI`` is its front on the network. Everything else here is for the environment: faults, seeding,
/// snapshots for oracles.
package final class KubernetesCluster {
  package unowned let simulation: Simulation
  package let configuration: ClusterConfiguration
  package let behaviour: KubernetesBehaviour
  /// The objects; to be read by anybody, written through ``perform(_:)`` and ``place(_:)`` only.
  package let store = ObjectStore()
  /// Told of every event, at the instant it happens.
  package var observer: ((KubernetesEvent, Instant) -> Void)?
  /// Told of every change of every object, as it enters the log: the whole history, compaction or not.
  package var changeObserver: ((ObjectChange) -> Void)?

  let faults: FaultBoard
  let steps: LatencySteps
  let identifiers: DecisionStream
  var fence = TermFence()
  /// The watches of each life of the API server that is not over.
  private(set) var watchDesks: [WatchDesk.Reference] = []
  /// The fault that last made the log forget: who gets 410 is counted as its effect.
  var lastCompaction: FaultRecord?
  /// Pods on their way to ready, by pod name.
  var starting: [String: PodStart] = [:]
  /// Crashes of a pod's container, by pod name.
  var crashes: [String: CrashHistory] = [:]
  /// Pods of a deployment in the order they were made, by the deployment's uid.
  var podsOfOwner: [String: [ObjectReference]] = [:]
  var nodes: [Node]
  /// What the garbage collector knows.
  var dependants = Dependants()
  /// Deployments whose controller is about to look at them.
  var pendingReconciles: Set<String> = []
  /// Addresses given so far.
  var addresses = (services: 0, pods: 0)

  static let settled = EventLabel("kubernetes.controller")

  package init(
    simulation: Simulation, configuration: ClusterConfiguration = ClusterConfiguration(),
    behaviour: KubernetesBehaviour = KubernetesBehaviour()
  ) {
    self.simulation = simulation
    self.configuration = configuration
    self.behaviour = behaviour
    faults = FaultBoard(simulation: simulation)
    steps = LatencySteps(behaviour.latencies, simulation.decisions)
    identifiers = simulation.decisions.stream("kubernetes.identifiers")
    nodes = configuration.nodes.map(Node.init)
    store.onChange = { [unowned self] change in changed(change) }
    faults.onEnd = { [unowned self] fault, record in faultEnded(fault, record) }
  }

  var now: Instant { simulation.now }

  /// Everybody who watches the log hears of a change here.
  private func changed(_ change: ObjectChange) {
    if let observer { change.tell { observer($0, change.time) } }
    changeObserver?(change)
    collectGarbage(after: change)
    for desk in watchDesks { desk.value?.changed(change) }
  }

  /// Watches of `desk` hear of every change from now on, for as long as it lives.
  func attach(_ desk: WatchDesk) {
    watchDesks.removeAll { $0.value == nil }
    watchDesks.append(WatchDesk.Reference(desk))
  }

  // MARK: Requests

  /// Carries out a request in one step, as the API server does at its commit. Latency, permission and outage are the
  /// matter of ``KubernetesAPI``.
  package func perform(_ request: KubernetesRequest) -> KubernetesResponse {
    do throws(KubernetesFailure) {
      return try answer(request)
    } catch {
      return .failure(error)
    }
  }

  private func answer(_ request: KubernetesRequest) throws(KubernetesFailure) -> KubernetesResponse {
    let writer = KubernetesEvent.Writer(caller: request.caller, term: request.leader?.term)
    if request.isWrite { try checkFence(request, writer) }
    switch request.operation {
    case .get(let reference): return .object(code: 200, try read(reference))
    case .list(let kind, let namespace, let selector, let fields):
      guard fields.isSupported(by: kind) else { throw .unsupportedFields(fields) }
      return list(kind, namespace, selector, fields)
    case .create(let object):
      let stored = try store.create(named(object), uid: freshUID(), at: now, by: writer)
      return .object(code: 201, created(stored))
    case .update(let object):
      try conflictFault(object.reference)
      let before = store.object(object.reference)
      let (stored, isNew) = try store.update(object, uid: freshUID(), at: now, by: writer)
      if isNew { return .object(code: 201, created(stored)) }
      updated(stored, before: before)
      return .object(code: 200, stored)
    case .updateStatus(let object):
      try conflictFault(object.reference)
      return .object(code: 200, try store.updateStatus(object, at: now, by: writer))
    case .scale(let reference, let replicas, let version):
      try conflictFault(reference)
      let before = store.object(reference)
      let stored = try store.scale(reference, replicas: replicas, resourceVersion: version, at: now, by: writer)
      updated(stored, before: before)
      return .object(code: 200, stored)
    case .patch(let reference, let patch):
      // What was just read cannot be old: without a version of its own a patch meets no conflict.
      let before = try store.get(reference)
      let (stored, _) = try store.update(patch.applied(to: before), uid: freshUID(), at: now, by: writer)
      updated(stored, before: before)
      return .object(code: 200, stored)
    case .delete(let reference, let options): return try delete(reference, options, by: writer)
    case .portForward: throw KubernetesFailure(.badRequest, "Upgrade request required")
    }
  }

  func checkFence(_ request: KubernetesRequest, _ writer: KubernetesEvent.Writer) throws(KubernetesFailure) {
    guard let leader = request.leader else { return }
    if behaviour.fencing == .refusesOlderTerms, let newest = fence.objection(to: leader) {
      let reference = ObjectReference(request.kind, namespace: request.namespace, name: request.name)
      observer?(.writeRefused(reference, by: writer, newestTerm: newest), now)
      throw .staleTerm(request.kind, request.name, term: leader.term, newest: newest)
    }
    fence.see(leader.term, of: leader.agentID)
  }

  private func conflictFault(_ reference: ObjectReference) throws(KubernetesFailure) {
    guard !faults.isEmpty else { return }
    let strikes = faults.strikes { fault in
      guard case .conflict(let kind, let ratio) = fault, kind == nil || kind == reference.kind else { return nil }
      return ratio
    }
    if strikes { throw .modified(reference.kind, reference.name) }
  }

  // MARK: Consequences of a write

  private func created(_ object: KubernetesObject) -> KubernetesObject {
    switch object {
    case .deployment(let deployment):
      reconcileSoon(deployment.metadata.uid, object.reference, hops: 2)
    case .service: return assignAddress(object)
    case .persistentVolumeClaim:
      let bound = bind(object)
      claimAppeared(object.metadata.name)
      return bound
    case .lease(let lease): leaseWritten(lease)
    case .pod, .secret, .session, .template: break
    }
    return object
  }

  private func updated(_ object: KubernetesObject, before: KubernetesObject?) {
    switch object {
    case .deployment(let deployment) where deployment.replicas != before?.deployment?.replicas:
      reconcileSoon(deployment.metadata.uid, object.reference, hops: 2)
    case .lease(let lease): leaseWritten(lease)
    default: break
    }
  }

  private func leaseWritten(_ lease: Lease) {
    guard let agentID = Lease.agentID(ofLease: lease.metadata.name) else { return }
    fence.see(lease.spec.transitions, of: agentID)
  }

  /// A claim is bound at once: the class `standard` of the recorded cluster provides without waiting.
  func bind(_ object: KubernetesObject) -> KubernetesObject {
    store.change(object.reference, at: now) { changed in
      guard case .persistentVolumeClaim(var claim) = changed else { return }
      claim.isBound = true
      changed = .persistentVolumeClaim(claim)
    } ?? object
  }

  @discardableResult
  func delete(
    _ reference: ObjectReference, _ options: DeleteOptions, by writer: KubernetesEvent.Writer,
    because cause: String? = nil
  ) throws(KubernetesFailure) -> KubernetesResponse {
    let finalizer: String? =
      switch reference.kind {
      case .deployment: options.propagation == .foreground ? Finalizer.foregroundDeletion : nil
      case .persistentVolumeClaim: isClaimUsed(reference) ? Finalizer.claimProtection : nil
      default: nil
      }
    let deletion = try store.delete(
      reference, options, finalizer: finalizer, at: now, by: writer, because: cause ?? "deleted by \(writer.caller)")
    switch deletion {
    case .gone(let last):
      if case .deployment(let deployment) = last { reconcileSoon(deployment.metadata.uid, reference, hops: 1) }
      return .deleted
    case .waiting(let object, let isNew):
      guard isNew else { return .deleting(object) }
      switch object {
      case .deployment(let deployment): reconcileSoon(deployment.metadata.uid, reference, hops: 1)
      case .pod(let pod): podDeletionBegan(pod)
      default: break
      }
      return .deleting(object)
    }
  }
}
