import SimulationRuntime
import StreamSpaceProtocol

/// Where faults take hold of the cluster itself; those of single requests are the matter of ``KubernetesAPI``.
extension KubernetesCluster {
  /// Begins `fault`; it lasts until ``end(_:)`` or, with `duration`, until that has passed. A fault of an instant
  /// (``KubernetesFault/podEvict(session:_:)``, a ``KubernetesFault/containerEnd(session:_:again:)`` without `again`) has
  /// ended when this returns; it has touched nothing if there was nothing to strike.
  @discardableResult
  package func begin(_ fault: KubernetesFault, lasting duration: TimeSpan? = nil) -> FaultRecord {
    let record = faults.begin(fault, lasting: fault.isMomentary ? nil : duration)
    switch fault {
    case .podEvict(let session, let eviction):
      if evictPod(ofSession: session, eviction) { record.touch(at: now) }
    case .containerEnd(let session, let termination, _):
      if crashPod(ofSession: session, termination) { record.touch(at: now) }
    case .nodeNotReady(let node): nodeLost(node)
    case .watchGap: for desk in watchDesks { desk.value?.cut(by: record) }
    default: break
    }
    if fault.isMomentary { faults.end(record) }
    return record
  }

  /// Ends a fault; does nothing if it has ended.
  package func end(_ record: FaultRecord) { faults.end(record) }

  func faultEnded(_ fault: KubernetesFault, _ record: FaultRecord) {
    switch fault {
    case .nodeNotReady(let node): nodeReturned(node)
    case .down: for desk in watchDesks { desk.value?.resume() }
    case .watchGap(compacting: true):
      store.compact(upTo: store.version)
      lastCompaction = record
    default: break
    }
  }

  // MARK: Reads

  /// What GET answers: the present, or what a cache that lags behind still shows.
  func read(_ reference: ObjectReference) throws(KubernetesFailure) -> KubernetesObject {
    guard !faults.isEmpty, let (version, record) = staleness(of: reference.kind) else {
      return try store.get(reference)
    }
    let past = store.object(reference, asOf: version)
    if past != store.object(reference) { record.touch(at: now) }
    guard let past else { throw .notFound(reference.kind, reference.name) }
    return past
  }

  /// What LIST answers.
  func list(
    _ kind: KubernetesKind, _ namespace: String, _ selector: LabelSelector, _ fields: FieldSelector
  ) -> KubernetesResponse {
    var present = store.list(kind, namespace: namespace, selector)
    if !fields.requirements.isEmpty { present = present.filter(fields.matches) }
    guard !faults.isEmpty, let (version, record) = staleness(of: kind) else {
      return .list(present, resourceVersion: store.version)
    }
    let past = store.list(kind, namespace: namespace, selector, fields, asOf: version)
    if past != present { record.touch(at: now) }
    return .list(past, resourceVersion: version)
  }

  /// The version that a read of `kind` sees; nil without such a fault.
  private func staleness(of kind: KubernetesKind) -> (Int64, FaultRecord)? {
    let stale = faults.find { fault -> TimeSpan? in
      guard case .staleReads(let named, let span) = fault, named == nil || named == kind else { return nil }
      return span
    }
    guard let stale else { return nil }
    return (store.log.version(at: now - faults.draw(upTo: stale.value)), stale.record)
  }
}
