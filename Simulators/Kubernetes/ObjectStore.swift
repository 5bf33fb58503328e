import SimulationRuntime
import StreamSpaceProtocol

/// The objects of a cluster with one version counter and optimistic concurrency (spec/04 §4.1).
///
/// Pure: no time passes, nothing is scheduled. Every change gets the next version and an entry in the log.
package final class ObjectStore {
  /// Version of the newest change.
  package private(set) var version: Int64 = 0
  /// Every change, newest last.
  package private(set) var log: ChangeLog
  /// Told of every change, after it is stored and logged.
  var onChange: ((ObjectChange) -> Void)?
  private let tables: [KubernetesKind: ObjectTable]

  package init(log: ChangeLog = ChangeLog()) {
    self.log = log
    tables = Dictionary(uniqueKeysWithValues: KubernetesKind.allCases.map { ($0, ObjectTable()) })
  }

  // MARK: Reading

  package func object(_ reference: ObjectReference) -> KubernetesObject? {
    tables[reference.kind]?[reference]
  }

  /// What GET answers.
  package func get(_ reference: ObjectReference) throws(KubernetesFailure) -> KubernetesObject {
    guard let object = object(reference) else { throw .notFound(reference.kind, reference.name) }
    return object
  }

  /// Objects of a kind that match, ordered by namespace and name. An empty namespace means all of them.
  package func list(
    _ kind: KubernetesKind, namespace: String = "", _ selector: LabelSelector = .everything
  ) -> [KubernetesObject] {
    tables[kind]?.list(namespace: namespace, selector) ?? []
  }

  package func count(_ kind: KubernetesKind) -> Int { tables[kind]?.count ?? 0 }

  // MARK: Writing

  /// Stores a new object; `uid` is drawn by the caller.
  package func create(
    _ object: KubernetesObject, uid: String, at time: Instant, by writer: KubernetesEvent.Writer = .cluster
  ) throws(KubernetesFailure) -> KubernetesObject {
    try ObjectRules.check(object, isNew: true)
    guard self.object(object.reference) == nil else {
      throw .alreadyExists(object.kind, object.metadata.name)
    }
    var stored = object.preparedForCreation
    stored.metadata.uid = uid
    stored.metadata.generation = 1
    stored.metadata.creationTime = Timestamp(at: time).inSeconds
    stored.metadata.deletionTime = nil
    return record(stored, over: nil, at: time, by: writer)
  }

  /// A PUT. Accepted with the stored version only; without one where the kind allows it. A PUT of a missing lease
  /// creates it. A write that changes nothing keeps the version. One that takes the last finalizer of an object that
  /// is being deleted removes it.
  package func update(
    _ object: KubernetesObject, uid: @autoclosure () -> String, at time: Instant,
    by writer: KubernetesEvent.Writer = .cluster
  ) throws(KubernetesFailure) -> (object: KubernetesObject, isNew: Bool) {
    let kind = object.kind
    let name = object.metadata.name
    guard let stored = self.object(object.reference) else {
      guard kind.isCreatedByUpdate else { throw .notFound(kind, name) }
      return (try create(object, uid: uid(), at: time, by: writer), true)
    }
    try checkVersion(object.metadata.resourceVersion, of: stored)
    if !object.metadata.uid.isEmpty { try checkUID(object.metadata.uid, of: stored) }
    try ObjectRules.check(object, isNew: false)
    var merged = try object.mergedSpec(over: stored)
    if merged == stored { return (stored, false) }
    if !merged.hasSameSpec(as: stored) { merged.metadata.generation += 1 }
    if merged.metadata.isBeingDeleted, merged.metadata.finalizers.isEmpty, kind != .pod {
      return (remove(merged, at: time, by: writer), false)
    }
    return (record(merged, over: stored, at: time, by: writer), false)
  }

  /// A PUT of the sub-resource `status`.
  package func updateStatus(
    _ object: KubernetesObject, at time: Instant, by writer: KubernetesEvent.Writer = .cluster
  ) throws(KubernetesFailure) -> KubernetesObject {
    let stored = try get(object.reference)
    try checkVersion(object.metadata.resourceVersion, of: stored)
    let merged = object.mergedStatus(over: stored)
    return merged == stored ? stored : record(merged, over: stored, at: time, by: writer)
  }

  /// A PUT of the sub-resource `scale` of a deployment.
  package func scale(
    _ reference: ObjectReference, replicas: Int, resourceVersion: Int64, at time: Instant,
    by writer: KubernetesEvent.Writer = .cluster
  ) throws(KubernetesFailure) -> KubernetesObject {
    let stored = try get(reference)
    guard case .deployment(var deployment) = stored else {
      throw KubernetesFailure(.notFound, "the server could not find the requested resource")
    }
    try checkVersion(resourceVersion, of: stored)
    guard deployment.replicas != replicas else { return stored }
    deployment.replicas = replicas
    deployment.metadata.generation += 1
    return record(.deployment(deployment), over: stored, at: time, by: writer)
  }

  /// The outcome of a DELETE.
  package enum Deletion {
    /// The object is gone; its last state.
    case gone(KubernetesObject)
    /// The object waits for its finalizers, or a pod for its grace period. `isNew` when this call began it.
    case waiting(KubernetesObject, isNew: Bool)
  }

  /// A DELETE. `finalizer` keeps the object until ``removeFinalizer(_:from:at:)``.
  package func delete(
    _ reference: ObjectReference, _ options: DeleteOptions, finalizer: String?, at time: Instant,
    by writer: KubernetesEvent.Writer = .cluster, because cause: String = ""
  ) throws(KubernetesFailure) -> Deletion {
    let stored = try get(reference)
    if let uid = options.uid { try checkUID(uid, of: stored) }
    if let version = options.resourceVersion, version != stored.metadata.resourceVersion {
      throw .conflict(
        reference.kind, reference.name,
        "Precondition failed: ResourceVersion in precondition: \(version), "
          + "ResourceVersion in object meta: \(stored.metadata.resourceVersion)")
    }
    guard !stored.metadata.isBeingDeleted else { return .waiting(stored, isNew: false) }
    var marked = stored
    if let finalizer { marked.metadata.finalizers.append(finalizer) }
    guard !marked.metadata.finalizers.isEmpty || reference.kind == .pod else {
      return .gone(remove(stored, at: time, by: writer, because: cause))
    }
    marked.metadata.deletionTime = Timestamp(at: time).inSeconds
    return .waiting(record(marked, over: stored, at: time, by: writer, because: cause), isNew: true)
  }

  /// Removes an object whose deletion has waited long enough; does nothing if it is gone.
  @discardableResult
  package func removeNow(_ reference: ObjectReference, at time: Instant) -> KubernetesObject? {
    guard let stored = object(reference) else { return nil }
    return remove(stored, at: time, by: .cluster)
  }

  /// Takes a finalizer from an object; one that is being deleted goes with its last.
  package func removeFinalizer(_ finalizer: String, from reference: ObjectReference, at time: Instant) {
    guard var stored = object(reference) else { return }
    let remaining = stored.metadata.finalizers.filter { $0 != finalizer }
    if stored.metadata.isBeingDeleted, remaining.isEmpty {
      _ = remove(stored, at: time, by: .cluster)
    } else if remaining != stored.metadata.finalizers {
      let previous = stored
      stored.metadata.finalizers = remaining
      _ = record(stored, over: previous, at: time, by: .cluster)
    }
  }

  /// A change made by the cluster itself, for example a controller's status; no check of versions.
  @discardableResult
  package func change(
    _ reference: ObjectReference, at time: Instant, because cause: String = "",
    _ body: (inout KubernetesObject) -> Void
  ) -> KubernetesObject? {
    guard let stored = object(reference) else { return nil }
    var changed = stored
    body(&changed)
    return changed == stored ? stored : record(changed, over: stored, at: time, by: .cluster, because: cause)
  }

  private func checkUID(_ given: String, of stored: KubernetesObject) throws(KubernetesFailure) {
    guard given != stored.metadata.uid else { return }
    throw .conflict(
      stored.kind, stored.metadata.name,
      "Precondition failed: UID in precondition: \(given), UID in object meta: \(stored.metadata.uid)")
  }

  private func checkVersion(_ given: Int64, of stored: KubernetesObject) throws(KubernetesFailure) {
    if given == 0 {
      if stored.kind.requiresVersionOnUpdate { throw .versionRequired(stored.kind, stored.metadata.name) }
    } else if given != stored.metadata.resourceVersion {
      throw .modified(stored.kind, stored.metadata.name)
    }
  }

  /// Forgets the history up to `version`: who wants to go on from before it must list again.
  func compact(upTo version: Int64) { log.compact(upTo: version) }

  private func record(
    _ object: KubernetesObject, over previous: KubernetesObject?, at time: Instant, by writer: KubernetesEvent.Writer,
    because cause: String = ""
  ) -> KubernetesObject {
    version += 1
    var stored = object
    stored.metadata.resourceVersion = version
    tables[object.kind]?.set(stored)
    append(stored, previous == nil ? .added : .modified, over: previous, at: time, by: writer, because: cause)
    return stored
  }

  /// The last state carries a new version, as a DELETED event does (spec/04 §4.2).
  private func remove(
    _ object: KubernetesObject, at time: Instant, by writer: KubernetesEvent.Writer, because cause: String = ""
  ) -> KubernetesObject {
    version += 1
    let previous = self.object(object.reference)
    var last = object
    last.metadata.resourceVersion = version
    tables[object.kind]?.remove(object.reference)
    append(last, .deleted, over: previous, at: time, by: writer, because: cause)
    return last
  }

  private func append(
    _ object: KubernetesObject, _ kind: ObjectChange.Kind, over previous: KubernetesObject?, at time: Instant,
    by writer: KubernetesEvent.Writer, because cause: String
  ) {
    let change = ObjectChange(
      version: version, time: time, kind: kind, object: object, previous: previous, writer: writer, cause: cause)
    log.append(change)
    onChange?(change)
  }
}

extension Timestamp {
  /// The calendar time of an instant of true time.
  init(at instant: Instant) {
    self.init(nanosecondsSince1970: Epoch.unixSeconds * 1_000_000_000 + instant.nanoseconds)
  }
}
