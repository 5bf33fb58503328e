import StreamSpaceProtocol

/// Which part of an object a write may change (spec/04 §4.1): a PUT ignores status, a status PUT ignores all else.
extension KubernetesObject {
  /// The object as a create stores it: without what only the cluster may set.
  var preparedForCreation: KubernetesObject {
    switch self {
    case .deployment(var object):
      object.status = Deployment.Status()
      return .deployment(object)
    case .session(var object):
      object.status = SessionResource.Status()
      object.resources = object.resources?.pruned
      return .session(object)
    case .persistentVolumeClaim(var object):
      object.isBound = false
      return .persistentVolumeClaim(object)
    case .pod, .service, .lease, .secret, .template: return self
    }
  }

  /// This object's spec, labels, annotations and finalizers over the stored identity and status.
  func mergedSpec(over stored: KubernetesObject) throws(KubernetesFailure) -> KubernetesObject {
    var merged = self
    switch (self, stored) {
    case (.deployment(var new), .deployment(let old)):
      guard new.selector == old.selector else {
        throw .invalid(.deployment, old.metadata.name, "spec.selector: Invalid value: field is immutable")
      }
      new.status = old.status
      merged = .deployment(new)
    case (.service(var new), .service(let old)):
      guard new.clusterIP.isEmpty || new.clusterIP == old.clusterIP else {
        throw .invalid(
          .service, old.metadata.name,
          "spec.clusterIP: Invalid value: \"\(new.clusterIP)\": may not change once set")
      }
      new.clusterIP = old.clusterIP
      merged = .service(new)
    case (.persistentVolumeClaim(var new), .persistentVolumeClaim(let old)):
      new.isBound = old.isBound
      merged = .persistentVolumeClaim(new)
    case (.session(var new), .session(let old)):
      new.status = old.status
      new.resources = new.resources?.pruned
      merged = .session(new)
    case (.pod(let new), .pod(var old)):
      // Of a pod only labels, annotations and the like change by a PUT.
      old.metadata = new.metadata
      merged = .pod(old)
    default: break
    }
    merged.metadata = metadata.merged(over: stored.metadata)
    return merged
  }

  /// This object's status over everything else that is stored.
  func mergedStatus(over stored: KubernetesObject) -> KubernetesObject {
    switch (self, stored) {
    case (.deployment(let new), .deployment(var old)):
      old.status = new.status
      return .deployment(old)
    case (.session(let new), .session(var old)):
      old.status = new.status
      return .session(old)
    case (.pod(var new), .pod(let old)):
      new.metadata = old.metadata
      new.template = old.template
      return .pod(new)
    default: return stored
    }
  }

  /// Whether a change from `other` to this leaves `metadata.generation`: labels and status do not count.
  func hasSameSpec(as other: KubernetesObject) -> Bool {
    switch (self, other) {
    case (.deployment(let a), .deployment(let b)): a.replicas == b.replicas && a.template == b.template
    case (.session(let a), .session(let b)):
      a.user == b.user && a.template == b.template && a.state == b.state && a.persistentHome == b.persistentHome
        && a.resources == b.resources
    case (.template(let a), .template(let b)): a.spec == b.spec
    default: true
    }
  }
}

extension ObjectMetadata {
  fileprivate func merged(over stored: ObjectMetadata) -> ObjectMetadata {
    var merged = stored
    merged.labels = labels
    merged.annotations = annotations
    merged.finalizers = finalizers
    return merged
  }
}
