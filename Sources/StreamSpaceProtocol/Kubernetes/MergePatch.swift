/// A merge patch (`application/merge-patch+json`) of what StreamSpace's operators change by hand: labels, annotations,
/// finalizers, replicas. It is applied to the newest version (spec/04 §4.1).
package struct MergePatch: Sendable, Hashable {
  /// One key set, or with nil removed.
  package struct Entry: Sendable, Hashable {
    package var key: String
    package var value: String?

    package init(_ key: String, _ value: String?) {
      self.key = key
      self.value = value
    }
  }

  package var labels: [Entry]
  package var annotations: [Entry]
  /// Replaces the list; nil leaves it.
  package var finalizers: [String]?
  /// Deployments only.
  package var replicas: Int?
  /// With a version the patch is refused with 409 when the object has moved on; without it never.
  package var resourceVersion: Int64?

  package init(
    labels: [Entry] = [], annotations: [Entry] = [], finalizers: [String]? = nil, replicas: Int? = nil,
    resourceVersion: Int64? = nil
  ) {
    self.labels = labels
    self.annotations = annotations
    self.finalizers = finalizers
    self.replicas = replicas
    self.resourceVersion = resourceVersion
  }

  /// The object as the patch wants it.
  package func applied(to object: KubernetesObject) -> KubernetesObject {
    var patched = object
    for entry in labels { patched.metadata.labels[entry.key] = entry.value }
    for entry in annotations { patched.metadata.annotations[entry.key] = entry.value }
    if let finalizers { patched.metadata.finalizers = finalizers }
    if let replicas, case .deployment(var deployment) = patched {
      deployment.replicas = replicas
      patched = .deployment(deployment)
    }
    if let resourceVersion { patched.metadata.resourceVersion = resourceVersion }
    return patched
  }
}
