/// One call to the API server, as a value: method, object and who asks (spec/03 §9.1).
package struct KubernetesRequest: Sendable {
  package var operation: Operation
  /// Who asks, for example the POD_NAME of an agent replica; observers and faults see it.
  package var caller: String
  /// The writer's leadership, if it has an election: the fence of C28. Nil: not fenced.
  package var leader: LeaderTerm?

  package init(_ operation: Operation, caller: String, leader: LeaderTerm? = nil) {
    self.operation = operation
    self.caller = caller
    self.leader = leader
  }

  /// What is asked.
  package enum Operation: Sendable {
    case create(KubernetesObject)
    case get(ObjectReference)
    case list(KubernetesKind, namespace: String, LabelSelector, FieldSelector = .everything)
    /// PUT of the whole object; `metadata.resourceVersion` 0 means none. The status in it is ignored.
    case update(KubernetesObject)
    /// PUT of the sub-resource `status`; everything but the status is ignored.
    case updateStatus(KubernetesObject)
    /// PUT of the sub-resource `scale` of a deployment; `resourceVersion` 0 means none.
    case scale(ObjectReference, replicas: Int, resourceVersion: Int64)
    case patch(ObjectReference, MergePatch)
    case delete(ObjectReference, DeleteOptions)
    /// POST of the sub-resource `portforward` of a pod: the call becomes a stream to that port of it.
    case portForward(ObjectReference, port: Int)
  }

  /// The verb that permissions and faults name.
  package var verb: KubernetesVerb {
    switch operation {
    case .create, .portForward: .create
    case .get: .get
    case .list: .list
    case .update, .updateStatus, .scale: .update
    case .patch: .patch
    case .delete: .delete
    }
  }

  package var kind: KubernetesKind {
    switch operation {
    case .create(let object), .update(let object), .updateStatus(let object): object.kind
    case .get(let reference), .delete(let reference, _), .scale(let reference, _, _), .patch(let reference, _),
      .portForward(let reference, _):
      reference.kind
    case .list(let kind, _, _, _): kind
    }
  }

  package var namespace: String {
    switch operation {
    case .create(let object), .update(let object), .updateStatus(let object): object.metadata.namespace
    case .get(let reference), .delete(let reference, _), .scale(let reference, _, _), .patch(let reference, _),
      .portForward(let reference, _):
      reference.namespace
    case .list(_, let namespace, _, _): namespace
    }
  }

  /// Name of the object; empty for a list.
  package var name: String {
    switch operation {
    case .create(let object), .update(let object), .updateStatus(let object): object.metadata.name
    case .get(let reference), .delete(let reference, _), .scale(let reference, _, _), .patch(let reference, _),
      .portForward(let reference, _):
      reference.name
    case .list: ""
    }
  }

  /// Whether the request may change something.
  package var isWrite: Bool { verb != .get && verb != .list && verb != .watch }

  /// Method and path, as a log shows them.
  package var line: String {
    switch operation {
    case .create(let object): "POST \(kind.path(namespace: object.metadata.namespace))"
    case .get(let reference): "GET \(reference.path)"
    case .list(let kind, let namespace, let selector, let fields):
      "GET \(kind.path(namespace: namespace))\(Self.query(selector, fields))"
    case .update(let object): "PUT \(object.reference.path)"
    case .updateStatus(let object): "PUT \(object.reference.path)/status"
    case .scale(let reference, _, _): "PUT \(reference.path)/scale"
    case .patch(let reference, _): "PATCH \(reference.path)"
    case .delete(let reference, _): "DELETE \(reference.path)"
    case .portForward(let reference, _): "POST \(reference.path)/portforward"
    }
  }

  private static func query(_ selector: LabelSelector, _ fields: FieldSelector) -> String {
    var parameters: [String] = []
    if !fields.requirements.isEmpty {
      parameters.append("fieldSelector=\(PercentCoding.encodedQuery(fields.description))")
    }
    if !selector.requirements.isEmpty {
      parameters.append("labelSelector=\(PercentCoding.encodedQuery(selector.description))")
    }
    return parameters.isEmpty ? "" : "?\(parameters.joined(separator: "&"))"
  }

  /// About what request line, headers and body take; serves bandwidth only.
  package var estimatedByteCount: Int {
    switch operation {
    case .create(let object), .update(let object), .updateStatus(let object): 300 + object.estimatedByteCount
    case .get, .list, .delete, .scale, .patch, .portForward: 360
    }
  }
}

/// What a request does; the verbs of role-based access that StreamSpace uses (spec/03 §3).
package enum KubernetesVerb: String, Sendable, Hashable, CaseIterable {
  case create, get, list, watch, update, patch, delete
}

/// The fence of a platform write: whose leadership, and which (C28).
package struct LeaderTerm: Sendable, Hashable {
  package var agentID: String
  /// Lease transitions at the time the writer won.
  package var term: Int64

  package init(agentID: String, term: Int64) {
    self.agentID = agentID
    self.term = term
  }
}

/// How a deletion goes on.
package struct DeleteOptions: Sendable, Hashable {
  /// What becomes of dependants.
  package enum Propagation: String, Sendable, Hashable {
    /// The object stays with a finalizer until its dependants are gone.
    case foreground = "Foreground"
    /// The object goes at once, dependants follow.
    case background = "Background"
  }

  package var propagation: Propagation
  /// Only if the object still has this uid, else 409.
  package var uid: String?
  /// Only if the object still has this version, else 409.
  package var resourceVersion: Int64?

  package init(_ propagation: Propagation = .background, uid: String? = nil, resourceVersion: Int64? = nil) {
    self.propagation = propagation
    self.uid = uid
    self.resourceVersion = resourceVersion
  }
}
