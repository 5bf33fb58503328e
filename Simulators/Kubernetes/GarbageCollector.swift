import SimulationRuntime
import StreamSpaceProtocol

/// Objects that belong to another, by the uid of that other. Pods are the deployment controller's.
struct Dependants {
  private var references: [String: [ObjectReference]] = [:]

  subscript(owner: String) -> [ObjectReference] { references[owner] ?? [] }

  mutating func add(_ reference: ObjectReference, to owner: String) {
    if !self[owner].contains(reference) { references[owner, default: []].append(reference) }
  }

  mutating func remove(_ reference: ObjectReference, from owner: String) {
    references[owner]?.removeAll { $0 == reference }
    if references[owner]?.isEmpty == true { references[owner] = nil }
  }
}

/// Dependants go when their owner is gone (spec/04 §4.1 ownerReferences, §4.4 Background).
extension KubernetesCluster {
  func collectGarbage(after change: ObjectChange) {
    // The owner of an object never changes (spec/04 §4.1: a PUT keeps what identifies it).
    guard change.kind != .modified else { return }
    let metadata = change.object.metadata
    if let owner = metadata.owner, change.object.kind != .pod {
      if change.kind == .deleted {
        dependants.remove(change.object.reference, from: owner.uid)
      } else {
        dependants.add(change.object.reference, to: owner.uid)
        // An owner that is gone already, or never was.
        if change.kind == .added, !exists(owner, in: metadata.namespace) { collectSoon(owner, metadata.namespace) }
      }
    }
    if change.kind == .deleted, !dependants[metadata.uid].isEmpty {
      collectSoon(
        OwnerReference(kind: change.object.kind, name: metadata.name, uid: metadata.uid), metadata.namespace)
    }
  }

  private func exists(_ owner: OwnerReference, in namespace: String) -> Bool {
    store.object(ObjectReference(owner.kind, namespace: namespace, name: owner.name))?.metadata.uid == owner.uid
  }

  private func collectSoon(_ owner: OwnerReference, _ namespace: String) {
    simulation.schedule(after: steps.controller.draw(), Self.settled) { [weak self] in
      guard let self, !exists(owner, in: namespace) else { return }
      for reference in dependants[owner.uid] {
        _ = try? delete(reference, DeleteOptions(), by: .cluster, because: "owner deleted")
      }
    }
  }
}
