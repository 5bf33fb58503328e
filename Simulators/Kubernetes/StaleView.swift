import SimulationRuntime
import StreamSpaceProtocol

/// The store as it stood: what a read from a cache that lags behind answers (spec/04 §4.2, §4.6).
extension ObjectStore {
  /// The object as it was when `version` was the newest; nil if it did not exist then.
  package func object(_ reference: ObjectReference, asOf version: Int64) -> KubernetesObject? {
    guard let later = try? log.changes(after: version) else { return object(reference) }
    guard let next = later.first(where: { $0.object.reference == reference }) else { return object(reference) }
    return next.previous
  }

  /// The list as it was when `version` was the newest, ordered by namespace and name.
  package func list(
    _ kind: KubernetesKind, namespace: String, _ selector: LabelSelector, _ fields: FieldSelector, asOf version: Int64
  ) -> [KubernetesObject] {
    let present = list(kind, namespace: namespace)
    guard let later = try? log.changes(after: version) else { return present }
    var since: [ObjectReference: KubernetesObject?] = [:]
    var removed: [ObjectReference] = []
    for change in later where change.object.kind == kind {
      let reference = change.object.reference
      guard namespace.isEmpty || reference.namespace == namespace else { continue }
      if since[reference] == nil { since[reference] = .some(change.previous) }
      if change.kind == .deleted { removed.append(reference) }
    }
    var past: [KubernetesObject] = []
    for object in present {
      switch since.removeValue(forKey: object.reference) {
      case nil: past.append(object)
      case .some(let before): if let before { past.append(before) }
      }
    }
    // What is gone by now; each once, as it leaves `since`.
    for reference in removed {
      if case .some(.some(let before)) = since.removeValue(forKey: reference) { past.append(before) }
    }
    past.sort { ($0.metadata.namespace, $0.metadata.name) < ($1.metadata.namespace, $1.metadata.name) }
    return past.filter { selector.matches($0.metadata.labels) && fields.matches($0) }
  }
}
