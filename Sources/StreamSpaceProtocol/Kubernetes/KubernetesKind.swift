/// The kinds of objects that StreamSpace keeps in a cluster (spec/03 §3, §9.1).
package enum KubernetesKind: String, Sendable, Hashable, CaseIterable {
  case deployment = "Deployment"
  case pod = "Pod"
  case service = "Service"
  case persistentVolumeClaim = "PersistentVolumeClaim"
  case lease = "Lease"
  case secret = "Secret"
  /// The custom resource of one session, `stream.space/v1alpha1`.
  case session = "Session"
  /// The custom resource of one template, `stream.space/v1alpha1` [rec 13].
  case template = "Template"

  /// API group; empty for the core group.
  package var group: String {
    switch self {
    case .pod, .service, .persistentVolumeClaim, .secret: ""
    case .deployment: "apps"
    case .lease: "coordination.k8s.io"
    case .session, .template: "stream.space"
    }
  }

  /// Whether the kind is defined by StreamSpace, not by Kubernetes.
  package var isCustomResource: Bool { self == .session || self == .template }

  /// Version inside the group.
  package var version: String { isCustomResource ? "v1alpha1" : "v1" }

  /// `apps/v1`, or `v1` for the core group.
  package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// The resource name in paths and messages.
  package var plural: String {
    switch self {
    case .deployment: "deployments"
    case .pod: "pods"
    case .service: "services"
    case .persistentVolumeClaim: "persistentvolumeclaims"
    case .lease: "leases"
    case .secret: "secrets"
    case .session: "sessions"
    case .template: "templates"
    }
  }

  /// `leases.coordination.k8s.io`, or the plain plural for the core group: how messages name the resource.
  package var qualifiedResource: String { group.isEmpty ? plural : "\(plural).\(group)" }

  /// `Lease.coordination.k8s.io`, or the plain kind for the core group: how Invalid messages name the kind.
  package var qualifiedKind: String { group.isEmpty ? rawValue : "\(rawValue).\(group)" }

  /// Whether a PUT must carry a resourceVersion: leases and custom resources (spec/04 §4.1).
  package var requiresVersionOnUpdate: Bool { self == .lease || isCustomResource }

  /// Whether a PUT of a missing object creates it: leases only (spec/04 §4.1).
  package var isCreatedByUpdate: Bool { self == .lease }

  /// The path of the collection, or of one object in it.
  package func path(namespace: String, name: String? = nil) -> String {
    let root = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    let collection = "\(root)/namespaces/\(namespace)/\(plural)"
    return name.map { "\(collection)/\($0)" } ?? collection
  }
}
