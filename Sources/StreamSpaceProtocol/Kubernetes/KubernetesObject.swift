/// Any object of a cluster, by kind.
package enum KubernetesObject: Sendable, Hashable {
  case deployment(Deployment)
  case pod(Pod)
  case service(Service)
  case persistentVolumeClaim(PersistentVolumeClaim)
  case lease(Lease)
  case secret(Secret)
  // The two largest and rarest stand apart: they must not make every pod and every lease as large.
  indirect case session(SessionResource)
  indirect case template(TemplateResource)

  package var kind: KubernetesKind {
    switch self {
    case .deployment: .deployment
    case .pod: .pod
    case .service: .service
    case .persistentVolumeClaim: .persistentVolumeClaim
    case .lease: .lease
    case .secret: .secret
    case .session: .session
    case .template: .template
    }
  }

  package var metadata: ObjectMetadata {
    get {
      switch self {
      case .deployment(let object): object.metadata
      case .pod(let object): object.metadata
      case .service(let object): object.metadata
      case .persistentVolumeClaim(let object): object.metadata
      case .lease(let object): object.metadata
      case .secret(let object): object.metadata
      case .session(let object): object.metadata
      case .template(let object): object.metadata
      }
    }
    set {
      switch self {
      case .deployment(var object):
        object.metadata = newValue
        self = .deployment(object)
      case .pod(var object):
        object.metadata = newValue
        self = .pod(object)
      case .service(var object):
        object.metadata = newValue
        self = .service(object)
      case .persistentVolumeClaim(var object):
        object.metadata = newValue
        self = .persistentVolumeClaim(object)
      case .lease(var object):
        object.metadata = newValue
        self = .lease(object)
      case .secret(var object):
        object.metadata = newValue
        self = .secret(object)
      case .session(var object):
        object.metadata = newValue
        self = .session(object)
      case .template(var object):
        object.metadata = newValue
        self = .template(object)
      }
    }
  }

  /// Which object it is.
  package var reference: ObjectReference {
    ObjectReference(kind, namespace: metadata.namespace, name: metadata.name)
  }

  package var deployment: Deployment? { if case .deployment(let object) = self { object } else { nil } }
  package var pod: Pod? { if case .pod(let object) = self { object } else { nil } }
  package var lease: Lease? { if case .lease(let object) = self { object } else { nil } }
  package var secret: Secret? { if case .secret(let object) = self { object } else { nil } }
  package var persistentVolumeClaim: PersistentVolumeClaim? {
    if case .persistentVolumeClaim(let object) = self { object } else { nil }
  }
  package var service: Service? { if case .service(let object) = self { object } else { nil } }
  package var template: TemplateResource? { if case .template(let object) = self { object } else { nil } }
  package var session: SessionResource? { if case .session(let object) = self { object } else { nil } }

  /// About what the JSON of the object takes; serves bandwidth only.
  package var estimatedByteCount: Int {
    switch self {
    case .deployment: 1_500
    case .pod: 1_800
    case .service, .persistentVolumeClaim: 700
    case .lease, .secret: 450
    case .session: 600
    case .template: 1_200
    }
  }
}

/// Names one object of a cluster.
package struct ObjectReference: Sendable, Hashable {
  package var kind: KubernetesKind
  package var namespace: String
  package var name: String

  package init(_ kind: KubernetesKind, namespace: String, name: String) {
    self.kind = kind
    self.namespace = namespace
    self.name = name
  }

  /// The path of the object.
  package var path: String { kind.path(namespace: namespace, name: name) }
}
