/// The API server's answer.
package enum KubernetesResponse: Sendable {
  /// 200 or 201 with the object as stored.
  case object(code: Int, KubernetesObject)
  /// 200 with the objects, ordered by namespace and name, and the version of the store.
  case list([KubernetesObject], resourceVersion: Int64)
  /// 200 with a Status Success: the object is gone.
  case deleted
  /// 202 with the object that waits for finalizers or a grace period.
  case deleting(KubernetesObject)
  case failure(KubernetesFailure)

  /// The HTTP status code.
  package var code: Int {
    switch self {
    case .object(let code, _): code
    case .list, .deleted: 200
    case .deleting: 202
    case .failure(let failure): failure.code
    }
  }

  /// About what the answer takes; serves bandwidth only.
  package var estimatedByteCount: Int {
    switch self {
    case .object(_, let object), .deleting(let object): 250 + object.estimatedByteCount
    case .list(let objects, _): objects.reduce(350) { $0 + $1.estimatedByteCount }
    case .deleted, .failure: 500
    }
  }
}

/// A `Status` object of a failure (spec/04 §4.1).
package struct KubernetesFailure: Error, Sendable, Hashable {
  /// `reason` with its HTTP code.
  package enum Reason: String, Sendable, Hashable, CaseIterable {
    case badRequest = "BadRequest"
    case unauthorized = "Unauthorized"
    case forbidden = "Forbidden"
    case notFound = "NotFound"
    case methodNotAllowed = "MethodNotAllowed"
    case alreadyExists = "AlreadyExists"
    case conflict = "Conflict"
    case expired = "Expired"
    case invalid = "Invalid"
    case tooManyRequests = "TooManyRequests"
    case internalError = "InternalError"
    case serviceUnavailable = "ServiceUnavailable"
    case timeout = "Timeout"

    package var code: Int {
      switch self {
      case .badRequest: 400
      case .unauthorized: 401
      case .forbidden: 403
      case .notFound: 404
      case .methodNotAllowed: 405
      case .alreadyExists, .conflict: 409
      case .expired: 410
      case .invalid: 422
      case .tooManyRequests: 429
      case .internalError: 500
      case .serviceUnavailable: 503
      case .timeout: 504
      }
    }
  }

  package var reason: Reason
  package var message: String
  /// Header `Retry-After`, in seconds; clients wait and try again.
  package var retryAfterSeconds: Int?

  package init(_ reason: Reason, _ message: String, retryAfterSeconds: Int? = nil) {
    self.reason = reason
    self.message = message
    self.retryAfterSeconds = retryAfterSeconds
  }

  package var code: Int { reason.code }

  /// Whether the same request may succeed later without a change: 429, 500, 503, 504.
  package var isTransient: Bool {
    switch reason {
    case .tooManyRequests, .internalError, .serviceUnavailable, .timeout: true
    default: false
    }
  }
}

extension KubernetesFailure {
  package static func notFound(_ kind: KubernetesKind, _ name: String) -> KubernetesFailure {
    KubernetesFailure(.notFound, "\(kind.qualifiedResource) \"\(name)\" not found")
  }

  package static func alreadyExists(_ kind: KubernetesKind, _ name: String) -> KubernetesFailure {
    KubernetesFailure(.alreadyExists, "\(kind.qualifiedResource) \"\(name)\" already exists")
  }

  /// A write with an old resourceVersion.
  package static func modified(_ kind: KubernetesKind, _ name: String) -> KubernetesFailure {
    conflict(
      kind, name,
      "the object has been modified; please apply your changes to the latest version and try again")
  }

  package static func conflict(_ kind: KubernetesKind, _ name: String, _ cause: String) -> KubernetesFailure {
    KubernetesFailure(
      .conflict, "Operation cannot be fulfilled on \(kind.qualifiedResource) \"\(name)\": \(cause)")
  }

  package static func invalid(_ kind: KubernetesKind, _ name: String, _ cause: String) -> KubernetesFailure {
    KubernetesFailure(.invalid, "\(kind.qualifiedKind) \"\(name)\" is invalid: \(cause)")
  }

  /// A PUT without the resourceVersion it needs.
  package static func versionRequired(_ kind: KubernetesKind, _ name: String) -> KubernetesFailure {
    invalid(kind, name, "metadata.resourceVersion: Invalid value: 0x0: must be specified for an update")
  }

  package static func expired(_ version: Int64, oldest: Int64) -> KubernetesFailure {
    KubernetesFailure(.expired, "too old resource version: \(version) (\(oldest))")
  }

  /// A version that the store has not reached.
  package static func versionAhead(_ version: Int64, current: Int64) -> KubernetesFailure {
    KubernetesFailure(
      .timeout, "Too large resource version: \(version), current: \(current)", retryAfterSeconds: 1)
  }

  /// A field selector that the kind does not know.
  package static func unsupportedFields(_ fields: FieldSelector) -> KubernetesFailure {
    KubernetesFailure(.badRequest, "field label not supported: \(fields)")
  }

  /// The answer to a caller without the right.
  package static func forbidden(
    _ verb: KubernetesVerb, _ kind: KubernetesKind, _ name: String, namespace: String, caller: String
  ) -> KubernetesFailure {
    let object = name.isEmpty ? kind.qualifiedResource : "\(kind.qualifiedResource) \"\(name)\""
    return KubernetesFailure(
      .forbidden,
      "\(object) is forbidden: User \"\(caller)\" cannot \(verb.rawValue) resource \"\(kind.plural)\" in API group "
        + "\"\(kind.group)\" in the namespace \"\(namespace)\"")
  }

  /// The answer to a caller that may not forward ports.
  package static func portForwardForbidden(
    _ pod: String, namespace: String, caller: String
  ) -> KubernetesFailure {
    KubernetesFailure(
      .forbidden,
      "pods \"\(pod)\" is forbidden: User \"\(caller)\" cannot create resource \"pods/portforward\" in API group "
        + "\"\" in the namespace \"\(namespace)\"")
  }

  /// A pod that is on no node yet.
  package static func noHost(_ pod: String) -> KubernetesFailure {
    KubernetesFailure(.badRequest, "pod \(pod) does not have a host assigned")
  }

  /// A node whose kubelet does not answer.
  package static func unreachableNode(_ node: String) -> KubernetesFailure {
    KubernetesFailure(.internalError, "error dialing backend: dial tcp \(node):10250: i/o timeout")
  }

  /// A pod whose container does not run.
  package static func notRunning(_ pod: String, _ phase: Pod.Phase) -> KubernetesFailure {
    KubernetesFailure(
      .internalError,
      "unable to forward port because pod \(pod) is not running. Current status=\(phase.rawValue)")
  }

  /// Nobody listens on that port of the pod.
  package static func portRefused(_ pod: String, address: String, port: Int) -> KubernetesFailure {
    KubernetesFailure(
      .internalError,
      "error forwarding port \(port) to pod \(pod): dial tcp4 \(address):\(port): connect: connection refused")
  }

  /// The fence of C28: what an admission policy on the `agent` label answers.
  package static func staleTerm(
    _ kind: KubernetesKind, _ name: String, term: Int64, newest: Int64
  ) -> KubernetesFailure {
    KubernetesFailure(
      .forbidden,
      "\(kind.qualifiedResource) \"\(name)\" is forbidden: leader term \(term) is older than \(newest)")
  }
}
