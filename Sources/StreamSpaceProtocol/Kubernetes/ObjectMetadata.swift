/// What every object of a cluster has (spec/04 §4.1).
package struct ObjectMetadata: Sendable, Hashable {
  package var name: String
  /// In a request to create without a name: the server appends five characters to it.
  package var generateName: String
  package var namespace: String
  /// Fresh per creation; empty in a request to create.
  package var uid: String
  /// From one counter for the whole store; 0 in a request means none. Clients may only compare it for equality.
  package var resourceVersion: Int64
  /// Counts changes of the spec, from 1.
  package var generation: Int64
  /// In whole seconds.
  package var creationTime: Timestamp?
  /// Set while the object is being deleted and waits for its finalizers.
  package var deletionTime: Timestamp?
  package var labels: Labels
  package var annotations: Labels
  package var finalizers: [String]
  package var owner: OwnerReference?

  package init(
    name: String, generateName: String = "", namespace: String, labels: Labels = Labels(),
    annotations: Labels = Labels(),
    owner: OwnerReference? = nil
  ) {
    self.name = name
    self.generateName = generateName
    self.namespace = namespace
    self.labels = labels
    self.annotations = annotations
    self.owner = owner
    uid = ""
    resourceVersion = 0
    generation = 0
    finalizers = []
  }

  /// Whether a deletion is under way.
  package var isBeingDeleted: Bool { deletionTime != nil }
}

/// Whom an object belongs to: it goes when its owner goes.
package struct OwnerReference: Sendable, Hashable {
  package var kind: KubernetesKind
  package var name: String
  package var uid: String

  package init(kind: KubernetesKind, name: String, uid: String) {
    self.kind = kind
    self.name = name
    self.uid = uid
  }
}

/// The finalizers the cluster itself sets.
package enum Finalizer {
  /// A deployment deleted with propagation Foreground stays until its pods are gone (spec/04 §4.4).
  package static let foregroundDeletion = "foregroundDeletion"
  /// A claim stays while a pod uses it (spec/04 §4.4).
  package static let claimProtection = "kubernetes.io/pvc-protection"
}
